{{/* Files of the init container and of what joins later channels, as JSON. */}}
{{- define "fabric-orderer.scripts" -}}
{{- dict
  "join.sh" (.Files.Get "files/join.sh")
  "joined.sh" (.Files.Get "files/joined.sh")
  "channels.sh" (.Files.Get "files/channels.sh")
  "round.sh" (include "fabric-common.round.sh" .)
  "metrics.sh" (include "fabric-common.metrics.sh" .)
  "stamp.sh" (include "fabric-common.stamp.sh" .)
  | toJson -}}
{{- end -}}

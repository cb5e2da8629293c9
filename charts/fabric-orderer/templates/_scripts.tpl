{{/* Files of the init container, as JSON. */}}
{{- define "fabric-orderer.scripts" -}}
{{- dict
  "join.sh" (.Files.Get "files/join.sh")
  "round.sh" (include "fabric-common.round.sh" .)
  "metrics.sh" (include "fabric-common.metrics.sh" .)
  "stamp.sh" (include "fabric-common.stamp.sh" .)
  | toJson -}}
{{- end -}}

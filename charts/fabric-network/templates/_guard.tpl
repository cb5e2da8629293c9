{{/*
An umbrella is one release: its name and namespace stand in the network's lock, and objects of another release would
take these over or fight for them.
*/}}
{{- define "fabric-network.guard" -}}
{{- include "fabric-common.guard" . -}}
{{- $network := include "fabric-common.network" . -}}
{{- if or (ne .Release.Name $network) (ne .Release.Namespace $network) -}}
{{- fail (printf "this chart is the network `%s`: its release has that name and lives in the namespace of that name, not `%s` in `%s`\nrun: helm upgrade --install %s CHART --namespace %s --wait\n" $network .Release.Name .Release.Namespace $network $network) -}}
{{- end -}}
{{- end -}}

{{/*
Name and namespace of a release stand in the network's lock: objects of another release would take these over or fight for
them.
*/}}
{{- define "fabric-network.guard" -}}
{{- include "fabric-common.guard" . -}}
{{- $network := include "fabric-common.network" . -}}
{{- $wanted := dig "fabric" "release" (dict "name" $network "namespace" $network) (.Values.global | default dict) -}}
{{- if or (ne .Release.Name $wanted.name) (ne .Release.Namespace $wanted.namespace) -}}
{{- $part := ternary (printf "the network `%s`" $network) (printf "the part of %s in the network `%s`" $wanted.mspId $network) (empty $wanted.mspId) -}}
{{- fail (printf "this chart is %s: its release is called `%s` and lives in the namespace `%s`, not `%s` in `%s`\nrun: helm upgrade --install %s CHART --namespace %s --wait\n" $part $wanted.name $wanted.namespace .Release.Name .Release.Namespace $wanted.name $wanted.namespace) -}}
{{- end -}}
{{- end -}}

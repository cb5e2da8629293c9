{{/*
core.yaml. A network's chart brings one for its Fabric line in `global.fabric.coreYaml`; it is complete, because a key
that is missing falls back to values compiled into the peer, not to those of the sample.
*/}}
{{- define "fabric-org.configuration" -}}
{{- $core := dig "fabric" "coreYaml" "" (.Values.global | default dict) -}}
{{- if eq .Values.facts.chaincodeRuntime.mode "k8s-builder" -}}
{{- $core = include "fabric-org.withKubernetesBuilder" $core -}}
{{- end -}}
{{- $core -}}
{{- end -}}

{{/* TLS roots of everybody whom this organization's converge and tests talk to: file -> PEM, as JSON. */}}
{{- define "fabric-org.roots" -}}
{{- $roots := dict -}}
{{- range $mspId, $organization := dig "fabric" "organizations" (dict) (.Values.global | default dict) -}}
{{- $_ := set $roots (printf "%s.pem" $mspId) $organization.tlsCa -}}
{{- end -}}
{{- toJson $roots -}}
{{- end -}}

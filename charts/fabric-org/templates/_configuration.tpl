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

{{/*
A script of converge. In a network with private data collections what names a policy to Fabric also names the collections;
other networks keep the script that they have, so that nothing of them is replaced.
Takes (dict "context" $ "file" "legacy.sh" "policy" "-P").
*/}}
{{- define "fabric-org.withCollections" -}}
{{- $script := .context.Files.Get (printf "files/%s" .file) -}}
{{- $any := false -}}
{{- range $name, $chaincode := .context.Values.facts.chaincodes }}{{ if $chaincode.collections }}{{ $any = true }}{{ end }}{{ end -}}
{{- if $any -}}
{{- $policy := printf `[ "$policy" = - ] || set -- "$@" %s "$policy"` .policy -}}
{{- if not (contains $policy $script) }}{{ fail (printf "%s names no policy by %s" .file .policy) }}{{ end -}}
{{- $collections := `[ ! -e "$packages/$chaincode.collections.json" ] || set -- "$@" --collections-config "$packages/$chaincode.collections.json"` -}}
{{- $script = replace $policy (printf "%s\n    %s" $policy $collections) $script -}}
{{- end -}}
{{- $script -}}
{{- end -}}

{{/* TLS roots of everybody whom this organization's converge and tests talk to: file -> PEM, as JSON. */}}
{{- define "fabric-org.roots" -}}
{{- $roots := dict -}}
{{- range $mspId, $organization := dig "fabric" "organizations" (dict) (.Values.global | default dict) -}}
{{- $_ := set $roots (printf "%s.pem" $mspId) $organization.tlsCa -}}
{{- end -}}
{{- toJson $roots -}}
{{- end -}}

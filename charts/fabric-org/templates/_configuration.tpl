{{/*
core.yaml. A network's chart brings one for its Fabric line in `global.fabric.coreYaml`; it is complete, because a key
that is missing falls back to values compiled into the peer, not to those of the sample.
*/}}
{{- define "fabric-org.configuration" -}}
{{- dig "fabric" "coreYaml" "" (.Values.global | default dict) -}}
{{- end -}}

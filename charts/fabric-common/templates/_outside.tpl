{{/*
How clients outside of the cluster reach a node, as JSON: address, port, and `serverName` where the certificate does not have
the address; an empty map as long as nobody knows an address. Takes (dict "context" $ "host" "peer0.org1").
*/}}
{{- define "fabric-common.outside" -}}
{{- $global := .context.Values.global | default dict -}}
{{- $outside := dig "fabric" "outside" (dict) $global -}}
{{- $settings := $global.exposure | default dict -}}
{{- $node := get ($outside.nodes | default dict) .host | default dict -}}
{{- $address := get ($settings.addresses | default dict) .host -}}
{{- if eq ($outside.type | default "") "nodePort" }}{{ $address = $address | default $settings.address }}{{ end -}}
{{- $reached := dict -}}
{{- with $address | default $node.host -}}
{{- $reached = dict "address" . "port" (int ($node.port | default $settings.port | default 443)) -}}
{{- if not (and $node.named (eq . $node.host)) }}{{ $_ := set $reached "serverName" $.host }}{{ end -}}
{{- end -}}
{{- toJson $reached -}}
{{- end -}}

{{/* Environment in which `peer` asks the organization's first peer as its administrator, and knows an orderer. */}}
{{- define "fabric-org.cli.environment" -}}
{{- $facts := .Values.facts -}}
{{- $own := dict
  "FABRIC_CFG_PATH" "/etc/fabric/config"
  "FABRIC_LOGGING_SPEC" "warning"
  "HOME" "/work"
  "CORE_PEER_LOCALMSPID" $facts.mspId
  "CORE_PEER_MSPCONFIGPATH" "/etc/fabric/msp"
  "CORE_PEER_TLS_ROOTCERT_FILE" (printf "/etc/fabric/roots/%s.pem" $facts.mspId)
-}}
{{- with $facts.peers -}}
{{- $_ := set $own "CORE_PEER_ADDRESS" (printf "%s:7051" (get . (keys . | sortAlpha | first)).host) -}}
{{- end -}}
{{- with $facts.channels -}}
{{- $channel := keys . | sortAlpha | first -}}
{{- with first (dig "fabric" "channels" $channel "orderers" (list) ($.Values.global | default dict)) -}}
{{- $_ := set $own "ORDERER_ADDRESS" (printf "%s:%v" .host .port) -}}
{{- $_ := set $own "ORDERER_CA" (printf "/etc/fabric/roots/%s.pem" .mspId) -}}
{{- end -}}
{{- end -}}
{{- if (include "fabric-common.line" . | fromJson).goResolver -}}
{{- $_ := set $own "GODEBUG" "netdns=go" -}}
{{- end -}}
{{- toJson $own -}}
{{- end -}}

{{/*
The common connection profile of the organization, as JSON: what client libraries read. Hosts are those inside of the
cluster; roots are written out, so that a client needs no other file but its own identity.
*/}}
{{- define "fabric-org.connectionProfile" -}}
{{- $facts := .Values.facts -}}
{{- $fabric := dig "fabric" (dict) (.Values.global | default dict) -}}
{{- $peers := dict -}}
{{- $hosts := list -}}
{{- range $name, $peer := $facts.peers -}}
{{- $hosts = append $hosts $peer.host -}}
{{- $_ := set $peers $peer.host (include "fabric-org.profileNode" (dict "host" $peer.host "port" 7051 "root" $facts.trust.tlsCa) | fromJson) -}}
{{- end -}}
{{- $organization := dict "mspid" $facts.mspId "peers" $hosts -}}
{{- $profile := dict
  "name" (printf "%s-%s" (include "fabric-common.network" .) $facts.organization)
  "version" "1.0.0"
  "client" (dict "organization" $facts.organization)
  "organizations" (dict $facts.organization $organization)
  "peers" $peers -}}
{{- with $facts.ca -}}
{{- $_ := set $organization "certificateAuthorities" (list .host) -}}
{{- $server := dict
  "url" (printf "https://%s:7054" .host)
  "caName" .host
  "tlsCACerts" (dict "pem" (list $facts.trust.tlsCa))
  "httpOptions" (dict "verify" true) -}}
{{- $_ := set $profile "certificateAuthorities" (dict .host $server) -}}
{{- end -}}
{{- $orderers := dict -}}
{{- $channels := dict -}}
{{- range $name, $own := $facts.channels -}}
{{- $ordering := list -}}
{{- range dig "channels" $name "orderers" (list) $fabric -}}
{{- $ordering = append $ordering .host -}}
{{- $root := dig "organizations" .mspId "tlsCa" "" $fabric -}}
{{- $_ := set $orderers .host (include "fabric-org.profileNode" (dict "host" .host "port" .port "root" $root) | fromJson) -}}
{{- end -}}
{{- $joined := dict -}}
{{- range $own.peers -}}
{{- $_ := set $joined (get $facts.peers .).host (dict "endorsingPeer" true "chaincodeQuery" true "ledgerQuery" true "eventSource" true) -}}
{{- end -}}
{{- $_ := set $channels $name (dict "orderers" $ordering "peers" $joined) -}}
{{- end -}}
{{- $_ := set $profile "orderers" $orderers -}}
{{- $_ := set $profile "channels" $channels -}}
{{- toJson $profile -}}
{{- end -}}

{{/* A node that serves gRPC with TLS. Takes (dict "host" "port" "root"). */}}
{{- define "fabric-org.profileNode" -}}
{{- dict
  "url" (printf "grpcs://%s:%v" .host .port)
  "tlsCACerts" (dict "pem" .root)
  "grpcOptions" (dict "ssl-target-name-override" .host "hostnameOverride" .host)
  | toJson -}}
{{- end -}}

{{/*
The common connection profile of the organization, as JSON: what client libraries read. It has the organization's Fabric CA,
and of its channels the orderers and every member's peers. Roots are written out, so that a client needs no other file but
its own identity. Takes (dict "context" $ "outside" true) for clients outside of the cluster, who are told of nodes that have
an address there; empty when no peer of the organization has one.
*/}}
{{- define "fabric-org.connectionProfile" -}}
{{- $facts := .context.Values.facts -}}
{{- $fabric := dig "fabric" (dict) (.context.Values.global | default dict) -}}
{{- $nodes := dict "context" .context "outside" .outside -}}
{{- $own := dict "mspid" $facts.mspId "peers" list -}}
{{- $organizations := dict $facts.organization $own -}}
{{- $peers := dict -}}
{{- range $name, $peer := $facts.peers -}}
{{- $node := include "fabric-org.profileNode" (merge (dict "host" $peer.host "port" 7051 "root" $facts.trust.tlsCa) $nodes) -}}
{{- if $node -}}
{{- $_ := set $peers $peer.host (fromJson $node) -}}
{{- $_ := set $own "peers" (append $own.peers $peer.host) -}}
{{- end -}}
{{- end -}}
{{- $authorities := dict -}}
{{- with $facts.ca -}}
{{- $server := include "fabric-org.profileAuthority" (merge (dict "host" .host) $nodes) -}}
{{- if $server -}}
{{- $_ := set $authorities .host (fromJson $server) -}}
{{- $_ := set $own "certificateAuthorities" (list .host) -}}
{{- end -}}
{{- end -}}
{{- $orderers := dict -}}
{{- $channels := dict -}}
{{- range $name, $joined := $facts.channels -}}
{{- $channel := dig "channels" $name (dict) $fabric -}}
{{- $ordering := list -}}
{{- range $channel.orderers -}}
{{- $root := dig "organizations" .mspId "tlsCa" "" $fabric -}}
{{- $node := include "fabric-org.profileNode" (merge (dict "host" .host "port" .port "root" $root "elsewhere" .external) $nodes) -}}
{{- if $node -}}
{{- $_ := set $orderers .host (fromJson $node) -}}
{{- $ordering = append $ordering .host -}}
{{- end -}}
{{- end -}}
{{- $endorsing := dict -}}
{{- range $joined.peers -}}
{{- $host := (get $facts.peers .).host -}}
{{- if hasKey $peers $host -}}
{{- $_ := set $endorsing $host (dict "endorsingPeer" true "chaincodeQuery" true "ledgerQuery" true "eventSource" true) -}}
{{- end -}}
{{- end -}}
{{- range include "fabric-org.otherPeers" (dict "context" $.context "channel" $channel) | fromJsonArray -}}
{{- $node := include "fabric-org.profileNode" (merge (dict "host" .host "port" .port "root" .root "elsewhere" .elsewhere) $nodes) -}}
{{- if $node -}}
{{- $_ := set $peers .host (fromJson $node) -}}
{{- $_ := set $endorsing .host (dict "endorsingPeer" true "chaincodeQuery" false "ledgerQuery" false "eventSource" false) -}}
{{- $other := get $organizations .organization | default (dict "mspid" .mspId "peers" list) -}}
{{- $_ := set $other "peers" (append $other.peers .host | uniq) -}}
{{- $_ := set $organizations .organization $other -}}
{{- end -}}
{{- end -}}
{{- $_ := set $channels $name (dict "orderers" $ordering "peers" $endorsing) -}}
{{- end -}}
{{- if $own.peers -}}
{{- $profile := dict
  "name" (printf "%s-%s" (include "fabric-common.network" .context) $facts.organization)
  "version" "1.0.0"
  "client" (dict "organization" $facts.organization)
  "organizations" $organizations
  "peers" $peers
  "orderers" $orderers
  "channels" $channels -}}
{{- if $authorities }}{{ $_ := set $profile "certificateAuthorities" $authorities }}{{ end -}}
{{- toJson $profile -}}
{{- end -}}
{{- end -}}

{{/*
Peers of other members of a channel, as a JSON list of host, port, root, organization, mspId and, where somebody else runs
them, elsewhere. Takes (dict "context" $ "channel" facts).
*/}}
{{- define "fabric-org.otherPeers" -}}
{{- $own := .context.Values.facts.mspId -}}
{{- $channel := .channel -}}
{{- $found := list -}}
{{- range $mspId, $organization := dig "fabric" "organizations" (dict) (.context.Values.global | default dict) -}}
{{- if ne $mspId $own -}}
{{- $common := dict "root" $organization.tlsCa "organization" $organization.name "mspId" $mspId -}}
{{- range $channel.peers -}}
{{- /* Whole domains: `org1.example.com` ends like `example.com`. */ -}}
{{- if and $organization.namespace (eq (splitList "." . | rest | join ".") ($organization.domain | default $organization.namespace)) -}}
{{- $found = append $found (merge (dict "host" . "port" 7051) $common) -}}
{{- end -}}
{{- end -}}
{{- range $channel.elsewhere -}}
{{- if eq .mspId $mspId -}}
{{- $found = append $found (merge (dict "host" .host "port" .port "elsewhere" true) $common) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toJson $found -}}
{{- end -}}

{{/*
A node that serves gRPC, with TLS where the network has it; empty when clients cannot reach it. Takes (dict "context" $ "outside" bool "host" "port"
"root"), and `elsewhere` for one that everybody reaches by this host.
*/}}
{{- define "fabric-org.profileNode" -}}
{{- $inside := dict "address" .host "port" .port -}}
{{- $reached := $inside -}}
{{- if and .outside (not .elsewhere) -}}
{{- $reached = include "fabric-common.outside" (dict "context" .context "host" .host) | fromJson -}}
{{- end -}}
{{- if and $reached (include "fabric-common.plain" .context) -}}
{{- dict "url" (printf "grpc://%s:%v" $reached.address $reached.port) | toJson -}}
{{- else if $reached -}}
{{- $node := dict
  "url" (printf "grpcs://%s:%v" $reached.address $reached.port)
  "tlsCACerts" (dict "pem" .root) -}}
{{- /* Libraries compare a certificate with the host that they dial unless they are told another name. */ -}}
{{- with $reached.serverName -}}
{{- $_ := set $node "grpcOptions" (dict "ssl-target-name-override" . "hostnameOverride" .) -}}
{{- end -}}
{{- toJson $node -}}
{{- end -}}
{{- end -}}

{{/* The Fabric CA server; empty when clients cannot reach it. Takes (dict "context" $ "outside" bool "host"). */}}
{{- define "fabric-org.profileAuthority" -}}
{{- $reached := dict "address" .host "port" 7054 -}}
{{- if .outside -}}
{{- $reached = include "fabric-common.outside" (dict "context" .context "host" .host) | fromJson -}}
{{- end -}}
{{- if and $reached (include "fabric-common.plain" .context) -}}
{{- dict "url" (printf "http://%s:%v" $reached.address $reached.port) "caName" .host | toJson -}}
{{- else if $reached -}}
{{- dict
  "url" (printf "https://%s:%v" $reached.address $reached.port)
  "caName" .host
  "tlsCACerts" (dict "pem" (list .context.Values.facts.trust.tlsCa))
  "httpOptions" (dict "verify" true)
  | toJson -}}
{{- end -}}
{{- end -}}

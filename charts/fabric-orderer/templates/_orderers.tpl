{{/* Settings of one orderer: `orderers.<name>` over `defaults`. Takes (dict "context" $ "node" "orderer0"). */}}
{{- define "fabric-orderer.knobs" -}}
{{- mergeOverwrite (deepCopy .context.Values.defaults) (get (.context.Values.orderers | default dict) .node | default dict) | toJson -}}
{{- end -}}

{{/*
orderer.yaml. A network's chart brings one for its Fabric line in `global.fabric.ordererYaml`, and another one for orderers
that start from a system channel in `global.fabric.systemOrdererYaml`; each is complete, because a key that is missing
falls back to values compiled into the orderer, not to those of the sample. Takes (dict "context" $ "system" bool).
*/}}
{{- define "fabric-orderer.configuration" -}}
{{- dig "fabric" (ternary "systemOrdererYaml" "ordererYaml" .system) "" (.context.Values.global | default dict) -}}
{{- end -}}

{{/* The system channel that an orderer starts from, as JSON with its name; `{}`: it joins each channel by its block. */}}
{{- define "fabric-orderer.systemChannel" -}}
{{- $found := dict -}}
{{- $node := .name -}}
{{- range $channel, $facts := .context.Values.facts.systemChannels | default dict -}}
{{- if has $node $facts.orderers -}}
{{- $found = merge (dict "name" $channel) (omit $facts "genesis") -}}
{{- end -}}
{{- end -}}
{{- toJson $found -}}
{{- end -}}

{{/*
`true` where an orderer has a listener for the others: without TLS consenters meet on a port of their own, which Fabric
protects by their certificates. Orderers of solo and Kafka never call each other. Takes (dict "context" $ "name" "orderer0").
*/}}
{{- define "fabric-orderer.cluster" -}}
{{- $system := include "fabric-orderer.systemChannel" . | fromJson -}}
{{- if and (include "fabric-common.plain" .context) (not (has ($system.consensus | default "") (list "solo" "kafka"))) }}true{{ end -}}
{{- end -}}

{{/* Environment that follows from the topology; everything else stands in orderer.yaml. */}}
{{- define "fabric-orderer.environment" -}}
{{- $own := dict "FABRIC_CFG_PATH" "/etc/fabric/config" "ORDERER_GENERAL_LOCALMSPID" .context.Values.facts.mspId -}}
{{- with .orderer.wal -}}
{{- $_ := set $own "ORDERER_CONSENSUS_WALDIR" "/var/hyperledger/wal/etcdraft" -}}
{{- end -}}
{{- with .orderer.snapshots -}}
{{- $_ := set $own "ORDERER_CONSENSUS_SNAPDIR" "/var/hyperledger/snapshots/etcdraft" -}}
{{- end -}}
{{- if eq (.system.consensus | default "") "kafka" -}}
{{- $_ := set $own "ORDERER_KAFKA_TOPIC_REPLICATIONFACTOR" (.system.replicationFactor | toString) -}}
{{- $_ := set $own "ORDERER_KAFKA_RETRY_SHORTINTERVAL" .knobs.kafkaRetry.shortInterval -}}
{{- $_ := set $own "ORDERER_KAFKA_RETRY_SHORTTOTAL" .knobs.kafkaRetry.shortTotal -}}
{{- $_ := set $own "ORDERER_KAFKA_RETRY_LONGINTERVAL" .knobs.kafkaRetry.longInterval -}}
{{- $_ := set $own "ORDERER_KAFKA_RETRY_LONGTOTAL" .knobs.kafkaRetry.longTotal -}}
{{- end -}}
{{- toJson $own -}}
{{- end -}}

{{/* Logs with volumes of their own, which are mounted below /var/hyperledger: a JSON list. Takes an orderer's facts. */}}
{{- define "fabric-orderer.logs" -}}
{{- $logs := list -}}
{{- range $log := list "wal" "snapshots" -}}
{{- if hasKey $ $log }}{{ $logs = append $logs $log }}{{ end -}}
{{- end -}}
{{- toJson $logs -}}
{{- end -}}

{{/* What a volume of this orderer says about itself; takes (dict "context" $ "name" "orderer0" "orderer" map). */}}
{{- define "fabric-orderer.stamp" -}}
network={{ include "fabric-common.network" .context }}
node={{ .orderer.host }}
root={{ .context.Values.facts.trust.ca | sha256sum }}
{{- range $channel, $facts := .context.Values.facts.channels }}
{{- if has $.name $facts.orderers }}
genesis.{{ $channel }}={{ $facts.sha256 }}
{{- end }}
{{- end }}
{{- with .system.name }}
genesis.{{ . }}={{ $.system.sha256 }}
{{- end }}
{{- end -}}

{{/*
What join.sh does for one orderer: lines `channel NAME` (joins it) or `watch NAME` (has it from its system channel),
`consenter CHANNEL HOST:PORT` (others), `anchor CHANNEL HOST:PORT`.
*/}}
{{- define "fabric-orderer.channels" -}}
{{- range $channel, $facts := .context.Values.facts.channels -}}
{{- if has $.name $facts.orderers -}}
channel {{ $channel }}
{{ range $facts.consenters -}}
{{- if ne . (printf "%s:8443" $.orderer.host) -}}
consenter {{ $channel }} {{ . }}
{{ end -}}
{{- end -}}
{{- range $facts.anchors -}}
anchor {{ $channel }} {{ . }}
{{ end -}}
{{- end -}}
{{- end -}}
{{- range .system.witnesses | default list -}}
{{- if not (hasSuffix (printf " %s:8443" $.orderer.host) .) -}}
{{ . }}
{{ end -}}
{{- end -}}
{{- end -}}

{{/* Which orderer joins which channel: lines `channel NAME HOST:PORT` of its operations endpoint. */}}
{{- define "fabric-orderer.joining" -}}
{{- range $channel, $facts := .Values.facts.channels -}}
{{- range $facts.orderers -}}
channel {{ $channel }} {{ (get $.Values.facts.orderers .).host }}:8443
{{ end -}}
{{- end -}}
{{- end -}}

{{/* What is in force with this release, for preflight of the next one. */}}
{{- define "fabric-orderer.desiredState" -}}
{{- $facts := .Values.facts -}}
organization {{ $facts.mspId }}
{{ range $channel, $its := $facts.channels -}}
{{- range $its.orderers -}}
consenter {{ $channel }} {{ (get $facts.orderers .).host }}
{{ end -}}
{{- end -}}
{{- range $channel, $its := $facts.systemChannels | default dict -}}
{{- if eq $its.consensus "etcdraft" -}}
{{- range $its.orderers -}}
consenter {{ $channel }} {{ (get $facts.orderers .).host }}
{{ end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Hosts with fixed addresses that any orderer of this namespace dials: a JSON list. */}}
{{- define "fabric-orderer.dials" -}}
{{- $hosts := list -}}
{{- range .Values.facts.orderers }}{{ $hosts = concat $hosts (.dials | default list) }}{{ end -}}
{{- toJson (uniq $hosts) -}}
{{- end -}}

{{/* Secrets of this namespace that preflight wants. A consenter's TLS certificate stands in the channel: exactly that one. */}}
{{- define "fabric-orderer.secrets" -}}
{{- $facts := .Values.facts -}}
{{- range $name, $orderer := ternary (dict) $facts.orderers (not (empty $facts.share)) -}}
{{ $name }}-sign ca.crt {{ $facts.trust.ca | sha256sum }}
{{ $name }}-sign tls.crt any
{{ $name }}-sign tls.key any
{{ $name }}-tls ca.crt {{ $facts.trust.tlsCa | sha256sum }}
{{ $name }}-tls tls.crt {{ $orderer.identity.tls }}
{{ $name }}-tls tls.key any
{{ end -}}
{{- end -}}

{{/* Who is asked before an orderer is replaced: lines `CHANNEL QUORUM NODE HOST:PORT`; NODE is `-` outside of this namespace. */}}
{{- define "fabric-orderer.witnesses" -}}
{{- range $channel, $facts := merge (dict) .Values.facts.channels (.Values.facts.systemChannels | default dict) -}}
{{- range $witness := $facts.consenters -}}
{{- $node := "-" -}}
{{- range $name, $orderer := $.Values.facts.orderers -}}
{{- if eq $witness (printf "%s:8443" $orderer.host) }}{{ $node = $name }}{{ end -}}
{{- end -}}
{{ $channel }} {{ $facts.quorum }} {{ $node }} {{ $witness }}
{{ end -}}
{{- end -}}
{{- end -}}

{{/* `true` when every channel that is ordered here by votes goes on with one consenter less; empty: a budget would allow nothing. */}}
{{- define "fabric-orderer.spare" -}}
{{- $short := false -}}
{{- range $channel, $facts := merge (dict) .Values.facts.channels (.Values.facts.systemChannels | default dict) -}}
{{- if and $facts.consenters (le (len $facts.consenters) (int $facts.quorum)) }}{{ $short = true }}{{ end -}}
{{- end -}}
{{- if not $short }}true{{ end -}}
{{- end -}}

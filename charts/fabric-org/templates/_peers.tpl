{{/* Settings of one peer: `peers.<name>` over `defaults`. Takes (dict "context" $ "node" "peer0"). */}}
{{- define "fabric-org.knobs" -}}
{{- mergeOverwrite (deepCopy .context.Values.defaults) (get (.context.Values.peers | default dict) .node | default dict) | toJson -}}
{{- end -}}

{{/* What a volume of this peer says about itself. */}}
{{- define "fabric-org.stamp" -}}
network={{ include "fabric-common.network" .context }}
node={{ .peer.host }}
root={{ .context.Values.facts.trust.ca | sha256sum }}
{{- end -}}

{{/* Environment that follows from the topology; everything else stands in core.yaml. */}}
{{- define "fabric-org.environment" -}}
{{- $facts := .context.Values.facts -}}
{{- $line := include "fabric-common.line" .context | fromJson -}}
{{- $environment := dict
  "FABRIC_CFG_PATH" "/etc/fabric/config"
  "CORE_PEER_ID" .peer.host
  "CORE_PEER_ADDRESS" (printf "%s:7051" .peer.host)
  "CORE_PEER_LOCALMSPID" $facts.mspId
  "CORE_PEER_GOSSIP_BOOTSTRAP" .peer.gossipBootstrap
  "CORE_PEER_GOSSIP_ENDPOINT" (printf "%s:7051" .peer.host)
  "CORE_PEER_GOSSIP_EXTERNALENDPOINT" (printf "%s:7051" .peer.host)
-}}
{{- if ne $line.serviceBuilder "none" -}}
{{- $_ := set $environment "CHAINCODE_AS_A_SERVICE_BUILDER_CONFIG" (dict "tlsroot" $facts.trust.tlsCa | toJson) -}}
{{- end -}}
{{- if $line.goResolver -}}
{{- $_ := set $environment "GODEBUG" "netdns=go" -}}
{{- end -}}
{{- if .peer.couchdb -}}
{{- $environment = merge $environment (dict
  "CORE_LEDGER_STATE_STATEDATABASE" "CouchDB"
  "CORE_LEDGER_STATE_COUCHDBCONFIG_COUCHDBADDRESS" "127.0.0.1:5984"
  "CORE_LEDGER_STATE_COUCHDBCONFIG_MAXRETRIES" "10") -}}
{{- end -}}
{{- $node := splitList "." .peer.host | first -}}
{{- toJson (merge $environment (include "fabric-org.dockerEnvironment" (dict "context" .context "node" $node) | fromJson)) -}}
{{- end -}}

{{/* Builder of chaincodes as a service for peers whose image has none: program -> text, as JSON. */}}
{{- define "fabric-org.builder" -}}
{{- $programs := dict -}}
{{- if eq (include "fabric-common.line" . | fromJson).serviceBuilder "charts" -}}
{{- range list "detect" "build" "release" -}}
{{- $_ := set $programs . ($.Files.Get (printf "files/builder/%s.sh" .)) -}}
{{- end -}}
{{- end -}}
{{- toJson $programs -}}
{{- end -}}

{{/*
What this organization wants, line by line, for converge and for preflight. Only facts that concern this organization:
a change elsewhere in the network must not restart its converge.
*/}}
{{- define "fabric-org.desiredState" -}}
{{- $facts := .Values.facts -}}
{{- $network := dig "fabric" (dict) (.Values.global | default dict) -}}
organization {{ $facts.mspId }}
{{ range $name, $peer := $facts.peers -}}
peer {{ $peer.host }}:7051
{{ end -}}
{{- range $name, $channel := $facts.channels -}}
{{- $shared := dig "channels" $name (dict) $network -}}
channel {{ $name }} {{ $channel.genesis | default "-" }} {{ $channel.rank }}
{{ with $channel.creation -}}
system {{ $name }} {{ .systemChannel }} {{ ternary "votes" "-" .votes }}
{{ with .anchors -}}
anchors {{ $name }} {{ .mark }}
{{ end -}}
{{- end -}}
{{ range $channel.updates -}}
update {{ $name }} {{ .number }} {{ .rank }} {{ .mark }}
{{ end -}}
{{ range $channel.peers -}}
join {{ $name }} {{ (get $facts.peers .).host }}:7051
{{ end -}}
{{- range $shared.orderers -}}
orderer {{ $name }} {{ .host }}:{{ .port }} {{ .mspId }}{{ if .external }} external{{ end }}
{{ end -}}
{{- range $shared.members -}}
member {{ $name }} {{ .mspId }} {{ .host }}:{{ .port }}
{{ end -}}
{{- end -}}
{{- range $name, $chaincode := $facts.chaincodes -}}
chaincode {{ $chaincode.channel }} {{ $name }} {{ $chaincode.version }} {{ $chaincode.sequence }} {{ $chaincode.packageId }} {{ $chaincode.policy | default "-" }}
{{ with $chaincode.legacy -}}
legacy {{ $chaincode.channel }} {{ $name }}
{{ range .replaced -}}
replaced {{ $chaincode.channel }} {{ $name }} {{ . }}
{{ end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Secrets of this namespace that preflight wants: `SECRET FILE SHA256`. */}}
{{- define "fabric-org.secrets" -}}
{{- $facts := .Values.facts -}}
{{- $ca := $facts.trust.ca | sha256sum -}}
{{- $tls := $facts.trust.tlsCa | sha256sum -}}
{{- $secrets := dict "admin-sign" $ca -}}
{{- range $name, $peer := ternary (dict) $facts.peers (not (empty $facts.share)) -}}
{{- $_ := set $secrets (printf "%s-sign" $name) $ca -}}
{{- $_ := set $secrets (printf "%s-tls" $name) $tls -}}
{{- end -}}
{{- range $name, $chaincode := $facts.chaincodes -}}
{{- if not $chaincode.built -}}
{{- $_ := set $secrets (printf "%s-tls" $name) $tls -}}
{{- end -}}
{{- end -}}
{{- with $facts.chaincodeRuntime.tlsSecret -}}
{{- $_ := set $secrets . "any" -}}
{{- end -}}
{{- range $name, $digest := $secrets -}}
{{ $name }} ca.crt {{ $digest }}
{{ $name }} tls.crt any
{{ $name }} tls.key any
{{ end -}}
{{- with $facts.ca -}}
ca-sign ca.crt {{ $facts.trust.enrollmentCa | default $facts.trust.ca | sha256sum }}
ca-sign tls.crt any
ca-sign tls.key any
ca-tls ca.crt {{ $tls }}
ca-tls tls.crt any
ca-tls tls.key any
ca-admin username any
ca-admin password any
{{ if eq .database "postgres" -}}
ca-database datasource any
{{ end -}}
{{- end -}}
{{- range $name, $peer := $facts.peers -}}
{{- if $peer.couchdb -}}
{{ $name }}-couchdb username any
{{ $name }}-couchdb password any
{{ end -}}
{{- end -}}
{{- end -}}

{{/* The container that waits until channels may be written to; see files/consenters.sh. */}}
{{- define "fabric-org.consenters" -}}
- name: consenters
  image: {{ include "fabric-common.image" (dict "context" . "name" "tools") }}
  imagePullPolicy: {{ include "fabric-common.pullPolicy" . }}
  command: [sh, /scripts/consenters.sh]
  env:
    - {name: READY_WHEN, value: {{ ternary "together" "alone" (empty (include "fabric-common.alone" .)) }}}
  resources:
    {{- include "fabric-common.smallResources" . | nindent 4 }}
  securityContext:
    {{- include "fabric-common.containerSecurity" . | nindent 4 }}
  volumeMounts:
    - {name: scripts, mountPath: /scripts, readOnly: true}
    - {name: state, mountPath: /desired, readOnly: true}
    - {name: temporary, mountPath: /tmp}
{{- end -}}

{{- define "fabric-network.notes" -}}
{{- include "fabric-common.guard" . -}}
{{- $fabric := .Values.global.fabric -}}
{{- $owner := include "fabric-common.owner" . -}}
{{- $shared := and (not $owner) (eq $fabric.release.layout "per-owner") -}}
{{ if $shared }}What belongs to no organization in network{{ else if $owner }}Part of {{ $owner }} in network{{ else }}Network{{ end }} {{ $fabric.network }}: {{ len $fabric.organizations }} organizations, {{ len $fabric.channels }} {{ ternary "channel" "channels" (eq (len $fabric.channels) 1) }}, Fabric {{ $fabric.version }}.

See that it works:

  helm test {{ .Release.Name }} --namespace {{ .Release.Namespace }}

{{- if not $shared }}

{{ with $owner }}What is still to do, and what others have to do first:{{ else }}What is still to do, for each organization:{{ end }}
{{ range $mspId, $organization := $fabric.organizations }}
{{- if and $organization.peers (has $owner (list "" $mspId)) }}
  kubectl logs --namespace {{ $organization.namespace }} deployment/converge
{{- end }}
{{- end }}
{{- end }}

{{- include "fabric-network.addresses" . }}

{{- $images := dict }}
{{- range $name, $chaincode := $fabric.chaincodes }}
{{- with index $.Values (printf "chaincode-%s" $name) }}{{ $_ := set $images $name .image }}{{ end }}
{{- end }}
{{- with $images }}

Images of chaincodes are yours: the nodes have to be able to pull them.
{{ range $name, $image := . }}
  {{ $name }}: {{ include "fabric-common.image" (dict "context" $ "name" "chaincode" "image" $image) }}
{{- end }}
{{- end }}

{{- $policies := include "fabric-common.networkPolicy" . | fromJson }}
{{- if and (eq $policies.mode "derived") (not $policies.clients) (not $shared) }}

Where the cluster enforces network policies, pods of other namespaces reach nothing of it. To let applications in:

  --set global.networkPolicy.clients."kubernetes\.io/metadata\.name"=NAMESPACE

{{- end }}

{{- $rollers := list }}
{{- range $alias, $values := .Values }}
{{- if and (kindIs "map" $values) (dig "rollout" "oneByOne" false $values) }}
{{- range $kind, $nodes := dict "kafka" "brokers" "orderers" "orderers" "peers" "peers" }}
{{- if index $values.facts $nodes }}
{{- $rollers = append $rollers (dict "name" (printf "%s-roller" $kind) "namespace" $values.facts.namespace) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- if $rollers }}

A release replaces the nodes that it changes one after the other. The rollers tell what they wait for:

{{- range $rollers }}
  kubectl logs --namespace {{ .namespace }} deployment/{{ .name }}
{{- end }}
{{- else }}

A release restarts all nodes that it changes at once: change at most one consenter{{ if $shared }} or broker{{ end }} in a release.
{{- end }}

Upgrade with the same command that installed it. Keep settings of your own with --reset-then-reuse-values; never use
--reuse-values, which keeps the facts of the old version.
{{- end -}}

{{/* Where the nodes of the release are, organization by organization. */}}
{{- define "fabric-network.addresses" -}}
{{- $outside := .Values.global.fabric.outside | default dict -}}
{{- range $alias, $part := .Values -}}
{{- if and (kindIs "map" $part) (dig "facts" "mspId" "" $part) -}}
{{- $facts := $part.facts -}}
{{- $nodes := list -}}
{{- range $facts.peers | default dict }}{{ $nodes = append $nodes (dict "host" .host "port" 7051 "namespace" $facts.namespace) }}{{ end -}}
{{- range $facts.orderers | default dict }}{{ $nodes = append $nodes (dict "host" .host "port" 7050 "namespace" $facts.namespace) }}{{ end -}}
{{- with $facts.ca }}{{ $nodes = append $nodes (dict "host" .host "port" 7054 "namespace" $facts.namespace) }}{{ end -}}
{{- if $nodes }}

Nodes of {{ $facts.organization }} ({{ $facts.mspId }}):
{{ range $nodes }}
  {{ .host }}:{{ .port }}
{{- if $outside.type }}, outside {{ include "fabric-network.outsideAddress" (dict "context" $ "host" .host "namespace" .namespace "type" $outside.type) }}{{ end }}
{{- end }}
{{- if $facts.peers }}
  for clients: ConfigMap connection-profile in namespace {{ $facts.namespace }}
{{- if $outside.type }}, connection-profile-outside once addresses are known{{ end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "fabric-network.outsideAddress" -}}
{{- $reached := include "fabric-common.outside" . | fromJson -}}
{{- if $reached -}}
{{ $reached.address }}:{{ $reached.port }}
{{- else if eq .type "nodePort" -}}
port {{ (get .context.Values.global.fabric.outside.nodes .host).port }} of every node of the cluster: say one in global.exposure.address
{{- else -}}
an address of its own (kubectl get services --namespace {{ .namespace }}): say it in global.exposure.addresses
{{- end -}}
{{- end -}}

{{/*
Namespace of every object: a fact of the topology, never the release's own, because an umbrella's release lives in a
namespace where no pod of Fabric runs. Standing alone, a chart falls back to the release's namespace.
*/}}
{{- define "fabric-common.namespace" -}}
{{- .Values.facts.namespace | default .Release.Namespace -}}
{{- end -}}

{{/* Facts that every chart of a network shares; an empty map where a chart stands alone. */}}
{{- define "fabric-common.network" -}}
{{- dig "fabric" "network" .Release.Name (.Values.global | default dict) -}}
{{- end -}}

{{/*
Labels of an object. Takes (dict "context" $ "component" "peer" "node" "peer0"); node may be left out.
No label carries a version: a release that changes nothing about an object leaves it as it is.
*/}}
{{- define "fabric-common.labels" -}}
app.kubernetes.io/name: {{ printf "fabric-%s" .component }}
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/instance: {{ .context.Release.Name }}
app.kubernetes.io/part-of: {{ include "fabric-common.network" .context }}
app.kubernetes.io/managed-by: {{ .context.Release.Service }}
{{- with .node }}
fabric.network/node: {{ . }}
{{- end }}
{{- end -}}

{{/* Selector of one node's pods: nothing else, because a selector can never change. */}}
{{- define "fabric-common.selector" -}}
fabric.network/node: {{ . }}
{{- end -}}

{{/* Name of a hook object: step, digest of what it checks, revision. Takes (dict "context" $ "step" "…" "state" "…"). */}}
{{- define "fabric-common.hookName" -}}
{{- printf "%s-%s-%d" .step (.state | sha256sum | trunc 8) (int .context.Release.Revision) -}}
{{- end -}}

{{/* What is true for the network's Fabric version, as JSON; standing alone, a chart is for the newest. */}}
{{- define "fabric-common.line" -}}
{{- $newest := dict "serviceBuilder" "image" "lifecycle" "definitions" "operations" true "versionEndpoint" true "adminUnit" true "healthNeedsDocker" false "eventHub" false "goResolver" false -}}
{{- dig "fabric" "line" $newest (.Values.global | default dict) | toJson -}}
{{- end -}}

{{/* `true` in a network without TLS, where only consenters among themselves have it. Else empty. */}}
{{- define "fabric-common.plain" -}}
{{- if dig "fabric" "plain" false (.Values.global | default dict) }}true{{ end -}}
{{- end -}}

{{/* MSP id of the owner whose release this is; empty in a release of the whole network. */}}
{{- define "fabric-common.owner" -}}
{{- dig "fabric" "release" "mspId" "" (.Values.global | default dict) -}}
{{- end -}}

{{/* `true` in a release that cannot bring the network up alone: it is ready when its own part is done. Else empty. */}}
{{- define "fabric-common.alone" -}}
{{- if dig "fabric" "release" "alone" false (.Values.global | default dict) }}true{{ end -}}
{{- end -}}

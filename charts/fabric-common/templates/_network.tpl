{{/*
Settings of network policies: `global.networkPolicy` over what holds without it, as JSON. They are the same for all parts of
a network, because a connection needs a rule at both of its ends. Policies are derived where the chart knows its flows.
*/}}
{{- define "fabric-common.networkPolicy" -}}
{{- $defaults := dict
  "mode" (ternary "operations" "derived" (empty (dig "policies" list (.Values.facts | default dict))))
  "dns" (dict "namespace" (dict "kubernetes.io/metadata.name" "kube-system") "pods" (dict "k8s-app" "kube-dns") "addresses" (list "169.254.20.10/32") "ports" (list 53))
  "apiServer" list
  "monitoring" dict
  "clients" dict
  "more" dict -}}
{{- mergeOverwrite $defaults (dig "networkPolicy" (dict) (.Values.global | default dict) | deepCopy) | toJson -}}
{{- end -}}

{{/* The policies that follow from the topology: one for each component of a namespace, from `facts.policies`. */}}
{{- define "fabric-common.networkPolicies" -}}
{{- $settings := include "fabric-common.networkPolicy" . | fromJson -}}
{{- if eq $settings.mode "derived" }}
{{- range .Values.facts.policies }}
---
{{ include "fabric-common.derivedPolicy" (dict "context" $ "policy" . "settings" $settings) }}
{{- end }}
{{- end }}
{{- end -}}

{{/*
What one component of a namespace reaches, and who reaches it; component `*` is every pod, and reaches nothing. With
`ingressOnly` it may reach everything. Probes need no rule: a node reaches its pods.
*/}}
{{- define "fabric-common.derivedPolicy" -}}
{{- $every := eq .policy.component "*" -}}
{{- $component := ternary "default-deny" .policy.component $every -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ $component }}
  namespace: {{ .policy.namespace }}
  labels:
    {{- include "fabric-common.labels" (dict "context" .context "component" $component) | nindent 4 }}
spec:
  {{- if $every }}
  podSelector: {}
  {{- else }}
  podSelector:
    matchLabels:
      app.kubernetes.io/component: {{ .policy.component }}
  {{- end }}
  policyTypes: {{ ternary "[Ingress]" "[Ingress, Egress]" (not (empty .policy.ingressOnly)) }}
  {{- with include "fabric-common.ingressRules" . | trim }}
  ingress:
    {{- . | nindent 4 }}
  {{- end }}
  {{- if not .policy.ingressOnly }}
  {{- with include "fabric-common.egressRules" . | trim }}
  egress:
    {{- . | nindent 4 }}
  {{- end }}
  {{- end }}
{{- end -}}

{{- define "fabric-common.ingressRules" -}}
{{- range .policy.ingress }}
- from:
    {{- include "fabric-common.partners" . | nindent 4 }}
  ports:
    {{- include "fabric-common.policyPorts" .ports | trim | nindent 4 }}
{{- end }}
{{- if .policy.exposed }}
- ports:
    {{- include "fabric-common.policyPorts" .policy.called | trim | nindent 4 }}
{{- end }}
{{- with .policy.open }}
- ports:
    {{- include "fabric-common.policyPorts" . | trim | nindent 4 }}
{{- end }}
{{- if and .policy.called .settings.clients }}
- from:
    - namespaceSelector:
        matchLabels:
          {{- toYaml .settings.clients | nindent 10 }}
  ports:
    {{- include "fabric-common.policyPorts" .policy.called | trim | nindent 4 }}
{{- end }}
{{- if and .policy.operations .settings.monitoring }}
- from:
    - namespaceSelector:
        matchLabels:
          {{- toYaml .settings.monitoring | nindent 10 }}
  ports:
    {{- include "fabric-common.policyPorts" (list .policy.operations) | trim | nindent 4 }}
{{- end }}
{{- with get .settings.more .policy.component }}
{{- with .ingress }}
{{ toYaml . }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "fabric-common.egressRules" -}}
{{- range .policy.egress }}
- to:
    {{- include "fabric-common.partners" . | nindent 4 }}
  ports:
    {{- include "fabric-common.policyPorts" .ports | trim | nindent 4 }}
{{- end }}
{{- if .policy.dns }}
- to:
    - namespaceSelector:
        matchLabels:
          {{- toYaml .settings.dns.namespace | nindent 10 }}
      podSelector:
        matchLabels:
          {{- toYaml .settings.dns.pods | nindent 10 }}
    {{- range .settings.dns.addresses }}
    - ipBlock: {cidr: {{ . | quote }}}
    {{- end }}
  ports:
    {{- range .settings.dns.ports }}
    - {port: {{ int . }}, protocol: UDP}
    - {port: {{ int . }}, protocol: TCP}
    {{- end }}
{{- end }}
{{- with .policy.dials }}
# Nodes of others and engines have an address and no pod: nothing but their ports tells them apart.
- ports:
    {{- include "fabric-common.policyPorts" . | trim | nindent 4 }}
{{- end }}
{{- if .policy.dialsAnything }}
# A Secret says where it goes.
- {}
{{- end }}
{{- with get .settings.more .policy.component }}
{{- with .egress }}
{{ toYaml . }}
{{- end }}
{{- end }}
{{- if .policy.apiServer }}
{{- range .settings.apiServer }}
- to:
    - ipBlock: {cidr: {{ .cidr | quote }}}
  ports:
    {{- include "fabric-common.policyPorts" (list .port) | trim | nindent 4 }}
{{- else }}
# Nobody has said where the API server is.
- ports:
    {{- include "fabric-common.policyPorts" (list 443 6443) | trim | nindent 4 }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Pods of one component in some namespaces, which are told apart by the label that every namespace has. */}}
{{- define "fabric-common.partners" -}}
- namespaceSelector:
    matchExpressions:
      - key: kubernetes.io/metadata.name
        operator: In
        values: {{ toJson .namespaces }}
  podSelector:
    matchLabels:
      app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "fabric-common.policyPorts" -}}
{{- range . }}
- {port: {{ int . }}, protocol: TCP}
{{- end }}
{{- end -}}

{{/*
Without derived policies operations endpoints stay closed: they are plain HTTP and let everybody set log levels, so only the
network's own namespaces reach them, and those of monitoring. What Fabric protects by TLS stays open.
Takes (dict "context" $ "component" "peer" "name" "peers" "grpc" 7051 "operations" 9443), and `events` for a further port
that Fabric protects, `chaincode` for the one that chaincodes in Docker dial.
*/}}
{{- define "fabric-common.operationsPolicy" -}}
{{- $settings := include "fabric-common.networkPolicy" .context | fromJson -}}
{{- if eq $settings.mode "operations" -}}
{{- $namespaces := list (include "fabric-common.namespace" .context) -}}
{{- range $mspId, $organization := dig "fabric" "organizations" (dict) (.context.Values.global | default dict) -}}
{{- with $organization.namespace }}{{ $namespaces = append $namespaces . }}{{ end -}}
{{- end -}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ .name }}
  namespace: {{ include "fabric-common.namespace" .context }}
  labels:
    {{- include "fabric-common.labels" . | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/component: {{ .component }}
  policyTypes: [Ingress]
  ingress:
    - ports:
        - {port: {{ .grpc }}, protocol: TCP}
        {{- if .chaincode }}
        # Chaincodes in Docker are no pods: nothing but their port tells them apart.
        - {port: {{ .chaincode }}, protocol: TCP}
        {{- end }}
        {{- with .events }}
        - {port: {{ . }}, protocol: TCP}
        {{- end }}
    - ports:
        - {port: {{ .operations }}, protocol: TCP}
      from:
        - namespaceSelector:
            matchExpressions:
              - key: kubernetes.io/metadata.name
                operator: In
                values:
                  {{- range $namespaces | uniq | sortAlpha }}
                  - {{ . }}
                  {{- end }}
        {{- with $settings.monitoring }}
        - namespaceSelector:
            matchLabels:
              {{- toYaml . | nindent 14 }}
        {{- end }}
{{- end -}}
{{- end -}}

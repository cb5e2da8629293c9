{{/*
Operations endpoints are plain HTTP and let everybody set log levels, so only the network's own namespaces reach them, and
those that `networkPolicy.monitoring` names by their labels. What Fabric protects by TLS stays open.
Takes (dict "context" $ "component" "peer" "name" "peers" "grpc" 7051 "operations" 9443), and `events` for a further port
that Fabric protects, `chaincode` for the one that chaincodes in Docker dial.
*/}}
{{- define "fabric-common.operationsPolicy" -}}
{{- $namespaces := list (include "fabric-common.namespace" .context) -}}
{{- range $mspId, $organization := dig "fabric" "organizations" (dict) (.context.Values.global | default dict) -}}
{{- with $organization.namespace }}{{ $namespaces = append $namespaces . }}{{ end -}}
{{- end -}}
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
        {{- with .context.Values.networkPolicy.monitoring }}
        - namespaceSelector:
            matchLabels:
              {{- toYaml . | nindent 14 }}
        {{- end }}
{{- end -}}

{{/*
What is added for access from outside of the cluster: for each node that fact `exposure` names a Service `<node>-external` with
node ports or an address of its own, or an Ingress whose controller passes TLS through. Services of the network stay as
they are. Takes (dict "context" $ "component" "peer" "node" "peer0" "ports" (dict "grpc" 7051)).
*/}}
{{- define "fabric-common.exposure" -}}
{{- $exposure := .context.Values.facts.exposure -}}
{{- $knobs := .context.Values.exposure -}}
{{- $host := get ($exposure.hosts | default dict) .node -}}
{{- if eq $exposure.type "ingress" }}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ .node }}-external
  namespace: {{ include "fabric-common.namespace" .context }}
  labels:
    {{- include "fabric-common.labels" . | nindent 4 }}
  annotations:
    {{- toYaml $knobs.ingress.annotations | nindent 4 }}
spec:
  {{- with $knobs.ingress.className }}
  ingressClassName: {{ . }}
  {{- end }}
  tls:
    - hosts: [{{ $host }}]
  rules:
    - host: {{ $host }}
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: {{ .node }}
                port:
                  name: {{ keys .ports | sortAlpha | last }}
{{- else }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ .node }}-external
  namespace: {{ include "fabric-common.namespace" .context }}
  labels:
    {{- include "fabric-common.labels" . | nindent 4 }}
  {{- $annotations := mergeOverwrite (dict) $knobs.service.annotations }}
  {{- if and $host (eq $exposure.type "loadBalancer") $knobs.service.hostAnnotation }}
  {{- $_ := set $annotations $knobs.service.hostAnnotation $host }}
  {{- end }}
  {{- with $annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  type: {{ ternary "LoadBalancer" "NodePort" (eq $exposure.type "loadBalancer") }}
  externalTrafficPolicy: {{ $knobs.service.externalTrafficPolicy }}
  selector:
    {{- include "fabric-common.selector" .node | nindent 4 }}
  ports:
    {{- $numbers := get ($exposure.nodePorts | default dict) .node }}
    {{- range $name, $port := .ports }}
    - name: {{ $name }}
      port: {{ $port }}
      targetPort: {{ $name }}
      protocol: TCP
      {{- with get ($numbers | default dict) $name }}
      nodePort: {{ . }}
      {{- end }}
    {{- end }}
{{- end }}
{{- end -}}

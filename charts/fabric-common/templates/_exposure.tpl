{{/*
What is added for access from outside of the cluster: for each node that fact `exposure` names a Service `<node>-external` with
node ports or an address of its own, an Ingress whose controller passes TLS through, or a TLSRoute to a Gateway that does.
Services of the network stay as they are. Takes (dict "context" $ "component" "peer" "node" "peer0" "ports" (dict "grpc" 7051)).
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
{{- else if eq $exposure.type "gateway" }}
{{- if not $knobs.gateway.parentRefs }}
{{- fail "exposure.gateway.parentRefs is empty: a TLSRoute leads nowhere before it is attached to a Gateway; name it in the topology or in the values" }}
{{- end }}
---
apiVersion: {{ include "fabric-common.tlsRouteVersion" .context }}
kind: TLSRoute
metadata:
  name: {{ .node }}-external
  namespace: {{ include "fabric-common.namespace" .context }}
  labels:
    {{- include "fabric-common.labels" . | nindent 4 }}
  {{- with $knobs.gateway.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  parentRefs:
    {{- toYaml $knobs.gateway.parentRefs | nindent 4 }}
  hostnames: [{{ $host }}]
  rules:
    - backendRefs:
        - name: {{ .node }}
          port: {{ get .ports (keys .ports | sortAlpha | last) }}
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

{{/*
The apiVersion of TLSRoutes: the newest that the cluster serves. Without a cluster Helm knows none, and has to be told.
*/}}
{{- define "fabric-common.tlsRouteVersion" -}}
{{- $said := .Values.exposure.gateway.apiVersion -}}
{{- $served := list -}}
{{- range list "v1" "v1alpha3" "v1alpha2" -}}
{{- $version := printf "gateway.networking.k8s.io/%s" . -}}
{{- if $.Capabilities.APIVersions.Has (printf "%s/TLSRoute" $version) -}}{{- $served = append $served $version -}}{{- end -}}
{{- end -}}
{{- if not (or $said $served) -}}
{{- fail "the cluster knows no TLSRoute: this network is exposed by the Gateway API (`exposure.type: gateway`). Install its custom resource definitions, TLSRoute among them, and a gateway that serves it; where no cluster is asked (helm template), add --api-versions gateway.networking.k8s.io/v1/TLSRoute" -}}
{{- end -}}
{{- $said | default (first $served) -}}
{{- end -}}

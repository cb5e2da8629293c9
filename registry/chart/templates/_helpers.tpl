{{/* Name of every object: the release's, with the chart's where it does not say it. */}}
{{- define "chart-registry.name" -}}
{{- $name := .Release.Name -}}
{{- if not (contains .Chart.Name $name) -}}{{- $name = printf "%s-%s" $name .Chart.Name -}}{{- end -}}
{{- $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* What pods are found by; never changes. */}}
{{- define "chart-registry.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* Labels of every object. */}}
{{- define "chart-registry.labels" -}}
{{ include "chart-registry.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* The image; a digest wins over a tag. */}}
{{- define "chart-registry.image" -}}
{{- $image := .Values.image -}}
{{ $image.repository }}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ $image.tag | default .Chart.AppVersion }}{{ end }}
{{- end -}}

{{/* Port of the Service. */}}
{{- define "chart-registry.port" -}}
{{- .Values.service.port | default (ternary 443 80 (ne .Values.tls.secret "")) -}}
{{- end -}}

{{/* Name of the claim. */}}
{{- define "chart-registry.claim" -}}
{{- .Values.persistence.existingClaim | default (include "chart-registry.name" .) -}}
{{- end -}}

{{/* registry.yaml: the settings, and what the chart decides. */}}
{{- define "chart-registry.configuration" -}}
{{- $settings := deepCopy .Values.settings -}}
{{- range $own := list "data" "listen" "drain" -}}
{{- if hasKey $settings $own -}}{{- fail (printf "settings.%s is the chart's: remove it" $own) -}}{{- end -}}
{{- end -}}
{{- $_ := set $settings "data" (default "/data" .Values.bucket) -}}
{{- $_ := set $settings "listen" "0.0.0.0:8080" -}}
{{- $delay := printf "%ds" (int .Values.drainDelaySeconds) -}}
{{- $limit := printf "%ds" (int .Values.drainSeconds) -}}
{{- $_ := set $settings "drain" (dict "delay" $delay "limit" $limit) -}}
{{- if .Values.chartmuseum.claim -}}
{{- $import := deepCopy (get $settings "import" | default dict) -}}
{{- $_ := set $import "chartmuseum" (printf "/chartmuseum/%s" (trimPrefix "/" .Values.chartmuseum.path)) -}}
{{- $_ := set $settings "import" $import -}}
{{- end -}}
{{- if .Values.tls.secret -}}
{{- $tls := deepCopy (get $settings "tls" | default dict) -}}
{{- $_ := set $tls "certificate" "/tls/tls.crt" -}}
{{- $_ := set $tls "key" "/tls/tls.key" -}}
{{- if .Values.tls.clientAuthoritiesSecret -}}
{{- $_ := set $tls "client-authorities" "/clients/ca.crt" -}}
{{- end -}}
{{- $_ := set $settings "tls" $tls -}}
{{- else if .Values.tls.clientAuthoritiesSecret -}}
{{- fail "tls.clientAuthoritiesSecret needs tls.secret: clients show certificates over TLS only" -}}
{{- end -}}
{{- toYaml $settings -}}
{{- end -}}

{{/*
How the kubelet asks, of a list of the chart's context and a path: over TLS with clients' certificates
it has none, so that the port has to do.
*/}}
{{- define "chart-registry.probe" -}}
{{- $path := index . 1 -}}
{{- with index . 0 -}}
{{- if .Values.tls.clientAuthoritiesSecret -}}
tcpSocket:
  port: http
{{- else -}}
httpGet:
  path: {{ include "chart-registry.base" . }}{{ $path }}
  port: http
  scheme: {{ ternary "HTTPS" "HTTP" (ne .Values.tls.secret "") }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The base path with a slash before it; nothing without one. */}}
{{- define "chart-registry.base" -}}
{{- with get .Values.settings "base-path" }}/{{ trimAll "/" . }}{{ end -}}
{{- end -}}

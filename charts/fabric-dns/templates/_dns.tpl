{{/* Domain of the cluster. */}}
{{- define "fabric-dns.domain" -}}
{{- dig "fabric" "clusterDomain" "cluster.local" (.Values.global | default dict) -}}
{{- end -}}

{{/* Search list and options that a Docker engine is given, as words: the ones of 2017. */}}
{{- define "fabric-dns.search" -}}
{{- $domain := include "fabric-dns.domain" . -}}
default.svc.{{ $domain }} svc.{{ $domain }}
{{- end -}}

{{/* Labels, name and annotations of a hook. Takes (dict "context" $ "step" "…" "state" "…" "namespace" "…" "component" "…" "hook" "…" "weight" 1 "log" "…"). */}}
{{- define "fabric-dns.hook" -}}
metadata:
  name: {{ include "fabric-common.hookName" (dict "context" .context "step" .step "state" .state) }}
  namespace: {{ .namespace }}
  labels:
    {{- include "fabric-common.labels" (dict "context" .context "component" .component) | nindent 4 }}
  annotations:
    helm.sh/hook: {{ .hook }}
    helm.sh/hook-weight: {{ int .weight | toString | quote }}
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
    helm.sh/hook-output-log-policy: {{ .log }}
{{- end -}}

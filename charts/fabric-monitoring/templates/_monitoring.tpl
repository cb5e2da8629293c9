{{/* Namespaces of the nodes that are watched, as a regular expression. */}}
{{- define "fabric-monitoring.namespaces" -}}
{{- $facts := .Values.facts -}}
{{- concat (keys $facts.peers) (keys $facts.orderers) $facts.authorities | uniq | sortAlpha | join "|" -}}
{{- end -}}

{{/*
Text of a file with what it has to know of this network. Files are not templates: Prometheus and Grafana have braces of
their own. Takes (dict "context" $ "file" "files/rules/nodes.yaml").
*/}}
{{- define "fabric-monitoring.file" -}}
{{- $kafka := .context.Values.facts.kafka -}}
{{- .context.Files.Get .file
  | replace "@NETWORK@" (include "fabric-common.network" .context)
  | replace "@NAMESPACES@" (include "fabric-monitoring.namespaces" .context)
  | replace "@KAFKA@" ($kafka.namespace | default "")
  | replace "@BROKERS@" ($kafka.brokers | default 0 | int | toString)
  | replace "@MIN_INSYNC@" ($kafka.minInsync | default 0 | int | toString) -}}
{{- end -}}

{{/* Files with rules that this network needs. */}}
{{- define "fabric-monitoring.ruleFiles" -}}
{{- $facts := .Values.facts -}}
{{- $files := list "nodes" "ledger" -}}
{{- range list "etcdraft" "bft" -}}
{{- if has . $facts.consensus -}}{{- $files = append $files . -}}{{- end -}}
{{- end -}}
{{- if $facts.kafka -}}{{- $files = append $files "kafka" -}}{{- end -}}
{{- if $facts.couchdb -}}{{- $files = append $files "couchdb" -}}{{- end -}}
{{- join " " $files -}}
{{- end -}}

{{/* Labels of an object, those of the operator's choice after the chart's own. Takes (dict "context" $ "more" map). */}}
{{- define "fabric-monitoring.labels" -}}
{{- include "fabric-common.labels" (dict "context" .context "component" "monitoring") }}
{{- with .more }}
{{ toYaml . }}
{{- end }}
{{- end -}}

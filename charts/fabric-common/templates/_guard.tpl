{{/*
Digests of the topology facts, as JSON: {"global": {name: sha256}, "charts": {alias: {name: sha256}}}, of Go's JSON of
each fact. Empty here; the chart of a network defines it again. Helm parses deeper templates first, so that one wins.
*/}}
{{- define "fabric-common.compiledFacts" -}}{{- end -}}

{{/*
Every template begins with this. Topology facts are values only because Helm has no other way to hand them down; a
release in which they were changed, removed or kept from an older version must not reach a network.
*/}}
{{- define "fabric-common.guard" -}}
{{- $compiled := include "fabric-common.compiledFacts" . -}}
{{- if $compiled -}}
{{- $compiled = fromJson $compiled -}}
{{- $global := dig "fabric" (dict) (.Values.global | default dict) | default dict -}}
{{- $faults := include "fabric-common.factFaults" (dict "path" "global.fabric" "facts" $global "compiled" $compiled.global) -}}
{{- if not .Chart.IsRoot -}}
{{- $own := get $compiled.charts .Chart.Name | default dict -}}
{{- $path := printf "%s.facts" .Chart.Name -}}
{{- $faults = print $faults (include "fabric-common.factFaults" (dict "path" $path "facts" (.Values.facts | default dict) "compiled" $own)) -}}
{{- end -}}
{{- if $faults -}}
{{- fail (printf "%s\nTopology facts are not settings: edit network.yaml, build the next version and install that.\nIf this upgrade was made with --reuse-values, repeat it with --reset-then-reuse-values: it keeps your settings and takes the facts of the new version.\n" $faults) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* One line for each fact that is missing, changed or unknown. */}}
{{- define "fabric-common.factFaults" -}}
{{- range $name, $digest := .compiled -}}
{{- if not (hasKey $.facts $name) }}
topology fact `{{ $.path }}.{{ $name }}` is missing
{{- else if ne $digest (get $.facts $name | toJson | sha256sum) }}
topology fact `{{ $.path }}.{{ $name }}` is not what this chart was built with
{{- end -}}
{{- end -}}
{{- range $name, $value := .facts -}}
{{- if not (hasKey $.compiled $name) }}
topology fact `{{ $.path }}.{{ $name }}` is unknown to this chart
{{- end -}}
{{- end -}}
{{- end -}}

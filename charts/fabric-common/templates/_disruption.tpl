{{/*
Pods of a kind go to different nodes and zones as long as there are some. Takes the labels of the kind as YAML; `revision`
tells pods of a Deployment's revisions apart: (dict "labels" text "revision" true).
*/}}
{{- define "fabric-common.spread" -}}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- $.labels | nindent 8 }}
    {{- if $.revision }}
    matchLabelKeys: [pod-template-hash]
    {{- end }}
  {{- end }}
{{- end -}}

{{/*
One pod of a kind may be taken away at a time when a node is emptied. For a single pod there is no budget: it would keep
every node that the pod runs on from being emptied. What does not run counts for nothing, so it may always go.
Takes (dict "context" $ "component" "peer" "name" "peers" "namespace" text "labels" text).
*/}}
{{- define "fabric-common.disruptionBudget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ .name }}
  namespace: {{ .namespace }}
  labels:
    {{- include "fabric-common.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- .labels | nindent 6 }}
{{- end -}}

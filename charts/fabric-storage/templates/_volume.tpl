{{/* Who may bind a volume: one claim, and no provisioner. Takes a map {namespace, name}. */}}
{{- define "fabric-storage.reserved" -}}
storageClassName: ""
claimRef:
  namespace: {{ .namespace }}
  name: {{ .name }}
{{- end -}}

{{/* Source of a volume, and the node that it binds pods to. Takes (dict "context" $ "source" map). */}}
{{- define "fabric-storage.source" -}}
{{- $nfs := .context.Values.nfs -}}
{{- with .source.nfs -}}
nfs:
  server: {{ include "fabric-storage.server" (dict "context" $.context "nfs" .) }}
  path: {{ .path }}
{{- with $nfs.mountOptions }}
mountOptions:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- with .source.hostPath -}}
hostPath:
  path: {{ .path }}
  # Nothing makes it: a directory that is missing is an error.
  type: Directory
{{- end }}
{{- with .source.local -}}
local:
  path: {{ .path }}
{{- end }}
{{- with .source.node }}
nodeAffinity:
  required:
    nodeSelectorTerms:
      - matchExpressions:
          - {key: kubernetes.io/hostname, operator: In, values: [{{ . | quote }}]}
{{- end }}
{{- end -}}

{{/* Server of an NFS directory: its own, or the one of the whole network. */}}
{{- define "fabric-storage.server" -}}
{{- required "the topology names no NFS server: set fabric-storage.nfs.server to its host name or address, for example --set fabric-storage.nfs.server=10.0.0.5" (.nfs.server | default .context.Values.nfs.server) -}}
{{- end -}}

{{/* A directory in words. Takes (dict "context" $ "source" map). */}}
{{- define "fabric-storage.place" -}}
{{- with .source.nfs -}}{{ include "fabric-storage.server" (dict "context" $.context "nfs" .) }}:{{ .path }}{{- end -}}
{{- with .source.hostPath -}}{{ .path }} of node {{ $.source.node }}{{- end -}}
{{- with .source.local -}}{{ .path }} of node {{ $.source.node }}{{- end -}}
{{- end -}}

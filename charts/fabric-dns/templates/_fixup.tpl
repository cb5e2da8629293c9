{{/* What a change of makes every node be told anew: the settings themselves, and where they stand. */}}
{{- define "fabric-dns.settings" -}}
{{- $daemon := .Values.daemon -}}
{{- dict
  "DNS_SERVERS" (join " " (concat (list (required "facts.cluster.dns: the address of the cluster's DNS Service is needed to tell it to engines" .Values.facts.cluster.dns)) (.Values.facts.cluster.nodeDNS | default list)))
  "DNS_SEARCH" (include "fabric-dns.search" .)
  "DNS_OPTIONS" (join " " .Values.engine.options)
  "FORM" $daemon.form
  "CONFIG_FILE" $daemon.configFile
  "DEFAULTS_FILE" $daemon.defaultsFile
  | toJson -}}
{{- end -}}

{{/* The pod that works on one node; the coordinator fills in @POD@, @NODE@ and @MODE@. */}}
{{- define "fabric-dns.nodePod" -}}
{{- $daemon := .Values.daemon -}}
apiVersion: v1
kind: Pod
metadata:
  name: "@POD@"
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "fabric-common.labels" (dict "context" . "component" "dns-fixup-node") | nindent 4 }}
spec:
  # Not scheduled: a node is worked on where the scheduler would send nobody.
  nodeName: "@NODE@"
  restartPolicy: Never
  activeDeadlineSeconds: {{ int $daemon.nodeSeconds }}
  enableServiceLinks: false
  automountServiceAccountToken: false
  # The engine is restarted in the namespaces of its own process.
  hostPID: true
  tolerations:
    - operator: Exists
  {{- with dig "images" "pullSecrets" (list) (.Values.global | default dict) }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  containers:
    - name: node
      image: {{ include "fabric-common.image" (dict "context" . "name" "kubectl") }}
      imagePullPolicy: {{ include "fabric-common.pullPolicy" . }}
      command: [sh, /scripts/node.sh]
      env:
        - {name: NODE, value: "@NODE@"}
        - {name: MODE, value: "@MODE@"}
        {{- range $name, $value := include "fabric-dns.settings" . | fromJson }}
        - {name: {{ $name }}, value: {{ $value | quote }}}
        {{- end }}
        - {name: CONFIG_NAME, value: {{ base $daemon.configFile | quote }}}
        - {name: DEFAULTS_NAME, value: {{ base $daemon.defaultsFile | quote }}}
        - {name: SOCKET, value: /node/run/{{ base $daemon.socket }}}
        - {name: SOCKET_FILE, value: {{ $daemon.socket | quote }}}
        - {name: PID_FILE, value: /node/run/{{ base $daemon.pidFile }}}
        - {name: RESTART, value: {{ $daemon.restart | quote }}}
        - {name: ENGINE_SECONDS, value: {{ $daemon.engineSeconds | quote }}}
        - {name: WITHOUT_LIVE_RESTORE, value: {{ $daemon.withoutLiveRestore | ternary "yes" "no" | quote }}}
        - {name: VERIFY_IMAGE, value: {{ $daemon.verify.image | default (include "fabric-common.image" (dict "context" . "name" "tools")) | quote }}}
        - {name: VERIFY_NAME, value: {{ $daemon.verify.name | quote }}}
        - {name: VERIFY_PORT, value: {{ $daemon.verify.port | quote }}}
      resources:
        {{- include "fabric-common.smallResources" . | nindent 8 }}
      securityContext:
        privileged: true
        runAsUser: 0
      volumeMounts:
        - {name: scripts, mountPath: /scripts, readOnly: true}
        - {name: configuration, mountPath: /node/docker}
        - {name: defaults, mountPath: /node/default}
        - {name: run, mountPath: /node/run}
        - {name: temporary, mountPath: /tmp}
  volumes:
    - name: scripts
      configMap:
        name: dns-fixup-scripts
    - name: configuration
      hostPath: {path: {{ dir $daemon.configFile }}, type: DirectoryOrCreate}
    - name: defaults
      hostPath: {path: {{ dir $daemon.defaultsFile }}, type: Directory}
    - name: run
      hostPath: {path: {{ dir $daemon.socket }}, type: Directory}
    - name: temporary
      emptyDir: {}
{{- end -}}

{{/* Container of the coordinator and of the Job that takes everything back. Takes (dict "context" $ "mode" "…" "once" "yes"). */}}
{{- define "fabric-dns.coordinator" -}}
- name: dns-fixup
  image: {{ include "fabric-common.image" (dict "context" .context "name" "kubectl") }}
  imagePullPolicy: {{ include "fabric-common.pullPolicy" .context }}
  command: [sh, /scripts/coordinator.sh]
  env:
    - {name: NAMESPACE, value: {{ .context.Release.Namespace }}}
    - {name: OWNER, value: {{ include "fabric-common.network" .context }}}
    - {name: MODE, value: {{ .mode }}}
    - {name: ONCE, value: {{ .once | quote }}}
    - {name: SELECTOR, value: {{ include "fabric-dns.nodeSelector" .context | quote }}}
    - {name: SETTINGS, value: {{ include "fabric-dns.settings" .context | quote }}}
    - {name: IDLE_SECONDS, value: {{ .context.Values.daemon.idleSeconds | quote }}}
    - {name: NODE_SECONDS, value: {{ .context.Values.daemon.nodeSeconds | quote }}}
    # kubectl keeps what it has learnt of the API below its home.
    - {name: HOME, value: /tmp}
  resources:
    requests: {cpu: 10m, memory: 32Mi}
    limits: {memory: 256Mi}
  securityContext:
    {{- include "fabric-common.containerSecurity" .context | nindent 4 }}
  volumeMounts:
    - {name: scripts, mountPath: /scripts, readOnly: true}
    - {name: temporary, mountPath: /tmp}
{{- end -}}

{{/* The selected nodes as kubectl takes them. */}}
{{- define "fabric-dns.nodeSelector" -}}
{{- $words := list -}}
{{- range $name, $value := .Values.daemon.nodes -}}
{{- $words = append $words (printf "%s=%s" $name $value) -}}
{{- end -}}
{{- join "," $words -}}
{{- end -}}

{{/*
An image reference. Takes (dict "context" $ "name" "peer" "image" map); `image` wins over `global.images.<name>`.
A digest wins over a tag.
*/}}
{{- define "fabric-common.image" -}}
{{- $images := dig "images" (dict) (.context.Values.global | default dict) -}}
{{- $image := mergeOverwrite (dict) (get $images .name | default dict) (.image | default dict) -}}
{{- $repository := required (printf "image `%s` has no repository: set global.images.%s.repository" .name .name) $image.repository -}}
{{- $registry := $image.registry | default (get $images "registry") -}}
{{- with $registry }}{{ . }}/{{ end }}{{ $repository }}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ required (printf "image `%s` has neither tag nor digest" .name) $image.tag }}{{ end }}
{{- end -}}

{{/* When the kubelet pulls. */}}
{{- define "fabric-common.pullPolicy" -}}
{{- dig "images" "pullPolicy" "IfNotPresent" (.Values.global | default dict) -}}
{{- end -}}

{{/*
What every pod of a network has: no service links (their variables collide with Fabric's own), no API token, Pod
Security level `restricted`, group 1000 on volumes so that a node as user 1000 can read its keys and write its ledger.
*/}}
{{- define "fabric-common.podSettings" -}}
{{- include "fabric-common.podSettingsWith" (dict "context" . "token" false) -}}
{{- end -}}

{{/* The same for a pod that may talk to the API server. Takes (dict "context" $ "token" bool). */}}
{{- define "fabric-common.podSettingsWith" -}}
enableServiceLinks: false
automountServiceAccountToken: {{ .token }}
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with dig "images" "pullSecrets" (list) (.context.Values.global | default dict) }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{/*
What a pod is told instead of asking cluster DNS: the addresses of those `hosts` that have a fixed one; without `hosts` all
that there are. Takes (dict "context" $ "hosts" list).
*/}}
{{- define "fabric-common.hostAliases" -}}
{{- $addresses := dig "fabric" "addresses" (dict) (.context.Values.global | default dict) -}}
{{- $hosts := ternary .hosts (keys $addresses) (hasKey . "hosts") | default list -}}
{{- $told := dict -}}
{{- range $host := $hosts | sortAlpha -}}
{{- with get $addresses $host -}}
{{- $_ := set $told . (append (get $told . | default list) $host) -}}
{{- end -}}
{{- end -}}
{{- with $told }}
hostAliases:
  {{- range $address, $names := . }}
  - ip: {{ $address | quote }}
    hostnames: {{ toJson $names }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* What every container has. */}}
{{- define "fabric-common.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Where a pod may run; takes a map of knobs. */}}
{{- define "fabric-common.scheduling" -}}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}

{{/*
Environment of a container: own variables (`own`) and those of the operator (`more`), each name once, sorted. An own
variable cannot be replaced: it follows from the topology.
*/}}
{{- define "fabric-common.env" -}}
{{- range $name, $value := .more | default dict }}
{{- if hasKey $.own $name }}
{{- fail (printf "environment variable `%s` follows from the topology: edit network.yaml and build again" $name) }}
{{- end }}
{{- end }}
{{- range $name, $value := merge (dict) .own (.more | default dict) }}
- name: {{ $name }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- end -}}

{{/* Resources of small init containers, hooks and tests. */}}
{{- define "fabric-common.smallResources" -}}
requests: {cpu: 10m, memory: 16Mi}
limits: {memory: 64Mi}
{{- end -}}

{{/* The claim of a node's data: takes (dict "context" $ "component" "peer" "node" "peer0" "claim" map "storage" map). */}}
{{- define "fabric-common.claim" -}}
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {{ .claim.name }}
  namespace: {{ include "fabric-common.namespace" .context }}
  labels:
    {{- include "fabric-common.labels" . | nindent 4 }}
  annotations:
    # The ledger outlives the release: `helm uninstall` and a rollback leave the claim.
    helm.sh/resource-policy: keep
spec:
  accessModes: [ReadWriteOnce]
  {{- with .claim.class }}
  storageClassName: {{ . }}
  {{- end }}
  {{- with .claim.volume }}
  # This volume and no other: no class, so that no provisioner takes the claim either.
  storageClassName: ""
  volumeName: {{ . }}
  {{- end }}
  resources:
    requests:
      storage: {{ .claim.size }}
{{- end -}}

{{/* The data volume of a node. */}}
{{- define "fabric-common.dataVolume" -}}
- name: data
  {{- if .name }}
  persistentVolumeClaim:
    claimName: {{ .name }}
  {{- else }}
  emptyDir: {}
  {{- end }}
{{- end -}}

{{/*
Signing identity and TLS key pair of a node. Takes (dict "context" $ "msp" "peers-msp" "sign" "peer0-sign" "tls" "peer0-tls");
outside of the organization's own chart also "intermediate", the authority of its Fabric CA server, and "named", whether
administrators are known by certificate.
The public half of the MSP is a ConfigMap, the private half a Secret; both are seen as one directory.
*/}}
{{- define "fabric-common.identityVolumes" -}}
{{- $line := include "fabric-common.line" .context | fromJson -}}
{{- $named := or .named (not (empty (dig "trust" "admin" "" (.context.Values.facts | default dict)))) (not $line.adminUnit) -}}
{{- $intermediate := .intermediate | default (dig "trust" "intermediateCa" "" (.context.Values.facts | default dict)) -}}
- name: msp
  projected:
    defaultMode: 0440
    sources:
      - configMap:
          name: {{ .msp }}
          items:
            - {key: ca.pem, path: cacerts/ca.pem}
            - {key: tlsca.pem, path: tlscacerts/tlsca.pem}
            {{- if $intermediate }}
            - {key: enrollment.pem, path: cacerts/enrollment.pem}
            - {key: intermediate.pem, path: intermediatecerts/ca.pem}
            {{- end }}
            {{- if not $named }}
            - {key: config.yaml, path: config.yaml}
            {{- else }}
            - {key: admin.pem, path: admincerts/admin.pem}
            {{- end }}
      - secret:
          name: {{ .sign }}
          items:
            - {key: tls.crt, path: signcerts/cert.pem}
            - {key: tls.key, path: keystore/key.pem}
{{- with .tls }}
- name: tls
  secret:
    secretName: {{ . }}
    defaultMode: 0440
{{- end }}
{{- end -}}

{{/* The public MSP of an organization. Takes (dict "context" $ "name" "peers-msp" "component" "peer"). */}}
{{- define "fabric-common.mspConfigMap" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .name }}
  namespace: {{ include "fabric-common.namespace" .context }}
  labels:
    {{- include "fabric-common.labels" . | nindent 4 }}
data:
  ca.pem: {{ .context.Values.facts.trust.ca | quote }}
  tlsca.pem: {{ .context.Values.facts.trust.tlsCa | quote }}
  {{- with .context.Values.facts.trust.enrollmentCa }}
  enrollment.pem: {{ . | quote }}
  {{- end }}
  {{- with .context.Values.facts.trust.intermediateCa }}
  intermediate.pem: {{ . | quote }}
  {{- end }}
  {{- with .context.Values.facts.trust.admin }}
  # This Fabric knows administrators by their certificates.
  admin.pem: {{ . | quote }}
  {{- else }}
  config.yaml: |
    NodeOUs:
      Enable: true
      {{- range $role := list "Client" "Peer" "Admin" "Orderer" }}
      {{ $role }}OUIdentifier:
        {{- if not $.context.Values.facts.trust.intermediateCa }}
        Certificate: cacerts/ca.pem
        {{- end }}
        OrganizationalUnitIdentifier: {{ lower $role }}
      {{- end }}
  {{- end }}
{{- end -}}

{{/*
The state database of a peer with `couchdb` among its facts: a sidecar that starts before the peer and ends after it. It is
dialled on loopback only, so it needs no Service and no certificate.
*/}}

{{/* What Fabric needs otherwise than CouchDB's defaults: values of keys may be as large as a block, and each chaincode has databases. */}}
{{- define "fabric-org.couchdb.configuration" -}}
[couchdb]
max_document_size = 4294967296
max_dbs_open = 8000
{{- end -}}

{{/* Not empty if a peer of this organization has one. */}}
{{- define "fabric-org.hasCouchdb" -}}
{{- range .Values.facts.peers -}}
{{- if .couchdb -}}yes{{- end -}}
{{- end -}}
{{- end -}}

{{/* The sidecar. Takes (dict "context" $ "node" "peer0" "knobs" map). */}}
{{- define "fabric-org.couchdb.container" -}}
- name: couchdb
  image: {{ include "fabric-common.image" (dict "context" .context "name" "couchdb") }}
  imagePullPolicy: {{ include "fabric-common.pullPolicy" .context }}
  # A sidecar: the peer starts when its startup probe has passed.
  restartPolicy: Always
  env:
    # Erlang writes a cookie into the home directory.
    - {name: HOME, value: /tmp}
    - name: COUCHDB_USER
      valueFrom: {secretKeyRef: {name: {{ .node }}-couchdb, key: username}}
    - name: COUCHDB_PASSWORD
      valueFrom: {secretKeyRef: {name: {{ .node }}-couchdb, key: password}}
  ports:
    - {name: couchdb, containerPort: 5984, protocol: TCP}
  startupProbe:
    httpGet: {path: /_up, port: couchdb}
    periodSeconds: 1
    failureThreshold: 300
  readinessProbe:
    httpGet: {path: /_up, port: couchdb}
    periodSeconds: 5
    failureThreshold: 3
  livenessProbe:
    tcpSocket: {port: couchdb}
    periodSeconds: 10
    failureThreshold: 6
  resources:
    {{- toYaml .knobs.couchdb.resources | nindent 4 }}
  securityContext:
    {{- include "fabric-common.containerSecurity" .context | nindent 4 }}
    # The owner of the files in CouchDB's images; the volume is open to it by the pod's group.
    runAsUser: 5984
    runAsGroup: 5984
  volumeMounts:
    - {name: couchdb-data, mountPath: /opt/couchdb/data}
    # The image's entrypoint writes the administrator there at every start, so a changed Secret counts.
    - {name: couchdb-administrator, mountPath: /opt/couchdb/etc/local.d}
    - {name: couchdb-configuration, mountPath: /opt/couchdb/etc/default.d/30-fabric.ini, subPath: couchdb.ini, readOnly: true}
    - {name: couchdb-temporary, mountPath: /tmp}
{{- end -}}

{{/* How the peer finds it, beside what `fabric-org.environment` says. */}}
{{- define "fabric-org.couchdb.credentials" -}}
- name: CORE_LEDGER_STATE_COUCHDBCONFIG_USERNAME
  valueFrom: {secretKeyRef: {name: {{ . }}-couchdb, key: username}}
- name: CORE_LEDGER_STATE_COUCHDBCONFIG_PASSWORD
  valueFrom: {secretKeyRef: {name: {{ . }}-couchdb, key: password}}
{{- end -}}

{{/* Volumes of the sidecar; takes its facts. */}}
{{- define "fabric-org.couchdb.volumes" -}}
{{ include "fabric-common.dataVolume" .claim | replace "- name: data" "- name: couchdb-data" }}
- name: couchdb-configuration
  configMap:
    name: peers-configuration
- name: couchdb-administrator
  emptyDir: {medium: Memory}
- name: couchdb-temporary
  emptyDir: {}
{{- end -}}

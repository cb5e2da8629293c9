{{/*
Looks at directories that somebody made: what is missing is named and nothing is made. Lines are `directory PATH HOST`
(has to be writable), `file PATH SHA256` (`any`: only has to be readable) and `keys DIRECTORY` (has a readable key).
*/}}
{{- define "fabric-common.directories.sh" -}}
faults=0
fault() {
  echo "storage: $1" >&2
  faults=$((faults + 1))
}

# The directory $2 below $1, which is $3 in words, for the node $4.
check_directory() {
  if [ ! -d "$1/$2" ]; then
    fault "directory $2 for $4 is missing on $3: make it there (mkdir -p) and give it to user 1000 (chown 1000:1000)"
  elif ! (: >"$1/$2/.write-check") 2>/dev/null; then
    fault "directory $2 for $4 on $3 is not writable for user 1000: there, chown -R 1000:1000 it (fsGroup does not reach it)"
  else
    rm -f "$1/$2/.write-check"
  fi
}

# The file $2 below $1, which is $3 in words; its SHA-256 is $4.
check_file() {
  if [ -d "$1/$2" ]; then
    fault "$2 is a directory on $3: a mount made it while the file was missing; remove it and put the file there"
  elif [ ! -e "$1/$2" ]; then
    fault "file $2 is missing on $3"
  elif [ ! -s "$1/$2" ]; then
    fault "file $2 is empty on $3"
  elif ! (: <"$1/$2") 2>/dev/null; then
    fault "file $2 on $3 is not readable for user 1000: there, chown 1000:1000 it"
  elif [ "$4" != any ] && [ "$(sha256sum <"$1/$2")" != "$4  -" ]; then
    fault "file $2 on $3 is of other identities than this chart was built with"
  fi
}

# The directory $2 below $1 has a key, named `<something>_sk` as cryptogen does.
check_keys() {
  if [ ! -d "$1/$2" ]; then
    fault "directory $2 is missing on $3"
    return
  fi
  for key in "$1/$2"/*_sk; do
    if [ -e "$key" ]; then
      check_file "$1" "${key#"$1"/}" "$3" any
      return
    fi
  done
  fault "directory $2 on $3 has no key (*_sk) that user 1000 sees"
}

# Every line of $3 below $1, which is $2 in words; fails when something is wrong.
check_lines() {
  while read -r kind path rest; do
    case "$kind" in
    directory) check_directory "$1" "$path" "$2" "$rest" ;;
    file) check_file "$1" "$path" "$2" "$rest" ;;
    keys) check_keys "$1" "$path" "$2" ;;
    esac
  done <<LINES
$3
LINES
  [ "$faults" -eq 0 ]
}
{{- end -}}

{{/* The claim of an organization's part of a share. Takes (dict "context" $ "component" "peer" "share" map). */}}
{{- define "fabric-common.shareClaim" -}}
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {{ .share.name }}
  namespace: {{ include "fabric-common.namespace" .context }}
  labels:
    {{- include "fabric-common.labels" . | nindent 4 }}
  annotations:
    helm.sh/resource-policy: keep
spec:
  accessModes: [{{ .share.access }}]
  storageClassName: ""
  volumeName: {{ .share.volume }}
  resources:
    requests:
      storage: {{ .share.size }}
{{- end -}}

{{/*
The init container that looks at a node's identity on a share: a subPath that is missing would be made as a directory.
Takes (dict "context" $ "share" map "files" lines).
*/}}
{{- define "fabric-common.shareCheck" -}}
- name: identity
  image: {{ include "fabric-common.image" (dict "context" .context "name" "tools") }}
  imagePullPolicy: {{ include "fabric-common.pullPolicy" .context }}
  command: [sh, -c]
  args:
    - |
      set -u
      {{- include "fabric-common.directories.sh" .context | nindent 6 }}
      check_lines "/share/$PREFIX" "claim $CLAIM" "$LINES"
  env:
    - {name: CLAIM, value: {{ .share.name | quote }}}
    - {name: PREFIX, value: {{ .share.prefix | quote }}}
    - name: LINES
      value: {{ .files | quote }}
  resources:
    {{- include "fabric-common.smallResources" .context | nindent 4 }}
  securityContext:
    {{- include "fabric-common.containerSecurity" .context | nindent 4 }}
  volumeMounts:
    - {name: identity, mountPath: /share, readOnly: true}
{{- end -}}

{{/*
Where a node finds its MSP. Takes (dict "share" map "nodes" "peers" "name" "peer0"); without a share it is a volume of its
own.
*/}}
{{- define "fabric-common.mspMounts" -}}
{{- if .share -}}
- {name: identity, mountPath: /etc/fabric/msp, subPath: {{ include "fabric-common.shareDirectory" . }}/msp, readOnly: true}
{{- else -}}
- {name: msp, mountPath: /etc/fabric/msp, readOnly: true}
{{- end -}}
{{- end -}}

{{- define "fabric-common.shareDirectory" -}}
{{ .share.prefix }}{{ .nodes }}/{{ .name }}.{{ .share.domain }}
{{- end -}}

{{/* Where a node finds its TLS pair, under the names of a Secret. Takes the same. */}}
{{- define "fabric-common.tlsMounts" -}}
{{- if .share -}}
{{- $own := include "fabric-common.shareDirectory" . -}}
- {name: identity, mountPath: /etc/fabric/tls/tls.crt, subPath: {{ $own }}/tls/server.crt, readOnly: true}
- {name: identity, mountPath: /etc/fabric/tls/tls.key, subPath: {{ $own }}/tls/server.key, readOnly: true}
- {name: identity, mountPath: /etc/fabric/tls/ca.crt, subPath: {{ $own }}/tls/ca.crt, readOnly: true}
{{- else -}}
- {name: tls, mountPath: /etc/fabric/tls, readOnly: true}
{{- end -}}
{{- end -}}

{{/* The volumes for that. Takes (dict "context" $ "share" map "msp" "peers-msp" "name" "peer0"). */}}
{{- define "fabric-common.nodeIdentityVolumes" -}}
{{- if .share -}}
- name: identity
  persistentVolumeClaim:
    claimName: {{ .share.name }}
    readOnly: true
{{- else -}}
{{- include "fabric-common.identityVolumes" (dict "context" .context "msp" .msp "sign" (printf "%s-sign" .name) "tls" (printf "%s-tls" .name)) -}}
{{- end -}}
{{- end -}}

{{/*
The Job that stops an install, upgrade or rollback which cannot end well. Takes (dict "context" $ "component" "peer"
"name" "preflight-peers" "weight" -20 "secrets" lines "desired" text "live" "peers-desired-state").
One Job for each chart and namespace: a hook runs after the other, so each costs the user seconds.
*/}}
{{- define "fabric-common.preflight" -}}
{{- $namespace := include "fabric-common.namespace" .context -}}
{{- $state := print .secrets .desired -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ include "fabric-common.hookName" (dict "context" .context "step" .name "state" $state) }}
  namespace: {{ $namespace }}
  labels:
    {{- include "fabric-common.labels" . | nindent 4 }}
  annotations:
    helm.sh/hook: pre-install,pre-upgrade,pre-rollback
    helm.sh/hook-weight: {{ int .weight | toString | quote }}
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
    helm.sh/hook-output-log-policy: hook-failed
spec:
  backoffLimit: 0
  activeDeadlineSeconds: 120
  template:
    metadata:
      labels:
        app.kubernetes.io/component: preflight
    spec:
      restartPolicy: Never
      {{- include "fabric-common.podSettings" .context | nindent 6 }}
      containers:
        - name: preflight
          image: {{ include "fabric-common.image" (dict "context" .context "name" "tools") }}
          imagePullPolicy: {{ include "fabric-common.pullPolicy" .context }}
          command: [sh, -c]
          args:
            - |
              {{- include "fabric-common.preflight.sh" .context | nindent 14 }}
          env:
            - name: NAMESPACE
              value: {{ $namespace }}
            - name: RELEASE
              value: {{ .context.Release.Name | quote }}
            - name: RELEASE_NAMESPACE
              value: {{ .context.Release.Namespace | quote }}
            - name: ORGANIZATION
              value: {{ .context.Values.facts.organization | quote }}
            - name: SECRETS
              value: {{ .secrets | quote }}
            - name: DESIRED
              value: {{ .desired | quote }}
          resources:
            {{- include "fabric-common.smallResources" .context | nindent 12 }}
          securityContext:
            {{- include "fabric-common.containerSecurity" .context | nindent 12 }}
          volumeMounts:
            - {name: secrets, mountPath: /secrets, readOnly: true}
            - {name: live, mountPath: /live, readOnly: true}
      volumes:
        - name: secrets
          projected:
            defaultMode: 0440
            sources:
              {{- range $name, $files := include "fabric-common.secretNames" .secrets | fromJson }}
              - secret:
                  name: {{ $name }}
                  optional: true
                  items:
                    {{- range $file := keys $files | sortAlpha }}
                    - {key: {{ $file }}, path: {{ $name }}/{{ $file }}}
                    {{- end }}
              {{- end }}
        - name: live
          configMap:
            name: {{ .live }}
            optional: true
{{- end -}}

{{/* Secrets and their files in lines of `SECRET FILE SHA256`, as keys of a JSON map of maps. */}}
{{- define "fabric-common.secretNames" -}}
{{- $names := dict -}}
{{- range splitList "\n" . -}}
{{- $words := splitList " " . -}}
{{- with first $words -}}
{{- $_ := set $names . (set (get $names . | default dict) (index $words 1) true) -}}
{{- end -}}
{{- end -}}
{{- toJson $names -}}
{{- end -}}

{{- define "fabric-common.preflight.sh" -}}
set -eu
faults=0
fault() {
  echo "preflight: $1" >&2
  faults=$((faults + 1))
}

# The directory $1 holds a file.
has_files() {
  for file in "$1"/*; do
    if [ -e "$file" ]; then return 0; fi
  done
  return 1
}

# Every Secret is there, whole, and of these identities.
check_secret() {
  if ! has_files "/secrets/$1"; then
    [ -n "${seen_missing##* $1 *}" ] || return 0
    seen_missing="$seen_missing $1 "
    fault "Secret $1 is missing in namespace $NAMESPACE"
  elif [ ! -e "/secrets/$1/$2" ]; then
    fault "Secret $1 in namespace $NAMESPACE has no key $2"
  elif [ "$3" != any ] && [ "$(sha256sum <"/secrets/$1/$2")" != "$3  -" ]; then
    fault "Secret $1 in namespace $NAMESPACE is of other identities: $2 is not the certificate this chart was built with"
  fi
}
seen_missing=" "
while read -r secret file digest; do
  [ -z "$secret" ] || check_secret "$secret" "$file" "$digest"
done <<LINES
$SECRETS
LINES
if [ "$faults" -ne 0 ]; then
  echo "preflight: from the network's directory: kubectl apply --server-side -f private/$ORGANIZATION/manifest.yaml" >&2
fi

# What is in force is not taken back: a committed definition never goes down, a consenter or an update never disappears.
guarded=$faults
wanted_sequence() {
  printf '%s\n' "$DESIRED" | while read -r kind channel name version sequence rest; do
    if [ "$kind $channel $name" = "chaincode $1 $2" ]; then echo "$sequence"; fi
  done
}
check_live() {
  case "$1" in
  chaincode)
    wanted=$(wanted_sequence "$2" "$3")
    if [ -n "$wanted" ] && [ "$wanted" -lt "$5" ]; then
      fault "chaincode $3 on channel $2 would go from sequence $5 back to $wanted: Fabric only goes forward"
    fi
    ;;
  update)
    if ! printf '%s\n' "$DESIRED" | grep -q "^update $2 $3 "; then
      fault "update $3 of channel $2 would be forgotten, and the channel has the members that it brought"
    fi
    ;;
  consenter)
    if ! printf '%s\n' "$DESIRED" | grep -qxF "consenter $2 $3"; then
      fault "consenter $3 of channel $2 would be taken away while the channel counts on its vote"
    fi
    ;;
  esac
}
if [ -e /live/state ]; then
  while read -r kind channel name version sequence rest; do
    check_live "$kind" "$channel" "$name" "$version" "$sequence"
  done </live/state
fi
if [ "$faults" -ne "$guarded" ]; then
  echo "preflight: build a new version of the network that keeps them and install that one" >&2
  # A hook that fails before a rollback leaves its revision pending, and Helm refuses every later upgrade because of it.
  echo "preflight: if this was helm rollback, Helm keeps the release locked; unlock it: kubectl delete secret --namespace $RELEASE_NAMESPACE --selector owner=helm,name=$RELEASE,status=pending-rollback" >&2
fi
[ "$faults" -eq 0 ]
{{- end -}}

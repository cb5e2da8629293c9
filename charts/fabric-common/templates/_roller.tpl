{{/*
Replaces the changed pods of this namespace one after the other: their StatefulSets are `OnDelete`, and this Deployment
deletes one pod, waits until its successor has caught up, and goes on to the next. Helm does not wait for such
StatefulSets, so the roller's readiness stands for them; its template carries a digest of everything that the pods are
made of, so that every release which changes one begins with a roller that is not ready.
Takes (dict "context" $ "component" "orderer" "name" "orderers-roller" "nodes" list "witnesses" lines "digest" text).
A witness is `CHANNEL QUORUM NODE HOST:PORT`: a consenter, and how many of its channel have to stay; NODE is `-` for those of
other namespaces. With "copies", the host:port of an exporter of Kafka, and "brokers", how many there are, a node goes only
while every partition has all of its copies in sync. "components", separated by commas, where the nodes are of several;
"dials", hosts that cluster DNS may not know.
*/}}
{{- define "fabric-common.roller" -}}
{{- $namespace := include "fabric-common.namespace" .context -}}
{{- $labels := include "fabric-common.labels" (dict "context" .context "component" "roller" "node" .name) -}}
{{- $scripts := dict
  "roller.sh" (include "fabric-common.roller.sh" .context)
  "round.sh" (include "fabric-common.round.sh" .context)
  "metrics.sh" (include "fabric-common.metrics.sh" .context) }}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ .name }}
  namespace: {{ $namespace }}
  labels:
    {{- $labels | nindent 4 }}
automountServiceAccountToken: false
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ .name }}
  namespace: {{ $namespace }}
  labels:
    {{- $labels | nindent 4 }}
rules:
  - apiGroups: [apps]
    resources: [statefulsets]
    verbs: [get, list]
  - apiGroups: [""]
    resources: [pods]
    verbs: [get, list]
  - apiGroups: [""]
    resources: [pods]
    verbs: [delete]
    resourceNames:
      {{- range .nodes }}
      - {{ . }}-0
      {{- end }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ .name }}
  namespace: {{ $namespace }}
  labels:
    {{- $labels | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ .name }}
subjects:
  - kind: ServiceAccount
    name: {{ .name }}
    namespace: {{ $namespace }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .name }}
  namespace: {{ $namespace }}
  labels:
    {{- $labels | nindent 4 }}
data:
  {{- range $file, $text := $scripts }}
  {{ $file }}: {{ $text | quote }}
  {{- end }}
  nodes: {{ join "\n" .nodes | printf "%s\n" | quote }}
  witnesses: {{ .witnesses | quote }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .name }}
  namespace: {{ $namespace }}
  labels:
    {{- $labels | nindent 4 }}
spec:
  replicas: 1
  # Two of them at once could take two nodes away.
  strategy:
    type: Recreate
  selector:
    matchLabels:
      {{- include "fabric-common.selector" .name | nindent 6 }}
  template:
    metadata:
      labels:
        {{- $labels | nindent 8 }}
      annotations:
        fabric.network/pods: {{ .digest | sha256sum }}
        fabric.network/scripts: {{ print ($scripts | toJson) (.nodes | toJson) .witnesses | sha256sum }}
    spec:
      {{- include "fabric-common.podSettingsWith" (dict "context" .context "token" true) | nindent 6 }}
      {{- with include "fabric-common.hostAliases" (dict "context" .context "hosts" (.dials | default list)) | trim }}{{ . | nindent 6 }}{{ end }}
      serviceAccountName: {{ .name }}
      terminationGracePeriodSeconds: 5
      {{- with include "fabric-common.scheduling" .context.Values.rollout | trim }}
      {{- . | nindent 6 }}
      {{- end }}
      containers:
        - name: roller
          image: {{ include "fabric-common.image" (dict "context" .context "name" "kubectl") }}
          imagePullPolicy: {{ include "fabric-common.pullPolicy" .context }}
          command: [sh, /scripts/roller.sh]
          env:
            - {name: COMPONENT, value: {{ .components | default .component | quote }}}
            - {name: INSTANCE, value: {{ .context.Release.Name | quote }}}
            - {name: IDLE_SECONDS, value: {{ .context.Values.rollout.idleSeconds | quote }}}
            - {name: LAG_BLOCKS, value: {{ .context.Values.rollout.lagBlocks | default 0 | quote }}}
            {{- with .copies }}
            - {name: COPIES, value: {{ . | quote }}}
            - {name: BROKERS, value: {{ $.brokers | quote }}}
            {{- end }}
            # kubectl keeps a cache in its home.
            - {name: HOME, value: /tmp}
          readinessProbe:
            exec: {command: [test, -e, /tmp/rolled]}
            # Each look starts a process on the node.
            periodSeconds: 5
            failureThreshold: 1
          resources:
            {{- toYaml .context.Values.rollout.resources | nindent 12 }}
          securityContext:
            {{- include "fabric-common.containerSecurity" .context | nindent 12 }}
          volumeMounts:
            - {name: scripts, mountPath: /scripts, readOnly: true}
            - {name: temporary, mountPath: /tmp}
      volumes:
        - name: scripts
          configMap:
            name: {{ .name }}
        - name: temporary
          emptyDir: {}
{{- end -}}

{{- define "fabric-common.roller.sh" -}}
#!/bin/sh
# Replaces outdated pods one after the other.
#
# A level-triggered loop: every round reads what is, and deletes at most one pod. Nothing is remembered, so this pod may
# die at any moment. A pod that does not run any more is replaced at once: that makes nothing worse. A pod that runs is
# replaced only while all others of this namespace are ready and, for a consenter, while enough others of each of its
# channels would stay: those that are active, and have read as far as the rest. Rollers of other namespaces see the
# same numbers; a consenter that is being replaced does not answer, so they wait.
#
# Readiness (/tmp/rolled) means: every pod is of the newest revision and ready.
set -eu
. /scripts/round.sh
. /scripts/metrics.sh

nodes=/scripts/nodes
witnesses=/scripts/witnesses
said=""
# When a pod was last replaced or not yet there.
changed=$(date +%s)

# Says a thing once.
say() {
  [ "$said" != "$*" ] || return 0
  said=$*
  echo "$(date -u +%H:%M:%S) $*"
}

# Writes a line for each StatefulSet and pod: `kind|name|generation|seen|revision wanted|revision|ready|being deleted`.
read_state() {
  fields='{.kind}|{.metadata.name}|{.metadata.generation}|{.status.observedGeneration}|{.status.updateRevision}'
  fields="$fields|{.metadata.labels.controller-revision-hash}|{.status.conditions[?(@.type==\"Ready\")].status}"
  fields="$fields|{.metadata.deletionTimestamp}"
  # Bounded from outside: with --request-timeout kubectl does not look for the credentials of its pod.
  timeout 20 kubectl get statefulsets,pods -l "app.kubernetes.io/component in ($COMPONENT),app.kubernetes.io/instance=$INSTANCE" \
    -o jsonpath="{range .items[*]}$fields{\"\\n\"}{end}" >/tmp/state 2>/tmp/error
}

# Field $3 of the object of kind $1 and name $2; empty if it is not there.
field() {
  sed -n "s/^$1|$2|/$1|$2|/p" /tmp/state | cut -d '|' -f "$3"
}

# What is to be done with node $1: `current`, `starting`, `outdated`, or `broken` (outdated, and not ready).
condition() {
  if [ "$(field StatefulSet "$1" 3)" != "$(field StatefulSet "$1" 4)" ] || [ -z "$(field Pod "$1-0" 2)" ] \
    || [ -n "$(field Pod "$1-0" 8)" ]; then
    echo starting
  elif [ "$(field StatefulSet "$1" 5)" != "$(field Pod "$1-0" 6)" ]; then
    if [ "$(field Pod "$1-0" 7)" = True ]; then echo outdated; else echo broken; fi
  elif [ "$(field Pod "$1-0" 7)" = True ]; then
    echo current
  else
    echo starting
  fi
}

# Enough consenters of channel $2 stay when node $1 goes. Sets `reason` otherwise.
quorum_stays() {
  quorum=0
  all=0
  highest=0
  unknown=0
  : >/tmp/heights
  while read -r channel needed node witness; do
    [ "$channel" = "$2" ] && [ "$node" != "$1" ] || continue
    quorum=$needed
    all=$((all + 1))
    fetch_metrics "$witness" /tmp/metrics || continue
    # Before Fabric 2.3 there is no such metric: the height tells that the orderer has the channel.
    case "$(metric /tmp/metrics participation_status "$2")" in
    "" | 1) ;;
    *) continue ;;
    esac
    height=$(metric /tmp/metrics ledger_blockchain_height "$2")
    if [ -z "$height" ]; then
      unknown=$((unknown + 1))
      continue
    fi
    echo "$height" >>/tmp/heights
    [ "$height" -le "$highest" ] || highest=$height
  done <"$witnesses"
  staying=0
  while read -r height; do
    [ "$((height + LAG_BLOCKS))" -lt "$highest" ] || staying=$((staying + 1))
  done </tmp/heights
  [ "$staying" -lt "$all" ] || return 0
  # A channel that this release adds, and that nobody has joined yet, loses nothing.
  [ "$unknown" -lt "$all" ] || return 0
  [ "$staying" -lt "$quorum" ] || return 0
  reason="channel $2 needs $quorum consenters and only $staying others are active and up to date"
  return 1
}

# Node $1 may go, as far as the channels are concerned that it orders.
channels_allow() {
  cut -d ' ' -f 1,3 "$witnesses" | sort -u >/tmp/ordered
  while read -r channel node <&3; do
    [ "$node" != "$1" ] || quorum_stays "$1" "$channel" || return 1
  done 3</tmp/ordered
}

# Every broker is there and every partition has all of its copies in sync, says an exporter that has asked since the last change
# here; ten seconds are for clocks that differ. Sets `reason` otherwise.
copies_allow() {
  [ -n "${COPIES:-}" ] || return 0
  if ! fetch_metrics "$COPIES" /tmp/metrics /metrics.txt; then
    reason="nobody tells whether brokers have their copies"
    return 1
  fi
  asked=$(sed -n 's/^kafka_exporter_asked_seconds //p' /tmp/metrics)
  if [ "${asked:-0}" -le "$((changed + 10))" ]; then
    reason="the exporter has not asked the brokers since"
    return 1
  fi
  behind=$(grep -c '^kafka_topic_partition_under_replicated_partition{.*} 1$' /tmp/metrics) || [ "$behind" -eq 0 ]
  there=$(sed -n 's/^kafka_brokers //p' /tmp/metrics)
  reason="$behind partitions lack a copy and ${there:-no} brokers of $BROKERS are there"
  [ "$behind" -eq 0 ] && [ "$there" = "$BROKERS" ]
}

# Takes `node condition`.
replace() {
  changed=$(date +%s)
  timeout 20 kubectl delete pod "$1-0" --wait=false >/tmp/deleted 2>/tmp/error || {
    say "$1 cannot be replaced: $(tail -n 1 /tmp/error)"
    return 0
  }
  say "$1 is replaced: its pod is of an older revision ($2)"
}

# Writes `node condition` lines, and sets how many are not `current`.
look() {
  left=0
  : >/tmp/conditions
  while read -r node; do
    echo "$node $(condition "$node")" >>/tmp/conditions
  done <"$nodes"
  left=$(grep -cv ' current$' /tmp/conditions) || [ "$left" -eq 0 ]
}

# Replaces at most one node.
one_step() {
  broken=$(sed -n 's/ broken$//p' /tmp/conditions | head -n 1)
  starting=$(sed -n 's/ starting$//p' /tmp/conditions | head -n 1)
  outdated=$(sed -n 's/ outdated$//p' /tmp/conditions | head -n 1)
  if [ -n "$broken" ]; then
    replace "$broken" "it does not run any more"
  elif [ -n "$starting" ]; then
    changed=$(date +%s)
    say "$starting is starting"
  elif channels_allow "$outdated" && copies_allow; then
    replace "$outdated" "everybody else is well"
  else
    say "$outdated waits: $reason"
  fi
}

while :; do
  if ! read_state; then
    rm -f /tmp/rolled
    say "the API server does not tell what runs: $(tail -n 1 /tmp/error)"
    end_round 5
    continue
  fi
  look
  if [ "$left" -eq 0 ]; then
    say "every pod is of the newest revision and ready"
    : >/tmp/rolled
    end_round "$IDLE_SECONDS"
  else
    rm -f /tmp/rolled
    one_step
    # A look costs the start of kubectl.
    end_round 5
  fi
done
{{- end -}}

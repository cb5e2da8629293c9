{{/*
`helm test` of a network: all channels stand at one height everywhere and have their consenters, and a transaction of
each chaincode commits and is read back through peers of two organizations. The release of one owner looks at the owner's
nodes alone, and makes transactions once the chaincode is defined: that takes other owners. The release of what owners share
(Kafka) has none of their nodes, and nothing of this.
*/}}
{{- define "fabric-network.tests" -}}
{{- include "fabric-common.guard" . -}}
{{- $fabric := .Values.global.fabric -}}
{{- $tests := .Values.tests | default dict -}}
{{- $owner := include "fabric-common.owner" . -}}
{{- $line := include "fabric-common.line" . | fromJson }}
{{- if dig "enabled" true $tests }}
{{- if and $line.operations (include "fabric-network.endpoints" .) }}
---
{{ include "fabric-network.channelsTest" . }}
{{- end }}
{{- range $index, $name := keys (default dict $fabric.chaincodes) | sortAlpha }}
{{- $chaincode := get $fabric.chaincodes $name }}
{{- $knobs := dig "transactions" $name (dict) $tests | default dict }}
{{- $members := list -}}
{{- range (get $fabric.channels $chaincode.channel).members }}{{ $members = append $members .mspId }}{{ end }}
{{- $tester := $owner | default (first $members) }}
{{- if and (dig "enabled" true $knobs) (has $tester $members) }}
---
{{ include "fabric-network.transactionTest" (dict "context" $ "tester" $tester "name" $name "chaincode" $chaincode "knobs" $knobs "weight" (add 20 $index)) }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Namespace of the organization with MSP id `mspId`. */}}
{{- define "fabric-network.namespaceOf" -}}
{{- (get .context.Values.global.fabric.organizations .mspId).namespace -}}
{{- end -}}

{{/* What stands behind the names of its nodes in their hosts. */}}
{{- define "fabric-network.domainOf" -}}
{{- $organization := get .context.Values.global.fabric.organizations .mspId -}}
{{- $organization.domain | default $organization.namespace -}}
{{- end -}}

{{/*
Lines `peer CHANNEL HOST:PORT` and `orderer CHANNEL HOST:PORT` of operations endpoints; `system-orderer` where the channel is
made from a system channel: such an orderer says nothing about its part in it.
*/}}
{{- define "fabric-network.endpoints" -}}
{{- $owner := include "fabric-common.owner" . -}}
{{- $domain := "" -}}
{{- with $owner }}{{ $domain = include "fabric-network.domainOf" (dict "context" $ "mspId" .) }}{{ end -}}
{{- range $name, $channel := .Values.global.fabric.channels -}}
{{- range $channel.peers -}}
{{- if has $domain (list "" (splitList "." . | rest | join ".")) -}}
peer {{ $name }} {{ . }}:9443
{{ end -}}
{{- end -}}
{{- $kind := ternary "system-orderer" "orderer" (not (empty $channel.systemChannel)) -}}
{{- range $channel.orderers -}}
{{- if and (not .external) (has $owner (list "" .mspId)) -}}
{{ $kind }} {{ $name }} {{ .host }}:8443
{{ end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "fabric-network.testDeadline" -}}
{{- int (dig "deadlineSeconds" 120 (.Values.tests | default dict)) -}}
{{- end -}}

{{- define "fabric-network.testMetadata" -}}
metadata:
  name: {{ include "fabric-common.hookName" (dict "context" .context "step" .step "state" .state) }}
  namespace: {{ .namespace }}
  labels:
    {{- include "fabric-common.labels" (dict "context" .context "component" "test") | nindent 4 }}
  annotations:
    helm.sh/hook: test
    helm.sh/hook-weight: {{ int .weight | toString | quote }}
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
    helm.sh/hook-output-log-policy: hook-succeeded,hook-failed
{{- end -}}

{{- define "fabric-network.channelsTest" -}}
{{- $endpoints := include "fabric-network.endpoints" . -}}
{{- $channels := .Values.global.fabric.channels -}}
{{- $mspId := include "fabric-common.owner" . | default (first (get $channels (keys $channels | sortAlpha | first)).members).mspId -}}
apiVersion: v1
kind: Pod
{{ include "fabric-network.testMetadata" (dict "context" . "step" "test-channels" "state" $endpoints "weight" 10
  "namespace" (include "fabric-network.namespaceOf" (dict "context" . "mspId" $mspId))) }}
spec:
  restartPolicy: Never
  activeDeadlineSeconds: {{ include "fabric-network.testDeadline" . }}
  {{- include "fabric-common.podSettings" . | nindent 2 }}
  {{- with include "fabric-common.hostAliases" (dict "context" .) | trim }}{{ . | nindent 2 }}{{ end }}
  containers:
    - name: channels
      image: {{ include "fabric-common.image" (dict "context" . "name" "tools") }}
      imagePullPolicy: {{ include "fabric-common.pullPolicy" . }}
      command: [sh, -c]
      args:
        - |
          {{- include "fabric-common.round.sh" . | nindent 10 }}
          {{- include "fabric-common.metrics.sh" . | nindent 10 }}
          {{- include "fabric-network.channels.sh" . | nindent 10 }}
      env:
        - name: ENDPOINTS
          value: {{ $endpoints | quote }}
      resources:
        {{- include "fabric-common.smallResources" . | nindent 8 }}
      securityContext:
        {{- include "fabric-common.containerSecurity" . | nindent 8 }}
      volumeMounts:
        - {name: temporary, mountPath: /tmp}
  volumes:
    - name: temporary
      emptyDir: {}
{{- end -}}

{{- define "fabric-network.channels.sh" -}}
set -u

fault() {
  echo "$*" >>/tmp/faults
}

check_endpoint() {
  if ! fetch_metrics "$3" /tmp/metrics; then
    fault "$1 $3 does not answer"
    return
  fi
  height=$(metric /tmp/metrics ledger_blockchain_height "$2")
  echo "$1 $3: channel $2 has height ${height:-none}" >>/tmp/seen
  if [ -z "$height" ]; then
    fault "$1 $3 has not joined channel $2"
  else
    echo "$height" >>"/tmp/heights.$2"
  fi
  if [ "$1" = orderer ]; then
    [ "$(metric /tmp/metrics participation_consensus_relation "$2")" = 1 ] || fault "orderer $3 is no consenter of channel $2"
    [ "$(metric /tmp/metrics participation_status "$2")" = 1 ] || fault "orderer $3 is not active in channel $2"
  fi
}

check_all() {
  rm -f /tmp/heights.* /tmp/seen
  : >/tmp/faults
  while read -r kind channel endpoint; do
    [ -z "$kind" ] || check_endpoint "$kind" "$channel" "$endpoint"
  done <<LINES
$ENDPOINTS
LINES
  for heights in /tmp/heights.*; do
    [ "$(sort -u "$heights" | wc -l)" -eq 1 ] || fault "channel ${heights#/tmp/heights.} has not the same height everywhere"
  done
  [ ! -s /tmp/faults ]
}

# Blocks travel: what differs now may be equal in the next round. The pod's deadline ends this.
until check_all; do
  cat /tmp/faults
  end_round 1
done
cat /tmp/seen
{{- end -}}

{{- define "fabric-network.transactionTest" -}}
{{- $context := .context -}}
{{- $channel := get $context.Values.global.fabric.channels .chaincode.channel -}}
{{- $namespace := include "fabric-network.namespaceOf" (dict "context" $context "mspId" .tester) -}}
apiVersion: v1
kind: Pod
{{ include "fabric-network.testMetadata" (dict "context" $context "step" (printf "test-%s" .name) "state" (toJson .chaincode)
  "weight" .weight "namespace" $namespace) }}
spec:
  restartPolicy: Never
  activeDeadlineSeconds: {{ include "fabric-network.testDeadline" $context }}
  {{- include "fabric-common.podSettings" $context | nindent 2 }}
  {{- with include "fabric-common.hostAliases" (dict "context" $context) | trim }}{{ . | nindent 2 }}{{ end }}
  containers:
    - name: transaction
      image: {{ include "fabric-common.image" (dict "context" $context "name" "peer") }}
      imagePullPolicy: {{ include "fabric-common.pullPolicy" $context }}
      command: [sh, -c]
      args:
        - |
          {{- include "fabric-common.round.sh" $context | nindent 10 }}
          {{- include "fabric-network.transaction.sh" $context | nindent 10 }}
      env:
        - {name: CHANNEL, value: {{ .chaincode.channel | quote }}}
        - {name: CHAINCODE, value: {{ .name | quote }}}
        - name: INVOKE
          value: {{ dig "invoke" `{"Args":["put","helm-test","@VALUE@"]}` .knobs | quote }}
        - name: QUERY
          value: {{ dig "query" `{"Args":["get","helm-test"]}` .knobs | quote }}
        - name: EXPECT
          value: {{ dig "expect" "" .knobs | quote }}
        - name: ORDERERS
          value: |
            {{- range $channel.orderers }}
            {{ .host }}:{{ .port }} {{ .mspId }}
            {{- end }}
        - name: MEMBERS
          value: |
            {{- range $channel.members }}
            {{ .mspId }} {{ .host }}:{{ .port }}
            {{- end }}
        {{- range $channel.members }}
        {{- if and $.chaincode.legacy (eq .mspId $.tester) }}
        # For clients that know one peer alone.
        - {name: CORE_PEER_ADDRESS, value: "{{ .host }}:{{ .port }}"}
        - {name: LEGACY, value: "yes"}
        {{- end }}
        {{- end }}
        {{- if include "fabric-common.owner" $context }}
        - {name: OWNER, value: {{ .tester | quote }}}
        {{- end }}
        - {name: FABRIC_CFG_PATH, value: /etc/fabric/config}
        - {name: FABRIC_LOGGING_SPEC, value: warning}
        - {name: CORE_PEER_CLIENT_CONNTIMEOUT, value: 20s}
        - {name: CORE_PEER_LOCALMSPID, value: {{ .tester | quote }}}
        - {name: CORE_PEER_MSPCONFIGPATH, value: /etc/fabric/msp}
        # Below Fabric 2.3 the client reads it even where each peer has a root of its own on the command line.
        - {name: CORE_PEER_TLS_ROOTCERT_FILE, value: /etc/fabric/roots/{{ .tester }}.pem}
        {{- if include "fabric-common.plain" $context }}
        - {name: TLS, value: "false"}
        {{- end }}
      resources:
        requests: {cpu: 20m, memory: 64Mi}
        limits: {memory: 512Mi}
      securityContext:
        {{- include "fabric-common.containerSecurity" $context | nindent 8 }}
      volumeMounts:
        - {name: configuration, mountPath: /etc/fabric/config, readOnly: true}
        - {name: msp, mountPath: /etc/fabric/msp, readOnly: true}
        - {name: roots, mountPath: /etc/fabric/roots, readOnly: true}
        - {name: temporary, mountPath: /tmp}
  volumes:
    - name: configuration
      configMap:
        name: peers-configuration
    - name: roots
      configMap:
        name: peers-roots
    {{- $tester := get $context.Values.global.fabric.organizations .tester }}
    {{- include "fabric-common.identityVolumes" (dict "context" $context "msp" "peers-msp" "sign" "admin-sign" "intermediate" $tester.intermediateCa "named" $tester.namedAdmin) | nindent 4 }}
    - name: temporary
      emptyDir: {}
{{- end -}}

{{- define "fabric-network.transaction.sh" -}}
set -u
roots=/etc/fabric/roots
value="$HOSTNAME-$(date +%s)"
round=0

# One transaction, endorsed by a peer of every member, until each of these peers has committed it.
invoke() {
  count=$(printf '%s' "$ORDERERS" | grep -c .)
  set -- $(printf '%s\n' "$ORDERERS" | sed -n "$((round % count + 1))p")
  round=$((round + 1))
  ordering=$1
  root=$roots/$2.pem
  set --
  while read -r member endpoint; do
    [ -z "$member" ] || set -- "$@" --peerAddresses "$endpoint" --tlsRootCertFiles "$roots/$member.pem"
  done <<LINES
$MEMBERS
LINES
  # Before 1.2 the client asks one peer, the one of its environment, and waits for nothing.
  if peer chaincode invoke --help 2>&1 | grep -q -e --peerAddresses; then set -- --waitForEvent "$@"; else set --; fi
  timeout 60 peer chaincode invoke -C "$CHANNEL" -n "$CHAINCODE" -c "$(printf '%s' "$INVOKE" | sed "s/@VALUE@/$value/")" \
    -o "$ordering" --tls="${TLS:-true}" --cafile "$root" "$@"
}

# The answer of the peer $2 of organization $1.
query() {
  CORE_PEER_ADDRESS=$2 CORE_PEER_TLS_ROOTCERT_FILE=$roots/$1.pem timeout 60 peer chaincode query -C "$CHANNEL" -n "$CHAINCODE" -c "$QUERY"
}

read_back() {
  : >/tmp/answers
  while read -r member endpoint; do
    [ -n "$member" ] || continue
    query "$member" "$endpoint" >/tmp/answer </dev/null || return 1
    echo "$endpoint of $member answers: $(cat /tmp/answer)"
    cat /tmp/answer >>/tmp/answers
  done <<LINES
$MEMBERS
LINES
  [ "$(sort -u /tmp/answers | wc -l)" -eq 1 ] || return 1
  if [ -n "$EXPECT" ]; then
    [ "$(sort -u /tmp/answers)" = "$EXPECT" ] || return 1
  fi
  case "$INVOKE" in
  *@VALUE@*) grep -qF "$value" /tmp/answers ;;
  esac
}

# A peer says that the chaincode is on the channel: defined, or instantiated.
says_so() {
  if [ "${LEGACY:-}" = yes ]; then
    timeout 60 peer chaincode query -C "$CHANNEL" -n lscc -c "{\"Args\":[\"getccdata\",\"$CHANNEL\",\"$CHAINCODE\"]}" -x
  else
    timeout 60 peer lifecycle chaincode querycommitted -C "$CHANNEL" -n "$CHAINCODE"
  fi
}

# The chaincode is defined on our peer; waits a while, because definitions are on their way when the last owner has come.
is_defined() {
  while read -r member endpoint; do
    [ "$member" = "$OWNER" ] || continue
    for attempt in 1 2 3 4 5 6 7 8 9 10; do
      if CORE_PEER_ADDRESS=$endpoint CORE_PEER_TLS_ROOTCERT_FILE=$roots/$member.pem says_so </dev/null; then
        return 0
      fi
      echo "attempt $attempt: $CHAINCODE is not committed on $CHANNEL yet"
      end_round 3
    done
  done <<LINES
$MEMBERS
LINES
  return 1
}

if [ -n "${OWNER:-}" ] && ! is_defined; then
  echo "not run: a transaction of $CHAINCODE takes other owners, see the logs of deployment/converge"
  exit 0
fi

# A Service that has just become ready may still refuse. The pod's deadline ends this.
until invoke && read_back; do
  end_round 1
done
{{- end -}}

#!/bin/sh
# Tells the Docker engines of all selected nodes where names are, one node after the other; see node.sh for one of them.
#
# An annotation of a node says what its engine was told, so that nothing is done twice, nodes that join later are found,
# and a node that failed is left alone until somebody has looked at it. After a fault no further node is touched. The
# engine's restart may end this pod: nothing is remembered outside of the annotations.
set -u
. /scripts/round.sh
annotation="dns-fixup.fabric.network/$OWNER"
failed="dns-fixup.fabric.network/$OWNER.failed"
wanted=$(printf '%s' "$SETTINGS" | sha256sum | cut -c1-16)

say() {
  echo "$(date -u +%H:%M:%S) $*"
}

# Lines `node told failed others` of the selected nodes that are ready; `-` for nothing.
list_nodes() {
  kubectl get nodes --selector "$SELECTOR" --output json >/tmp/nodes.json || return 1
  jq -r --arg own "$annotation" --arg failed "$failed" '.items[]
    | select(any(.status.conditions[]; .type == "Ready" and .status == "True"))
    | (.metadata.annotations // {}) as $told
    | ([$told | keys[] | select(startswith("dns-fixup.fabric.network/") and . != $own and . != $failed and (endswith(".failed") | not))] | length) as $others
    | "\(.metadata.name) \($told[$own] // "-") \($told[$failed] // "-") \($others)"' /tmp/nodes.json >/tmp/nodes
}

# The state of the pod $1: `phase exit-code`.
pod_state() {
  kubectl get pod "$1" --namespace "$NAMESPACE" --output json --ignore-not-found >/tmp/pod.json || return 1
  jq -r '"\(.status.phase // "Pending") \(.status.containerStatuses[0].state.terminated.exitCode // "-")"' /tmp/pod.json >/tmp/pod
}

# Runs node.sh on node $1 in mode $2: 0 done, 1 a fault, 2 not known, to be tried again.
run_on() {
  pod=dns-fixup-$(printf '%s' "$1" | sha256sum | cut -c1-12)
  # One that was left over says nothing about these settings.
  kubectl delete pod "$pod" --namespace "$NAMESPACE" --ignore-not-found --wait >/dev/null || return 2
  sed -e "s|@POD@|$pod|" -e "s|@NODE@|$1|" -e "s|@MODE@|$2|" /scripts/node.yaml >/tmp/node.yaml
  kubectl create --filename /tmp/node.yaml >/dev/null || return 2
  waited=0
  while :; do
    if pod_state "$pod"; then
      read -r phase code </tmp/pod
      case "$phase" in
      Succeeded | Failed) break ;;
      esac
    fi
    waited=$((waited + 1))
    if [ "$waited" -ge "$NODE_SECONDS" ]; then
      say "$1: pod $pod is not done after $NODE_SECONDS s: kubectl --namespace $NAMESPACE describe pod $pod"
      return 2
    fi
    end_round 1
  done
  kubectl logs "$pod" --namespace "$NAMESPACE" || return 2
  kubectl delete pod "$pod" --namespace "$NAMESPACE" >/dev/null || return 2
  case "$phase $code" in
  Succeeded*) return 0 ;;
  "Failed 1") return 1 ;;
  esac
  return 2
}

# Takes node, what its engine was told, what failed.
apply_to() {
  [ "$2" != "$wanted" ] || return 0
  if [ "$3" = "$wanted" ]; then
    if [ "${told_about:-}" != "$1" ]; then
      say "$1 has failed before; when it is mended: kubectl annotate node $1 $failed-"
      told_about=$1
    fi
    return 1
  fi
  outcome=0
  run_on "$1" apply || outcome=$?
  case "$outcome" in
  0) kubectl annotate node "$1" --overwrite "$annotation=$wanted" "$failed-" >/dev/null ;;
  1)
    kubectl annotate node "$1" --overwrite "$failed=$wanted" >/dev/null
    return 1
    ;;
  *) return 1 ;;
  esac
}

# Takes node, what its engine was told, what failed, and how many other networks rely on it.
restore_on() {
  [ "$2" != - ] || [ "$3" != - ] || return 0
  if [ "$2" != - ]; then
    if [ "$4" -gt 0 ]; then
      say "$1: another network relies on these settings, they stay"
    else
      run_on "$1" restore || return 1
    fi
  fi
  kubectl annotate node "$1" "$annotation-" "$failed-" >/dev/null
}

no_coordinator() {
  kubectl get pods --namespace "$NAMESPACE" --selector fabric.network/node=dns-fixup --output name >/tmp/coordinators \
    && [ ! -s /tmp/coordinators ]
}

one_round() {
  list_nodes || return 1
  while read -r node told fault others <&3; do
    if [ "$MODE" = restore ]; then
      restore_on "$node" "$told" "$fault" "$others" || return 1
    else
      apply_to "$node" "$told" "$fault" || return 1
    fi
  done 3</tmp/nodes
}

if [ "${ONCE:-no}" = yes ]; then
  # The coordinator would tell the engines again what is being taken back.
  kubectl scale deployment dns-fixup --namespace "$NAMESPACE" --replicas 0 || exit 1
  until no_coordinator; do end_round 1; done
  until one_round; do end_round 5; done
  say "every engine is as it was"
  exit 0
fi
while :; do
  if one_round; then
    [ -e /tmp/done ] || say "every engine of the selected nodes has been seen to"
    : >/tmp/done
    end_round "$IDLE_SECONDS"
  else
    rm -f /tmp/done
    end_round 5
  fi
done

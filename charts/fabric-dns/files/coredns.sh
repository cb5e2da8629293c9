#!/bin/sh
# Gives the nodes of organizations with a domain of their own a second name in cluster DNS: peer0.org1.example.com is
# answered as peer0.org1 is.
#
# A server block for each domain stands between two marks with the network's name, so that others' settings stay as they
# are, two networks live side by side, and taking it back leaves what was there before. Cluster DNS has to answer
# afterwards, or the text from before comes back.
set -eu

say() {
  echo "dns-fixup-coredns: $*"
}

text() {
  kubectl get configmap "$CONFIG_MAP" --namespace "$CONFIG_NAMESPACE" --ignore-not-found --output json >/tmp/map.json
  jq -j --arg key "$KEY" '.data[$key] // ""' /tmp/map.json
}

# Standard input without the block of this network.
without_block() {
  sed "/^# BEGIN fabric-dns $OWNER\$/,/^# END fabric-dns $OWNER\$/d"
}

block() {
  echo "# BEGIN fabric-dns $OWNER"
  while read -r domain namespace; do
    [ -n "$domain" ] || continue
    cat <<BLOCK
$domain:53 {
    errors
    rewrite stop name suffix .$domain. .$namespace.svc.$CLUSTER_DOMAIN. answer auto
    kubernetes $CLUSTER_DOMAIN
    cache 5
}
BLOCK
  done <<DOMAINS
$DOMAINS
DOMAINS
  echo "# END fabric-dns $OWNER"
}

# Makes the file $1 the text. What is not there is made, with nothing else in it.
store() {
  if [ ! -s /tmp/map.json ]; then
    kubectl create configmap "$CONFIG_MAP" --namespace "$CONFIG_NAMESPACE" --from-file="$KEY=$1" >/dev/null
    return
  fi
  jq -n --arg key "$KEY" --rawfile text "$1" '{data: {($key): $text}}' >/tmp/patch.json
  kubectl patch configmap "$CONFIG_MAP" --namespace "$CONFIG_NAMESPACE" --type merge --patch-file /tmp/patch.json >/dev/null
}

# A server without the plugin `reload` reads its settings when it starts.
restart() {
  [ -n "$RESTART" ] || return 0
  kubectl rollout restart "deployment/$RESTART" --namespace "$CONFIG_NAMESPACE" >/dev/null
  kubectl rollout status "deployment/$RESTART" --namespace "$CONFIG_NAMESPACE" --timeout "${SECONDS_TO_ANSWER}s" >/dev/null
}

# Takes as many rounds as in a row have to succeed: a server that reads wrong settings goes on for a while with the old.
# A silent server keeps each question waiting: what that takes counts, or this Job's deadline would come before the way back.
answers() {
  waited=0
  good=0
  while [ "$good" -lt "$1" ]; do
    asked=$(date +%s)
    # shellcheck disable=SC2086 # no word at all: the server of this pod
    if timeout 10 nslookup -type=a "kubernetes.default.svc.$CLUSTER_DOMAIN" $SERVER >/tmp/answer 2>&1; then
      good=$((good + 1))
    else
      good=0
    fi
    waited=$((waited + 1 + $(date +%s) - asked))
    [ "$waited" -lt "$SECONDS_TO_ANSWER" ] || return 1
    end_round 1
  done
}

text >/tmp/before
without_block </tmp/before >/tmp/after
# A text that does not end its last line would swallow the mark.
if [ -s /tmp/after ] && [ "$(tail -c 1 /tmp/after | wc -l)" -eq 0 ]; then echo >>/tmp/after; fi
[ "$MODE" = restore ] || block >>/tmp/after
if cmp -s /tmp/before /tmp/after; then
  say "nothing to do"
  exit 0
fi
store /tmp/after
if restart && answers "$GOOD_ROUNDS"; then
  say "$CONFIG_MAP/$KEY in namespace $CONFIG_NAMESPACE: done ($MODE)"
  exit 0
fi
say "cluster DNS does not answer with the new settings; the ones from before come back" >&2
kubectl get configmap "$CONFIG_MAP" --namespace "$CONFIG_NAMESPACE" --output json >/tmp/map.json
store /tmp/before
restart
exit 1

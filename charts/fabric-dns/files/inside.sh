#!/bin/sh
# What the containers of a peer's Docker engine find, with the settings that the peer gives its chaincodes.
#
# CHECK is the script of the other tests of names; it runs inside of the engine, once in an image with glibc and once in one
# with musl, because chaincodes are built on either. The engine is the node's (SOCKET), the one in the peer's pod, whose
# socket nobody else has, or that of another machine (ENGINE_URL).
set -eu

say() {
  echo "dns-verify: $*"
}

# Sets `names` for the library $1; what only the cluster knows is filled in.
names_for() {
  # shellcheck disable=SC2153 # the pod gives it
  names=$NAMES
  [ "$1" = glibc ] || names=${MUSL_NAMES:-$NAMES}
  case "$names" in
  *@POD_IP@*)
    address=$(kubectl get pod "$PEER-0" --namespace "$NAMESPACE" --output 'jsonpath={.status.podIP}') || return 1
    names=$(echo "$names" | sed "s/@POD_IP@/$address/")
    ;;
  esac
}

# Runs the check in a container with the library $1 and its image $2.
inside() {
  library="$1 in the engine of $PEER"
  VERIFY_IMAGE=$2
  if [ "$MODE" = dind ]; then
    kubectl exec "$PEER-0" --namespace "$NAMESPACE" --container docker -- docker --host unix:///run/dind/docker.sock \
      run --rm --network host --env LIBRARY="$library" --env NAMESPACE="$SHORT_IN" --env DOMAIN="$DOMAIN" --env NAMES="$names" \
      --env ATTEMPTS="$ATTEMPTS" --entrypoint sh "$VERIFY_IMAGE" -c "$CHECK"
    return
  fi
  variables=$(jq -n --arg library "$library" --arg short "$SHORT_IN" --arg domain "$DOMAIN" --arg names "$names" --arg attempts "$ATTEMPTS" \
    '["LIBRARY=\($library)", "NAMESPACE=\($short)", "DOMAIN=\($domain)", "NAMES=\($names)", "ATTEMPTS=\($attempts)"]')
  ended=0
  run_in_container "$HOST_SETTINGS" "$CHECK" "$variables" || ended=$?
  cat /tmp/log
  return "$ended"
}

failed=0
for library in glibc musl; do
  image=$GLIBC_IMAGE
  [ "$library" = glibc ] || image=$MUSL_IMAGE
  if ! names_for "$library"; then
    say "the address of $PEER-0 in namespace $NAMESPACE cannot be had" >&2
    exit 1
  fi
  inside "$library" "$image" || failed=1
done
if [ "$failed" -ne 0 ]; then
  say "a container that $PEER starts for a chaincode would not find its way: see chaincode.dns in network.yaml ($MODE, $STRATEGY)" >&2
  exit 1
fi

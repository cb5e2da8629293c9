#!/bin/sh
# Names before a release touches anything: the cluster's domain, its DNS server, and hosts outside of the release.
#
# Services of the release do not exist yet, so nothing here looks for them. The pod's own resolver settings say what
# every pod of the cluster gets; a name server on the node (169.254.0.0/16) stands in for the cluster's and is fine.
set -eu
resolver=/etc/resolv.conf
faults=0

fault() {
  echo "dns-preflight: $1" >&2
  echo "dns-preflight:   $2" >&2
  faults=$((faults + 1))
}

# An IPv4 address as a number; fails for anything else.
number() {
  case "$1" in
  *[!0-9.]* | *.*.*.*.* | "") return 1 ;;
  *.*.*.*) ;;
  *) return 1 ;;
  esac
  rest=$1.
  sum=0
  while [ -n "$rest" ]; do
    part=${rest%%.*}
    rest=${rest#*.}
    [ -n "$part" ] && [ "$part" -le 255 ] || return 1
    sum=$((sum * 256 + part))
  done
  echo "$sum"
}

# Succeeds if the address $1 lies in the range $2, or if one of them is not IPv4 and there is nothing to compare.
lies_in() {
  address=$(number "$1") && base=$(number "${2%/*}") || return 0
  shift_by=$((32 - ${2#*/}))
  [ $((address >> shift_by)) -eq $((base >> shift_by)) ]
}

# Succeeds if the server $2, or the pod's own if it is empty, knows the complete name $1; asks some times, because a
# server that has just started may not.
knows() {
  tries=0
  while :; do
    for kind in a aaaa; do
      # shellcheck disable=SC2086 # no word at all if there is no server
      if nslookup -type="$kind" "$1" ${2:-} >/tmp/answer 2>&1; then return 0; fi
    done
    tries=$((tries + 1))
    [ "$tries" -lt "$ATTEMPTS" ] || return 1
    end_round 1
  done
}

servers=$(sed -n 's/^nameserver[[:space:]]*//p' "$resolver")
found=""
# shellcheck disable=SC2013 # words are wanted
for word in $(sed -n 's/^search[[:space:]]*//p' "$resolver"); do
  case "$word" in
  *.svc.*) [ -n "$found" ] || found=${word#*.svc.} ;;
  esac
done

check_domain() {
  if [ -z "$found" ]; then
    fault "the search list of a pod in namespace $NAMESPACE names no cluster domain: $(sed -n 's/^search[[:space:]]*//p' "$resolver")" \
      "pods do not get cluster DNS: the kubelet needs --cluster-dns and --cluster-domain"
  elif [ "$found" != "$DOMAIN" ]; then
    fault "the domain of this cluster is $found, and this chart was built for $DOMAIN" \
      "write clusterDomain: $found into network.yaml; it stands in TLS certificates, so make identities anew and build again"
  fi
}

# Takes a server of the pod.
check_server() {
  case "$1" in
  169.254.*) echo "dns-preflight: $1 is a name server on the node, in front of the cluster's" ;;
  *)
    if [ -n "$CLUSTER_DNS" ] && [ "$1" != "$CLUSTER_DNS" ]; then
      fault "pods of this cluster ask $1 for names, and network.yaml says cluster.dns: $CLUSTER_DNS" \
        "write cluster.dns: $1 into network.yaml, or leave it out, and build again"
    fi
    if [ -n "$SERVICE_CIDR" ] && ! lies_in "$1" "$SERVICE_CIDR"; then
      fault "pods of this cluster ask $1 for names, which is outside of the service range $SERVICE_CIDR" \
        "the DNS server's address is that of a Service: correct cluster.serviceCIDR in network.yaml (the range of pods is another one), or the kubelet's --cluster-dns"
    fi
    ;;
  esac
  check_answers "$1"
}

check_answers() {
  if ! knows "kubernetes.default.svc.${found:-$DOMAIN}" "$1"; then
    fault "DNS server $1 does not know kubernetes.default.svc.${found:-$DOMAIN}" \
      "cluster DNS is down or not reachable from namespace $NAMESPACE: kubectl --namespace kube-system get pods --selector k8s-app=kube-dns"
  fi
}

check_outside() {
  number "$1" >/dev/null && return
  # A host of another network in this cluster is <node>.<namespace>: nslookup does not ask the search list for that.
  knows "$1" "" || knows "$1.svc.${found:-$DOMAIN}" "" || fault "host $1, which is not part of this release, has no address" \
    "correct it in network.yaml, or make the name known to the DNS of this cluster before the release"
}

check_domain
if [ -z "$servers" ]; then
  fault "the resolver settings of a pod in namespace $NAMESPACE name no server" \
    "pods do not get cluster DNS: the kubelet needs --cluster-dns"
fi
for server in $servers; do check_server "$server"; done
if [ -n "$CLUSTER_DNS" ]; then
  case " $(echo "$servers" | tr '\n' ' ')" in
  *" $CLUSTER_DNS "*) ;;
  *) check_answers "$CLUSTER_DNS" ;;
  esac
fi
# Hosts outside are only asked for when cluster DNS works: otherwise every one of them would be a fault of its own.
if [ "$faults" -eq 0 ]; then
  for host in $OUTSIDE; do check_outside "$host"; done
fi

if [ "$ENGINE" = yes ]; then
  DNS_SERVERS=${CLUSTER_DNS:-$(echo "$servers" | head -n 1)}
  DNS_SERVERS="$DNS_SERVERS $NODE_DNS"
  # shellcheck disable=SC2034 # engine.sh reads it
  DNS_SEARCH="default.svc.${found:-$DOMAIN} svc.${found:-$DOMAIN}"
  echo "dns-preflight: a Docker engine whose containers are to find these names is told one of these, never two of them:"
  echo "--- /etc/default/docker"
  docker_opts
  echo "--- with it, where the unit of systemd does not read that file: /etc/systemd/system/docker.service.d/fabric-dns.conf"
  systemd_drop_in
  echo "--- or: the keys of /etc/docker/daemon.json"
  daemon_json
  echo "--- then: systemctl daemon-reload && systemctl restart docker"
fi
[ "$faults" -eq 0 ] || exit 1
echo "dns-preflight: cluster domain $found, DNS $(echo "$servers" | tr '\n' ' ')"

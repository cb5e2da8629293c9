# Fixed addresses of Services, after preflight.sh: in the range of Services, and nobody else's.
#
# Cluster DNS knows the names of addresses, and asking it takes no rights. Where it does not, the API server refuses the Service.

# The complete name of the Service that has the address $1; nothing where it is free, or where nobody knows.
holder() {
  nslookup "$1" 2>/dev/null | sed -n 's/.*name = \([^ ]*[^ .]\)\.*$/\1/p' | head -n 1
}

# Takes an address, the host that it is for, and its Service with its namespace.
check_alias() {
  held=$(holder "$1")
  case "$held" in
  "" | "$3.$4.svc.$found") ;;
  *)
    fault "address $1, which is for $2, is that of $held" \
      "delete that Service if it is nobody's; or, before the first install, write another range into domains.addresses of network.yaml, take \`addresses\` out of network.lock, and build again"
    ;;
  esac
}

# The API server's Service has an address in the range, whatever cluster DNS has.
check_range() {
  if [ -n "$SERVICE_CIDR" ] && ! lies_in "$KUBERNETES_SERVICE_HOST" "$SERVICE_CIDR"; then
    fault "the API server's Service has address $KUBERNETES_SERVICE_HOST, which is outside of the service range $SERVICE_CIDR" \
      "correct cluster.serviceCIDR and domains.addresses in network.yaml: the API server refuses Services with addresses outside of its range"
  fi
}

check_range
while read -r address host service namespace; do
  check_alias "$address" "$host" "$service" "$namespace"
done <<LINES
$ALIASES
LINES
[ "$faults" -eq 0 ] || exit 1
echo "dns-preflight: $(echo "$ALIASES" | grep -c .) fixed addresses are free or this network's"

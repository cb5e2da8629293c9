#!/bin/sh
# Every name that a component of this namespace uses, in every form in which it is written down, as the C library of this
# image resolves it, with a connection to each port.
#
# NAMES holds lines `NAME NAMESPACE PORT`; the port is `-` where nobody in this namespace connects, the namespace where the
# name is complete.
set -u

# Resolves $1 as programs of this image do. Without getent only a connection can tell; an address is no name.
resolves() {
  command -v getent >/dev/null || return 0
  case "$1" in
  *:*) return 0 ;;
  *[!0-9.]*) ;;
  *) return 0 ;;
  esac
  getent hosts "$1" >/tmp/answer 2>&1
}

# Connects to $1 at port $2 and hangs up.
connects() {
  if command -v nc >/dev/null; then
    nc -w 3 "$1" "$2" </dev/null >/tmp/answer 2>&1
  else
    # shellcheck disable=SC2016 # bash reads them
    timeout 3 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" >/tmp/answer 2>&1
  fi
}

# Takes a name as written and a port or `-`.
check_name() {
  checked=$((checked + 1))
  if ! resolves "$1"; then
    echo "$1 does not resolve" >>/tmp/faults
  elif [ "$2" != - ] && ! connects "$1" "$2"; then
    echo "nobody is reached at $1 port $2" >>/tmp/faults
  fi
}

check_all() {
  : >/tmp/faults
  checked=0
  while read -r name namespace port; do
    [ -n "$name" ] || continue
    if [ "$namespace" = - ]; then
      check_name "$name" "$port"
      continue
    fi
    # shellcheck disable=SC2153 # the pod gives it
    [ "$namespace" != "$NAMESPACE" ] || check_name "$name" "$port"
    check_name "$name.$namespace" "$port"
    check_name "$name.$namespace.svc.$DOMAIN" "$port"
  done <<LINES
$NAMES
LINES
  [ ! -s /tmp/faults ]
}

command -v getent >/dev/null || echo "$LIBRARY: this image has no getent: names are judged by connections alone"
round=1
# A Service that has just become ready may still refuse.
until check_all; do
  if [ "$round" -ge "$ATTEMPTS" ]; then
    sed "s/^/$LIBRARY: /" /tmp/faults
    exit 1
  fi
  round=$((round + 1))
  end_round 1
done
where="from namespace $NAMESPACE"
# Inside of a Docker engine there is none.
[ "$NAMESPACE" != - ] || where="there"
echo "$LIBRARY: $checked names resolve $where, and their ports answer"

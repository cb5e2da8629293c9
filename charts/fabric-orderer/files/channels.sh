#!/bin/sh
# Joins a running orderer to channels that a release adds.
#
# Channels and their blocks lie in a directory that the kubelet keeps up to date. What the volume's stamp does not name is new
# to this orderer: it joins by the participation API on loopback, and the stamp names it once the orderer says that it has
# the channel. join.sh has looked at the volume before, so this never decides whether an empty one may start; and a channel
# that the stamp names is left alone, also when the orderer does not know it any more: its log may be lost, or somebody
# has taken the orderer out by hand.
set -eu
. /scripts/round.sh
. /scripts/stamp.sh

production=/var/hyperledger/production
admin=127.0.0.1:9443
said=""
# Process 1 has no handler of its own for the end of the pod.
trap 'exit 0' TERM

# Says a thing once.
say() {
  [ "$said" != "$*" ] || return 0
  said=$*
  echo "$(date -u +%H:%M:%S) $*"
}

# Sends the request in the file $1. Sets `status` (empty: nobody answers) and leaves the answer in /tmp/answer.
ask() {
  status=""
  nc -w 30 "${admin%:*}" "${admin##*:}" <"$1" >/tmp/answer 2>/dev/null || return 0
  status=$(sed -n '1s/^HTTP\/1\.[01] \([0-9][0-9][0-9]\).*/\1/p' /tmp/answer)
}

# Asks what the orderer is in channel $1: `status` is 200 if it has the channel, 404 if not.
ask_about() {
  printf 'GET /participation/v1/channels/%s HTTP/1.0\r\nHost: %s\r\n\r\n' "$1" "$admin" >/tmp/request
  ask /tmp/request
}

# Gives the orderer block 0 of channel $1, whose SHA-256 is $2. The boundary of a form must not lie in the block.
post_block() {
  {
    printf -- '--%s\r\nContent-Disposition: form-data; name="config-block"; filename="%s.block"\r\n' "$2" "$1"
    printf 'Content-Type: application/octet-stream\r\n\r\n'
    cat "/desired/$1.block"
    printf '\r\n--%s--\r\n' "$2"
  } >/tmp/form
  {
    printf 'POST /participation/v1/channels HTTP/1.0\r\nHost: %s\r\n' "$admin"
    printf 'Content-Type: multipart/form-data; boundary=%s\r\n' "$2"
    printf 'Content-Length: %s\r\n\r\n' "$(wc -c </tmp/form | tr -d ' ')"
    cat /tmp/form
  } >/tmp/request
  ask /tmp/request
}

# The volume is this orderer's for channel $1 with block $2.
note() {
  kept=$(grep -v "^genesis\.$1=" "$production/network.stamp")
  write_stamp "$production" "$kept
genesis.$1=$2"
}

# One step for channel $1, whose block has the SHA-256 $2.
join() {
  ask_about "$1"
  case "$status" in
  200)
    note "$1" "$2"
    relation=$(sed -n 's/.*"consensusRelation":"\([a-z-]*\)".*/\1/p' /tmp/answer)
    say "$NODE has channel $1 as $relation"
    ;;
  404)
    if [ "$(sha256sum <"/desired/$1.block")" != "$2  -" ]; then
      say "block 0 of channel $1 is not the one that this release was built with"
      return 0
    fi
    post_block "$1" "$2"
    say "$NODE joins channel $1: answer ${status:-none}, $(tail -n 1 /tmp/answer)"
    ;;
  *) say "$NODE does not answer about channel $1 yet: ${status:-nobody there}" ;;
  esac
}

# Every channel of this orderer that the stamp does not name, once. The stamp is written by nobody else meanwhile.
join_missing() {
  while read -r kind channel rest <&3; do
    [ "$kind" = channel ] || continue
    wanted=$(sed -n "s/^genesis\.$channel=//p" "/desired/$NODE.stamp")
    grep -q "^genesis\.$channel=" "$production/network.stamp" || join "$channel" "$wanted"
  done 3<"/desired/$NODE.channels"
}

while :; do
  join_missing
  # Short, so that the pod ends soon.
  end_round 1
done

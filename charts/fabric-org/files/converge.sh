#!/bin/sh
# Brings this organization's peers to the desired state, and keeps them there.
#
# A level-triggered loop: every round reads what is, compares it with /desired/state, and takes at most one step for each
# peer, channel and chaincode. Nothing is remembered that a later round relies on, so the pod may die at any moment. A
# step counts as done when a later reading shows its result; the texts of errors decide nothing. A sequence only goes
# up. A transaction follows only from what a peer says that has read as far as the orderers; a peer that has lost its
# volume says for a while that nothing has ever been defined. When everything is done a round only reads.
#
# Readiness (/tmp/converged) means: every channel is joined and names our anchors, every chaincode is installed, and every
# definition of this release is committed, all read back from every own peer. Where others have a part
# (READY_WHEN is `alone`) it means that everything is done which this organization can do without the others; what waits for them is said
# in every round, and is no failure.
set -eu
. /scripts/round.sh
. /scripts/channels.sh
. /scripts/definitions.sh
. /scripts/legacy.sh
. /scripts/updates.sh

desired=/desired/state
packages=/desired
converged=/tmp/converged
roots=/etc/fabric/roots
organization=$(sed -n 's/^organization //p' "$desired")
round=0

# Where `peer channel create` leaves the block that it has got: nobody reads it.
mkdir -p /tmp/created
cd /tmp/created

say() {
  echo "$(date -u +%H:%M:%S) $*"
}

# Something is not as it should be yet: this round ends without readiness.
pending() {
  complete=0
  say "$*"
}

# Others have to do something first. Where all come up together that is not as it should be either.
waiting() {
  [ "$READY_WHEN" = alone ] || complete=0
  waits=1
  say "$*"
}

# Channel $1 may be written to: nobody does before all of its consenters have started once, see consenters.sh.
may_write() {
  [ "$READY_WHEN" = alone ] || return 0
  [ -e "/tmp/consenters.$1" ] && return
  waiting "channel $1 waits for the first start of its consenters"
  return 1
}

# Seconds that a command may take. A peer that builds chaincodes itself answers an install when it has built it.
limit=60

# One command of Fabric against the peer $1 (host:port); bounded, because a refused flow hangs.
at_peer() {
  address=$1
  shift
  CORE_PEER_ADDRESS=$address timeout "$limit" peer "$@" 2>/tmp/said
}

# What the last command said, for people: the last line before the usage that some commands print after it.
reason() {
  sed -e '/^Usage:/,$d' -e '/^$/d' /tmp/said | tail -n 1
}

# JSON without white space, on one line, so that sed can read it.
compact() {
  tr -d ' \t\r\n'
  echo
}

# The lines of kind $1 for channel $2 without these two words.
lines() {
  sed -n "s/^$1 $2 //p" "$desired"
}

own_peers() {
  lines join "$1"
}

# An orderer of channel $1, another one each round: `host:port msp`.
orderer() {
  count=$(lines orderer "$1" | wc -l)
  lines orderer "$1" | sed -n "$((round % count + 1)){s/ external$//;p;}"
}

# One command of Fabric against the peer $2 that takes an orderer: one of channel $1, named by `ordering` afterwards.
by_orderer() {
  # shellcheck disable=SC2046 # two words: endpoint and MSP id
  set -- $(orderer "$1") "$@"
  ordering=$1
  root=$roots/$2.pem
  shift 3
  at_peer "$@" -o "$ordering" --tls="${TLS:-true}" --cafile "$root"
}

# Succeeds when it is the turn of the member with rank $2 to do $1: at once for the first one, each next one waits longer.
our_turn() {
  since=/tmp/since.$1
  [ -e "$since" ] || date +%s >"$since"
  [ "$(($(date +%s) - $(cat "$since")))" -ge "$(($2 * COMMIT_DELAY_SECONDS))" ]
}

# The number of the block in file $1. A block begins with its header and that with its number, if it is not 0: the bytes
# 10, length, 8, then the number in groups of seven bits.
block_number() {
  number=0
  factor=1
  # shellcheck disable=SC2046 # one word for each byte
  set -- $(od -An -v -tu1 -N 13 "$1")
  [ "$1 $3" = "10 8" ] || return 0
  shift 3
  for byte; do
    number=$((number + byte % 128 * factor))
    factor=$((factor * 128))
    [ "$byte" -ge 128 ] || return 0
  done
}

# Peer $first has read channel $channel as far as an orderer. Asked before the readings that a transaction follows from.
at_tip() {
  by_orderer "$channel" "$first" channel fetch newest /tmp/newest.block -c "$channel" >/dev/null || {
    waiting "channel $channel: the newest block cannot be had from $ordering: $(reason)"
    return 1
  }
  block_number /tmp/newest.block
  at_peer "$first" channel getinfo -c "$channel" >/tmp/information || {
    pending "channel $channel: $first does not tell its height: $(reason)"
    return 1
  }
  height=$(compact </tmp/information | sed -n 's/.*"height":\([0-9]*\).*/\1/p')
  if [ "${height:-0}" -le "$number" ]; then
    pending "channel $channel: $first has read ${height:-0} of $((number + 1)) blocks"
    return 1
  fi
}

# --- rounds ---------------------------------------------------------------------------------------------------------

converge_channels() {
  while read -r kind channel digest rank <&3; do
    [ "$kind" = channel ] || continue
    for own in $(own_peers "$channel"); do
      converge_membership "$channel" "$digest" "$own" || joined=0
    done
    [ "$joined" -eq 0 ] || converge_anchors "$channel"
    [ "$joined" -eq 0 ] || converge_updates "$channel"
  done 3<"$desired"
}

converge_chaincodes() {
  while read -r kind channel chaincode version sequence package policy <&3; do
    [ "$kind" = chaincode ] || continue
    if [ -n "$(lines legacy "$channel" | grep -xF "$chaincode")" ]; then
      converge_legacy
    else
      converge_chaincode
    fi
  done 3<"$desired"
}

# The last round found what $1 says; told once.
become_ready() {
  [ "$(cat "$converged" 2>/dev/null)" = "$1" ] || say "$1"
  echo "$1" >"$converged"
}

one_round() {
  complete=1
  joined=1
  waits=0
  converge_channels
  # Packages can be installed without the others.
  if [ "$joined" -eq 1 ] || [ "$READY_WHEN" = alone ]; then
    converge_chaincodes
  fi
  round=$((round + 1))
}

while :; do
  one_round
  if [ "$complete" -eq 1 ] && [ "$waits" -eq 1 ]; then
    become_ready "everything is done that this organization can do alone"
    end_round "$WAIT_SECONDS"
  elif [ "$complete" -eq 1 ]; then
    become_ready "everything is as desired"
    end_round "$IDLE_SECONDS"
  else
    rm -f "$converged"
    end_round 1
  fi
done

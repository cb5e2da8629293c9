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

# --- channels -------------------------------------------------------------------------------------------------------

has_joined() {
  at_peer "$2" channel list >/tmp/channels || return 2
  # Fabric 1.0 writes its answer into the log, with a blank behind each name.
  cat /tmp/channels /tmp/said | sed 's/ $//' | grep -qxF "$1"
}

# The bytes of standard input in hexadecimal, on one line.
hexadecimal() {
  od -An -v -tx1 | tr -d ' \n'
}

# The block in file $3 is block 0 of channel $1: it has digest $2. A block 0 that orderers have made, of a transaction to
# their system channel, has no digest that is known before; it contains what it was made by, and the roots of all who order.
is_own_block() {
  if [ "$2" != - ]; then
    [ "$(sha256sum <"$3")" = "$2  -" ]
    return
  fi
  hexadecimal <"$3" >/tmp/block.hex
  while read -r mark; do
    grep -qF "$mark" /tmp/block.hex || return 1
  done <"$packages/$1.marks"
}

# Channel $1 is made by a transaction to the system channel, and the orderer $3 with MSP $4 does not have it yet. The first
# member sends it; an orderer refuses a second one. The proof is its block 0 in a later round.
create_channel() {
  if [ ! -e "$packages/$1.create.tx" ] || ! may_write "$1"; then
    return 0
  elif ! our_turn "$1.created" "$(sed -n "s/^channel $1 [^ ]* //p" "$desired")"; then
    waiting "channel $1: the first member makes it"
  elif at_peer localhost:7051 channel create -c "$1" -f "$packages/$1.create.tx" -o "$3" --tls --cafile "$roots/$4.pem" >/dev/null; then
    pending "channel $1: its creation has been sent"
  else
    pending "channel $1: its creation fails: $(reason)"
  fi
}

# Block 0 of channel $1 with digest $2, from an orderer: whoever gives another block is not of this network.
genesis_block() {
  block=/tmp/$1.block
  if [ ! -e "$block" ]; then
    # shellcheck disable=SC2046 # two words: endpoint and MSP id
    set -- "$1" "$2" $(orderer "$1")
    at_peer localhost:7051 channel fetch 0 "$block.new" -c "$1" -o "$3" --tls --cafile "$roots/$4.pem" >/dev/null || {
      waiting "channel $1: block 0 cannot be had from $3: $(reason)"
      create_channel "$@"
      return 1
    }
    if ! is_own_block "$1" "$2" "$block.new"; then
      pending "channel $1: $3 gives a block 0 that is not the one of this network"
      return 1
    fi
    mv "$block.new" "$block"
  fi
}

# Takes channel, digest, peer.
converge_membership() {
  found=0
  has_joined "$1" "$3" || found=$?
  case "$found" in
  0) return 0 ;;
  2)
    pending "$3 does not answer: $(reason)"
    return 1
    ;;
  esac
  genesis_block "$1" "$2" || return 1
  if ! at_peer "$3" channel join -b "/tmp/$1.block" >/dev/null; then
    pending "$3 does not join channel $1: $(reason)"
    return 1
  fi
  has_joined "$1" "$3" || {
    pending "$3 has been told to join channel $1"
    return 1
  }
  say "$3 has joined channel $1"
}

# The configuration of channel $1 names our anchor peers. A channel that orderers have made begins without any: its members
# name them by an update each, which only they sign.
converge_anchors() {
  mark=$(lines anchors "$1")
  [ -n "$mark" ] || return 0
  # shellcheck disable=SC2046 # two words: endpoint and MSP id
  set -- "$1" $(orderer "$1")
  if ! at_peer localhost:7051 channel fetch config /tmp/configuration.block -c "$1" -o "$2" --tls --cafile "$roots/$3.pem" >/dev/null; then
    waiting "channel $1: its configuration cannot be had from $2: $(reason)"
  elif hexadecimal </tmp/configuration.block | grep -qF "$mark"; then
    return 0
  elif ! may_write "$1"; then
    return 0
  elif at_peer localhost:7051 channel update -c "$1" -f "$packages/$1.anchors.tx" -o "$2" --tls --cafile "$roots/$3.pem" >/dev/null; then
    pending "channel $1: our anchor peers have been sent"
  else
    pending "channel $1: our anchor peers are refused: $(reason)"
  fi
}

# --- chaincodes -----------------------------------------------------------------------------------------------------

# The package $2 in the list of what peer $1 has installed, with the channels that use it; nothing if it is not there.
installed() {
  at_peer "$1" lifecycle chaincode queryinstalled -O json >/tmp/installed || return 1
  compact </tmp/installed | sed 's/{"package_id":/\n&/g' | grep -F "{\"package_id\":\"$2\"" >/tmp/package || [ $? -eq 1 ]
}

# Takes peer, package id, chaincode.
converge_package() {
  installed "$1" "$2" || {
    pending "$1 does not tell what is installed: $(reason)"
    return 1
  }
  [ ! -s /tmp/package ] || return 0
  limit=330
  took=0
  at_peer "$1" lifecycle chaincode install "$packages/$3.tgz" >/dev/null || took=$?
  limit=60
  if [ "$took" -ne 0 ]; then
    pending "$1 does not install $2: $(reason)"
    return 1
  fi
  if ! installed "$1" "$2" || [ ! -s /tmp/package ]; then
    pending "$1 has been told to install $2"
    return 1
  fi
  say "$1 has installed $2"
}

# `sequence version` of chaincode $3 as committed on channel $2 according to peer $1; `0 -` if it is not defined.
committed() {
  at_peer "$1" lifecycle chaincode querycommitted -C "$2" -O json >/tmp/definitions || return 1
  compact </tmp/definitions | sed 's/{"name":/\n&/g' \
    | sed -n "s/^{\"name\":\"$3\",\"sequence\":\"\{0,1\}\([0-9]*\)\"\{0,1\},\"version\":\"\([^\"]*\)\".*/\1 \2/p" >/tmp/definition
  [ -s /tmp/definition ] || echo "0 -" >/tmp/definition
}

# Writes who has approved the chaincode at hand to /tmp/approvals, `MSP:true` or `MSP:false` a line: what is committed, or
# sequence $2 that is not.
approvals() {
  if [ "$1" = committed ]; then
    set -- querycommitted -C "$channel" -n "$chaincode"
  else
    set -- checkcommitreadiness -C "$channel" -n "$chaincode" -v "$version" --sequence "$2"
    [ "$policy" = - ] || set -- "$@" --signature-policy "$policy"
  fi
  at_peer "$first" lifecycle chaincode "$@" -O json >/tmp/approvals.json || return 1
  compact </tmp/approvals.json | sed -n 's/.*"approvals":{\([^}]*\)}.*/\1/p' | tr -d '"' | tr ',' '\n' >/tmp/approvals
}

approved() {
  grep -qxF "$1:true" /tmp/approvals
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
  # shellcheck disable=SC2046 # two words: endpoint and MSP id
  set -- $(orderer "$channel")
  at_peer "$first" channel fetch newest /tmp/newest.block -c "$channel" -o "$1" --tls --cafile "$roots/$2.pem" >/dev/null || {
    waiting "channel $channel: the newest block cannot be had from $1: $(reason)"
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

# Every member that has peers has approved; sets the ones that are `missing`.
approved_by_all() {
  missing=""
  while read -r kind on member endpoint; do
    [ "$kind $on" = "member $channel" ] || continue
    approved "$member" || missing="$missing $member"
  done <"$desired"
  [ -z "$missing" ]
}

# Approves sequence $1 with our package. The proof is the reading of a later round.
approve() {
  # shellcheck disable=SC2046 # two words: endpoint and MSP id
  set -- "$1" $(orderer "$channel")
  ordering=$2
  root=$roots/$3.pem
  set -- -C "$channel" -n "$chaincode" -v "$version" --sequence "$1" --package-id "$package"
  [ "$policy" = - ] || set -- "$@" --signature-policy "$policy"
  if at_peer "$first" lifecycle chaincode approveformyorg "$@" -o "$ordering" --tls --cafile "$root" \
    --peerAddresses "$first" --tlsRootCertFiles "$CORE_PEER_TLS_ROOTCERT_FILE" >/dev/null; then
    pending "$chaincode on $channel: approval has been sent"
  else
    pending "$chaincode on $channel: approval fails: $(reason)"
  fi
}

# Commits sequence $1 with one endorsing peer of every member.
commit() {
  # shellcheck disable=SC2046 # two words: endpoint and MSP id
  set -- "$1" $(orderer "$channel")
  ordering=$2
  root=$roots/$3.pem
  set -- -C "$channel" -n "$chaincode" -v "$version" --sequence "$1"
  [ "$policy" = - ] || set -- "$@" --signature-policy "$policy"
  while read -r kind on member endpoint; do
    [ "$kind $on" = "member $channel" ] || continue
    [ "$member" != "$organization" ] || endpoint=$first
    set -- "$@" --peerAddresses "$endpoint" --tlsRootCertFiles "$roots/$member.pem"
  done <"$desired"
  if at_peer "$first" lifecycle chaincode commit "$@" -o "$ordering" --tls --cafile "$root" >/dev/null; then
    pending "$chaincode on $channel: commit has been sent"
  else
    waiting "$chaincode on $channel: commit fails: $(reason)"
  fi
}

# Succeeds when it is the turn of the member with rank $2 to do $1: at once for the first one, each next one waits longer.
our_turn() {
  since=/tmp/since.$1
  [ -e "$since" ] || date +%s >"$since"
  [ "$(($(date +%s) - $(cat "$since")))" -ge "$(($2 * COMMIT_DELAY_SECONDS))" ]
}

# Sequence $1 of the chaincode at hand is next: approve it, and commit it once everybody has approved.
converge_next_sequence() {
  approvals uncommitted "$1" || {
    pending "$chaincode on $channel: $first does not tell who has approved sequence $1: $(reason)"
    return
  }
  if ! approved "$organization"; then
    approve "$1"
  elif ! approved_by_all; then
    waiting "$chaincode on $channel: sequence $1 waits for approval by$missing"
  elif our_turn "$channel.$chaincode.$1" "$rank"; then
    commit "$1"
  else
    waiting "$chaincode on $channel: sequence $1 is approved by all; the first member commits it"
  fi
}

# This organization has approved what is committed, and peer $first uses our package for it. Sets `lacking` otherwise.
in_use() {
  lacking=""
  approvals committed || {
    pending "$chaincode on $channel: $first does not tell who has approved: $(reason)"
    return 1
  }
  if ! approved "$organization"; then
    lacking="our approval"
    return 1
  fi
  uses_package "$first" && return
  lacking="our package"
  return 1
}

# The wanted sequence is committed. Our approval may be missing, when others were enough, or name another package.
converge_committed() {
  lack=/tmp/lack.$channel.$chaincode.$sequence
  if in_use; then
    rm -f "$lack"
    check_other_peers
  elif [ -n "$lacking" ]; then
    pending "$chaincode on $channel: sequence $sequence is committed, and $first does not know $lacking for it"
    # Twice in a row, and by a peer at the tip: a peer needs a moment to take up what it has just read.
    if [ ! -e "$lack" ]; then
      : >"$lack"
    elif at_tip && ! in_use && [ -n "$lacking" ]; then
      rm -f "$lack"
      approve "$sequence"
    fi
  fi
}

# Peer $1 uses the package at hand for the chaincode at hand.
uses_package() {
  installed "$1" "$package" || return 1
  sed -n "s/.*\"$channel\":{\"chaincodes\":\[\([^]]*\)\].*/\1/p" /tmp/package \
    | grep -qF "{\"name\":\"$chaincode\",\"version\":\"$version\"}"
}

# Peers that have just joined get there by reading blocks; there is nothing to do but to look.
check_other_peers() {
  for other in $(own_peers "$channel"); do
    if ! committed "$other" "$channel" "$chaincode"; then
      pending "$chaincode on $channel: $other does not tell what is committed: $(reason)"
    elif [ "$(cat /tmp/definition)" != "$sequence $version" ] || ! uses_package "$other"; then
      pending "$chaincode on $channel: $other has not read as far as sequence $sequence yet"
    fi
  done
}

# Sets `now` and `as`: sequence and version that peer $first knows as committed.
read_definition() {
  committed "$first" "$channel" "$chaincode" || {
    pending "$chaincode on $channel: $first does not tell what is committed: $(reason)"
    return 1
  }
  read -r now as </tmp/definition
}

# Brings the chaincode at hand (channel, chaincode, version, sequence, package, policy) one step further.
converge_chaincode() {
  rank=$(sed -n "s/^channel $channel [^ ]* //p" "$desired")
  first=$(own_peers "$channel" | head -n 1)
  for own in $(own_peers "$channel"); do
    converge_package "$own" "$package" "$chaincode" || return 0
  done
  [ "$joined" -eq 1 ] || return 0
  read_definition || return 0
  if [ "$now" -lt "$sequence" ]; then
    may_write "$channel" || return 0
    at_tip || return 0
    read_definition || return 0
  fi
  if [ "$now" -gt "$sequence" ]; then
    # The network is ahead of this release; a sequence never goes back.
    return 0
  elif [ "$now" -lt "$sequence" ]; then
    converge_next_sequence "$((now + 1))"
  elif [ "$as" != "$version" ]; then
    pending "$chaincode on $channel: sequence $now is committed as version $as, not $version: build the next sequence"
  else
    converge_committed
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
  done 3<"$desired"
}

converge_chaincodes() {
  while read -r kind channel chaincode version sequence package policy <&3; do
    [ "$kind" != chaincode ] || converge_chaincode
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

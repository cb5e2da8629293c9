# Channels: how peers come to be on them, how a channel is made from a system channel, and how it names anchor peers. A part
# of converge.sh.

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

# Channel $1 is made by a transaction to the system channel, and the orderers do not have it yet. The first member sends it;
# an orderer refuses a second one. The proof is its block 0 in a later round.
create_channel() {
  if [ ! -e "$packages/$1.create.tx" ] || ! may_write "$1"; then
    return 0
  elif ! our_turn "$1.created" "$(sed -n "s/^channel $1 [^ ]* //p" "$desired")"; then
    waiting "channel $1: the first member makes it"
  elif by_orderer "$1" localhost:7051 channel create -c "$1" -f "$packages/$1.create.tx" >/dev/null; then
    pending "channel $1: its creation has been sent"
  else
    pending "channel $1: its creation fails: $(reason)"
  fi
}

# Block 0 of channel $1 with digest $2, from an orderer: whoever gives another block is not of this network.
genesis_block() {
  block=/tmp/$1.block
  if [ ! -e "$block" ]; then
    by_orderer "$1" localhost:7051 channel fetch 0 "$block.new" -c "$1" >/dev/null || {
      waiting "channel $1: block 0 cannot be had from $ordering: $(reason)"
      create_channel "$1"
      return 1
    }
    if ! is_own_block "$1" "$2" "$block.new"; then
      pending "channel $1: $ordering gives a block 0 that is not the one of this network"
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
  if ! by_orderer "$1" localhost:7051 channel fetch config /tmp/configuration.block -c "$1" >/dev/null; then
    waiting "channel $1: its configuration cannot be had from $ordering: $(reason)"
  elif hexadecimal </tmp/configuration.block | grep -qF "$mark"; then
    return 0
  elif ! may_write "$1"; then
    return 0
  elif by_orderer "$1" localhost:7051 channel update -c "$1" -f "$packages/$1.anchors.tx" >/dev/null; then
    pending "channel $1: our anchor peers have been sent"
  else
    pending "channel $1: our anchor peers are refused: $(reason)"
  fi
}

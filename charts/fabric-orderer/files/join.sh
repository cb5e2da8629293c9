#!/bin/sh
# Prepares the volume of an orderer: it joins its channels by itself, and never with a lost log.
#
# From Fabric 2.3 on an orderer joins every channel whose block lies at <ledger>/pendingops/join/<channel>.join when it
# starts. A volume without the stamp of an earlier start is either new or lost. A consenter that starts with an empty log
# under its old identity may vote twice, so before the first stamp this asks everybody who knows the channel's height:
# other consenters, and anchor peers. If the channel has moved on, the orderer does not start, and this log says why.
set -eu
. /scripts/round.sh
. /scripts/metrics.sh
. /scripts/stamp.sh

production=/var/hyperledger/production
ledger=$production/orderer

# The height of channel $1 according to whoever answers; sets `answered`. Prints the witness of a channel that has moved on.
moved_on() {
  while read -r what on witness; do
    [ "$what $on" = "witness $1" ] || continue
    fetch_metrics "$witness" /tmp/metrics || continue
    : >"/tmp/answered.$1"
    height=$(metric /tmp/metrics ledger_blockchain_height "$1")
    case "$height" in
    "" | 0 | 1) ;;
    *)
      echo "$witness knows channel $1 with height $height"
      return
      ;;
    esac
  done <<LINES
$CHANNELS
LINES
}

refuse() {
  cat >&2 <<TEXT
$NODE does not start: its volume is empty, but $2.
This consenter has lost its log. Starting it again under the same identity could make it vote against what it has
already agreed to, and then channel $1 would fork.
What to do, one of:
- mount the volume of $NODE again, or restore it from a backup of this very orderer, and delete this pod;
- leave $NODE stopped while the other consenters have a majority, and replace it: add an orderer under a new name to
  network.yaml, take $NODE out, and release that as the next version.
TEXT
  exit 1
}

# Asks for channel $1 until somebody answers, for some rounds: in a new network the first start of all is at the same time.
ask_witnesses() {
  rounds=0
  while :; do
    evidence=$(moved_on "$1")
    [ -z "$evidence" ] || refuse "$1" "$evidence"
    rounds=$((rounds + 1))
    if [ -e "/tmp/answered.$1" ]; then
      return
    elif [ "$rounds" -ge 15 ]; then
      echo "channel $1: no witness answers; $NODE starts as a new orderer"
      return
    fi
    end_round 1
  done
}

check_stamp "$production" "$STAMP"
mkdir -p "$ledger/pendingops/join"
while read -r kind channel rest; do
  [ "$kind" = channel ] || continue
  if [ ! -e "$production/network.stamp" ] || ! grep -q "^genesis\.$channel=" "$production/network.stamp"; then
    ask_witnesses "$channel"
  fi
  # An orderer that knows the channel already ignores the file and removes it.
  if [ ! -d "$ledger/chains/$channel" ]; then
    cp "/genesis/$channel.block" "$production/genesis.new"
    mv "$production/genesis.new" "$ledger/pendingops/join/$channel.join"
  fi
done <<LINES
$CHANNELS
LINES
write_stamp "$production" "$STAMP"

#!/bin/sh
# Prepares the volume of an orderer: it joins its channels by itself, and never with a lost log.
#
# From Fabric 2.3 on an orderer joins every channel whose block lies at <ledger>/pendingops/join/<channel>.join when it
# starts. A volume without the stamp of an earlier start is either new or lost. A consenter that starts with an empty log
# under its old identity may vote twice, so before the first stamp this asks everybody who knows the channel's height:
# other consenters, and anchor peers. If the channel has moved on, the orderer does not start, and this log says why.
#
# Silence proves nothing. The orderer starts as a new one only when so many other consenters have said that the channel
# has no block but the first that every majority which could have ordered more would have spoken; a single consenter asks
# an anchor peer. Until then it goes on asking. So that first starts do not wait for each other for ever, it answers the
# same question meanwhile: height 0.
#
# With a system channel there is nothing to join: the orderer starts from that channel's block 0, which it has as a file, and
# the channel is only watched. Its height grows with each channel that is made, so it tells an empty volume that is new from
# one that is lost. Orderers of Kafka watch nothing: they read everything again from the brokers.
#
# A stamped volume has its log. A channel that its stamp does not name is new to this orderer, so it joins at once: the
# channels that it serves must not wait for one that is added. One that is added while the orderer runs joins by
# channels.sh beside it.
#
# Logs may have volumes of their own (LOGS, below /var/hyperledger). They carry the same stamp: a ledger with a lost log is
# worse than a lost ledger, because nobody could tell from the ledger what this consenter has agreed to since.
set -eu
. /scripts/round.sh
. /scripts/metrics.sh
. /scripts/stamp.sh

production=/var/hyperledger/production
ledger=$production/orderer
CHANNELS=$(cat "/desired/$NODE.channels")
STAMP=$(cat "/desired/$NODE.stamp")

# Asks everybody about channel $1 once. Sets `evidence` (who knows more than block 0), `heard` (consenters), `heard_anchors`
# and `silent`.
ask_once() {
  evidence=""
  heard=0
  heard_anchors=0
  silent=""
  while read -r what on witness; do
    case "$what $on" in
    "consenter $1" | "anchor $1") ;;
    *) continue ;;
    esac
    if ! fetch_metrics "$witness" /tmp/metrics; then
      silent="$silent $witness"
      continue
    fi
    height=$(metric /tmp/metrics ledger_blockchain_height "$1")
    # A consenter that is starting answers before it has opened its ledgers. A peer is reached only when it is ready, so
    # one that does not know the channel has not joined it.
    if [ "$what" = anchor ]; then
      heard_anchors=$((heard_anchors + 1))
    elif [ -n "$height" ]; then
      heard=$((heard + 1))
    else
      silent="$silent $witness"
    fi
    case "$height" in
    "" | 0 | 1) ;;
    *) evidence="$witness knows channel $1 with height $height" ;;
    esac
  done <<LINES
$CHANNELS
LINES
}

# Enough have answered for channel $1: with N consenters a majority has N/2 + 1, this one may have been among them, so
# fewer than N/2 of the others may be silent.
heard_enough() {
  others=$(printf '%s\n' "$CHANNELS" | grep -c "^consenter $1 ")
  anchors=$(printf '%s\n' "$CHANNELS" | grep -c "^anchor $1 ")
  if [ "$others" -eq 0 ] && [ "$anchors" -eq 0 ]; then
    echo "nobody else knows channel $1: $NODE starts as a new orderer"
  elif [ "$others" -eq 0 ]; then
    [ "$heard_anchors" -gt 0 ]
  else
    [ "$heard" -ge "$((others + 1 - (others + 1) / 2))" ]
  fi
}

# Tells other consenters that this one has no block of any channel.
start_answering() {
  mkdir -p /tmp/www
  while read -r what on rest; do
    case "$what" in
    channel | watch) echo "ledger_blockchain_height{channel=\"$on\"} 0" ;;
    esac
  done >/tmp/www/metrics <<LINES
$CHANNELS
LINES
  httpd -f -p 8443 -h /tmp/www &
  server=$!
}

stop_answering() {
  if kill "$server" 2>/dev/null; then
    server=""
  fi
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

# Asks about channel $1 until it is certain that its volume is new.
ask_witnesses() {
  said=""
  while :; do
    ask_once "$1"
    [ -z "$evidence" ] || refuse "$1" "$evidence"
    heard_enough "$1" && return
    if [ "$silent" != "$said" ]; then
      said=$silent
      echo "$NODE has an empty volume and waits until enough others say that channel $1 is new; silent:$silent"
    fi
    end_round 1
  done
}

# The log $1 has lost its volume: its ledger is stamped and it is not.
refuse_log() {
  cat >&2 <<TEXT
$NODE does not start: it has its ledger, but the volume of its $1 is empty.
What this consenter has agreed to is lost with it, and it could vote against that.
What to do, one of:
- mount the volume of the $1 of $NODE again, or restore it together with the ledger, and delete this pod;
- leave $NODE stopped while the other consenters have a majority, and replace it: add an orderer under a new name to
  network.yaml, take $NODE out, and release that as the next version.
TEXT
  exit 1
}

server=""
check_stamp "$production" "$STAMP"
for log in ${LOGS:-}; do
  check_stamp "/var/hyperledger/$log" "$STAMP"
  if [ -e "$production/network.stamp" ] && [ ! -e "/var/hyperledger/$log/network.stamp" ]; then
    refuse_log "$log"
  fi
done
mkdir -p "$ledger/pendingops/join"
while read -r kind channel rest; do
  case "$kind" in
  channel | watch) ;;
  *) continue ;;
  esac
  if [ ! -e "$production/network.stamp" ]; then
    [ -n "$server" ] || start_answering
    ask_witnesses "$channel"
  fi
  # An orderer that knows the channel already ignores the file and removes it.
  if [ "$kind" = channel ] && [ ! -d "$ledger/chains/$channel" ]; then
    cp "/desired/$channel.block" "$production/genesis.new"
    mv "$production/genesis.new" "$ledger/pendingops/join/$channel.join"
  fi
done <<LINES
$CHANNELS
LINES
[ -z "$server" ] || stop_answering
# The ledger last: a stamped ledger means that its logs are stamped.
for log in ${LOGS:-}; do
  write_stamp "/var/hyperledger/$log" "$STAMP"
done
write_stamp "$production" "$STAMP"

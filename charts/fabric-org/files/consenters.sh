#!/bin/sh
# Waits until every consenter of every channel has started once, or the channel is in use already.
#
# An orderer with an empty volume refuses to start when its channel has moved on: it would vote under its old identity
# with an empty log. A late first start must not look like that, so nobody writes the first transaction of a channel
# before all of its consenters have stamped their volumes. Later starts find blocks and go on at once, whoever is down.
#
# A channel that may be written to has a file /tmp/consenters.<channel>. Where all come up together this is an init container
# and ends; in the release of one owner it runs beside converge, which has other things to do meanwhile.
set -eu
. /scripts/round.sh
. /scripts/metrics.sh

# Succeeds if channel $1 has blocks after block 0, or all of its consenters are active. A channel that is made from a system
# channel is not there yet: that one is looked at, unless its orderers do not vote.
ready() {
  waiting=""
  watched=$1
  system=$(sed -n "s/^system $1 //p" /desired/state)
  if [ -n "$system" ]; then
    [ "${system#* }" = votes ] || return 0
    watched=${system% *}
  fi
  while read -r what on endpoint rest; do
    [ "$what $on" = "orderer $1" ] || continue
    # Orderers that run somewhere else have no metrics for us; their owner starts them.
    [ "${rest#* }" != external ] || continue
    host="${endpoint%:*}"
    if ! fetch_metrics "$host:8443" /tmp/metrics; then
      waiting="$waiting $host"
      continue
    fi
    height=$(metric /tmp/metrics ledger_blockchain_height "$watched")
    case "$height" in
    "" | 0 | 1) ;;
    *) return 0 ;;
    esac
    if [ -n "$system" ]; then
      # Fabric 2.2 has no metric that tells who votes.
      [ "$height" = 1 ] || waiting="$waiting $host"
    elif [ "$(metric /tmp/metrics participation_consensus_relation "$1")" != 1 ]; then
      waiting="$waiting $host"
    fi
  done </desired/state
  [ -z "$waiting" ]
}

# Every channel once; prints what is missing.
all_ready() {
  missing=0
  while read -r kind channel rest; do
    [ "$kind" = channel ] || continue
    if ! ready "$channel"; then
      echo "channel $channel waits for the first start of$waiting"
      missing=1
    else
      : >"/tmp/consenters.$channel"
    fi
  done </desired/state
  [ "$missing" -eq 0 ]
}

until all_ready; do
  end_round 1
done

if [ "$READY_WHEN" = alone ]; then
  # A container that ends would be started again.
  while :; do
    end_round 3600
  done
fi

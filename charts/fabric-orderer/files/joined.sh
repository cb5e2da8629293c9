#!/bin/sh
# Ends when the orderers of this release have joined every channel that it gives them.
#
# The kubelet shows an added channel to running pods within a minute or two. An orderer that does not answer is not waited for:
# its own readiness tells about that, and it joins when it starts.
set -eu
. /scripts/round.sh
. /scripts/metrics.sh

# Every orderer and channel once; prints what is missing.
all_joined() {
  missing=""
  while read -r kind channel witness; do
    [ "$kind" = channel ] || continue
    fetch_metrics "$witness" /tmp/metrics || continue
    if [ -z "$(metric /tmp/metrics participation_status "$channel")" ]; then
      missing="$missing
${witness%:*} has not joined channel $channel"
    fi
  done <<LINES
$CHANNELS
LINES
  [ -z "$missing" ]
}

said=""
until all_joined; do
  [ "$missing" = "$said" ] || echo "waits:$missing"
  said=$missing
  end_round 1
done

{{/*
The end of a round of every script that waits: nothing else in these charts sleeps. A caller goes on with reading the
state anew, so that the length of a pause never decides whether something is right. Takes seconds.
*/}}
{{- define "fabric-common.round.sh" -}}
# Ends a round: whoever calls this reads everything again afterwards.
end_round() {
  sleep "$1"
}
{{- end -}}

{{/* Reads one value of a Prometheus page on standard input: `metric NAME CHANNEL`; empty if it is not there. */}}
{{- define "fabric-common.metrics.sh" -}}
# Writes the page of metrics of $1 (host:port) to the file $2; fails where nobody answers with one. $3 is its path, if it is
# another one than /metrics.
fetch_metrics() {
  printf 'GET %s HTTP/1.0\r\nHost: %s\r\n\r\n' "${3:-/metrics}" "$1" | nc -w 3 "${1%:*}" "${1##*:}" >"$2" 2>/dev/null || return 1
  head -n 1 "$2" | grep -q '^HTTP/1\.[01] 200'
}

# Prints the value of metric $2 for channel $3 from the page $1, nothing if it is not there.
metric() {
  sed -n "s/^$2{channel=\"$3\"} //p" "$1"
}
{{- end -}}

{{/* Writes facts about a volume on it at the first start, and refuses a volume with other facts. */}}
{{- define "fabric-common.stamp.sh" -}}
# Compares the stamp of the volume $1 with the lines of $2 (`key=value`) and fails with every contradiction.
check_stamp() {
  stamp="$1/network.stamp"
  [ -e "$stamp" ] || return 0
  foreign=0
  while IFS='=' read -r key wanted; do
    found=$(sed -n "s/^$key=//p" "$stamp")
    if [ -n "$found" ] && [ "$found" != "$wanted" ]; then
      echo "this volume belongs to another $key: it says $found, this node is $wanted" >&2
      foreign=1
    fi
  done <<LINES
$2
LINES
  if [ "$foreign" -ne 0 ]; then
    echo "mount the volume of this node, or empty this one if nobody needs its ledger" >&2
    return 1
  fi
}

# Writes the lines of $2 as the stamp of the volume $1: the rename makes it whole or not there.
write_stamp() {
  printf '%s\n' "$2" >"$1/network.stamp.new"
  mv "$1/network.stamp.new" "$1/network.stamp"
}
{{- end -}}

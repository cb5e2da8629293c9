#!/bin/sh
# A `nc` that answers like an operations endpoint: the page of HOST is the file `metrics.HOST`; no file, nobody there.
[ "$1" = -w ] && shift 2
cat >/dev/null
echo "$1" >>"$WORLD/asked"
[ -e "$WORLD/metrics.$1" ] || exit 1
printf 'HTTP/1.0 200 OK\r\n\r\n'
cat "$WORLD/metrics.$1"

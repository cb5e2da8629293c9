#!/bin/sh
# A `nc` that answers like an operations endpoint: the page of HOST is the file `metrics.HOST`; no file, nobody there. On
# loopback it answers like an orderer's participation API that has the channels in the file `participation`.
[ "$1" = -w ] && shift 2
if [ "$1:$2" != 127.0.0.1:9443 ]; then
  cat >/dev/null
  echo "$1" >>"$WORLD/asked"
  [ -e "$WORLD/metrics.$1" ] || exit 1
  printf 'HTTP/1.0 200 OK\r\n\r\n'
  cat "$WORLD/metrics.$1"
  exit 0
fi
cat >"$WORLD/request"
request=$(head -n 1 "$WORLD/request" | cut -d ' ' -f 1,2)
echo "$request" >>"$WORLD/asked"
[ -e "$WORLD/participation" ] || exit 1
case "$request" in
POST*)
  channel=$(sed -n 's/.*filename="\([a-z0-9.-]*\)\.block".*/\1/p' "$WORLD/request")
  sed -n '/octet-stream/,$p' "$WORLD/request" | sed -n 3p >"$WORLD/posted"
  echo "$channel" >>"$WORLD/participation"
  printf 'HTTP/1.0 201 Created\r\n\r\n{"name":"%s","consensusRelation":"consenter"}\n' "$channel"
  ;;
*)
  channel=${request##*/}
  if grep -qx "$channel" "$WORLD/participation"; then
    printf 'HTTP/1.0 200 OK\r\n\r\n{"name":"%s","consensusRelation":"consenter","status":"active"}\n' "$channel"
  else
    printf 'HTTP/1.0 404 Not Found\r\n\r\n{"error":"channel does not exist"}\n'
  fi
  ;;
esac

#!/bin/sh
# A `nsenter` whose only command restarts the engine: it reads its files anew.
echo "$*" >>"$WORLD/restarts"
cat "$WORLD"/pod/node/docker/daemon.json "$WORLD"/pod/node/default/docker >"$WORLD/loaded" 2>/dev/null
# Without systemd an engine makes its socket anew.
[ ! -e "$WORLD/unowned" ] || mv "$WORLD/unowned" "$WORLD/socket"
exit 0

#!/bin/sh
# A `nslookup -type=TYPE NAME [SERVER]` that knows the names in the file `zone`; a server with a file `silent.<server>`
# knows none.
echo "$2 ${3:-}" >>"$WORLD/asked"
[ ! -e "$WORLD/silent.${3:-}" ] || exit 1
[ "$1" = -type=a ] && grep -qxF "$2" "$WORLD/zone"

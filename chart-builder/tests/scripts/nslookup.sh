#!/bin/sh
# A `nslookup -type=TYPE NAME [SERVER]` that knows the names in the file `zone`; a server with a file `silent.<server>`
# knows none. Asked for an address without a type, it knows the lines `ADDRESS NAME` of the file `held`.
case "$1" in
-*) ;;
*)
  name=$(sed -n "s/^$1 //p" "$WORLD/held")
  [ -n "$name" ] || exit 1
  printf '%s.in-addr.arpa\tname = %s\n' "$1" "$name"
  exit 0
  ;;
esac
echo "$2 ${3:-}" >>"$WORLD/asked"
[ ! -e "$WORLD/silent.${3:-}" ] || exit 1
[ "$1" = -type=a ] && grep -qxF "$2" "$WORLD/zone"

#!/bin/sh
# Stands for kubectl: `get` prints the file `state` of the world, `delete pod NAME` notes the name.
case "$1" in
get)
  [ -e "$WORLD/state" ] || exit 1
  cat "$WORLD/state"
  ;;
delete) echo "$3" >>"$WORLD/deleted" ;;
esac

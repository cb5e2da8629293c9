#!/bin/sh
# A `curl` that speaks to a Docker engine. The engine knows what it read at its last restart (`loaded`); without the
# file `alive` nobody answers, with `live` containers outlive a restart, and with `blind` no container finds a name.
[ -e "$WORLD/alive" ] || exit 7
while [ $# -gt 1 ]; do
  case "$1" in
  --output) output=$2 ;;
  --request) method=$2 ;;
  --data) body=$2 ;;
  esac
  shift
done
code=200
case "$method $1" in
*/info)
  live=false
  [ ! -e "$WORLD/live" ] || live=true
  echo "{\"LiveRestoreEnabled\": $live}" >"$output"
  ;;
*/wait)
  found=1
  if [ ! -e "$WORLD/blind" ] && grep -q 10.0.0.10 "$WORLD/loaded"; then found=0; fi
  echo "{\"StatusCode\": $found}" >"$output"
  ;;
*/containers/create*)
  echo "$body" >>"$WORLD/created"
  echo '{}' >"$output"
  ;;
*) echo '{}' >"$output" ;;
esac
printf %s "$code"

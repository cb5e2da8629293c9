#!/bin/sh
# build SOURCE METADATA OUTPUT: keeps the connection with its templates filled in, and the indexes.
#
# `{{.key}}` in connection.json stands for a text of the JSON object CHAINCODE_AS_A_SERVICE_BUILDER_CONFIG. Both are JSON, so
# the text goes over as it is written there, escapes included. A key that the object does not have is an error.
set -eu

fail() {
  echo "$1" >&2
  exit 1
}

# The text of key $1 as it is written in the object; nothing if it is not there.
configured() {
  printf '%s' "${CHAINCODE_AS_A_SERVICE_BUILDER_CONFIG:-}" | tr -d '\n' \
    | sed -n "s/.*\"$1\"[[:space:]]*:[[:space:]]*\"\(\([^\"\\\\]*\\\\.\)*[^\"\\\\]*\)\".*/\1/p"
}

# The key of the last template in $connection; nothing if there is none.
next_key() {
  printf '%s' "$connection" | sed -n 's/.*{{[[:space:]]*\.\([A-Za-z0-9_]*\)[[:space:]]*}}.*/\1/p'
}

[ -e "$1/connection.json" ] || fail "the package has no connection.json"
connection=$(tr -d '\n' <"$1/connection.json")
key=$(next_key)
while [ -n "$key" ]; do
  text=$(configured "$key")
  [ -n "$text" ] || fail "connection.json wants {{.$key}}, and CHAINCODE_AS_A_SERVICE_BUILDER_CONFIG does not say what that is"
  text=$(printf '%s' "$text" | sed 's/[\\&|]/\\&/g')
  connection=$(printf '%s' "$connection" | sed "s|{{[[:space:]]*\.$key[[:space:]]*}}|$text|g")
  key=$(next_key)
done
case "$connection" in
*"{{"*) fail "connection.json has a template that is no plain key" ;;
esac
cp -R "$2/." "$3/"
if [ -d "$1/META-INF" ]; then
  cp -R "$1/META-INF" "$3/"
fi
printf '%s' "$connection" >"$3/connection.json"

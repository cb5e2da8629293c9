#!/bin/sh
# A `peer` whose network is the directory $WORLD: what is joined, installed, approved and committed are files there, and
# every command that changes something leaves a line in `writes`. A peer with a file `lagging.<peer>` has read block 0
# only; with a file `no-orderers` no orderer answers; with a file `deaf` transactions are taken and change nothing. A channel
# without a file `genesis` is made as `made` says, and an update of its configuration is what `updated` says.
at=${CORE_PEER_ADDRESS%:*}
[ ! -e "$WORLD/down.$at" ] || exit 1
committed="0 -"
[ ! -e "$WORLD/committed" ] || committed=$(cat "$WORLD/committed")
height=$(cat "$WORLD/height")
if [ -e "$WORLD/lagging.$at" ]; then
  committed="0 -"
  height=1
fi
sequence=${committed% *}
version=${committed#* }

wrote() {
  echo "$*" >>"$WORLD/writes"
}

approvals() {
  separator=""
  printf '{ "approvals": {'
  for member in Org1MSP Org2MSP; do
    given=false
    if [ ! -e "$WORLD/lagging.$at" ] && grep -qx "$member" "$WORLD/approved.$1" 2>/dev/null; then given=true; fi
    printf '%s "%s": %s' "$separator" "$member" "$given"
    separator=,
  done
  echo '} }'
}

# The value after option $1 among the other arguments.
option() {
  wanted=$1
  shift
  while [ $# -gt 1 ]; do
    if [ "$1" = "$wanted" ]; then echo "$2"; fi
    shift
  done
}

case "$*" in
"channel fetch "*) [ ! -e "$WORLD/no-orderers" ] || exit 1 ;;
esac

# $1 as a field of a message, with the tag $2, in hexadecimal.
field() {
  printf '%s%02x' "$2" "${#1}"
  printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n'
}

case "$*" in
"chaincode query "*getinstalledchaincodes*)
  printf 'Query Result: '
  touch "$WORLD/legacy.$at"
  while read -r has; do printf '0a20%s%s' "$(field mycc 0a)" "$(field "$has" 12)"; done <"$WORLD/legacy.$at"
  echo
  ;;
"chaincode query "*getchaincodes*)
  printf 'Query Result: '
  if [ -e "$WORLD/instantiated" ] && [ ! -e "$WORLD/lagging.$at" ]; then
    printf '0a20%s%s' "$(field mycc 0a)" "$(field "$(cat "$WORLD/instantiated")" 12)"
  fi
  echo
  ;;
"chaincode query "*getccdata*) echo "Query Result: 0a04$(cat "$WORLD/fingerprint")" ;;
"chaincode install "*)
  wrote install "$at"
  # The client of 1.0 says nothing of a peer that refuses.
  [ -e "$WORLD/deaf" ] || cat "$3" >>"$WORLD/legacy.$at"
  ;;
"chaincode instantiate "* | "chaincode upgrade "*)
  wrote "$2" "$(option -v "$@")" "$(option -c "$@")" "$(option -P "$@")"
  [ -e "$WORLD/deaf" ] || option -v "$@" >"$WORLD/instantiated"
  ;;
"channel list")
  echo "Channels peers has joined: "
  [ ! -e "$WORLD/joined.$at" ] || cat "$WORLD/joined.$at"
  ;;
"channel getinfo "*) echo "Blockchain info: {\"height\":$height,\"currentBlockHash\":\"x\"}" ;;
"channel fetch 0 "*) cp "$WORLD/genesis" "$4" ;;
"channel fetch config "*) cp "$WORLD/configuration" "$4" ;;
"channel create "*)
  wrote create
  [ -e "$WORLD/deaf" ] || cp "$WORLD/made" "$WORLD/genesis"
  ;;
"channel update "*)
  wrote update "$(basename "$(option -f "$@")")"
  [ -e "$WORLD/deaf" ] || cp "$WORLD/updated" "$WORLD/configuration"
  ;;
"channel fetch newest "*)
  printf '\012\106\010' >"$4"
  # shellcheck disable=SC2059 # the format is the byte
  printf "\\$(printf %03o "$(($(cat "$WORLD/height") - 1))")" >>"$4"
  ;;
"channel join "*)
  wrote join "$at"
  echo mychannel >>"$WORLD/joined.$at"
  ;;
"lifecycle chaincode queryinstalled "*)
  printf '{ "installed_chaincodes": ['
  separator=""
  touch "$WORLD/installed.$at"
  while read -r package; do
    references=""
    if [ "$sequence" -gt 0 ] && [ "$package" = "$(cat "$WORLD/package.Org1MSP" 2>/dev/null)" ]; then
      references=", \"references\": { \"mychannel\": { \"chaincodes\": [ { \"name\": \"basic\", \"version\": \"$version\" } ] } }"
    fi
    printf '%s { "package_id": "%s", "label": "x"%s }' "$separator" "$package" "$references"
    separator=,
  done <"$WORLD/installed.$at"
  echo '] }'
  ;;
"lifecycle chaincode install "*)
  wrote install "$at"
  cat "$4" >>"$WORLD/installed.$at"
  ;;
"lifecycle chaincode querycommitted -C mychannel -O json")
  if [ "$sequence" -eq 0 ]; then
    echo '{}'
  else
    printf '{ "chaincode_definitions": [\n { "name": "basic",\n "sequence": %s,\n "version": "%s" } ] }\n' "$sequence" "$version"
  fi
  ;;
"lifecycle chaincode querycommitted "*) approvals "$sequence" ;;
"lifecycle chaincode checkcommitreadiness "*) approvals "$(option --sequence "$@")" ;;
"lifecycle chaincode approveformyorg "*)
  wrote approve "$(option --sequence "$@")"
  if [ ! -e "$WORLD/deaf" ]; then
    echo Org1MSP >>"$WORLD/approved.$(option --sequence "$@")"
    option --package-id "$@" >"$WORLD/package.Org1MSP"
  fi
  ;;
"lifecycle chaincode commit "*)
  wrote commit "$(option --sequence "$@")"
  [ -e "$WORLD/deaf" ] || echo "$(option --sequence "$@") $(option -v "$@")" >"$WORLD/committed"
  ;;
*)
  echo "an unexpected command: $*" >&2
  exit 1
  ;;
esac

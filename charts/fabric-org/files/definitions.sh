# Chaincodes by the lifecycle with definitions: packages, approvals, commits. A part of converge.sh.

# The package $2 in the list of what peer $1 has installed, with the channels that use it; nothing if it is not there.
installed() {
  at_peer "$1" lifecycle chaincode queryinstalled -O json >/tmp/installed || return 1
  compact </tmp/installed | sed 's/{"package_id":/\n&/g' | grep -F "{\"package_id\":\"$2\"" >/tmp/package || [ $? -eq 1 ]
}

# Takes peer, package id, chaincode.
converge_package() {
  installed "$1" "$2" || {
    pending "$1 does not tell what is installed: $(reason)"
    return 1
  }
  [ ! -s /tmp/package ] || return 0
  limit=330
  took=0
  at_peer "$1" lifecycle chaincode install "$packages/$3.tgz" >/dev/null || took=$?
  limit=60
  if [ "$took" -ne 0 ]; then
    pending "$1 does not install $2: $(reason)"
    return 1
  fi
  if ! installed "$1" "$2" || [ ! -s /tmp/package ]; then
    pending "$1 has been told to install $2"
    return 1
  fi
  say "$1 has installed $2"
}

# `sequence version` of chaincode $3 as committed on channel $2 according to peer $1; `0 -` if it is not defined.
committed() {
  at_peer "$1" lifecycle chaincode querycommitted -C "$2" -O json >/tmp/definitions || return 1
  compact </tmp/definitions | sed 's/{"name":/\n&/g' \
    | sed -n "s/^{\"name\":\"$3\",\"sequence\":\"\{0,1\}\([0-9]*\)\"\{0,1\},\"version\":\"\([^\"]*\)\".*/\1 \2/p" >/tmp/definition
  [ -s /tmp/definition ] || echo "0 -" >/tmp/definition
}

# Writes who has approved the chaincode at hand to /tmp/approvals, `MSP:true` or `MSP:false` a line: what is committed, or
# sequence $2 that is not.
approvals() {
  if [ "$1" = committed ]; then
    set -- querycommitted -C "$channel" -n "$chaincode"
  else
    set -- checkcommitreadiness -C "$channel" -n "$chaincode" -v "$version" --sequence "$2"
    [ "$policy" = - ] || set -- "$@" --signature-policy "$policy"
  fi
  at_peer "$first" lifecycle chaincode "$@" -O json >/tmp/approvals.json || return 1
  compact </tmp/approvals.json | sed -n 's/.*"approvals":{\([^}]*\)}.*/\1/p' | tr -d '"' | tr ',' '\n' >/tmp/approvals
}

approved() {
  grep -qxF "$1:true" /tmp/approvals
}

# Every member that has peers has approved; sets the ones that are `missing`.
approved_by_all() {
  missing=""
  while read -r kind on member endpoint; do
    [ "$kind $on" = "member $channel" ] || continue
    approved "$member" || missing="$missing $member"
  done <"$desired"
  [ -z "$missing" ]
}

# Approves sequence $1 with our package. The proof is the reading of a later round.
approve() {
  set -- -C "$channel" -n "$chaincode" -v "$version" --sequence "$1" --package-id "$package"
  [ "$policy" = - ] || set -- "$@" --signature-policy "$policy"
  if by_orderer "$channel" "$first" lifecycle chaincode approveformyorg "$@" \
    --peerAddresses "$first" --tlsRootCertFiles "$CORE_PEER_TLS_ROOTCERT_FILE" >/dev/null; then
    pending "$chaincode on $channel: approval has been sent"
  else
    pending "$chaincode on $channel: approval fails: $(reason)"
  fi
}

# Commits sequence $1 with one endorsing peer of every member.
commit() {
  set -- -C "$channel" -n "$chaincode" -v "$version" --sequence "$1"
  [ "$policy" = - ] || set -- "$@" --signature-policy "$policy"
  while read -r kind on member endpoint; do
    [ "$kind $on" = "member $channel" ] || continue
    [ "$member" != "$organization" ] || endpoint=$first
    set -- "$@" --peerAddresses "$endpoint" --tlsRootCertFiles "$roots/$member.pem"
  done <"$desired"
  if by_orderer "$channel" "$first" lifecycle chaincode commit "$@" >/dev/null; then
    pending "$chaincode on $channel: commit has been sent"
  else
    waiting "$chaincode on $channel: commit fails: $(reason)"
  fi
}

# Sequence $1 of the chaincode at hand is next: approve it, and commit it once everybody has approved.
converge_next_sequence() {
  approvals uncommitted "$1" || {
    pending "$chaincode on $channel: $first does not tell who has approved sequence $1: $(reason)"
    return
  }
  if ! approved "$organization"; then
    approve "$1"
  elif ! approved_by_all; then
    waiting "$chaincode on $channel: sequence $1 waits for approval by$missing"
  elif our_turn "$channel.$chaincode.$1" "$rank"; then
    commit "$1"
  else
    waiting "$chaincode on $channel: sequence $1 is approved by all; the first member commits it"
  fi
}

# This organization has approved what is committed, and peer $first uses our package for it. Sets `lacking` otherwise.
in_use() {
  lacking=""
  approvals committed || {
    pending "$chaincode on $channel: $first does not tell who has approved: $(reason)"
    return 1
  }
  if ! approved "$organization"; then
    lacking="our approval"
    return 1
  fi
  uses_package "$first" && return
  lacking="our package"
  return 1
}

# The wanted sequence is committed. Our approval may be missing, when others were enough, or name another package.
converge_committed() {
  lack=/tmp/lack.$channel.$chaincode.$sequence
  if in_use; then
    rm -f "$lack"
    check_other_peers
  elif [ -n "$lacking" ]; then
    pending "$chaincode on $channel: sequence $sequence is committed, and $first does not know $lacking for it"
    # Twice in a row, and by a peer at the tip: a peer needs a moment to take up what it has just read.
    if [ ! -e "$lack" ]; then
      : >"$lack"
    elif at_tip && ! in_use && [ -n "$lacking" ]; then
      rm -f "$lack"
      approve "$sequence"
    fi
  fi
}

# Peer $1 uses the package at hand for the chaincode at hand.
uses_package() {
  installed "$1" "$package" || return 1
  sed -n "s/.*\"$channel\":{\"chaincodes\":\[\([^]]*\)\].*/\1/p" /tmp/package \
    | grep -qF "{\"name\":\"$chaincode\",\"version\":\"$version\"}"
}

# Peers that have just joined get there by reading blocks; there is nothing to do but to look.
check_other_peers() {
  for other in $(own_peers "$channel"); do
    if ! committed "$other" "$channel" "$chaincode"; then
      pending "$chaincode on $channel: $other does not tell what is committed: $(reason)"
    elif [ "$(cat /tmp/definition)" != "$sequence $version" ] || ! uses_package "$other"; then
      pending "$chaincode on $channel: $other has not read as far as sequence $sequence yet"
    fi
  done
}

# Sets `now` and `as`: sequence and version that peer $first knows as committed.
read_definition() {
  committed "$first" "$channel" "$chaincode" || {
    pending "$chaincode on $channel: $first does not tell what is committed: $(reason)"
    return 1
  }
  read -r now as </tmp/definition
}

# Brings the chaincode at hand (channel, chaincode, version, sequence, package, policy) one step further.
converge_chaincode() {
  rank=$(sed -n "s/^channel $channel [^ ]* //p" "$desired")
  first=$(own_peers "$channel" | head -n 1)
  for own in $(own_peers "$channel"); do
    converge_package "$own" "$package" "$chaincode" || return 0
  done
  [ "$joined" -eq 1 ] || return 0
  read_definition || return 0
  if [ "$now" -lt "$sequence" ]; then
    may_write "$channel" || return 0
    at_tip || return 0
    read_definition || return 0
  fi
  if [ "$now" -gt "$sequence" ]; then
    # The network is ahead of this release; a sequence never goes back.
    return 0
  elif [ "$now" -lt "$sequence" ]; then
    converge_next_sequence "$((now + 1))"
  elif [ "$as" != "$version" ]; then
    pending "$chaincode on $channel: sequence $now is committed as version $as, not $version: build the next sequence"
  else
    converge_committed
  fi
}

# Chaincodes by the lifecycle before Fabric 2.0: each peer has a package under a name and a version, and one transaction
# instantiates or upgrades the chaincode on a channel. A part of converge.sh.
#
# Answers of the system chaincode are read as hexadecimal, because the client of 1.0 has no command that prints them. What is
# on a channel is replaced only if it is a version that an earlier release of this network wanted: whoever is ahead of
# this release, or has instantiated something else, is left alone.

# $1 as a field of a message: tag $2 (hexadecimal), length, bytes.
field() {
  printf '%s%02x' "$2" "${#1}"
  printf '%s' "$1" | hexadecimal
}

# How an answer shows the chaincode at hand in version $1, which are fields 1 and 2 of an entry.
entry() {
  field "$chaincode" 0a
  field "$1" 12
}

# Asks the system chaincode of peer $1 for $2; the answer is in /tmp/legacy, in hexadecimal.
ask() {
  at_peer "$1" chaincode query -C "$channel" -n lscc -c "{\"Args\":[$2]}" -x >/tmp/legacy
}

# Peer $1 has the package at hand: its name and version, and from 1.1 on its fingerprint, in the entry of that version.
legacy_installed() {
  ask "$1" '"getinstalledchaincodes"' || {
    pending "$1 does not tell what is installed: $(reason)"
    return 2
  }
  grep -qF "$(entry "$version")" /tmp/legacy
}

# Takes a peer.
converge_legacy_package() {
  found=0
  legacy_installed "$1" || found=$?
  case "$found" in
  0) return 0 ;;
  2) return 1 ;;
  esac
  # From 2.0 on an install also builds.
  limit=330
  took=0
  at_peer "$1" chaincode install "$packages/$chaincode.tgz" >/dev/null || took=$?
  limit=60
  if [ "$took" -ne 0 ]; then
    pending "$1 does not install $chaincode $version: $(reason)"
  elif legacy_installed "$1"; then
    say "$1 has installed $chaincode $version"
    return 0
  else
    pending "$1 has been told to install $chaincode $version"
  fi
  return 1
}

# Sets `known` to what peer $1 knows of the chaincode at hand on the channel: wanted, replaceable, other, none.
read_legacy() {
  ask "$1" '"getchaincodes"' || {
    pending "$chaincode on $channel: $1 does not tell what is instantiated: $(reason)"
    return 1
  }
  known=none
  grep -qF "$(field "$chaincode" 0a)12" /tmp/legacy || return 0
  known=other
  if grep -qF "$(entry "$version")" /tmp/legacy; then
    known=wanted
    return 0
  fi
  for earlier in $(lines replaced "$channel $chaincode"); do
    if grep -qF "$(entry "$earlier")" /tmp/legacy; then known=replaceable; fi
  done
}

# Sends the transaction $1, instantiate or upgrade; a peer answers when it has built and started the chaincode.
send_legacy() {
  command=$1
  set -- -C "$channel" -n "$chaincode" -v "$version" -c "$(cat "$packages/$chaincode.init")"
  [ "$policy" = - ] || set -- "$@" -P "$policy"
  limit=330
  took=0
  by_orderer "$channel" "$first" chaincode "$command" "$@" >/dev/null || took=$?
  limit=60
  if [ "$took" -eq 0 ]; then
    pending "$chaincode on $channel: $command has been sent"
  else
    pending "$chaincode on $channel: $command of version $version fails: $(reason)"
  fi
}

# The package by which the channel knows the chaincode at hand is ours: its fingerprint stands in what the channel has.
is_our_package() {
  ask "$first" "\"getccdata\",\"$channel\",\"$chaincode\"" || {
    pending "$chaincode on $channel: $first does not tell which package is instantiated: $(reason)"
    return 1
  }
  grep -qF "${package##*:}" /tmp/legacy && return
  pending "$chaincode on $channel: version $version is instantiated with another package than ours: build the next sequence with another version"
  return 1
}

# Version $version is on the channel. Peers that have just joined get there by reading blocks.
check_legacy_peers() {
  is_our_package || return 0
  for other in $(own_peers "$channel"); do
    read_legacy "$other" || return 0
    [ "$known" = wanted ] || pending "$chaincode on $channel: $other has not read as far as version $version yet"
  done
}

# Brings the chaincode at hand (channel, chaincode, version, package, policy) one step further.
converge_legacy() {
  rank=$(sed -n "s/^channel $channel [^ ]* //p" "$desired")
  first=$(own_peers "$channel" | head -n 1)
  for own in $(own_peers "$channel"); do
    converge_legacy_package "$own" || return 0
  done
  [ "$joined" -eq 1 ] || return 0
  read_legacy "$first" || return 0
  case "$known" in
  none | replaceable)
    may_write "$channel" || return 0
    at_tip || return 0
    read_legacy "$first" || return 0
    ;;
  esac
  case "$known" in
  wanted) check_legacy_peers ;;
  other) waiting "$chaincode on $channel: another version than $version is there, and no release before this one wanted it: it is left alone" ;;
  *)
    command=instantiate
    [ "$known" = none ] || command=upgrade
    if our_turn "$channel.$chaincode.$sequence" "$rank"; then
      send_legacy "$command"
    else
      waiting "$chaincode on $channel: the first member instantiates version $version"
    fi
    ;;
  esac
}

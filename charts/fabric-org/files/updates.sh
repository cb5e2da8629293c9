# Updates of channels that are built: how organizations join them. Read by converge.sh, whose functions it uses.
#
# An update comes signed by a majority of the members before. Whoever sends it adds a signature of its own, which does no
# harm. It names the versions of what it goes on from, so orderers take it once and refuse it ever after.

# Sends update $2 of channel $1. The proof is the configuration that a later round reads.
send_update() {
  if by_orderer "$1" localhost:7051 channel update -c "$1" -f "$packages/$1.update-$2.tx" >/dev/null; then
    pending "channel $1: update $2 has been sent"
  else
    pending "channel $1: update $2 is refused: $(reason)"
  fi
}

# The configuration of channel $1 has every update that its members before have signed. The first of them sends it.
converge_updates() {
  lines update "$1" >/tmp/updates
  [ -s /tmp/updates ] || return 0
  if ! by_orderer "$1" localhost:7051 channel fetch config /tmp/configuration.block -c "$1" >/dev/null; then
    waiting "channel $1: its configuration cannot be had from $ordering: $(reason)"
    return 0
  fi
  hexadecimal </tmp/configuration.block >/tmp/configuration.hex
  while read -r update turn mark <&4; do
    ! grep -qF "$mark" /tmp/configuration.hex || continue
    if ! may_write "$1"; then
      :
    elif our_turn "$1.update-$update" "$turn"; then
      send_update "$1" "$update"
    else
      waiting "channel $1: the first member sends update $update"
    fi
    return 0
  done 4</tmp/updates
}

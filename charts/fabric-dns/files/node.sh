#!/bin/sh
# One node: tells its Docker engine where names are, or takes that back.
#
# The engine's settings stand in daemon.json or in the line DOCKER_OPTS of /etc/default/docker, never in both: it refuses
# to start then. What was there is copied first and comes back when a container still finds no name. Files are replaced
# whole by a rename. Exit code 1 is a fault in words; every other one means that this pod died and may be run again.
set -eu
. /scripts/round.sh
. /scripts/engine.sh
. /scripts/container.sh
# shellcheck disable=SC2034 # container.sh reads it
CONTAINER=fabric-dns-verify
daemon=/node/docker/$CONFIG_NAME
defaults=/node/default/$DEFAULTS_NAME

say() {
  echo "$NODE: $*"
}

fault() {
  echo "$NODE: $*" >&2
  exit 1
}

answers() {
  engine GET /info
}

await_engine() {
  waited=0
  until answers; do
    waited=$((waited + 1))
    [ "$waited" -lt "$ENGINE_SECONDS" ] || return 1
    end_round 1
  done
}

# Which file the engine's socket is; nothing while there is none.
socket_inode() {
  if [ -e "$SOCKET" ]; then stat -c %i "$SOCKET"; fi
}

# In the namespaces of the engine, which are the node's own. A pod that mounts the socket keeps the file of its start:
# where systemd owns the socket (docker.socket), that outlives the engine.
restart_engine() {
  say "restarts the engine: $RESTART"
  inode=$(socket_inode)
  process=$(cat "$PID_FILE" 2>/dev/null) || process=1
  nsenter -t "$process" -m -u -i -n -- sh -c "$RESTART" && await_engine || return 1
  if [ "$(socket_inode)" != "$inode" ]; then
    say "the engine has made its socket anew: peers of this node reach the old one until their pods are deleted; let systemd own $SOCKET_FILE (docker.socket)"
  fi
}

# --- what the file says, what it would say ---------------------------------------------------------------------------

# The file with the settings of this node: an engine that is given DOCKER_OPTS is given more of them.
choose_file() {
  # shellcheck disable=SC2153 # the pod gives it
  form=$FORM
  if [ "$form" = auto ]; then
    form=daemon.json
    if [ -e "$defaults" ] && grep -q '^DOCKER_OPTS=' "$defaults"; then form=DOCKER_OPTS; fi
  fi
  file=$daemon
  [ "$form" = daemon.json ] || file=$defaults
  before=$file.before-fabric-dns
  none=$file.none-before-fabric-dns
}

# The file $1 with our settings, on standard output.
merged() {
  if [ "$form" = daemon.json ]; then
    { [ -s "$1" ] && cat "$1" || echo '{}'; } | jq --argjson ours "$(daemon_json)" '. + $ours'
  else
    ours=$(docker_opts)
    ours=${ours#DOCKER_OPTS=\"}
    ours=${ours%\"}
    { [ -s "$1" ] && cat "$1" || echo 'DOCKER_OPTS=""'; } \
      | sed -e "s|^DOCKER_OPTS=\"\(.*\)\"[[:space:]]*\$|DOCKER_OPTS=\"\1 $ours\"|" -e 's|^DOCKER_OPTS=" |DOCKER_OPTS="|'
  fi
}

# Somebody else has said where names are, in a place where ours would contradict it.
check_contradictions() {
  if [ "$form" = DOCKER_OPTS ]; then
    if [ ! -e "$before" ] && [ -e "$file" ] && grep '^DOCKER_OPTS=' "$file" | grep -q -e '--dns'; then
      fault "$DEFAULTS_FILE has options --dns already: take them out, or choose another strategy"
    fi
    if [ -s "$daemon" ] && jq -e 'has("dns") or has("dns-search") or has("dns-opts")' "$daemon" >/dev/null; then
      fault "$CONFIG_FILE says where names are and $DEFAULTS_FILE gives options: an engine refuses to start with both"
    fi
  elif tr '\0' '\n' <"/proc/$(cat "$PID_FILE")/cmdline" | grep -q -e '^--dns'; then
    fault "the engine is started with options --dns: it refuses to start when $CONFIG_FILE says so, too; take them out of its unit"
  fi
}

# Puts standard input in place of $file.
replace() {
  cat >"$file.new"
  chmod 644 "$file.new"
  mv "$file.new" "$file"
}

keep_before() {
  [ ! -e "$before" ] && [ ! -e "$none" ] || return 0
  if [ -e "$file" ]; then
    cp "$file" "$before.new"
    mv "$before.new" "$before"
  else
    : >"$none"
  fi
}

original() {
  if [ -e "$before" ]; then echo "$before"; else echo /dev/null; fi
}

# What was there comes back; what others have changed since stays.
put_back() {
  merged "$(original)" >/tmp/ours
  if ! cmp -s /tmp/ours "$file"; then
    if [ "$form" = daemon.json ]; then
      { [ -s "$(original)" ] && cat "$(original)" || echo '{}'; } >/tmp/original
      jq --slurpfile original /tmp/original \
        'reduce ("dns", "dns-search", "dns-opts") as $key (.;
          if $original[0] | has($key) then .[$key] = $original[0][$key] else del(.[$key]) end)' "$file" | replace
    else
      line=$(sed -n 's/^DOCKER_OPTS=/&/p' "$(original)")
      sed "s|^DOCKER_OPTS=.*\$|$line|" "$file" | replace
    fi
  elif [ -e "$before" ]; then
    replace <"$before"
  else
    rm -f "$file"
  fi
}

# A container that is given nothing finds VERIFY_NAME and reaches it.
verify_from_container() {
  run_in_container '{}' "nc -w 5 $VERIFY_NAME $VERIFY_PORT </dev/null || { cat /etc/resolv.conf; exit 1; }" '[]' && return
  echo "a container of the engine does not reach $VERIFY_NAME port $VERIFY_PORT; it says:" >&2
  cat /tmp/log >&2
  return 1
}

# --- the two directions ----------------------------------------------------------------------------------------------

apply() {
  check_contradictions
  merged "$(if [ -e "$before" ] || [ -e "$none" ]; then original; else echo "$file"; fi)" >/tmp/wanted
  if [ -e "$file" ] && cmp -s /tmp/wanted "$file" && verify_from_container; then
    say "the engine knows where names are already"
    return
  fi
  if ! jq -e .LiveRestoreEnabled /tmp/info >/dev/null && [ "$WITHOUT_LIVE_RESTORE" != yes ]; then
    fault "the engine has no live-restore, so its restart would end every container of the node: set \"live-restore\": true in $CONFIG_FILE and reload the engine, or set daemon.withoutLiveRestore"
  fi
  known=no
  if [ -e "$before" ] || [ -e "$none" ]; then known=yes; fi
  [ ! -e "$file" ] || cp "$file" /tmp/previous
  keep_before
  replace </tmp/wanted
  say "$file: $(docker_opts)"
  if restart_engine && verify_from_container; then
    say "a container of the engine reaches $VERIFY_NAME"
    return
  fi
  say "takes it back" >&2
  if [ "$known" = yes ] && [ -e /tmp/previous ]; then
    # It was told something else before, and that had been verified.
    replace </tmp/previous
  else
    put_back
    rm -f "$before" "$none"
  fi
  restart_engine || fault "the engine does not answer after its old settings came back: look at it on the node"
  fault "its settings are as they were"
}

restore() {
  if [ ! -e "$before" ] && [ ! -e "$none" ]; then
    say "nothing was changed here"
    return
  fi
  put_back
  restart_engine || fault "the engine does not answer after its old settings came back: look at it on the node"
  rm -f "$before" "$none"
  say "the engine's settings are as they were"
}

choose_file
if ! answers; then
  if [ -S "$SOCKET" ] || [ -e "$before" ] || [ -e "$none" ]; then
    await_engine || fault "the engine behind $SOCKET_FILE does not answer: $(engine_said)"
  else
    say "no Docker engine here ($SOCKET_FILE): nothing to do"
    exit 0
  fi
fi
cp /tmp/answer /tmp/info
if [ "$MODE" = restore ]; then restore; else apply; fi

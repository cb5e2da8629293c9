# Containers of a Docker engine that look names up as chaincode would. Reads SOCKET, or ENGINE_URL where the engine is another
# machine, with ENGINE_TLS for the directory of a client's certificate; CONTAINER, the name of the container; VERIFY_IMAGE.
# Needs curl and jq, because nodes and images have no docker command in common.

# A request to the engine: method, path, body. The answer is in /tmp/answer, its status in `status`.
engine() {
  method=$1
  at=${ENGINE_URL:-http://docker}$2
  body=${3:-}
  set -- --silent --max-time "${ENGINE_CALL_SECONDS:-120}"
  [ -n "${ENGINE_URL:-}" ] || set -- "$@" --unix-socket "$SOCKET"
  [ -z "${ENGINE_TLS:-}" ] || set -- "$@" --cacert "$ENGINE_TLS/ca.crt" --cert "$ENGINE_TLS/tls.crt" --key "$ENGINE_TLS/tls.key"
  status=$(curl "$@" --request "$method" --header 'Content-Type: application/json' \
    --data "$body" --output /tmp/answer --write-out '%{http_code}' "$at") || status=000
  case "$status" in
  2??) return 0 ;;
  esac
  return 1
}

# What the engine said last, for people.
engine_said() {
  echo "HTTP $status $(tr -d '\n' </tmp/answer | cut -c1-300)"
}

have_image() {
  engine GET "/images/$VERIFY_IMAGE/json" && return
  case "$VERIFY_IMAGE" in
  *@*) from=$VERIFY_IMAGE ;;
  *) from="${VERIFY_IMAGE%:*}&tag=${VERIFY_IMAGE##*:}" ;;
  esac
  engine POST "/images/create?fromImage=$from" || return 1
  engine GET "/images/$VERIFY_IMAGE/json"
}

remove_container() {
  engine DELETE "/containers/$CONTAINER?force=true" || [ "$status" = 404 ]
}

# Runs the shell's script $2 in a container with the host settings $1 (JSON) and the variables $3 (a JSON list): 0 if it
# succeeds, 1 if it fails, 2 if the engine does not run it, which is said. What it has written is in /tmp/log.
run_in_container() {
  : >/tmp/log
  if ! have_image; then
    echo "the engine has no image $VERIFY_IMAGE and cannot pull it: $(engine_said)" >&2
    return 2
  fi
  remove_container || return 2
  jq -n --arg image "$VERIFY_IMAGE" --arg script "$2" --argjson variables "$3" --argjson host "$1" \
    '{Image: $image, Tty: true, Entrypoint: ["sh", "-c"], Cmd: [$script], Env: $variables, HostConfig: $host}' >/tmp/container
  if ! engine POST "/containers/create?name=$CONTAINER" "$(cat /tmp/container)" \
    || ! engine POST "/containers/$CONTAINER/start"; then
    echo "the engine does not start a container of $VERIFY_IMAGE: $(engine_said)" >&2
    return 2
  fi
  if ! engine POST "/containers/$CONTAINER/wait"; then
    echo "a container of the engine does not end: $(engine_said)" >&2
    return 2
  fi
  code=$(jq -r .StatusCode /tmp/answer)
  # The log of a terminal is text; every other one has frames.
  if engine GET "/containers/$CONTAINER/logs?stdout=true&stderr=true"; then tr -d '\r' </tmp/answer >/tmp/log; fi
  remove_container || return 2
  [ "$code" = 0 ]
}

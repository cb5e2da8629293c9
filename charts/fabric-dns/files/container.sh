# A container of a Docker engine that looks names up as chaincode would. Reads SOCKET, VERIFY_IMAGE, VERIFY_NAME and
# VERIFY_PORT; needs curl and jq, because nodes and images have no docker command in common.

# A request to the engine: method, path, body. The answer is in /tmp/answer, its status in `status`.
engine() {
  status=$(curl --silent --max-time 120 --unix-socket "$SOCKET" --request "$1" --header 'Content-Type: application/json' \
    --data "${3:-}" --output /tmp/answer --write-out '%{http_code}' "http://docker$2") || status=000
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
  name=${VERIFY_IMAGE%:*}
  engine POST "/images/create?fromImage=$name&tag=${VERIFY_IMAGE##*:}" || return 1
  engine GET "/images/$VERIFY_IMAGE/json"
}

remove_container() {
  engine DELETE "/containers/fabric-dns-verify?force=true" || [ "$status" = 404 ]
}

# Connects to VERIFY_NAME from a container with the host settings $1 (JSON); says why not.
verify_from_container() {
  if ! have_image; then
    echo "the engine has no image $VERIFY_IMAGE and cannot pull it: $(engine_said)" >&2
    return 1
  fi
  remove_container || return 1
  jq -n --arg image "$VERIFY_IMAGE" --arg name "$VERIFY_NAME" --arg port "$VERIFY_PORT" --argjson host "$1" \
    '{Image: $image, Cmd: ["sh", "-c", "nc -w 5 \($name) \($port) </dev/null || { cat /etc/resolv.conf; exit 1; }"], HostConfig: $host}' \
    >/tmp/container
  if ! engine POST "/containers/create?name=fabric-dns-verify" "$(cat /tmp/container)" \
    || ! engine POST "/containers/fabric-dns-verify/start"; then
    echo "the engine does not start a container of $VERIFY_IMAGE: $(engine_said)" >&2
    return 1
  fi
  if ! engine POST "/containers/fabric-dns-verify/wait"; then
    echo "a container of the engine does not end: $(engine_said)" >&2
    return 1
  fi
  code=$(jq -r .StatusCode /tmp/answer)
  if [ "$code" != 0 ]; then
    echo "a container of the engine does not reach $VERIFY_NAME port $VERIFY_PORT; it says:" >&2
    # Frames of the log begin with eight bytes that are no text.
    if engine GET "/containers/fabric-dns-verify/logs?stdout=true&stderr=true"; then tr -d '\000-\010\016-\037' </tmp/answer >&2; fi
  fi
  remove_container && [ "$code" = 0 ]
}

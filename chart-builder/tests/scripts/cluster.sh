#!/bin/sh
# A `kubectl` whose cluster is files: nodes in `nodes.json`, ConfigMaps in `map.<name>.json`, restarts of Deployments in
# `restarted`. A pod that works on a node leaves `<node> <mode>` in `worked` and succeeds, or ends with what `fails.<node>`
# says; `never` there lets it run on. While the file `coordinators` is there the coordinator's pod is.
# shellcheck disable=SC2016 # jq reads them
last=""
for word; do last=$word; done

option() {
  wanted=$1
  shift
  for word; do
    case "$word" in
    "$wanted="*) echo "${word#*=}" ;;
    esac
    [ "${before:-}" != "$wanted" ] || echo "$word"
    before=$word
  done
}

edit() {
  jq "$@" >"$WORLD/edited" && mv "$WORLD/edited" "$file"
}

case "$1 $2" in
"get nodes") cat "$WORLD/nodes.json" 2>/dev/null || exit 1 ;;
"get pods") [ ! -e "$WORLD/coordinators" ] || cat "$WORLD/coordinators" ;;
"get pod")
  node=$(tail -n 1 "$WORLD/worked" 2>/dev/null | cut -d ' ' -f 1)
  case "$*" in
  *jsonpath*) cat "$WORLD/address.$3" ;;
  *)
    code=$(cat "$WORLD/fails.$node" 2>/dev/null || echo 0)
    phase=Succeeded
    [ "$code" = 0 ] || phase=Failed
    [ "$code" != never ] || phase=Running
    echo "{\"status\": {\"phase\": \"$phase\", \"containerStatuses\": [{\"state\": {\"terminated\": {\"exitCode\": \"$code\"}}}]}}"
    ;;
  esac
  ;;
"get configmap") [ ! -e "$WORLD/map.$3.json" ] || cat "$WORLD/map.$3.json" ;;
"create --filename") tail -n 1 "$3" >>"$WORLD/worked" ;;
"create configmap")
  pair=$(option --from-file "$@")
  jq -n --arg key "${pair%%=*}" --rawfile text "${pair#*=}" '{data: {($key): $text}}' >"$WORLD/map.$3.json"
  ;;
"patch configmap")
  file=$WORLD/map.$3.json
  edit --slurp '.[0] * .[1]' "$file" "$(option --patch-file "$@")"
  ;;
"annotate node")
  file=$WORLD/nodes.json
  node=$3
  shift 3
  for word; do
    name=${word%%=*}
    case "$word" in
    --overwrite) ;;
    *=*) edit --arg node "$node" --arg name "$name" --arg value "${word#*=}" \
      '(.items[] | select(.metadata.name == $node) | .metadata.annotations[$name]) = $value' "$file" ;;
    *-) edit --arg node "$node" --arg name "${word%-}" \
      'del(.items[] | select(.metadata.name == $node) | .metadata.annotations[$name])' "$file" ;;
    esac
  done
  ;;
"scale deployment")
  echo "$last" >>"$WORLD/scaled"
  rm -f "$WORLD/coordinators"
  ;;
"rollout restart") echo "$3" >>"$WORLD/restarted" ;;
"exec "*)
  echo "$*" >>"$WORLD/entered"
  echo "musl or glibc said something"
  [ ! -e "$WORLD/blind" ]
  ;;
"delete pod" | "rollout status" | "logs "*) ;;
*)
  echo "an unexpected command: $*" >&2
  exit 1
  ;;
esac

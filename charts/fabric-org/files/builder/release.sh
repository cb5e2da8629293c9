#!/bin/sh
# release OUTPUT RELEASE: hands the connection and the indexes to the peer.
set -eu
if [ -d "$1/META-INF/statedb" ]; then
  cp -R "$1/META-INF/statedb" "$2/"
fi
mkdir -p "$2/chaincode/server"
cp "$1/connection.json" "$2/chaincode/server/connection.json"

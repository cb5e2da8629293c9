#!/bin/sh
# detect SOURCE METADATA: succeeds for a package of chaincode as a service.
#
# Peers from 2.0 to 2.4.0 have external builders, but no builder for chaincode as a service in their image. These three
# scripts do what the one of later images does, under the same name, so that what they have built goes on after an upgrade.
set -eu
type=$(tr -d '\n' <"$2/metadata.json" | sed -n 's/.*"type"[[:space:]]*:[[:space:]]*"\([^"]*\)".*/\1/p' | tr '[:upper:]' '[:lower:]')
[ "$type" = ccaas ]

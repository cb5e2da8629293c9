{{/*
Refuses variables of the operator that a node would not read, or that would contradict the topology where no variable of
ours stands in the way: what the chart says in core.yaml and orderer.yaml, Fabric reads from the environment first.
Takes (dict "context" $ "program" "peer" "more" map); program is peer or orderer.
*/}}
{{- define "fabric-common.lintEnvironment" -}}
{{- $version := dig "fabric" "version" "3.0.0" (.context.Values.global | default dict) -}}
{{- $facts := include "fabric-common.factVariables" .program | splitList " " -}}
{{- $foreign := ternary "ORDERER_" "CORE_" (eq .program "peer") -}}
{{- range $name, $value := .more | default dict -}}
{{- if hasPrefix $foreign $name -}}
{{- fail (printf "environment variable `%s`: no %s reads it; settings of the other kind of node are in the other chart" $name $.program) -}}
{{- end -}}
{{- range $facts -}}
{{- if or (eq . $name) (and (hasSuffix "_" .) (hasPrefix . $name)) -}}
{{- fail (printf "environment variable `%s` contradicts what follows from the topology: edit network.yaml and build again" $name) -}}
{{- end -}}
{{- end -}}
{{- if and (or (hasPrefix "CORE_LOGGING_" $name) (eq $name "ORDERER_GENERAL_LOGLEVEL")) (semverCompare ">=1.4.0-0" $version) -}}
{{- fail (printf "environment variable `%s` is read by nobody since Fabric 1.4: write FABRIC_LOGGING_SPEC" $name) -}}
{{- end -}}
{{- if and (regexMatch "^(CORE|ORDERER)_" $name) (empty (toString $value)) -}}
{{- fail (printf "environment variable `%s` is empty: Fabric ignores that up to 2.5, and from 3.0 on it erases what the file says; leave it out, or give it a value" $name) -}}
{{- end -}}
{{- end -}}
{{- $election := list (get (.more | default dict) "CORE_PEER_GOSSIP_USELEADERELECTION") (get (.more | default dict) "CORE_PEER_GOSSIP_ORGLEADER") -}}
{{- if eq ($election | join " " | lower) "true true" -}}
{{- fail "environment variables `CORE_PEER_GOSSIP_USELEADERELECTION` and `CORE_PEER_GOSSIP_ORGLEADER` are both true: a peer stops at that; choose one" -}}
{{- end -}}
{{- end -}}

{{/* Variables by which a node would leave its topology; one that ends with `_` stands for all that begin like it. */}}
{{- define "fabric-common.factVariables" -}}
{{- if eq . "peer" -}}
FABRIC_CFG_PATH CORE_PEER_ID CORE_PEER_NETWORKID CORE_PEER_ADDRESS CORE_PEER_ADDRESSAUTODETECT CORE_PEER_LISTENADDRESS CORE_PEER_LOCALMSPID CORE_PEER_LOCALMSPTYPE CORE_PEER_MSPCONFIGPATH CORE_PEER_FILESYSTEMPATH CORE_PEER_TLS_ CORE_PEER_CHAINCODEADDRESS CORE_PEER_CHAINCODELISTENADDRESS CORE_PEER_GOSSIP_BOOTSTRAP CORE_PEER_GOSSIP_ENDPOINT CORE_PEER_GOSSIP_EXTERNALENDPOINT CORE_OPERATIONS_ CORE_METRICS_PROVIDER CORE_LEDGER_STATE_STATEDATABASE CORE_LEDGER_STATE_COUCHDBCONFIG_COUCHDBADDRESS CORE_LEDGER_STATE_COUCHDBCONFIG_USERNAME CORE_LEDGER_STATE_COUCHDBCONFIG_PASSWORD CORE_VM_ENDPOINT CORE_CHAINCODE_MODE CORE_CHAINCODE_EXTERNALBUILDERS
{{- else -}}
FABRIC_CFG_PATH ORDERER_GENERAL_LISTENADDRESS ORDERER_GENERAL_LISTENPORT ORDERER_GENERAL_LOCALMSPID ORDERER_GENERAL_LOCALMSPDIR ORDERER_GENERAL_TLS_ ORDERER_GENERAL_CLUSTER_LISTENADDRESS ORDERER_GENERAL_CLUSTER_LISTENPORT ORDERER_GENERAL_CLUSTER_SERVERCERTIFICATE ORDERER_GENERAL_CLUSTER_SERVERPRIVATEKEY ORDERER_GENERAL_CLUSTER_CLIENTCERTIFICATE ORDERER_GENERAL_CLUSTER_CLIENTPRIVATEKEY ORDERER_GENERAL_CLUSTER_ROOTCAS ORDERER_GENERAL_BOOTSTRAPMETHOD ORDERER_GENERAL_BOOTSTRAPFILE ORDERER_GENERAL_GENESISMETHOD ORDERER_GENERAL_GENESISFILE ORDERER_GENERAL_GENESISPROFILE ORDERER_GENERAL_SYSTEMCHANNEL ORDERER_GENERAL_LEDGERTYPE ORDERER_FILELEDGER_ ORDERER_CONSENSUS_ ORDERER_CHANNELPARTICIPATION_ ORDERER_ADMIN_ ORDERER_OPERATIONS_ ORDERER_METRICS_PROVIDER
{{- end -}}
{{- end -}}

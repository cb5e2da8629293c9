{{/* Settings of one node: `nodes.<name>` over those of its kind. Takes (dict "context" $ "kind" "brokers" "node" "kafka0"). */}}
{{- define "fabric-kafka.knobs" -}}
{{- mergeOverwrite (deepCopy (get .context.Values .kind)) (get (.context.Values.nodes | default dict) .node | default dict) | toJson -}}
{{- end -}}

{{/* The heap of a Java machine, as its options. */}}
{{- define "fabric-kafka.heap" -}}
{{- printf "-Xms%dm -Xmx%dm" (int .) (int .) -}}
{{- end -}}

{{/* What a volume of this node says about itself. Takes (dict "context" $ "host" "kafka0.kafka"). */}}
{{- define "fabric-kafka.stamp" -}}
network={{ include "fabric-common.network" .context }}
node={{ .host }}
{{- end -}}

{{/*
What all brokers share. Fabric's guide for Kafka says why: what orderers agreed on lies in these logs, so nothing
expires, no copy that lags becomes the leader, and a write counts when `minInsync` copies have it.
*/}}
{{- define "fabric-kafka.serverProperties" -}}
{{- $facts := .Values.facts -}}
{{- $ensemble := list -}}
{{- range $name, $node := $facts.zookeeper -}}
{{- $ensemble = append $ensemble (printf "%s:2181" $node.host) -}}
{{- end -}}
listeners=PLAINTEXT://:9092
log.dirs=/var/lib/kafka/data
zookeeper.connect={{ join "," $ensemble }}
zookeeper.connection.timeout.ms=36000
zookeeper.session.timeout.ms=10000
default.replication.factor={{ int $facts.replicationFactor }}
min.insync.replicas={{ int $facts.minInsync }}
unclean.leader.election.enable=false
log.retention.ms=-1
log.retention.bytes=-1
delete.topic.enable=false
message.max.bytes={{ int $facts.messageMaxBytes }}
replica.fetch.max.bytes={{ int $facts.messageMaxBytes }}
replica.fetch.response.max.bytes={{ int $facts.messageMaxBytes }}
offsets.topic.replication.factor={{ int $facts.replicationFactor }}
transaction.state.log.replication.factor={{ int $facts.replicationFactor }}
transaction.state.log.min.isr={{ int $facts.minInsync }}
{{- end -}}

{{/* zoo.cfg: the same for every node. What each one is says the file myid of its volume. */}}
{{- define "fabric-kafka.zooCfg" -}}
dataDir=/data/zookeeper
clientPort=2181
tickTime=2000
initLimit=10
syncLimit=5
autopurge.snapRetainCount=3
autopurge.purgeInterval=24
quorumListenOnAllIPs=true
4lw.commands.whitelist=srvr
admin.enableServer=false
{{- range $name, $node := .Values.facts.zookeeper }}
server.{{ int $node.id }}={{ $node.host }}:2888:3888
{{- end }}
{{- end -}}

{{/* Logs go to standard output and nowhere else: a file in a pod would grow until the kubelet evicts it. */}}
{{- define "fabric-kafka.log4jProperties" -}}
log4j.rootLogger=INFO, stdout
log4j.appender.stdout=org.apache.log4j.ConsoleAppender
log4j.appender.stdout.layout=org.apache.log4j.PatternLayout
log4j.appender.stdout.layout.ConversionPattern=[%d] %p %m (%c)%n
{{- end -}}

{{/*
The init container of a node: it refuses a volume of somebody else and makes the directory that the process uses; the
root of a volume may hold what a file system puts there. Takes (dict "context" $ "host" "kafka0.kafka" "script" lines).
*/}}
{{- define "fabric-kafka.prepare" -}}
- name: prepare
  image: {{ include "fabric-common.image" (dict "context" .context "name" "tools") }}
  imagePullPolicy: {{ include "fabric-common.pullPolicy" .context }}
  command: [sh, -c]
  args:
    - |
      set -eu
      {{- include "fabric-common.stamp.sh" .context | nindent 6 }}
      check_stamp /data "$STAMP"
      write_stamp /data "$STAMP"
      {{- .script | nindent 6 }}
  env:
    - name: STAMP
      value: {{ include "fabric-kafka.stamp" . | quote }}
  resources:
    {{- include "fabric-common.smallResources" .context | nindent 4 }}
  securityContext:
    {{- include "fabric-common.containerSecurity" .context | nindent 4 }}
  volumeMounts:
    - {name: data, mountPath: /data}
{{- end -}}

{{/*
Who reaches whom, as JSON and in the shape of the facts that other charts get: orderers reach brokers, only brokers reach
ZooKeeper. What is closed in every mode says `always`: Kafka has neither TLS nor passwords here.
*/}}
{{- define "fabric-kafka.policies" -}}
{{- $namespace := include "fabric-common.namespace" . -}}
{{- $own := list $namespace -}}
{{- $brokers := list (dict "component" "kafka" "namespaces" $own "ports" (list 9092)) -}}
{{- $clients := $brokers -}}
{{- range list "kafka-exporter" "test" -}}
{{- $clients = append $clients (dict "component" . "namespaces" $own "ports" (list 9092)) -}}
{{- end -}}
{{- with .Values.facts.clients -}}
{{- range $component := list "orderer" "test" -}}
{{- $clients = append $clients (dict "component" $component "namespaces" ($.Values.facts.clients | uniq | sortAlpha) "ports" (list 9092)) -}}
{{- end -}}
{{- end -}}
{{- $ensemble := list (dict "component" "zookeeper" "namespaces" $own "ports" (list 2888 3888)) -}}
{{- $policies := list
  (dict "component" "*")
  (dict "component" "kafka" "always" true "dns" true "ingress" $clients
    "egress" (append $brokers (dict "component" "zookeeper" "namespaces" $own "ports" (list 2181))))
  (dict "component" "zookeeper" "always" true "dns" true "egress" $ensemble
    "ingress" (append $ensemble (dict "component" "kafka" "namespaces" $own "ports" (list 2181))))
  (dict "component" "test" "dns" true "egress" $brokers) -}}
{{- $readers := list -}}
{{- if .Values.rollout.oneByOne -}}
{{- $readers = list (dict "component" "roller" "namespaces" $own "ports" (list 9308)) -}}
{{- $exporter := list (dict "component" "kafka-exporter" "namespaces" $own "ports" (list 9308)) -}}
{{- $policies = append $policies (dict "component" "roller" "dns" true "apiServer" true "egress" $exporter) -}}
{{- end -}}
{{- if include "fabric-kafka.exports" . -}}
{{- $policies = append $policies (dict "component" "kafka-exporter" "always" true "dns" true "ingress" $readers "egress" $brokers "operations" 9308) -}}
{{- end -}}
{{- range $policies -}}
{{- $_ := set . "namespace" $namespace -}}
{{- end -}}
{{- toJson $policies -}}
{{- end -}}

{{/* `true` where the exporter runs: the roller reads it too. Else empty. */}}
{{- define "fabric-kafka.exports" -}}
{{- if and .Values.facts.brokers (or .Values.exporter.enabled .Values.rollout.oneByOne) }}true{{ end -}}
{{- end -}}

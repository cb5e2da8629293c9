{{/*
How chaincodes of these peers run: `facts.chaincodeRuntime`. As services (`ccaas`) nothing is needed beside core.yaml. In
the Docker modes a peer builds and starts them itself, in an engine of the node (`docker-host`), of its pod (`dind`) or
of another machine (`docker-remote`), and they dial the peer's port 7052; what they are told is always an address or a
complete name, never `peer0.org1`, which musl would not find with the default `ndots:1`.
*/}}
{{- define "fabric-org.runsDocker" -}}
{{- if has .Values.facts.chaincodeRuntime.mode (list "docker-host" "dind" "docker-remote") }}true{{ end -}}
{{- end -}}

{{/* Chaincodes dial the peer: they are started by it, and are no servers. */}}
{{- define "fabric-org.listensForChaincode" -}}
{{- if or (include "fabric-org.runsDocker" .) (eq .Values.facts.chaincodeRuntime.mode "k8s-builder") }}true{{ end -}}
{{- end -}}

{{/* Complete name of a peer. Takes (dict "context" $ "node" "peer0"). */}}
{{- define "fabric-org.fullName" -}}
{{- printf "%s.%s.svc.%s" .node (include "fabric-common.namespace" .context) (dig "fabric" "clusterDomain" "cluster.local" (.context.Values.global | default dict)) -}}
{{- end -}}

{{/* What chaincodes dial. Takes (dict "context" $ "node" "peer0"). */}}
{{- define "fabric-org.chaincodeAddress" -}}
{{- $runtime := .context.Values.facts.chaincodeRuntime -}}
{{- if eq $runtime.mode "dind" -}}
127.0.0.1:7052
{{- else if eq $runtime.mode "docker-remote" -}}
{{ get $runtime.addresses .node }}
{{- else if eq $runtime.dns "pod-ip" -}}
$(POD_IP):7052
{{- else -}}
{{ include "fabric-org.fullName" . }}:7052
{{- end -}}
{{- end -}}

{{/* Chaincodes in an engine reach the peer by its Service. */}}
{{- define "fabric-org.servesChaincode" -}}
{{- $runtime := .Values.facts.chaincodeRuntime -}}
{{- if or (eq $runtime.mode "docker-remote") (and (eq $runtime.mode "docker-host") (ne $runtime.dns "pod-ip")) }}true{{ end -}}
{{- end -}}

{{/* Environment of a peer that starts chaincodes in Docker, as JSON. Takes (dict "context" $ "node" "peer0"). */}}
{{- define "fabric-org.dockerEnvironment" -}}
{{- $runtime := .context.Values.facts.chaincodeRuntime -}}
{{- $environment := dict -}}
{{- if include "fabric-org.runsDocker" .context -}}
{{- $address := include "fabric-org.chaincodeAddress" . -}}
{{- $_ := set $environment "CORE_VM_ENDPOINT" (get (dict "docker-host" "unix:///host/var/run/docker.sock" "dind" "unix:///run/dind/docker.sock" "docker-remote" $runtime.endpoint) $runtime.mode) -}}
{{- if $runtime.listenAddressOnly -}}
{{- /* Fabric 1.0 hands its listen address to chaincodes, as it is written. */ -}}
{{- $_ := set $environment "CORE_PEER_CHAINCODELISTENADDRESS" $address -}}
{{- /* It shows its own certificate there, which has its name and no address: it tells chaincodes which name to look for. */ -}}
{{- $_ := set $environment "CORE_PEER_TLS_SERVERHOSTOVERRIDE" (get .context.Values.facts.peers .node).host -}}
{{- else -}}
{{- $_ := set $environment "CORE_PEER_CHAINCODEADDRESS" $address -}}
{{- $_ := set $environment "CORE_PEER_CHAINCODELISTENADDRESS" (ternary "127.0.0.1:7052" "0.0.0.0:7052" (eq $runtime.mode "dind")) -}}
{{- end -}}
{{- $_ := set $environment "CORE_VM_DOCKER_HOSTCONFIG_NETWORKMODE" (ternary "host" .context.Values.docker.networkMode (eq $runtime.mode "dind")) -}}
{{- if eq $runtime.dns "hostconfig" -}}
{{- /* Lists are words with blanks between them; Fabric has no key for resolver options. */ -}}
{{- $_ := set $environment "CORE_VM_DOCKER_HOSTCONFIG_DNS" (join " " $runtime.dnsServers) -}}
{{- $_ := set $environment "CORE_VM_DOCKER_HOSTCONFIG_DNSSEARCH" (printf "svc.%s" (dig "fabric" "clusterDomain" "cluster.local" (.context.Values.global | default dict))) -}}
{{- else if eq $runtime.dns "extra-hosts" -}}
{{- $_ := set $environment "CORE_VM_DOCKER_HOSTCONFIG_EXTRAHOSTS" (printf "%s:%s" (include "fabric-org.fullName" .) (get $runtime.clusterIPs .node)) -}}
{{- end -}}
{{- if $runtime.tlsSecret -}}
{{- $_ := set $environment "CORE_VM_DOCKER_TLS_ENABLED" "true" -}}
{{- $_ := set $environment "CORE_VM_DOCKER_TLS_CA_FILE" "/etc/fabric/docker/ca.crt" -}}
{{- $_ := set $environment "CORE_VM_DOCKER_TLS_CERT_FILE" "/etc/fabric/docker/tls.crt" -}}
{{- $_ := set $environment "CORE_VM_DOCKER_TLS_KEY_FILE" "/etc/fabric/docker/tls.key" -}}
{{- end -}}
{{- range $variable, $image := dict "CORE_CHAINCODE_BUILDER" "ccenv" "CORE_CHAINCODE_GOLANG_RUNTIME" "baseos" "CORE_CHAINCODE_JAVA_RUNTIME" "javaenv" "CORE_CHAINCODE_NODE_RUNTIME" "nodeenv" -}}
{{- $_ := set $environment $variable (include "fabric-common.image" (dict "context" $.context "name" $image)) -}}
{{- end -}}
{{- end -}}
{{- if eq $runtime.mode "k8s-builder" -}}
{{- /* Its Jobs are pods of this namespace that dial the peer, by a Service of their own. */ -}}
{{- $listener := dict "context" .context "node" (printf "%s-chaincode" .node) -}}
{{- $_ := set $environment "CORE_PEER_CHAINCODEADDRESS" (printf "%s:7052" (include "fabric-org.fullName" $listener)) -}}
{{- $_ := set $environment "CORE_PEER_CHAINCODELISTENADDRESS" "0.0.0.0:7052" -}}
{{- $_ := set $environment "FABRIC_K8S_BUILDER_NAMESPACE" (include "fabric-common.namespace" .context) -}}
{{- $_ := set $environment "FABRIC_K8S_BUILDER_SERVICE_ACCOUNT" "chaincode" -}}
{{- end -}}
{{- toJson $environment -}}
{{- end -}}

{{/* What a pod has in these modes: group of the node's socket, account of a peer that starts Jobs. */}}
{{- define "fabric-org.podSettings" -}}
{{- $settings := include "fabric-common.podSettings" . -}}
{{- $mode := .Values.facts.chaincodeRuntime.mode -}}
{{- if eq $mode "docker-host" -}}
{{- $settings = replace "securityContext:\n" (printf "securityContext:\n  supplementalGroups: [%d]\n" (int .Values.docker.socketGroup)) $settings -}}
{{- else if eq $mode "k8s-builder" -}}
{{- $settings = replace "automountServiceAccountToken: false" "automountServiceAccountToken: true\nserviceAccountName: peers" $settings -}}
{{- end -}}
{{- $settings -}}
{{- end -}}

{{/* Init containers of these modes. */}}
{{- define "fabric-org.chaincodeInit" -}}
{{- if eq .Values.facts.chaincodeRuntime.mode "k8s-builder" }}
- name: k8s-builder
  image: {{ include "fabric-common.image" (dict "context" . "name" "k8sBuilder") }}
  imagePullPolicy: {{ include "fabric-common.pullPolicy" . }}
  command: [cp, -R, /opt/hyperledger/k8s_builder/., /builder]
  resources:
    {{- include "fabric-common.smallResources" . | nindent 4 }}
  securityContext:
    {{- include "fabric-common.containerSecurity" . | nindent 4 }}
  volumeMounts:
    - {name: k8s-builder, mountPath: /builder}
{{- end }}
{{- end -}}

{{/* Containers beside the peer. */}}
{{- define "fabric-org.chaincodeContainers" -}}
{{- if eq .Values.facts.chaincodeRuntime.mode "dind" }}
# An engine of this peer alone; its containers share the pod's network and names.
- name: docker
  image: {{ include "fabric-common.image" (dict "context" . "name" "dind") }}
  imagePullPolicy: {{ include "fabric-common.pullPolicy" . }}
  args:
    - dockerd
    - --host=unix:///run/dind/docker.sock
    - --group=1000
    # Builds run on the engine's bridge: its range must not be one of the cluster's.
    - --bip={{ .Values.docker.dind.bridge }}
  env:
    - {name: DOCKER_TLS_CERTDIR, value: ""}
  readinessProbe:
    exec: {command: [test, -S, /run/dind/docker.sock]}
    periodSeconds: 5
  resources:
    {{- toYaml .Values.docker.dind.resources | nindent 4 }}
  securityContext:
    # An engine makes namespaces and mounts.
    privileged: true
    runAsNonRoot: false
    runAsUser: 0
  volumeMounts:
    - {name: docker-run, mountPath: /run/dind}
    - {name: docker-data, mountPath: /var/lib/docker}
{{- end }}
{{- end -}}

{{/* Mounts of the peer's container. */}}
{{- define "fabric-org.chaincodeMounts" -}}
{{- $runtime := .Values.facts.chaincodeRuntime -}}
{{- if eq $runtime.mode "docker-host" }}
- {name: docker-socket, mountPath: /host/var/run/docker.sock}
{{- else if eq $runtime.mode "dind" }}
- {name: docker-run, mountPath: /run/dind}
{{- else if eq $runtime.mode "k8s-builder" }}
- {name: k8s-builder, mountPath: /etc/fabric/builders/k8s, readOnly: true}
{{- else if $runtime.tlsSecret }}
- {name: docker-tls, mountPath: /etc/fabric/docker, readOnly: true}
{{- end }}
{{- end -}}

{{/* Volumes of a peer's pod. */}}
{{- define "fabric-org.chaincodeVolumes" -}}
{{- $runtime := .Values.facts.chaincodeRuntime -}}
{{- if eq $runtime.mode "docker-host" }}
- name: docker-socket
  # Socket: a node without an engine is an error that says so, not an empty directory.
  hostPath: {path: {{ .Values.docker.socket }}, type: Socket}
{{- else if eq $runtime.mode "dind" }}
- name: docker-run
  emptyDir: {medium: Memory}
- name: docker-data
  emptyDir: {sizeLimit: {{ .Values.docker.dind.size }}}
{{- else if eq $runtime.mode "k8s-builder" }}
- name: k8s-builder
  emptyDir: {}
{{- else if $runtime.tlsSecret }}
- name: docker-tls
  secret:
    secretName: {{ $runtime.tlsSecret }}
    defaultMode: 0440
{{- end }}
{{- end -}}

{{/* core.yaml with the builder that starts Jobs before the one for services. */}}
{{- define "fabric-org.withKubernetesBuilder" -}}
{{- $key := contains "environmentWhitelist:" . | ternary "environmentWhitelist" "propagateEnvironment" -}}
{{- $builder := list "    - name: k8s_builder" "      path: /etc/fabric/builders/k8s" (printf "      %s:" $key) -}}
{{- range list "CORE_PEER_ID" "FABRIC_K8S_BUILDER_NAMESPACE" "FABRIC_K8S_BUILDER_SERVICE_ACCOUNT" "KUBERNETES_SERVICE_HOST" "KUBERNETES_SERVICE_PORT" -}}
{{- $builder = append $builder (printf "        - %s" .) -}}
{{- end -}}
{{- replace "  externalBuilders:\n" (printf "  externalBuilders:\n%s\n" (join "\n" $builder)) . -}}
{{- end -}}

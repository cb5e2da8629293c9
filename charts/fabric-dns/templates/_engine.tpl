{{/*
Names that containers of a peer's engine look for, as lines for files/verify.sh. Takes (dict "context" $ "namespace" "org1"
"engine" map "peer" "peer0" "library" "musl"). What chaincodes dial is connected to; other names resolve, if the strategy
hands out a DNS server.
*/}}
{{- define "fabric-dns.engineNames" -}}
{{- $engine := .engine -}}
{{- $domain := include "fabric-dns.domain" .context -}}
{{- $own := printf "%s.%s.svc.%s - 7052" .peer .namespace $domain -}}
{{- $lines := list -}}
{{- if eq $engine.mode "dind" -}}
{{- $lines = append $lines "127.0.0.1 - 7052" -}}
{{- else if eq $engine.mode "docker-remote" -}}
{{- $address := get $engine.addresses .peer | splitList ":" -}}
{{- $lines = append $lines (printf "%s - %s" (initial $address | join ":") (last $address)) -}}
{{- else -}}
{{- $lines = append $lines (ternary "@POD_IP@ - 7052" $own (eq $engine.dns "pod-ip")) -}}
{{- end -}}
{{- if or (eq $engine.mode "dind") (has $engine.dns (list "hostconfig" "daemon")) -}}
{{- range get .context.Values.facts.names .namespace | default list -}}
{{- $words := splitList " " . -}}
{{- $complete := or (eq (index $words 1) "-") (and (eq $.library "musl") (eq (get $engine "dns") "hostconfig")) -}}
{{- if not $complete -}}
{{- $lines = append $lines (printf "%s %s -" (index $words 0) (index $words 1)) -}}
{{- else if eq (index $words 1) "-" -}}
{{- $lines = append $lines (printf "%s - -" (index $words 0)) -}}
{{- else -}}
{{- $lines = append $lines (printf "%s.%s.svc.%s - -" (index $words 0) (index $words 1) $domain) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- join "\n" $lines -}}
{{- end -}}

{{/* What the peer of an engine gives its containers, as JSON. Takes (dict "context" $ "namespace" "org1" "engine" map "peer" "peer0"). */}}
{{- define "fabric-dns.hostSettings" -}}
{{- $domain := include "fabric-dns.domain" .context -}}
{{- $settings := dict "NetworkMode" .context.Values.verify.engine.networkMode -}}
{{- if eq (get .engine "dns") "hostconfig" -}}
{{- $_ := set $settings "Dns" .engine.dnsServers -}}
{{- $_ := set $settings "DnsSearch" (list (printf "svc.%s" $domain)) -}}
{{- else if eq (get .engine "dns") "extra-hosts" -}}
{{- $_ := set $settings "ExtraHosts" (list (printf "%s.%s.svc.%s:%s" .peer .namespace $domain (get .engine.clusterIPs .peer))) -}}
{{- end -}}
{{- toJson $settings -}}
{{- end -}}

{{/* The test has to know a pod's address, or to enter it. Takes an engine. */}}
{{- define "fabric-dns.asksForPods" -}}
{{- if or (eq .mode "dind") (eq (get . "dns") "pod-ip") }}true{{ end -}}
{{- end -}}

{{/* Account and rights of the test in a namespace. Takes (dict "context" $ "namespace" "org1" "engine" map). */}}
{{- define "fabric-dns.engineAccount" -}}
{{- $labels := include "fabric-common.labels" (dict "context" .context "component" "test") -}}
{{- $pods := list -}}
{{- range .engine.peers }}{{ $pods = append $pods (printf "%s-0" .) }}{{ end -}}
{{- range $order, $kind := list "ServiceAccount" "Role" "RoleBinding" }}
---
apiVersion: {{ ternary "v1" "rbac.authorization.k8s.io/v1" (eq $kind "ServiceAccount") }}
kind: {{ $kind }}
metadata:
  name: dns-verify
  namespace: {{ $.namespace }}
  labels:
    {{- $labels | nindent 4 }}
  annotations:
    helm.sh/hook: test
    helm.sh/hook-weight: {{ sub (add (int $.context.Values.verify.weight) $order) 3 | toString | quote }}
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- if eq $kind "ServiceAccount" }}
automountServiceAccountToken: false
{{- else if eq $kind "Role" }}
rules:
  - apiGroups: [""]
    resources: [pods]
    resourceNames: {{ toJson $pods }}
    verbs: [get]
  {{- if eq $.engine.mode "dind" }}
  # The engine's socket is in the peer's pod, and nowhere else.
  - apiGroups: [""]
    resources: [pods/exec]
    resourceNames: {{ toJson $pods }}
    verbs: [get, create]
  {{- end }}
{{- else }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: dns-verify
subjects:
  - {kind: ServiceAccount, name: dns-verify, namespace: {{ $.namespace }}}
{{- end }}
{{- end }}
{{- end -}}

{{/* Configuration of the Fabric CA server, its registrar apart: name and password come from a Secret when the pod starts. */}}
{{- define "fabric-org.ca.configuration" -}}
{{- $ca := .Values.facts.ca -}}
port: 7054
tls:
  enabled: {{ empty (include "fabric-common.plain" .) }}
  certfile: /etc/fabric-ca/tls/tls.crt
  keyfile: /etc/fabric-ca/tls/tls.key
ca:
  name: {{ $ca.host }}
  certfile: /etc/fabric-ca/authority/tls.crt
  keyfile: /etc/fabric-ca/authority/tls.key
  chainfile: /etc/fabric-ca/configuration/chain.pem
db:
  {{- if eq $ca.database "postgres" }}
  # The connection string comes from the Secret `ca-database`.
  type: postgres
  datasource: ""
  {{- else }}
  type: sqlite3
  datasource: fabric-ca-server.db
  {{- end }}
affiliations:
  {{- toYaml .Values.ca.affiliations | nindent 2 }}
signing:
  default:
    usage: [digital signature]
    expiry: {{ .Values.ca.expiry }}
csr:
  cn: {{ $ca.host }}
bccsp:
  default: SW
  sw:
    hash: SHA2
    security: 256
    filekeystore:
      keystore: msp/keystore
operations:
  # Plain HTTP: the kubelet has no client certificate. A NetworkPolicy says who else may ask.
  listenAddress: 0.0.0.0:9443
metrics:
  provider: prometheus
{{- end -}}

{{/* Root first: what clients get as the chain of their certificates. */}}
{{- define "fabric-org.ca.chain" -}}
{{ .Values.facts.trust.enrollmentCa | default .Values.facts.trust.ca }}{{ .Values.facts.trust.intermediateCa | default "" }}
{{- end -}}

{{/* What a volume of the server says about itself. */}}
{{- define "fabric-org.ca.stamp" -}}
network={{ include "fabric-common.network" . }}
node={{ .Values.facts.ca.host }}
root={{ .Values.facts.trust.ca | sha256sum }}
{{- end -}}

{{/* Adds the registrar to the configuration; a password may hold any character, so both are quoted as YAML wants it. */}}
{{- define "fabric-org.ca.sh" -}}
quoted() {
  printf "'%s'" "$(printf '%s' "$1" | sed "s/'/''/g")"
}

# Writes the whole configuration to standard output.
whole_configuration() {
  cat /etc/fabric-ca/configuration/fabric-ca-server-config.yaml
  echo
  echo "registry:"
  echo "  maxenrollments: -1"
  echo "  identities:"
  echo "    - name: $(quoted "$REGISTRAR")"
  echo "      pass: $(quoted "$REGISTRAR_PASSWORD")"
  echo "      type: client"
  echo "      affiliation: ''"
  echo "      attrs:"
  echo "        hf.Registrar.Roles: client,peer,orderer,admin"
  echo "        hf.Registrar.DelegateRoles: client,peer,orderer,admin"
  echo "        hf.Registrar.Attributes: '*'"
  echo "        hf.Revoker: true"
  echo "        hf.GenCRL: true"
  echo "        hf.AffiliationMgr: true"
}
{{- end -}}

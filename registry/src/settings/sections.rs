//! Parts of the configuration file that hold lists of things: each is a type that derives
//! `Deserialize`, read with positions.

use serde::de::DeserializeOwned;

use super::Settings;
use super::deserialize;
use super::document::{Misplaced, Node, Value};
use super::fault::Wrong;
use crate::merged;

/// A part of the file with a name of its own at the first level.
#[derive(Debug)]
pub struct Section {
    /// Its key.
    pub name: &'static str,
    /// What it is for, in Markdown, with an example.
    pub doc: &'static str,
    /// Reads it into the settings.
    pub(super) take: fn(&mut Settings, &Node, &mut Reading),
}

/// Every section.
pub const SECTIONS: &[Section] = &[
    Section {
        name: "identity",
        doc: IDENTITY,
        take: |settings, node, reading| {
            settings.identity = one(node, reading).unwrap_or_default();
            for (what, fix) in settings.identity.faults() {
                reading.faults.push((node.position, Wrong::new(what, fix)));
            }
        },
    },
    Section {
        name: "outbound",
        doc: OUTBOUND,
        take: |settings, node, reading| {
            settings.outbound = one(node, reading).unwrap_or_default();
        },
    },
    Section {
        name: "webhooks",
        doc: WEBHOOKS,
        take: |settings, node, reading| settings.webhooks = list(node, reading),
    },
    Section {
        name: "proxies",
        doc: PROXIES,
        take: |settings, node, reading| settings.proxies = list(node, reading),
    },
    Section {
        name: "virtual",
        doc: VIRTUAL,
        take: |settings, node, reading| {
            settings.virtuals = list(node, reading);
            for (what, fix) in merged::faults(&settings.virtuals, &settings.proxies) {
                reading.faults.push((node.position, Wrong::new(what, fix)));
            }
        },
    },
];

const IDENTITY: &str = "\
Who callers are besides the holders of tokens; docs/registry.md says how.

```yaml
identity:
  users:
    - name: alice
      password: $argon2id$v=19$m=19456,t=2,p=1$...
      grants:
        - below: team/a
          permissions: [read, publish]
  issuers:
    - name: ci
      issuer: https://token.actions.example.com
      audience: https://charts.example.com
      rules:
        - claims: {repository: acme/network, ref: refs/tags/v*}
          grants:
            - below: team/fabric
              permissions: [read, publish]
  certificates:
    - names: {uri: spiffe://acme.example/ci/*}
      grants:
        - below: team
          permissions: [read]
```

| Key | Meaning |
|---|---|
| `users` | Users with passwords; `password` is what `chart-registry password` makes of one. |
| `issuers` | Who vouches for callers with signed tokens (OIDC). |
| `issuers[].name` | Callers act as `<name>:<sub of the token>`. |
| `issuers[].issuer` | What stands in tokens as `iss`; `https`, or `http` on this machine. |
| `issuers[].audience` | What must stand in tokens as `aud`, alone or among others. |
| `issuers[].keys` | Where its keys are; if not given, where its discovery document says. |
| `issuers[].rules[].claims` | What a token must have, all of it. A `*` at the end of a value stands for any rest, behind a `/` or `:` but for `ref`: `acme*` would mean `acme-evil`, too; a name that begins with `/` is a JSON Pointer into claims inside of claims; of a list one item is enough. |
| `certificates` | Callers with certificates of `tls.client-authorities`. |
| `certificates[].names` | What a certificate must have, all of it: `uri`, `dns`, `email`, `address`, `common-name`, `organization`, `organizational-unit`; a `*` at the end as above. |
| `rules[].subject`, `certificates[].subject` | The name under which the caller acts, instead of that of the token or the certificate. |
| `grants` | Permissions (`read`, `publish`, `delete`, `administer`) for a path and all below it. All rules that fit count. |";

const OUTBOUND: &str = "\
How the registry asks other servers. `ca-files` are PEM files of authorities that it trusts besides \
those of the system. `private-hosts` are hosts that it may ask although their addresses are those of \
a private network, whoever names them; a host in a URL of this file needs no place here.

```yaml
outbound:
  ca-files: [/etc/ssl/company.pem]
  private-hosts: [keys.idp.internal]
```";

const WEBHOOKS: &str = "\
Whom the registry tells what happened; docs/registry.md says what receivers get.

```yaml
webhooks:
  - name: ci
    url: https://ci.example.com/hooks/charts
    secret-file: /etc/chart-registry/ci.secret
    repositories: [team/fabric]
    kinds: [publish, promote, yank]
    source: https://charts.example.com
    on-refusal: skip
```

| Key | Meaning |
|---|---|
| `name` | Its position in the journal is kept under this name. A new name begins with what happens from then on; one that was taken away and comes back goes on where it ended. |
| `url` | Where events are sent. A host in a private network is fine here. |
| `secret-file` | File with the secret that signs events, 16 bytes at least; to change it, write the new one on a second line, then remove the first. |
| `repositories` | Events of these paths and of those below them; of all if not given. |
| `kinds` | Operations of the change feed: `publish`, `provenance`, `delete`, `yank`, `unyank`, `deprecate`, `undeprecate`, `purge`, `hold`, `unhold`, `promote`, `demote`, `manifest`, `unmanifest`, `untag`; all if not given. |
| `source` | What stands before the repository's path in an event's `source`. |
| `on-refusal` | `retry` (default) sends an event that the receiver answers with 4xx again until it is taken; `skip` counts it and goes on. |";

const PROXIES: &str = "\
Repositories that show what other ones have, and keep what was asked for; docs/registry.md says how.

```yaml
proxies:
  - path: mirror/bitnami
    url: https://charts.example.com/bitnami
    refresh-seconds: 300
    package-hosts: [packages.example.com]
    user: reader
    password-file: /etc/chart-registry/mirror.password
    allow: [nginx*, redis]
    max-bytes: 1048576
  - path: hub
    kind: oci
    url: https://registry.example.com/charts
    token-hosts: [auth.example.com]
```

| Key | Meaning |
|---|---|
| `path` | The repository here. It takes no packages from clients. |
| `url` | The repository there, without `index.yaml`; of an OCI registry its host and what its names begin with, without `/v2`. A host in a private network is fine here. |
| `kind` | `classic` (default), or `oci`. |
| `refresh-seconds` | Its index, a tag or a list of tags is used for so long before it is asked for again; 300 if not given. |
| `package-hosts` | Other hosts from which its packages and blobs may come, by its index or by redirects. |
| `token-hosts` | Other hosts that may give tokens for an OCI registry: `user` and password are shown to them. |
| `user`, `password-file` | Who the registry is there; a file without `user` holds a token. |
| `allow`, `deny` | Names of charts and artifacts, with `*` for any characters: those that are taken (all if not given), and of these the ones that are not. |
| `max-bytes` | Most bytes of a package or blob, where the registry's own limit is larger. |";

const VIRTUAL: &str = "\
Repositories that show several others under one name; docs/registry.md says by which rules.

```yaml
virtual:
  - path: all
    members: [team/own, team/shared, mirror/bitnami]
    publish-to: team/own
    mixed-names: [common]
```

| Key | Meaning |
|---|---|
| `path` | The repository here. It takes nothing from clients. |
| `members` | The repositories that it shows, proxies among them; the first that has a version decides about it. |
| `publish-to` | The member that a refused publish names; all members that are no proxies if not given. |
| `mixed-names` | Names of charts, with `*` for any characters, that are taken from proxies although another member has charts of that name. |";

/// What was found while a section was read.
#[derive(Debug, Default)]
pub struct Reading {
    pub(super) faults: Vec<Misplaced>,
}

/// A list of things; one that cannot be read is reported where it fails, and the others are read.
pub fn list<T: DeserializeOwned>(node: &Node, reading: &mut Reading) -> Vec<T> {
    let items = match &node.value {
        Value::Null => return Vec::new(),
        Value::List(items) => items,
        Value::Scalar { .. } | Value::Map(_) => {
            let wrong = Wrong::new("here stands no list", "begin each item with `- `");
            reading.faults.push((node.position, wrong));
            return Vec::new();
        }
    };
    items.iter().filter_map(|item| deserialize::read(item, &mut reading.faults)).collect()
}

/// One thing; nothing when it is not there or cannot be read.
pub fn one<T: DeserializeOwned>(node: &Node, reading: &mut Reading) -> Option<T> {
    match node.value {
        Value::Null => None,
        Value::Scalar { .. } | Value::List(_) | Value::Map(_) => {
            deserialize::read(node, &mut reading.faults)
        }
    }
}

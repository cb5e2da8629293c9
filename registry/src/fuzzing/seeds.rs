//! What a fuzzer begins with: one good example of each thing, and a few bad ones.

use bytes::Bytes;
use chart_registry_catalog::State;
use chart_registry_store::SealedCommit;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::openpgp::clear_text::ClearText;

/// A provenance file and the key that has signed it, by kind of key.
const SIGNED: [(&str, &str); 4] = [
    (
        include_str!("../openpgp/fixtures/rsa2048/org-1.0.0.tgz.prov.golden"),
        include_str!("../openpgp/fixtures/rsa2048/key.asc"),
    ),
    (
        include_str!("../openpgp/fixtures/ed25519/org-1.0.0.tgz.prov.golden"),
        include_str!("../openpgp/fixtures/ed25519/key.asc"),
    ),
    (
        include_str!("../openpgp/fixtures/nistp256/org-1.0.0.tgz.prov.golden"),
        include_str!("../openpgp/fixtures/nistp256/key.asc"),
    ),
    (
        include_str!("../openpgp/fixtures/nistp384/org-1.0.0.tgz.prov.golden"),
        include_str!("../openpgp/fixtures/nistp384/key.asc"),
    ),
];

/// A key set, and tokens that its key has signed.
pub(super) const OIDC_KEYS: &str = include_str!("../identity/oidc/fixtures/keys.json");

const OIDC_TOKENS: [&str; 2] = [
    include_str!("../identity/oidc/fixtures/rs256.jwt"),
    include_str!("../identity/oidc/fixtures/ps256.jwt"),
];

const CHART: &str = "apiVersion: v2\nname: org\nversion: 1.0.0\n";

/// Whether the owner of a seed's key has signed this text.
pub(super) fn is_signed(text: &ClearText) -> bool {
    let signed = SIGNED.iter().filter_map(|(prov, _)| ClearText::parse(prov).ok());
    signed.into_iter().any(|known| known.canonical() == text.canonical())
}

/// Whether a token says what one of the seeds says, under the same signature.
pub(super) fn is_issued(token: &str) -> bool {
    OIDC_TOKENS.iter().any(|known| known.trim() == token)
}

pub(super) fn oidc_tokens() -> Vec<Vec<u8>> {
    let with = |token: &str, keys: &str| [token.as_bytes(), b"\0", keys.as_bytes()].concat();
    let mut seeds: Vec<_> = OIDC_TOKENS.iter().map(|token| with(token.trim(), OIDC_KEYS)).collect();
    let curves = r#"{"keys":[{"kty":"EC","crv":"P-256","kid":"a","alg":"ES256","x":"AA","y":"AA"},{"kty":"OKP","crv":"Ed25519","kid":"b","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","key_ops":["verify"]},{"kty":"EC","crv":"P-384","use":"enc"},{"kty":"oct","k":"AA"}]}"#;
    // `{"alg":"none"}` and `{"alg":"EdDSA","kid":"b","crit":["x"]}`, with claims.
    seeds.push(with("eyJhbGciOiJub25lIn0.eyJpc3MiOiJhIn0.", curves));
    seeds.push(with(
        "eyJhbGciOiJFZERTQSIsImtpZCI6ImIiLCJjcml0IjpbIngiXX0.eyJpc3MiOiJhIiwiZXhwIjoxLjV9.AAAA",
        curves,
    ));
    seeds
}

pub(super) fn upstreams() -> Vec<Vec<u8>> {
    let digest = "0".repeat(64);
    let entry = |name: &str, version: &str| {
        format!(
            "  {name}:\n  - {{apiVersion: v2, name: {name}, version: {version}, digest: {digest}, \
             urls: [charts/{name}.tgz], created: \"2024-05-01T10:00:00Z\"}}\n"
        )
    };
    let index = |entries: &[(&str, &str)]| {
        let entries: Vec<String> = entries.iter().map(|(name, it)| entry(name, it)).collect();
        format!("apiVersion: v1\nentries:\n{}", entries.concat()).into_bytes()
    };
    let mut seeds = indexes();
    seeds.push(index(&[("org", "1.0.0"), ("denied", "1.0.0"), ("net", "2.0.0-rc.1+b")]));
    seeds.push(index(&[("\"../org\"", "1.0.0"), ("x", "\"../1\""), ("y", "\"1.0.0/..\"")]));
    seeds
}

pub(super) fn challenges() -> Vec<Vec<u8>> {
    let texts = [
        "Bearer realm=\"https://auth.example.com/token\",service=\"registry\",scope=\"repository:a:pull\"",
        "Basic realm=\"x\", charset=\"UTF-8\"",
        "bearer realm=\"a\\\"b\" , service=c",
    ];
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

pub(super) fn archives() -> Vec<Vec<u8>> {
    let files: [&[(&str, &str)]; 4] = [
        &[("org/Chart.yaml", CHART), ("org/values.yaml", "a: 1\n")],
        &[
            ("org/Chart.yaml", CHART),
            ("org/templates/a.yaml", "{{ .Values.a }}"),
            ("org/README.md", "# A\n"),
        ],
        &[
            ("org/Chart.yaml", CHART),
            ("org/charts/sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 1.0.0\n"),
        ],
        &[("org/Chart.yaml", CHART), ("org/../x", "")],
    ];
    files.iter().filter_map(|files| archive(files)).collect()
}

fn archive(files: &[(&str, &str)]) -> Option<Vec<u8>> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::none()));
    for (path, content) in files {
        let mut header = tar::Header::new_ustar();
        // The checking setter refuses what one of the seeds needs.
        header.as_old_mut().name.get_mut(..path.len())?.copy_from_slice(path.as_bytes());
        header.set_mode(0o644);
        header.set_size(content.len() as u64);
        header.set_cksum();
        archive.append(&header, content.as_bytes()).ok()?;
    }
    archive.into_inner().ok()?.finish().ok()
}

pub(super) fn indexes() -> Vec<Vec<u8>> {
    let texts = [
        "apiVersion: v1\nentries:\n  org:\n  - apiVersion: v2\n    name: org\n    version: 1.0.0\n    urls: [org-1.0.0.tgz]\n    digest: 0000000000000000000000000000000000000000000000000000000000000000\n    created: \"2026-11-01T00:00:00Z\"\ngenerated: \"2026-11-01T00:00:00Z\"\n",
        r#"{"apiVersion":"v1","entries":{"a":[{"name":"a","version":"1.0.0+b","apiVersion":"v1","urls":["x"],"keywords":["k"],"maintainers":[{"name":"n","email":"e"}],"dependencies":[{"name":"d","version":">=1","repository":"","condition":"d.enabled"}],"annotations":{"k":"v"}}]}}"#,
        "apiVersion: v1\nentries: {}\n",
        "apiVersion: v1\nentries: &a {b: *a}\n",
        // Found by fuzzing: a break of YAML 1.1 that is text in YAML 1.2.
        "apiVersion: v1\nentries:\ngenerated: \"a\\Lb:\\Pc d\"\n",
    ];
    bytes(&texts)
}

pub(super) fn chart_yamls() -> Vec<Vec<u8>> {
    let texts = [
        CHART,
        "apiVersion: v2\nname: org\nversion: 1.2.3-rc.1+build\nappVersion: 1.10\ntype: library\nkubeVersion: '>=1.30-0'\ndeprecated: true\nannotations: {no: 'yes', a.b/c: 1_000}\nsources: [https://a.example]\nicon: a\nhome: b\n",
        "name: a\nversion: v1\ndependencies:\n- {name: b, version: ~1, repository: 'file://../b', alias: c, tags: [x], import-values: [data, {child: a, parent: b}]}\n",
        "apiVersion: v2\nname: org\nversion: 1.0.0\ndescription: |\n  a\u{7}b\n  \u{2028}\n",
    ];
    bytes(&texts)
}

pub(super) fn signatures() -> Vec<Vec<u8>> {
    let with_key = |(prov, key): &(&str, &str)| [prov.as_bytes(), b"\0", key.as_bytes()].concat();
    let mut seeds: Vec<_> = SIGNED.iter().map(with_key).collect();
    // The signature of one key over the text of another.
    seeds.push([SIGNED[0].0.as_bytes(), b"\0", SIGNED[1].1.as_bytes()].concat());
    seeds
}

pub(super) fn targets() -> Vec<Vec<u8>> {
    let texts = [
        "/index.yaml",
        "/a/b/~latest=3;channel=stable/index.yaml",
        "/a/charts/org-1.0.0.tgz.prov",
        "/api/a/charts/org/1.0.0/values",
        "/api/%2e%2e/charts",
        "/v2/a/org/manifests/1.0.0_b",
        "/v2/a/org/blobs/sha256:0000000000000000000000000000000000000000000000000000000000000000",
        "/v2/a/org/blobs/uploads/",
        "/v2/a/org/tags/list",
        "/-/v1/versions/a/org/1.0.0",
        "/-/v1/policy/a",
    ];
    bytes(&texts)
}

pub(super) fn ranges() -> Vec<Vec<u8>> {
    let texts = [
        "bytes=0-9",
        "bytes=-5",
        "bytes=5-",
        "bytes=9-3",
        "bytes=0-1,3-4",
        "bytes=18446744073709551615-",
    ];
    let of_ten = |text: &&str| [&10_u64.to_le_bytes(), text.as_bytes()].concat();
    texts.iter().map(of_ten).collect()
}

const EMPTY: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

pub(super) fn manifests() -> Vec<Vec<u8>> {
    let layer = format!(
        r#"{{"mediaType":"application/vnd.cncf.helm.chart.content.v1.tar+gzip","digest":"{EMPTY}","size":0}}"#
    );
    let config = format!(
        r#"{{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":"{EMPTY}","size":0,"data":""}}"#
    );
    let texts = [
        format!(
            r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{config},"layers":[{layer}],"annotations":{{"a":"b"}}}}"#
        ),
        format!(
            r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","artifactType":"a/b","manifests":[{layer}],"subject":{layer}}}"#
        ),
    ];
    texts.into_iter().map(String::into_bytes).collect()
}

pub(super) fn references() -> Vec<Vec<u8>> {
    bytes(&["1.0.0_b1", "latest", EMPTY, "sha512:00", ".x"])
}

const ACTOR: &str = r#"{"sub":"x","via":"http"}"#;

pub(super) fn journals() -> Vec<Vec<u8>> {
    let zero = "0".repeat(64);
    let about = r#""repo":"a","name":"org","version":"1.0.0","actor":{"sub":"x","via":"http"},"request":"r""#;
    let publish = format!(
        r#"{{"op":"publish",{about},"package":{{"sha256":"{zero}","size":1}},"content":"sha256:{zero}","chart":{{"name":"org","version":"1.0.0","apiVersion":"v2"}}}}"#
    );
    let policy = r#"{"op":"policy","repo":"a","policy":{"version":1,"quota":{"versions":3}},"actor":{"sub":"x","via":"http"},"request":"r"}"#;
    let events = [
        publish,
        format!(
            r#"{{"op":"provenance",{about},"provenance":{{"sha256":"{zero}","size":1}},"package":"{zero}"}}"#
        ),
        format!(r#"{{"op":"yank",{about},"reason":"bad"}}"#),
        format!(r#"{{"op":"promote",{about},"channel":"stable"}}"#),
        format!(r#"{{"op":"delete",{about}}}"#),
        policy.to_owned(),
        format!(
            r#"{{"op":"manifest","repo":"a","name":"image","actor":{ACTOR},"request":"r","digest":"{EMPTY}","size":0,"media_type":"a/b","blobs":[{{"digest":"{EMPTY}","size":0}}],"tags":["t"]}}"#
        ),
        format!(
            r#"{{"op":"untag","repo":"a","name":"image","actor":{ACTOR},"request":"r","tag":"t"}}"#
        ),
        format!(
            r#"{{"op":"unmanifest","repo":"a","name":"image","actor":{ACTOR},"request":"r","digest":"{EMPTY}"}}"#
        ),
        r#"{"op":"later","ignorable":true}"#.to_owned(),
    ];
    let line = |(seq, event): (usize, &String)| {
        format!(
            r#"{{"v":1,"seq":{},"prev":"sha256:{zero}","time":"2026-11-01T00:00:00.000Z","writer":"w","nonce":"n","min_reader":1,"events":[{event}]}}"#,
            seq + 1
        ) + "\n"
    };
    let all: String = events.iter().enumerate().map(line).collect();
    let each = events.iter().map(|event| line((0, event)).into_bytes());
    std::iter::once(all.clone().into_bytes()).chain(each).collect()
}

/// The states that the seeds of journals make, as checkpoints without their digest.
pub(super) fn checkpoints() -> Vec<Vec<u8>> {
    let state = |journal: Vec<u8>| {
        let lines = (1_u64..).zip(journal.split_inclusive(|byte| *byte == b'\n'));
        lines.fold(State::default(), |state, (seq, line)| {
            let sealed = SealedCommit::parse(seq, Bytes::copy_from_slice(line)).ok();
            let events = sealed.iter().flat_map(|sealed| &sealed.commit().events);
            let time = sealed.as_ref().map(|sealed| sealed.commit().time).unwrap_or_default();
            events.fold(state, |state, event| {
                state.with_event(event, seq, time).unwrap_or_else(|_| state.clone())
            })
        })
    };
    let mut files: Vec<_> =
        journals().into_iter().filter_map(|it| state(it).to_checkpoint()).collect();
    for file in &mut files {
        file.truncate(file.len().saturating_sub(32));
    }
    files
}

fn bytes(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

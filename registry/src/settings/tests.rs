use std::collections::BTreeMap;

use serde::Deserialize;

use super::*;
use crate::identity::Anonymous;

fn sources(file: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> Sources {
    let file = (!file.is_empty()).then(|| (PathBuf::from("registry.yaml"), file.to_owned()));
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let environment = environment.iter().map(pair).collect();
    let mut given: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in flags.iter().map(pair) {
        given.entry(name).or_default().push(value);
    }
    Sources { file, environment, flags: given, ..Sources::default() }
}

fn loaded(file: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> Loaded {
    let result = read(&sources(file, environment, flags));
    result.unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn faults(file: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> Vec<String> {
    let faults = read(&sources(file, environment, flags)).err().unwrap_or_default();
    faults.iter().map(ToString::to_string).collect()
}

const DATA: &str = "data: storage\n";

#[test]
fn the_later_source_wins_and_each_value_knows_its_own() {
    let file = "data: storage\nlisten: 127.0.0.1:1\nlimits: {upload: 1 MiB}\nbase-path: a\n";
    let environment = [
        ("CHART_REGISTRY_LISTEN", "127.0.0.1:2"),
        ("CHART_REGISTRY_MAX_UPLOAD_BYTES", "2 MiB"),
        ("CONTEXT_PATH", "b"),
        ("MAX_UPLOAD_SIZE", "7"),
    ];
    let loaded = loaded(file, &environment, &[("listen", "127.0.0.1:3")]);
    let settings = &loaded.settings;
    assert_eq!(settings.listen.port(), 3);
    assert_eq!(settings.max_upload_bytes, 2 << 20);
    assert_eq!(settings.base_path, "b");
    let place = |name| loaded.place(name).to_string();
    assert_eq!(place("data"), "registry.yaml:1:7");
    assert_eq!(place("listen"), "flag `--listen`");
    assert_eq!(place("limits.upload"), "environment variable `CHART_REGISTRY_MAX_UPLOAD_BYTES`");
    assert_eq!(place("base-path"), "environment variable `CONTEXT_PATH`");
    assert_eq!(place("log.format"), "default");
}

#[test]
fn all_faults_come_at_once_with_their_places_and_what_to_do() {
    let file = "\
listn: 127.0.0.1:1
limits:
  upload: much
  uplaod: 1
tls:
  key: server.key
log: json
read-only:
  - true
";
    let environment = [("CHART_REGISTRY_LISTENN", "x"), ("BEARER_AUTH", "true")];
    let told = faults(file, &environment, &[("log-format", "xml")]);
    let expected = [
        "registry.yaml:1:1: `listn`: there is no such setting: write `listen`, or remove it",
        "registry.yaml:3:11: `limits.upload`: `much` is no number of bytes: write one like \
         `20971520`, `512 KiB`, `20 MiB` or `10 GiB`",
        "registry.yaml:4:3: `limits.uplaod`: there is no such setting: write `limits.upload`, or \
         remove it",
        "registry.yaml:6:8: `tls.key`: the key has no certificate: name it in `tls.certificate`",
        "registry.yaml:7:1: `log`: there is no such setting: remove it; `chart-registry config \
         show` lists the settings",
        "registry.yaml:9:3: `read-only`: here stands more than one value: write `read-only: VALUE`",
        "environment variable `BEARER_AUTH`: tokens are to be read, and there is no `AUTH_REALM`: \
         set it, or remove this",
        "environment variable `CHART_REGISTRY_LISTENN`: there is no such variable: write \
         `CHART_REGISTRY_LISTEN`, or remove it",
        "flag `--log-format`: `log.format`: `xml` is none of the choices: write `text` or `json`",
        "default: `data`: no directory for the packages is named: write `data: DIR` into the file, \
         or give `--data DIR`",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_file_that_is_no_mapping_or_no_yaml_is_told() {
    assert!(faults("- a\n", &[], &[])[0].contains("here stand no settings"));
    assert!(faults("data: [a\n", &[], &[]).iter().any(|fault| fault.contains("no YAML")));
    assert!(faults("data:\n", &[], &[])[0].contains("there is no value"));
    assert!(faults("", &[], &[("data", "storage")]).is_empty());
    assert!(faults("# nothing\n", &[], &[("data", "storage")]).is_empty());
    assert!(faults("data: storage\ntls:\n", &[], &[]).is_empty());
}

#[test]
fn one_user_has_a_name_and_a_password_and_nobody_shows_the_password() {
    let alone = faults(DATA, &[("BASIC_AUTH_PASS", "secret")], &[]);
    assert!(alone.len() == 1 && alone[0].contains("BASIC_AUTH_USER"), "{alone:?}");
    let colon = [("BASIC_AUTH_USER", "a:b"), ("BASIC_AUTH_PASS", "secret")];
    assert!(faults(DATA, &colon, &[])[0].contains("colon"));
    let both = [
        ("BASIC_AUTH_USER", "admin"),
        ("BASIC_AUTH_PASS", "secret"),
        ("AUTH_ANONYMOUS_GET", "true"),
    ];
    let with = loaded(DATA, &both, &[]);
    assert_eq!(with.settings.anonymous, Some(Anonymous::Read));
    let text = format!("{:?} {:?}", with.shown(), with.settings);
    assert!(text.contains("admin") && !text.contains("\"secret\""), "{text}");
    let everybody = faults("data: a\nread-only: true\nanonymous: all\n", &[], &[]);
    assert!(everybody[0].starts_with("registry.yaml:3:12: `anonymous`"), "{everybody:?}");
}

#[test]
fn users_of_the_file_are_read_with_their_faults() {
    let file = "data: a\nidentity:\n  users:\n  - {name: bob, password: secret, grants: []}\n";
    let told = faults(file, &[], &[]);
    assert!(told.len() == 1 && told[0].contains("`users[0].password`"), "{told:?}");
    assert!(!told[0].contains("secret"), "{told:?}");
}

#[test]
fn issuers_and_certificates_of_the_file_are_read_with_their_faults() {
    let issuer = "data: a\nidentity:\n  issuers:\n  - name: ci\n    issuer: https://ci.example\n    \
                  audience: https://charts.example\n    rules:\n    - claims: {ref: refs/tags/v*, \
                  run: 7}\n      grants: [{below: team, permissions: [publish]}]\n";
    let read = loaded(issuer, &[], &[]).settings.identity;
    assert_eq!(read.issuers[0].rules[0].claims["run"], "7");
    let told =
        faults(&issuer.replace("audience: https://charts.example", "audience: ''"), &[], &[]);
    assert!(told.len() == 1 && told[0].contains("`issuers[0].audience`"), "{told:?}");
    let told = faults(&issuer.replace("claims:", "claim:"), &[], &[]);
    assert!(told.iter().any(|fault| fault.contains("write `claims`")), "{told:?}");

    let certificates = "data: a\nidentity:\n  certificates:\n  - names: {uri: spiffe://a/*}\n    \
                        grants: [{below: '', permissions: [read]}]\n";
    let told = faults(certificates, &[], &[]);
    assert!(told.len() == 1 && told[0].contains("`tls.client-authorities`"), "{told:?}");
    let complete = format!(
        "{certificates}tls: {{certificate: a, key: b, client-authorities: c, client-revocations: d, \
         client-certificates: optional}}\n"
    );
    let read = loaded(&complete, &[], &[]).settings;
    assert!(read.tls.client_certificates_optional && read.identity.certificates.len() == 1);
    for alone in ["client-revocations: d", "client-certificates: optional"] {
        let file = format!("data: a\ntls: {{certificate: a, key: b, {alone}}}\n");
        let told = faults(&file, &[], &[]);
        assert!(told.len() == 1 && told[0].contains("tls.client-authorities"), "{told:?}");
    }
}

#[test]
fn variables_of_chartmuseum_mean_the_same_are_told_or_are_refused() {
    let environment = [
        ("PORT", "9000"),
        ("LISTEN_HOST", "::1"),
        ("DEPTH", "1"),
        ("INDEX_LIMIT", "5"),
        ("STORAGE_LOCAL_ROOTDIR", "charts"),
        ("LOG_JSON", "true"),
        ("DISABLE_API", "true"),
        ("DISABLE_DELETE", "true"),
        ("ENABLE_METRICS", "false"),
        ("ARTIFACT_HUB_REPO_ID", "1a-2b,team=3c"),
        ("STORAGE", "local"),
        ("CORS_ALLOW_ORIGIN", "*"),
        ("CHART_POST_FORM_FIELD_NAME", "package"),
        ("PROV_POST_FORM_FIELD_NAME", "signature"),
        ("CACHE", ""),
    ];
    let with = loaded(DATA, &environment, &[]);
    assert_eq!(with.settings.listen.to_string(), "[::1]:9000");
    assert_eq!(with.settings.log_format, LogFormat::Json);
    assert!(with.settings.read_only && !with.settings.deletes && !with.settings.metrics);
    let FormFields { chart, prov } = &with.settings.form_fields;
    assert_eq!((chart.as_str(), prov.as_str()), ("package", "signature"));
    assert_eq!(with.settings.allowed_origin, "*".parse().ok());
    let ids: Vec<String> = with.settings.artifact_hub.iter().map(ToString::to_string).collect();
    assert_eq!(ids, ["1a-2b", "team=3c"]);
    assert!(!loaded(DATA, &[("DISABLE_METRICS", "true")], &[]).settings.metrics);
    assert!(loaded(DATA, &[("ENABLE_METRICS", "1")], &[]).settings.metrics);
    let notices: Vec<String> = with.notices.iter().map(ToString::to_string).collect();
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert!(notices[0].starts_with("environment variable `INDEX_LIMIT`: "), "{notices:?}");
    assert_eq!(with.settings.import.depth, Some(1));
    let alone = loaded("", &environment, &[]);
    assert_eq!(alone.settings.data(), "charts/.chart-registry".parse().ok());
    for (name, value) in [
        ("BASIC_AUTH_USER", "admin"),
        ("BEARER_AUTH", "1"),
        ("ARTIFACT_HUB_REPO_ID", "team=a b"),
        ("ENABLE_METRICS", "perhaps"),
        ("STORAGE", "amazon"),
        ("DEPTH", "deep"),
        ("MAX_STORAGE_OBJECTS", "5"),
        ("CHART_POST_FORM_FIELD_NAME", "two words"),
        ("CORS_ALLOW_ORIGIN", "https://a.example,https://b.example"),
        ("GEN_INDEX", "true"),
        ("LOG_JSON", "yes"),
    ] {
        let told = faults(DATA, &[(name, value)], &[]);
        assert!(told.len() == 1 && told[0].contains(name), "{name}: {told:?}");
        let off = [(name, value), ("CHART_REGISTRY_CHARTMUSEUM_ENVIRONMENT", "false")];
        assert!(faults(DATA, &off, &[]).is_empty(), "{name}");
    }
}

#[test]
fn a_field_that_could_bring_two_things_is_a_fault() {
    let told = faults("data: a\nform-fields: {chart: prov}\n", &[], &[]);
    assert!(told.len() == 1 && told[0].starts_with("registry.yaml:2:22: `form-fields.chart`"));
    let same = [("CHART_POST_FORM_FIELD_NAME", "file"), ("PROV_POST_FORM_FIELD_NAME", "file")];
    assert_eq!(faults(DATA, &same, &[]).len(), 1);
}

#[test]
fn what_kubernetes_adds_for_a_service_of_our_name_is_left_alone() {
    let environment = [
        ("CHART_REGISTRY_PORT", "tcp://10.0.0.1:8080"),
        ("CHART_REGISTRY_PORT_8080_TCP_ADDR", "10.0.0.1"),
        ("CHART_REGISTRY_SERVICE_HOST", "10.0.0.1"),
    ];
    assert_eq!(loaded(DATA, &environment, &[]).settings.listen, Settings::default().listen);
    for row in TABLE {
        let rest = row.variable().split_off(PREFIX.len());
        assert!(!rest.starts_with("PORT") && !rest.starts_with("SERVICE_"), "{rest}");
        assert_ne!(rest, "CONFIG");
    }
}

#[test]
fn every_row_reads_what_it_shows() {
    let mut named = std::collections::BTreeSet::new();
    for row in TABLE {
        assert!(
            named.insert(row.name) && named.insert(row.flag) || row.name == row.flag,
            "{}",
            row.name
        );
        assert!(row.doc.ends_with('.'), "{}", row.name);
        let mut settings = Settings::default();
        let values = (row.show)(&settings);
        if !values.is_empty() {
            (row.take)(&mut settings, &values).unwrap();
            assert_eq!(settings, Settings::default(), "{}", row.name);
        }
        let sample = match row.form {
            Form::Switch => ["true", "false"],
            Form::Word(words) => [words[0], words[words.len() - 1]],
            Form::One("BYTES") => ["1 MiB", "2 MiB"],
            Form::One("ORIGIN") => ["*", "https://a.example"],
            Form::One("URL") => ["https://a.example", "https://b.example/c"],
            Form::Many("NETWORK") => ["10.0.0.0/8", "fd00::/8"],
            Form::One("N") => ["0", "7"],
            Form::One("NUMBER") => ["1", "2"],
            Form::One("TIME") => ["1s", "2s"],
            Form::One("ADDR") => ["127.0.0.1:1", "127.0.0.1:2"],
            Form::One(_) | Form::Many(_) => ["a", "b"],
        };
        for value in sample {
            (row.take)(&mut settings, &[value.to_owned()]).unwrap();
            assert_eq!((row.show)(&settings), [value], "{}", row.name);
        }
    }
}

#[test]
fn every_meaning_of_a_foreign_variable_names_a_setting_that_exists() {
    for name in NAMES {
        assert_eq!(
            NAMES.iter().filter(|other| other.name == name.name).count(),
            1,
            "{}",
            name.name
        );
        if let Meaning::Same { row, .. } = &name.meaning {
            assert!(Row::named(row).is_some(), "{row}");
        }
    }
    for check in checks::CHECKS {
        for name in check.with.iter().chain([&check.at]) {
            assert!(Row::named(name).is_some(), "{name}");
        }
    }
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Hook {
    name: String,
    #[serde(default)]
    retries: u16,
    token: Option<String>,
    #[serde(default)]
    events: Vec<Kind>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Publish,
    Channel(String),
}

fn hooks(text: &str) -> (Vec<Hook>, Vec<String>) {
    let mut reading = Reading::default();
    let node = document::read(text, &mut reading.faults);
    let hooks = list(&node, &mut reading);
    let told = reading
        .faults
        .iter()
        .map(|((line, column), wrong)| format!("{line}:{column} {}: {}", wrong.what, wrong.fix));
    (hooks, told.collect())
}

#[test]
fn a_section_is_read_into_its_type() {
    let text = "- name: 1.10\n  retries: 3\n  events: [publish, {channel: stable}]\n- {name: no, token: ~}\n";
    let (hooks, faults) = hooks(text);
    assert_eq!(faults, Vec::<String>::new());
    let first = Hook {
        name: "1.10".to_owned(),
        retries: 3,
        token: None,
        events: vec![Kind::Publish, Kind::Channel("stable".to_owned())],
    };
    let second = Hook { name: "no".to_owned(), retries: 0, token: None, events: Vec::new() };
    assert_eq!(hooks, [first, second]);
}

#[test]
fn every_item_of_a_section_tells_its_faults_where_they_are() {
    let text = "- nam: a\n  retires: 3\n- name: b\n  retries: many\n- name: c\n  events: [publisch]\n- d\n- name: e\n";
    let (hooks, faults) = hooks(text);
    assert_eq!(hooks.len(), 1);
    let places: Vec<&str> = faults.iter().filter_map(|fault| fault.split(' ').next()).collect();
    assert_eq!(places, ["1:3", "2:3", "1:3", "4:12", "6:12", "7:3"], "{faults:?}");
    assert!(faults[0].contains("`nam`") && faults[0].contains("write `name`"), "{faults:?}");
    assert!(faults[2].contains("missing field `name`"), "{faults:?}");
    let (none, faults) = hooks_of_map();
    assert!(none.is_empty() && faults[0].contains("no list"), "{faults:?}");
}

fn hooks_of_map() -> (Vec<Hook>, Vec<String>) {
    hooks("name: a\n")
}

use std::path::PathBuf;

use super::*;
use crate::settings::{Loaded, read};

/// Sources with a file of `ChartMuseum` and variables.
fn sources(text: &str, environment: &[(&str, &str)]) -> Sources {
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Sources {
        file: Some((PathBuf::from("registry.yaml"), "data: storage\nbase-path: a\n".to_owned())),
        environment: environment.iter().map(pair).collect(),
        chartmuseum: Some((PathBuf::from("museum.yaml"), Ok(text.to_owned()))),
        ..Sources::default()
    }
}

fn loaded(text: &str, environment: &[(&str, &str)]) -> Loaded {
    read(&sources(text, environment)).unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn told(sources: &Sources) -> Vec<String> {
    let faults = read(sources).err().unwrap_or_default();
    faults.iter().map(ToString::to_string).collect()
}

/// A file that means something in each of its lines.
const FILE: &str = "\
debug: true
logjson: true
port: 9000
listen:
  host: '::1'
contextPath: b
maxuploadsize: 1048576
basicauth: {user: admin, pass: secret}
authanonymousget: true
TLS:
  cert: tls.crt
tls.key: tls.key
storage:
  backend: local
  timestamptolerance: 5s
  local: {rootdir: charts}
  amazon: {bucket: unused}
depth: 2
disabledelete: true
chartpostformfieldname: package
cors: {alloworigin: '*'}
artifact-hub-repo-id: {'': 1a-2b, team: 3c}
indexlimit:
cache:
";

#[test]
fn a_file_says_what_the_variables_would_and_each_value_knows_its_line() {
    let by_file = loaded(FILE, &[]);
    let by_variables = loaded(
        "",
        &[
            ("DEBUG", "true"),
            ("LOG_JSON", "true"),
            ("PORT", "9000"),
            ("LISTEN_HOST", "::1"),
            ("CONTEXT_PATH", "b"),
            ("MAX_UPLOAD_SIZE", "1048576"),
            ("BASIC_AUTH_USER", "admin"),
            ("BASIC_AUTH_PASS", "secret"),
            ("AUTH_ANONYMOUS_GET", "true"),
            ("TLS_CERT", "tls.crt"),
            ("TLS_KEY", "tls.key"),
            ("STORAGE", "local"),
            ("STORAGE_TIMESTAMP_TOLERANCE", "5s"),
            ("STORAGE_LOCAL_ROOTDIR", "charts"),
            ("STORAGE_AMAZON_BUCKET", "unused"),
            ("DEPTH", "2"),
            ("DISABLE_DELETE", "true"),
            ("CHART_POST_FORM_FIELD_NAME", "package"),
            ("CORS_ALLOW_ORIGIN", "*"),
            ("ARTIFACT_HUB_REPO_ID", "1a-2b,team=3c"),
        ],
    );
    assert_eq!(by_file.settings, by_variables.settings);
    assert_eq!(by_file.settings.listen.to_string(), "[::1]:9000");
    let place = |name| by_file.place(name).to_string();
    assert_eq!(place("base-path"), "museum.yaml:6:14");
    assert_eq!(place("tls.certificate"), "museum.yaml:11:9");
    assert_eq!(place("tls.key"), "museum.yaml:12:10");
    assert_eq!(place("cors.allow-origin"), "museum.yaml:21:21");
    let notices: Vec<String> = by_file.notices.iter().map(ToString::to_string).collect();
    assert_eq!(notices.len(), 2, "{notices:?}");
    assert!(notices[0].starts_with("museum.yaml:15:23: "), "{notices:?}");
    assert!(!format!("{:?}", by_file.shown()).contains("secret\""));
}

#[test]
fn a_variable_wins_over_the_file_also_where_two_make_one_setting() {
    let with = loaded("port: 9000\nlisten: {host: 127.0.0.1}\n", &[("PORT", "9001")]);
    assert_eq!(with.settings.listen.to_string(), "127.0.0.1:9001");
    let with = loaded("contextpath: b\ndisableapi: true\n", &[("DISABLE_API", "false")]);
    assert_eq!((with.settings.base_path.as_str(), with.settings.read_only), ("b", false));
    let own = [("CHART_REGISTRY_BASE_PATH", "c")];
    assert_eq!(loaded("contextpath: b\n", &own).settings.base_path, "c");
}

#[test]
fn what_the_file_should_not_say_is_told_with_its_line_and_what_to_do() {
    let text = "\
basicauth:
  usr: admin
bearerauth: true
Port: 1
port: 2
logjson: yes
tls: [a]
contextpath: {a: b}
disableApi2: true
colour: blue
maxuploadsize: lots
";
    let expected = [
        "museum.yaml:2:3: `basicauth.usr`: ChartMuseum has no such setting: write \
         `basicauth.user`, or remove it",
        "museum.yaml:3:13: tokens are to be read, and there is no `AUTH_REALM`: set it, or remove \
         this",
        "museum.yaml:5:7: `port` is written twice: remove one of the two",
        "museum.yaml:6:10: `yes` is no switch: write `true` or `false`",
        "museum.yaml:7:1: `tls`: ChartMuseum has no such setting: ",
        "museum.yaml:8:14: `contextpath`: here stands more than one value: write `contextpath: \
         VALUE`",
        "museum.yaml:9:1: `disableapi2`: ChartMuseum has no such setting: write `disableapi`, or \
         remove it",
        "museum.yaml:10:1: `colour`: ChartMuseum has no such setting: remove it: ",
        "museum.yaml:11:16: `limits.upload`: `lots` is no number of bytes: ",
    ];
    let told = told(&sources(text, &[]));
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(expected), "{told}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_a_fault_unless_its_names_are_left_alone() {
    let mut sources = sources("", &[("CONFIG", "museum.yaml")]);
    assert_eq!(told(&sources), Vec::<String>::new());
    for (text, part) in [
        (
            Err("no such file".to_owned()),
            "environment variable `CONFIG`: cannot read `museum.yaml`",
        ),
        (Ok("- a\n".to_owned()), "museum.yaml:1:1: here stand no settings"),
        (Ok("port: [\n".to_owned()), "this is no YAML"),
    ] {
        sources.environment.remove("CHART_REGISTRY_CHARTMUSEUM_ENVIRONMENT");
        sources.chartmuseum = Some((PathBuf::from("museum.yaml"), text));
        let told_now = told(&sources);
        assert!(told_now.len() == 1 && told_now[0].contains(part), "{told_now:?}");
        let off = ("CHART_REGISTRY_CHARTMUSEUM_ENVIRONMENT".to_owned(), "false".to_owned());
        sources.environment.extend([off]);
        assert_eq!(told(&sources), Vec::<String>::new());
    }
}

#[test]
fn tokens_are_read_where_all_is_said_that_they_take_and_passwords_are_not() {
    let server = "authrealm: https://auth.example/token\nauthservice: charts.example\n\
                  authcertpath: server.pem\nbasicauth: {user: admin, pass: secret}\n";
    let off = loaded(server, &[]).settings;
    assert_eq!(off.authorization_server.realm, None);
    assert_eq!(off.basic_user.as_deref(), Some("admin"));
    let on = loaded(server, &[("BEARER_AUTH", "true")]).settings;
    let said = &on.authorization_server;
    assert_eq!(said.realm.as_deref(), Some("https://auth.example/token"));
    assert_eq!(said.service.as_deref(), Some("charts.example"));
    assert_eq!(said.key, Some(PathBuf::from("server.pem")));
    assert_eq!((on.basic_user, on.basic_password), (None, None));
    let usual = "access[?name=='$NAMESPACE' && type=='$ACCESS_ENTRY_TYPE'].actions[]";
    loaded(server, &[("BEARER_AUTH", "1"), ("AUTH_ACTIONS_SEARCH_PATH", usual)]);
    let on = ("BEARER_AUTH", "1");
    for (text, environment, part) in [
        ("bearerauth: perhaps\n", vec![], "museum.yaml:1:13"),
        ("bearerauth: true\nauthrealm: https://a.example\n", vec![], "no `AUTH_SERVICE`"),
        (server, vec![on, ("AUTH_REALM", "a\"b")], "`AUTH_REALM`"),
        (server, vec![on, ("AUTH_SERVICE", "a\"b")], "`AUTH_SERVICE`"),
        (server, vec![on, ("AUTH_ACTIONS_SEARCH_PATH", "x")], "SEARCH_PATH"),
    ] {
        let told = told(&sources(text, &environment));
        assert!(told.iter().any(|told| told.contains(part)), "{part}: {told:?}");
    }
    let mut half = sources("", &[]);
    half.environment.extend([("CHART_REGISTRY_AUTH_KEY".to_owned(), "server.pem".to_owned())]);
    assert!(told(&half)[0].contains("`authorization-server.key`"), "{:?}", told(&half));
}

#[test]
fn only_what_is_different_here_is_told() {
    for (text, told) in [
        ("allowoverwrite: false\nper-chart-limit: 0\nloghealth: true\nmaxstorageobjects: 0\n", 0),
        ("allowoverwrite: true\nper-chart-limit: 5\nloghealth: false\n", 3),
        ("disableforceoverwrite: true\n", 0),
        ("disableforceoverwrite: false\n", 1),
    ] {
        assert_eq!(loaded(text, &[]).notices.len(), told, "{text}");
    }
    let told = told(&sources("maxstorageobjects: 5\n", &[]));
    assert!(told.len() == 1 && told[0].contains("PUT /-/v1/policy"), "{told:?}");
}

#[test]
fn every_name_has_one_key_in_the_file_and_no_key_hides_another() {
    for name in NAMES {
        assert_eq!(name.key.is_empty(), matches!(name.meaning, Meaning::File), "{}", name.name);
        assert_eq!(name.key.to_lowercase(), name.key);
        let below = format!("{}.", name.key);
        let others = NAMES.iter().filter(|it| it.key == name.key || it.key.starts_with(&below));
        assert_eq!(others.count(), 1, "{}", name.key);
    }
}

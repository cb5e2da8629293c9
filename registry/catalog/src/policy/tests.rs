use super::*;

fn fault(text: &str) -> String {
    Policy::parse(text).unwrap_err().to_string()
}

#[test]
fn a_document_is_read_and_written_in_one_form() {
    let text = r#"{"version":1,"versions":"overwritable","quota":{"versions":3},"channels":{"stable":{"after":"candidate","by":["release"]},"candidate":{}}}"#;
    let policy = Policy::parse(text).unwrap();
    assert_eq!(policy.versions, Versions::Overwritable);
    assert_eq!(policy.quota, Quota { versions: Some(3), bytes: None });
    let written = policy.to_json().unwrap();
    assert_eq!(Policy::parse(&written).unwrap(), policy);
    let spaced = text.replace(',', " ,\n ");
    assert_eq!(Policy::parse(&spaced).unwrap().digest(), policy.digest());
    assert_eq!(Policy::parse(r#"{"version":1}"#).unwrap(), Policy::default());
}

#[test]
fn mistakes_are_told_with_their_place() {
    let unknown = fault(r#"{"version":1,"verions":"immutable"}"#);
    assert!(unknown.contains("`verions`") && unknown.contains("`versions`"), "{unknown}");
    assert!(fault("{").contains("line 1"), "no place");
    assert!(fault("{}").contains("`version`"), "no version");
    assert_eq!(
        Policy::parse(r#"{"version":2,"later":true}"#),
        Err(PolicyError::Version { found: 2 })
    );
    let all = fault(
        r#"{"version":1,"retention":[{}],"names":[{"pattern":"","publishers":[]}],
            "channels":{"a":{"after":"b"},"b":{"after":"a"},"C":{"after":"gone"}},
            "signed":{"keyring":"x"}}"#,
    );
    for part in [
        "`retention[0]` keeps nothing",
        "`names[0].pattern`",
        "`names[0].publishers`",
        "`channels.a` comes after itself",
        "`channels.C` is no name",
        "`channels.C.after` names `gone`",
        "`signed.keyring`",
    ] {
        assert!(all.contains(part), "{part} is missing in: {all}");
    }
}

#[test]
fn the_longest_prefix_decides_by_whole_segments() {
    let mut policies = Policies::new();
    assert!(deciding(&policies, "a/b").is_none());
    for prefix in ["", "a", "a/b"] {
        policies.insert(Arc::from(prefix), Arc::default());
    }
    let at = |path| deciding(&policies, path).map(|(prefix, _)| prefix.to_owned());
    for (path, prefix) in [("a/b/c", "a/b"), ("a/b", "a/b"), ("a/bc", "a"), ("ab", ""), ("", "")] {
        assert_eq!(at(path).as_deref(), Some(prefix), "{path}");
    }
}

#[test]
fn a_star_stands_for_any_characters() {
    for (pattern, text, fits) in [
        ("*", "", true),
        ("org", "org", true),
        ("org", "org2", false),
        ("fabric-*", "fabric-org", true),
        ("fabric-*", "fabric", false),
        ("*-dev", "org-dev", true),
        ("*-dev", "org-dev-2", false),
        ("a*b*c", "a-b-b-c", true),
        ("a*a", "a", false),
        ("a*b*c", "acb", false),
    ] {
        assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
    }
}

mod retention {
    use chart_registry_store::{Event, Timestamp};

    use crate::policy::{Policy, retained};
    use crate::scratch_tests::publish;
    use crate::{Repository, State};
    use std::sync::Arc;

    const DAY: i64 = 24 * 60 * 60 * 1_000;

    /// A version a day, from 1.0.0 on day 0.
    fn daily(days: u32) -> Arc<Repository> {
        let state = (0..days).fold(State::default(), |state, day| {
            let event = Event::Publish(publish("org", &format!("1.{day}.0"), &day.to_string()));
            let time = Timestamp::from_milliseconds(i64::from(day) * DAY);
            state.with_event(&event, u64::from(day) + 1, time).unwrap()
        });
        state.repository("")
    }

    fn going(rule: &str, repository: &Repository, day: i64) -> Vec<String> {
        let text = format!(r#"{{"version":1,"retention":[{rule}]}}"#);
        let now = Timestamp::from_milliseconds(day * DAY + 1);
        let entries = retained(&Policy::parse(&text).unwrap(), repository, now);
        entries.iter().map(|entry| entry.version.to_string()).collect()
    }

    #[test]
    fn a_version_goes_when_it_is_old_and_beyond_the_newest() {
        let repository = daily(10);
        assert_eq!(going(r#"{"keep-newest":8}"#, &repository, 9), ["1.1.0", "1.0.0"]);
        assert_eq!(going(r#"{"keep-days":7}"#, &repository, 9), ["1.2.0", "1.1.0", "1.0.0"]);
        let both = r#"{"keep-newest":9,"keep-days":7}"#;
        assert_eq!(going(both, &repository, 9), ["1.0.0"]);
        assert_eq!(going(r#"{"charts":"other","keep-days":1}"#, &repository, 9), [""; 0]);
        let pre = r#"{"only-pre-releases":true,"keep-newest":1}"#;
        assert_eq!(going(pre, &repository, 9), [""; 0]);
    }

    #[test]
    fn the_newest_version_stays_however_old_it_is() {
        assert_eq!(going(r#"{"keep-days":1}"#, &daily(2), 10_000), ["1.0.0"]);
    }

    #[test]
    fn a_clock_that_was_set_back_makes_nothing_old() {
        for day in [-1, 0] {
            assert_eq!(going(r#"{"keep-days":1}"#, &daily(10), day), [""; 0], "{day}");
        }
    }
}

use super::*;

/// 76 constraints against 32 versions.
#[test]
fn answers_like_helm() {
    let golden = include_str!("golden.tsv");
    let mut lines = golden.lines().filter(|line| !line.starts_with('#'));
    let versions: Vec<&str> = lines.next().unwrap().split(' ').collect();
    let mut rows = 0;
    for line in lines {
        let (constraint, expected) = line.split_once('\t').unwrap();
        let answer = match Constraint::parse(constraint) {
            Err(_) => "ERR".to_owned(),
            Ok(parsed) => versions
                .iter()
                .map(|version| match parse_version(version) {
                    Err(_) => 'e',
                    Ok(version) if parsed.matches(&version) => '1',
                    Ok(_) => '0',
                })
                .collect(),
        };
        assert_eq!(answer, expected, "constraint `{constraint}`");
        rows += 1;
    }
    assert!(rows > 70 && versions.len() == 32);
}

#[test]
fn refuses_what_is_no_constraint() {
    for text in [
        " ",
        "1 ||",
        "|| 1",
        "1,,2",
        "1.2.3.4",
        "1.2-",
        ">=1<2",
        "1 2 latest",
        "1x",
        "é",
        ">",
        "1 -2",
        "v",
    ] {
        assert!(Constraint::parse(text).is_err(), "{text}");
    }
    assert!(matches!(Constraint::parse(&"1 ".repeat(4000)), Err(ConstraintError::TooLong(8000))));
    assert_eq!(
        Constraint::parse("^1 || latest").unwrap_err().to_string(),
        "constraint `^1 || latest` has `latest`: write comparisons such as `>=1.2 <2` or `^1.2 || ~2.0`",
    );
}

#[test]
fn picks_like_helm() {
    let versions = ["1.2.3", "2.0.0-rc.1", "1.10.0", "v1.9", "1.10.0+b", "junk"];
    for (wanted, picked) in [
        ("", Some("1.10.0")),
        ("^1", Some("1.10.0")),
        ("1.9", Some("v1.9")),
        (">0.0.0-0", Some("2.0.0-rc.1")),
        ("1.10.0+b", Some("1.10.0+b")),
        ("~3", None),
    ] {
        assert_eq!(pick(versions, wanted), Ok(picked), "{wanted}");
    }
    assert!(pick(versions, "latest").is_err());
}

#[test]
fn loose_versions_are_read_like_helm() {
    for (text, read) in
        [("v1.2", "1.2.0"), ("1", "1.0.0"), ("01.2.3", "1.2.3"), ("1-rc.1+b", "1.0.0-rc.1+b")]
    {
        assert_eq!(parse_version(text).map(|version| version.to_string()), Ok(read.to_owned()));
    }
    for text in [
        "",
        "v",
        "1.2.3.4",
        "1.2.3-",
        "1.2.3-01",
        "1.2.3+",
        "+1",
        "V1",
        "1..2",
        "99999999999999999999",
        "1.2.3-é",
    ] {
        assert!(parse_version(text).is_err(), "{text}");
    }
}

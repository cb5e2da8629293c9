use chart_registry_store::RepositoryPath;

use super::*;

fn read(value: &str) -> Result<Credential, Refusal> {
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
    Credential::read(&headers)
}

#[test]
fn a_token_is_taken_as_bearer_and_as_password() {
    let secret = Secret::random();
    let token = Credential::Token(secret.clone());
    let basic = STANDARD.encode(format!("anybody:{}", secret.reveal()));
    assert_eq!(read(&format!("Bearer {}", secret.reveal())).unwrap(), token);
    assert_eq!(read(&format!("basic {basic}")).unwrap(), token);
    let plain = STANDARD.encode("user:pass:word");
    let expected = Credential::Password("user".to_owned(), Password::from("pass:word"));
    assert_eq!(read(&format!("Basic {plain}")).unwrap(), expected);
    assert_eq!(Credential::read(&HeaderMap::new()).unwrap(), Credential::None);
    assert_eq!(read(&format!("Basic {}", STANDARD.encode(":"))).unwrap(), Credential::None);
}

#[test]
fn what_cannot_be_read_is_refused_and_not_ignored() {
    for value in ["", "Bearer", "Bearer x", "Basic !", "Basic dXNlcg==", "Digest a=b"] {
        assert_eq!(read(value).unwrap_err().code, Code::Unauthorized, "{value}");
    }
    let mut twice = HeaderMap::new();
    twice.append(AUTHORIZATION, HeaderValue::from_static("Basic dTpw"));
    twice.append(AUTHORIZATION, HeaderValue::from_static("Basic dTpw"));
    assert!(Credential::read(&twice).is_err());
}

#[test]
fn nobody_is_let_in_by_chance_where_somebody_is_declared() {
    let declared = Declared::default();
    let state = State::default();
    let open = IdentityOptions::new(None, &declared, None).unwrap();
    assert_eq!(open.anonymous(&state), Anonymous::All);
    let password = Password::from("secret");
    let basic = Some(("admin", &password));
    let closed = IdentityOptions::new(None, &declared, basic).unwrap();
    assert_eq!(closed.anonymous(&state), Anonymous::None);
    let chosen = IdentityOptions::new(Some(Anonymous::Read), &declared, basic).unwrap();
    assert_eq!(chosen.anonymous(&state), Anonymous::Read);
    let root = RepositoryPath::root();
    assert!(!Anonymous::Read.identity().may(Permission::Publish, &root));
    assert!(Anonymous::All.identity().may(Permission::Delete, &root));
}

#[test]
fn a_subject_is_one_plain_word() {
    for fine in ["ci", "ci@team-a", "repo:acme/net:ref:refs/heads/main"] {
        assert_eq!(check_subject(fine), Ok(()), "{fine}");
    }
    for wrong in ["", "a b", "a\nb", "\u{fc}ber", &"a".repeat(MAX_SUBJECT_BYTES + 1)] {
        assert!(check_subject(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn every_credential_can_be_exchanged_for_a_bearer_that_says_the_same() {
    let pair = Credential::Password("user".to_owned(), Password::from("pass:w\u{f6}rd"));
    let signed = Credential::Signed(Presented::parse("eyJh.eyJi.c").unwrap());
    for credential in [Credential::None, Credential::Token(Secret::random()), signed, pair] {
        let bearer = format!("Bearer {}", credential.to_bearer());
        assert_eq!(read(&bearer).unwrap(), credential);
    }
    for wrong in ["Bearer pair.", "Bearer pair.!", "Bearer pair.AA", "Bearer nobody2"] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

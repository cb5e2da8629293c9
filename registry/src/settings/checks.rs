//! What several settings say together and must not.

use chart_registry_store::Location;

use super::fault::Wrong;
use super::{AuthorizationServerSettings, Settings};
use crate::identity::{Anonymous, wrong_name};

/// A rule about several settings.
pub(super) struct Check {
    /// The setting at which a fault is reported.
    pub(super) at: &'static str,
    /// The others that it looks at: when one of them is faulty itself, the rule is silent.
    pub(super) with: &'static [&'static str],
    pub(super) find: fn(&Settings) -> Option<Wrong>,
}

/// Every rule.
pub(super) const CHECKS: &[Check] = &[
    Check { at: "data", with: &[], find: no_data },
    Check { at: "anonymous", with: &["read-only"], find: contradiction },
    Check { at: "basic-auth.user", with: &["basic-auth.password"], find: user_without_password },
    Check { at: "basic-auth.password", with: &["basic-auth.user"], find: password_without_user },
    Check { at: "form-fields.chart", with: &["form-fields.prov"], find: ambiguous_field },
    Check {
        at: "authorization-server.key",
        with: &["authorization-server.realm", "authorization-server.service"],
        find: half_a_server,
    },
    Check { at: "tls.certificate", with: &["tls.key"], find: certificate_without_key },
    Check { at: "tls.key", with: &["tls.certificate"], find: key_without_certificate },
    Check { at: "tls.client-authorities", with: &["tls.certificate"], find: authorities_alone },
    Check { at: "tls.client-authorities", with: &[], find: certificates_of_nobody },
    Check {
        at: "tls.client-revocations",
        with: &["tls.client-authorities"],
        find: revocations_alone,
    },
    Check {
        at: "tls.client-certificates",
        with: &["tls.client-authorities"],
        find: optional_for_nobody,
    },
    Check { at: "tls.mode", with: &["tls.certificate"], find: two_certificates },
    Check { at: "tls.mode", with: &["data", "tls.directory"], find: no_place_for_certificate },
    Check { at: "tls.names", with: &["tls.mode"], find: names_alone },
    Check { at: "tls.directory", with: &["tls.mode"], find: directory_alone },
];

fn no_data(settings: &Settings) -> Option<Wrong> {
    let fix = "write `data: DIR` into the file, or give `--data DIR`";
    settings.data().is_none().then(|| Wrong::new("no directory for the packages is named", fix))
}

fn contradiction(settings: &Settings) -> Option<Wrong> {
    (settings.read_only && settings.anonymous == Some(Anonymous::All)).then(|| {
        let what = "nobody can publish where `read-only` stands";
        Wrong::new(what, "write `anonymous: read`, or remove `read-only`")
    })
}

fn user_without_password(settings: &Settings) -> Option<Wrong> {
    let name = settings.basic_user.as_ref()?;
    if settings.basic_password.is_none() {
        let fix = "set `CHART_REGISTRY_BASIC_AUTH_PASS` or `BASIC_AUTH_PASS`";
        return Some(Wrong::new("the user has no password", fix));
    }
    if let Some(what) = wrong_name(name) {
        return Some(Wrong::new(what, "choose another name"));
    }
    let taken = settings.identity.users.iter().any(|user| user.name == *name);
    taken.then(|| Wrong::new(format!("`{name}` is declared below `identity`, too"), "remove one"))
}

fn password_without_user(settings: &Settings) -> Option<Wrong> {
    let alone = settings.basic_password.is_some() && settings.basic_user.is_none();
    alone.then(|| {
        let fix = "name the user in `basic-auth.user`, `CHART_REGISTRY_BASIC_AUTH_USER` or \
                   `BASIC_AUTH_USER`";
        Wrong::new("the password has no user", fix)
    })
}

fn ambiguous_field(settings: &Settings) -> Option<Wrong> {
    let name = settings.form_fields.ambiguous()?;
    let what = format!("a field `{name}` could bring a package or a provenance file");
    Some(Wrong::new(what, "give the two fields names of their own"))
}

fn half_a_server(settings: &Settings) -> Option<Wrong> {
    let AuthorizationServerSettings { realm, service, key } = &settings.authorization_server;
    let given = [realm.is_some(), service.is_some(), key.is_some()];
    (given.contains(&true) && given.contains(&false)).then(|| {
        let fix = "give `authorization-server.realm`, `.service` and `.key` together, or none";
        Wrong::new("a part of the authorization server is not said", fix)
    })
}

fn certificate_without_key(settings: &Settings) -> Option<Wrong> {
    let alone = settings.tls.certificate.is_some() && settings.tls.key.is_none();
    alone.then(|| Wrong::new("the certificate has no key", "name its key in `tls.key`"))
}

fn key_without_certificate(settings: &Settings) -> Option<Wrong> {
    let alone = settings.tls.key.is_some() && settings.tls.certificate.is_none();
    alone.then(|| Wrong::new("the key has no certificate", "name it in `tls.certificate`"))
}

fn authorities_alone(settings: &Settings) -> Option<Wrong> {
    let alone = settings.tls.client_authorities.is_some() && settings.tls.certificate.is_none();
    alone.then(|| {
        let what = "clients cannot show certificates where the server has none";
        Wrong::new(what, "name the server's in `tls.certificate` and `tls.key`")
    })
}

fn certificates_of_nobody(settings: &Settings) -> Option<Wrong> {
    let declared = !settings.identity.certificates.is_empty();
    (declared && settings.tls.client_authorities.is_none()).then(|| {
        let what = "`identity.certificates` says what clients with certificates may do, and no \
                    authority signs them";
        Wrong::new(what, "name the authorities in `tls.client-authorities`")
    })
}

fn revocations_alone(settings: &Settings) -> Option<Wrong> {
    let alone =
        settings.tls.client_revocations.is_some() && settings.tls.client_authorities.is_none();
    alone.then(no_authorities)
}

fn optional_for_nobody(settings: &Settings) -> Option<Wrong> {
    let alone =
        settings.tls.client_certificates_optional && settings.tls.client_authorities.is_none();
    alone.then(no_authorities)
}

fn no_authorities() -> Wrong {
    let fix = "name the authorities in `tls.client-authorities`, or remove this";
    Wrong::new("no client is asked for a certificate", fix)
}

fn two_certificates(settings: &Settings) -> Option<Wrong> {
    (settings.tls.self_signed && settings.tls.certificate.is_some()).then(|| {
        let fix = "remove `tls.certificate` and `tls.key`, or choose the mode `files`";
        Wrong::new("there is a certificate, and another one is to be made", fix)
    })
}

fn no_place_for_certificate(settings: &Settings) -> Option<Wrong> {
    let bucket = matches!(settings.data, Some(Location::Bucket(_)));
    (bucket && settings.tls.self_signed && settings.tls.directory.is_none()).then(|| {
        let what = "the certificate is kept in a directory, and the packages are in a bucket";
        Wrong::new(what, "name a directory in `tls.directory`")
    })
}

fn names_alone(settings: &Settings) -> Option<Wrong> {
    (!settings.tls.self_signed && !settings.tls.names.is_empty()).then(only_self_signed)
}

fn directory_alone(settings: &Settings) -> Option<Wrong> {
    (!settings.tls.self_signed && settings.tls.directory.is_some()).then(only_self_signed)
}

fn only_self_signed() -> Wrong {
    Wrong::new("no certificate is made", "choose `tls.mode: self-signed`, or remove this")
}

//! The settings of TLS.

use super::table::{Row, one, shown};
use super::value::{self, Form};

pub(super) const CERTIFICATE: Row = Row {
    name: "tls.certificate",
    flag: "tls-cert",
    form: Form::One("FILE"),
    secret: false,
    doc: "PEM certificate of the server, then those that lead to its authority; read again when it changes.",
    take: |settings, given| {
        settings.tls.certificate = Some(value::path(one(given))?);
        Ok(())
    },
    show: |settings| shown(settings.tls.certificate.as_ref()),
};

pub(super) const KEY: Row = Row {
    name: "tls.key",
    flag: "tls-key",
    form: Form::One("FILE"),
    secret: false,
    doc: "PEM key of the certificate.",
    take: |settings, given| {
        settings.tls.key = Some(value::path(one(given))?);
        Ok(())
    },
    show: |settings| shown(settings.tls.key.as_ref()),
};

pub(super) const CLIENT_AUTHORITIES: Row = Row {
    name: "tls.client-authorities",
    flag: "tls-client-ca",
    form: Form::One("FILE"),
    secret: false,
    doc: "PEM authorities of clients; `identity.certificates` says what their clients may do.",
    take: |settings, given| {
        settings.tls.client_authorities = Some(value::path(one(given))?);
        Ok(())
    },
    show: |settings| shown(settings.tls.client_authorities.as_ref()),
};

const PRESENCE: [(&str, bool); 2] = [("required", false), ("optional", true)];

pub(super) const CLIENT_CERTIFICATES: Row = Row {
    name: "tls.client-certificates",
    flag: "tls-client-certificates",
    form: Form::Word(&["required", "optional"]),
    secret: false,
    doc: "`required`: a client without a certificate of `tls.client-authorities` gets no connection. `optional`: it gets one and shows who it is in another way; a certificate that is not taken ends the connection in any case.",
    take: |settings, given| {
        settings.tls.client_certificates_optional = value::word(one(given), &PRESENCE)?;
        Ok(())
    },
    show: |settings| {
        let optional = settings.tls.client_certificates_optional;
        vec![if optional { "optional" } else { "required" }.to_owned()]
    },
};

pub(super) const CLIENT_REVOCATIONS: Row = Row {
    name: "tls.client-revocations",
    flag: "tls-client-crl",
    form: Form::One("FILE"),
    secret: false,
    doc: "PEM revocation lists, one of every authority that signs clients; read again when they change.",
    take: |settings, given| {
        settings.tls.client_revocations = Some(value::path(one(given))?);
        Ok(())
    },
    show: |settings| shown(settings.tls.client_revocations.as_ref()),
};

pub(super) const MODE: Row = Row {
    name: "tls.mode",
    flag: "tls",
    form: Form::Word(&["files", "self-signed"]),
    secret: false,
    doc: "`self-signed` makes a certificate for development and says how to trust it; `files` serves that of `tls.certificate`, if there is one.",
    take: |settings, given| {
        settings.tls.self_signed =
            value::word(one(given), &[("files", false), ("self-signed", true)])?;
        Ok(())
    },
    show: |settings| {
        let mode = if settings.tls.self_signed { "self-signed" } else { "files" };
        vec![mode.to_owned()]
    },
};

pub(super) const NAMES: Row = Row {
    name: "tls.names",
    flag: "tls-name",
    form: Form::Many("NAME"),
    secret: false,
    doc: "Further names and addresses that clients use, for `self-signed`.",
    take: |settings, given| {
        settings.tls.names = given.to_vec();
        Ok(())
    },
    show: |settings| settings.tls.names.clone(),
};

pub(super) const DIRECTORY: Row = Row {
    name: "tls.directory",
    flag: "tls-directory",
    form: Form::One("DIR"),
    secret: false,
    doc: "Directory of the certificate for development; beside the storage if not given.",
    take: |settings, given| {
        settings.tls.directory = Some(value::path(one(given))?);
        Ok(())
    },
    show: |settings| shown(settings.tls.directory.as_ref()),
};

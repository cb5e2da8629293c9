//! What the environment says, with all of its faults at once.
//!
//! The names are those of Fabric's samples for chaincode as a service. Files are named here and read by the server.

use std::path::PathBuf;

/// Where the server listens when nothing else is said.
pub const DEFAULT_ADDRESS: &str = "0.0.0.0:9999";

/// How to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Package id `<label>:<sha256>`: what the peer knows this server by.
    pub chaincode_id: String,
    /// `host:port` to listen on.
    pub address: String,
    /// Whether and how connections are encrypted.
    pub tls: Tls,
}

/// Whether and how connections are encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    /// By an explicit `CHAINCODE_TLS_DISABLED=true` only.
    Disabled,
    /// PEM files, read once at start.
    Enabled {
        /// The server's certificate and its intermediates.
        certificate: PathBuf,
        /// Its private key, PKCS#8 or SEC 1.
        key: PathBuf,
        /// Roots of clients; when given, a client without a certificate of theirs is refused.
        client_ca: Option<PathBuf>,
    },
}

/// One thing that is wrong with the environment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The chaincode's id is not set.
    #[error("`CHAINCODE_ID` is not set; give the package id, `<label>:<sha256>`")]
    NoChaincodeId,
    /// Two names of the same setting disagree.
    #[error("`CHAINCODE_ID` is `{id}` and `CORE_CHAINCODE_ID_NAME` is `{name}`; set one of them")]
    TwoChaincodeIds {
        /// Value of `CHAINCODE_ID`.
        id: String,
        /// Value of `CORE_CHAINCODE_ID_NAME`.
        name: String,
    },
    /// TLS is on and a file is not named.
    #[error("`{variable}` is not set; name a PEM file, or set `CHAINCODE_TLS_DISABLED=true`")]
    NoFile {
        /// The variable.
        variable: &'static str,
    },
    /// A switch that is neither on nor off.
    #[error("`CHAINCODE_TLS_DISABLED` is `{value}`; write `true` or `false`")]
    NotBoolean {
        /// As given.
        value: String,
    },
    /// Clients cannot show certificates without TLS.
    #[error("`CHAINCODE_CLIENT_CA_CERT` has no effect with `CHAINCODE_TLS_DISABLED=true`")]
    ClientCaWithoutTls,
}

impl Settings {
    /// Read the settings by name; an empty variable counts as not set.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Vec<Fault>> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let mut faults = Vec::new();
        let chaincode_id = match (variable("CHAINCODE_ID"), variable("CORE_CHAINCODE_ID_NAME")) {
            (Some(id), Some(name)) if id != name => Err(Fault::TwoChaincodeIds { id, name }),
            (Some(id), _) | (None, Some(id)) => Ok(id),
            (None, None) => Err(Fault::NoChaincodeId),
        };
        let chaincode_id = chaincode_id.map_err(|fault| faults.push(fault)).ok();
        let tls = read_tls(&variable, &mut faults);
        let address =
            variable("CHAINCODE_SERVER_ADDRESS").unwrap_or_else(|| DEFAULT_ADDRESS.to_owned());
        match (chaincode_id, tls) {
            (Some(chaincode_id), Some(tls)) if faults.is_empty() => {
                Ok(Self { chaincode_id, address, tls })
            }
            _ => Err(faults),
        }
    }
}

fn read_tls(variable: &impl Fn(&str) -> Option<String>, faults: &mut Vec<Fault>) -> Option<Tls> {
    let disabled = match variable("CHAINCODE_TLS_DISABLED").as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(value) => {
            faults.push(Fault::NotBoolean { value: value.to_owned() });
            return None;
        }
    };
    let client_ca = variable("CHAINCODE_CLIENT_CA_CERT").map(PathBuf::from);
    if disabled {
        if client_ca.is_some() {
            faults.push(Fault::ClientCaWithoutTls);
        }
        return Some(Tls::Disabled);
    }
    let mut file = |name| {
        let path = variable(name).map(PathBuf::from);
        if path.is_none() {
            faults.push(Fault::NoFile { variable: name });
        }
        path
    };
    let (certificate, key) = (file("CHAINCODE_TLS_CERT"), file("CHAINCODE_TLS_KEY"));
    Some(Tls::Enabled { certificate: certificate?, key: key?, client_ca })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Settings, Vec<Fault>> {
        Settings::read(|name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn takes_the_variables_of_the_samples() {
        let settings = read(&[
            ("CORE_CHAINCODE_ID_NAME", "canary-1:00"),
            ("CHAINCODE_TLS_CERT", "/tls/tls.crt"),
            ("CHAINCODE_TLS_KEY", "/tls/tls.key"),
            ("CHAINCODE_CLIENT_CA_CERT", ""),
        ]);
        let tls = Tls::Enabled {
            certificate: "/tls/tls.crt".into(),
            key: "/tls/tls.key".into(),
            client_ca: None,
        };
        let chaincode_id = "canary-1:00".to_owned();
        assert_eq!(settings, Ok(Settings { chaincode_id, address: DEFAULT_ADDRESS.into(), tls }));
    }

    #[test]
    fn runs_without_tls_only_when_told_to() {
        let settings = read(&[
            ("CHAINCODE_ID", "c:1"),
            ("CHAINCODE_SERVER_ADDRESS", "[::]:7777"),
            ("CHAINCODE_TLS_DISABLED", "true"),
        ])
        .unwrap();
        assert_eq!((settings.address.as_str(), settings.tls), ("[::]:7777", Tls::Disabled));
    }

    #[test]
    fn reports_all_faults_at_once() {
        let (certificate, key) = ("CHAINCODE_TLS_CERT", "CHAINCODE_TLS_KEY");
        let faults = read(&[]).unwrap_err();
        assert_eq!(
            faults,
            [
                Fault::NoChaincodeId,
                Fault::NoFile { variable: certificate },
                Fault::NoFile { variable: key }
            ]
        );
        let faults = read(&[
            ("CHAINCODE_ID", "c:1"),
            ("CORE_CHAINCODE_ID_NAME", "d:1"),
            ("CHAINCODE_TLS_DISABLED", "yes"),
        ]);
        let disagree = Fault::TwoChaincodeIds { id: "c:1".to_owned(), name: "d:1".to_owned() };
        assert_eq!(faults.unwrap_err(), [disagree, Fault::NotBoolean { value: "yes".to_owned() }]);
        let faults = read(&[
            ("CHAINCODE_ID", "c:1"),
            ("CHAINCODE_TLS_DISABLED", "true"),
            ("CHAINCODE_CLIENT_CA_CERT", "/ca.crt"),
        ]);
        assert_eq!(faults.unwrap_err(), [Fault::ClientCaWithoutTls]);
    }
}

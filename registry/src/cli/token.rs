//! `chart-registry token`: credentials, made on the storage itself.
//!
//! Whoever may write the storage is an administrator, so that the first token needs no other one. The
//! commands work beside a running server, which follows within a second.

use std::io::Write;

use chart_registry_store::{Actor, Location, RepositoryPath, TokenGrant};
use clap::{Args, Subcommand};

use crate::access::{Identity, Permission};
use crate::identity::{Lifetime, Order, permission};
use crate::refusal::{Fault, PublishError};
use crate::registry::{Options, Origin, Registry};

#[derive(Args)]
pub(super) struct Token {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Make a token; it is printed once, on stdout.
    Create(Create),
    /// List all tokens, one JSON object per line.
    List(Place),
    /// Make a token worthless.
    Revoke {
        #[command(flatten)]
        place: Place,

        /// Public name of the token: the part between the two `_`.
        id: String,
    },
}

#[derive(Args)]
struct Place {
    /// Where the packages and their journal are: a directory, or a bucket as the server names it.
    #[arg(long, alias = "storage", value_name = "DIR", env = "CHART_REGISTRY_DATA")]
    data: Location,
}

#[derive(Args)]
struct Create {
    #[command(flatten)]
    place: Place,

    /// Who acts when the token is used, for the journal.
    #[arg(long, value_name = "NAME", default_value = "admin")]
    subject: String,

    /// Path and permissions, as in `team/a=read,publish`; may be given many times. If not given, the
    /// token may do everything everywhere.
    #[arg(long, value_name = "PATH=PERMISSIONS", value_parser = grant)]
    grant: Vec<TokenGrant>,

    /// Time after which it is worth nothing: `30m`, `12h`, `90d` or `never`.
    #[arg(long, value_name = "TIME", default_value = "90d")]
    expires_in: Lifetime,
}

/// Why a command about tokens failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum TokenError {
    #[error("cannot open the storage `{place}`: {fault}")]
    Open { place: String, fault: Fault },
    #[error(
        "`{place}` is no storage: give the directory of the server, or make an empty directory for a new \
         one"
    )]
    Absent { place: String },
    #[error(transparent)]
    Refused(#[from] PublishError),
    #[error("cannot print: {0}")]
    Print(#[from] std::io::Error),
}

/// Reads `PATH=PERMISSION,PERMISSION`.
fn grant(text: &str) -> Result<TokenGrant, String> {
    let Some((path, permissions)) = text.split_once('=') else {
        return Err("write PATH=PERMISSIONS, as in `team/a=read,publish`".to_owned());
    };
    let below = RepositoryPath::parse(path).map_err(|error| error.to_string())?;
    let permissions: Vec<String> = permissions.split(',').map(str::to_owned).collect();
    permissions.iter().try_for_each(|name| permission(name).map(drop))?;
    Ok(TokenGrant { below, permissions })
}

fn everything() -> TokenGrant {
    let permissions = vec![Permission::Administer.name().to_owned()];
    TokenGrant { below: RepositoryPath::root(), permissions }
}

/// Who works on the storage itself.
fn operator() -> Origin {
    let Identity { subject, via, .. } = Identity::operator();
    let actor = Actor { sub: subject.to_string(), via: via.to_string() };
    Origin { actor, request: String::new(), repository: String::new() }
}

async fn open(place: Place) -> Result<Registry, TokenError> {
    let Place { data } = place;
    let place = data.to_string();
    // A directory with a slip of the pen must not become a storage.
    if let Location::Directory(path) = &data
        && !path.is_dir()
    {
        return Err(TokenError::Absent { place });
    }
    let opened = Registry::open_at(&data, Options::default()).await;
    opened.map_err(|fault| TokenError::Open { place, fault })
}

#[tokio::main]
pub(super) async fn run(token: Token) -> Result<(), TokenError> {
    let mut out = std::io::stdout().lock();
    let root = RepositoryPath::root();
    match token.action {
        Action::Create(Create { place, subject, grant, expires_in }) => {
            let grants = if grant.is_empty() { vec![everything()] } else { grant };
            let order = Order { subject, grants, expires_in };
            let registry = open(place).await?;
            let (secret, _) = registry.issue_token(order, &root, operator()).await?;
            writeln!(out, "{}", secret.reveal())?;
        }
        Action::List(place) => {
            for token in open(place).await?.tokens(&root) {
                writeln!(out, "{}", serde_json::to_string(&token).map_err(std::io::Error::other)?)?;
            }
        }
        Action::Revoke { place, id } => {
            let registry = open(place).await?;
            let decided = registry.revoke_token(id, &root, operator()).await?;
            writeln!(out, "{{\"revoked\":true,\"seq\":{}}}", decided.seq)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_a_path_and_permissions() {
        let read = grant("team/a=read,publish").unwrap();
        assert_eq!((read.below.as_str(), read.permissions.len()), ("team/a", 2));
        assert_eq!(grant("=administer").unwrap().below, RepositoryPath::root());
        for (wrong, word) in [("team", "PATH="), ("Team=read", "Team"), ("a=write", "`write`")] {
            assert!(grant(wrong).unwrap_err().contains(word), "{wrong}");
        }
    }
}

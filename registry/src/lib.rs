//! A Helm chart repository server: routes, admission and the commit path over store and catalogue.
//!
//! The way of a package, in [`Registry`]: authorize, receive with limits while hashing, inspect the
//! archive strictly, decide against the snapshot, make the bytes durable, commit, swap the snapshot,
//! answer. Durable comes before visible, visible before answered.
//!
//! Embedding it:
//!
//! ```no_run
//! # async fn example(package: bytes::Bytes) -> Result<(), Box<dyn std::error::Error>> {
//! use chart_registry::{Registry, serve};
//!
//! let registry = Registry::open(std::path::Path::new("storage")).await?;
//! let receipt = registry.publish(package).await?;
//! println!("{} {} has digest {}", receipt.name, receipt.version, receipt.digest);
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! serve(listener, registry, std::future::pending()).await?;
//! # Ok(())
//! # }
//! ```

mod access;
mod admission;
mod allowed_origin;
mod artifact_hub;
mod authorization;
mod bodies;
mod change;
mod changes;
pub mod chartmuseum;
pub mod cli;
mod clock;
#[cfg(test)]
mod clock_tests;
mod committer;
mod contents;
mod credentials;
mod draining;
mod external;
mod form_fields;
mod forwarded;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod identity;
mod inspection;
mod inspectors;
mod logging;
mod looks;
pub mod merged;
mod metrics;
mod oci;
mod opening;
mod openpgp;
mod operations;
mod options;
pub mod outbound;
mod paced;
mod pages;
mod peer;
mod provenance;
mod publishing;
mod quarantine;
mod quoted;
mod recent;
pub mod reference;
mod refusal;
mod refusal_of_storage;
mod registry;
mod request_id;
mod retention;
mod routes;
mod rules;
mod server;
pub mod settings;
mod shown;
mod sight;
mod signing;
mod similar;
mod spool;
mod target;
pub mod tls;
mod turns;
mod upkeep;
pub mod upstream;
mod views;
pub mod webhooks;

pub use access::Permission;
pub use allowed_origin::AllowedOrigin;
pub use artifact_hub::ArtifactHubId;
pub use form_fields::FormFields;
pub use forwarded::{Network, NetworkError};
pub use identity::{
    Anonymous, AuthorizationServer, Declared, DeclaredCertificate, DeclaredIssuer, DeclaredRule,
    DeclaredUser, IdentityOptions, Password,
};
pub use refusal::{Code, Fault, PublishError, Refusal};
pub use registry::{Options, Receipt, Registry, Versions};
pub use routes::{ROUTES, Route};
pub use server::{serve, serve_tls};

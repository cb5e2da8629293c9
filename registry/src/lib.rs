//! A Helm chart repository server: routes, admission and the commit path over store and catalogue.

use std::future::Future;
use std::io;
use std::path::Path;

use bytes::Bytes;

/// An open registry; cloning it is cheap and gives another handle on the same one.
#[derive(Clone)]
pub struct Registry(());

/// What a publish answers.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// Name of the chart.
    pub name: String,
    /// Version of the chart.
    pub version: String,
    /// Hex SHA-256 of the stored package.
    pub digest: String,
    /// True when this call stored the version; false when the same content was there already.
    pub created: bool,
}

/// Why a publish was not done.
#[derive(Debug, thiserror::Error)]
#[error("not built")]
pub struct PublishError(());

impl Registry {
    /// Opens the registry on `directory`, creating it when it does not exist.
    pub async fn open(_directory: &Path) -> Result<Self, PublishError> {
        Err(PublishError(()))
    }

    /// Publishes one package.
    pub async fn publish(&self, _package: Bytes) -> Result<Receipt, PublishError> {
        Err(PublishError(()))
    }

    /// The routes of this registry, to be served or nested elsewhere.
    pub fn router(&self) -> axum::Router {
        axum::Router::new()
    }
}

/// Serves `registry` on `listener` until `shutdown` completes and every running request is answered.
pub async fn serve(
    listener: tokio::net::TcpListener,
    registry: Registry,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(listener, registry.router()).with_graceful_shutdown(shutdown).await
}

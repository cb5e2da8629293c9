//! What is checked before a bucket is trusted: that it is reached, that it is ours, and that it
//! refuses to create what exists. Without the last, two writers would overwrite each other's commits.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt;
use object_store::ObjectStore;
use object_store::aws::{AmazonS3Builder, S3ConditionalPut};
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::path::Path;
use object_store::{BackoffConfig, RetryConfig};

use super::address::{Address, Kind};
use super::attempts::{Refused, often};
use super::connection::Http;
use super::credentials;
use super::{Bucket, Client};
use crate::directory::{check_format, format_text};
use crate::error::StoreError;
use crate::key::Key;
use crate::store::PutOutcome;

impl Bucket {
    /// Opens the store at `address`, making it when there is none and it is to be written to.
    pub(crate) async fn open_at(address: &Address, writable: bool) -> Result<Self, StoreError> {
        let client = client(address)
            .map_err(|reason| StoreError::Unreachable { place: address.to_string(), reason })?;
        Self::open_on(client, &address.prefix, writable).await
    }

    /// Opens the store below `prefix` of what `client` reaches.
    pub(crate) async fn open_on(
        client: Arc<dyn Client>,
        prefix: &str,
        writable: bool,
    ) -> Result<Self, StoreError> {
        let bucket = Self::new(client, prefix);
        match bucket.read(&Key::Format).await? {
            Some(text) => check_format(&text)?,
            None => bucket.make_layout(writable).await?,
        }
        if writable {
            bucket.refuse_without_conditions().await?;
        }
        Ok(bucket)
    }

    async fn make_layout(&self, writable: bool) -> Result<(), StoreError> {
        if let Some(found) = self.list_anything().await? {
            // Another process may have made the layout in between.
            return match self.read(&Key::Format).await? {
                Some(text) => check_format(&text),
                None => Err(StoreError::NotAStore { found }),
            };
        }
        if !writable {
            let reason = "there is nothing in it, and nothing may be written".to_owned();
            return Err(Refused::Never(reason).into_error("open", &self.path("FORMAT")));
        }
        self.put_new(&Key::Format, Bytes::from(format_text()?)).await.map(drop)
    }

    /// One name below our prefix.
    async fn list_anything(&self) -> Result<Option<String>, StoreError> {
        let prefix = (!self.prefix.is_empty()).then(|| Path::from(self.prefix.as_str()));
        let first = || async { self.client.list(prefix.as_ref()).next().await.transpose() };
        match often(first).await {
            Ok(found) => Ok(found.map(|meta| meta.location.to_string())),
            Err(refused) => Err(refused.into_error("list", &self.path(""))),
        }
    }

    /// Creates an object twice: the second time must be refused.
    async fn refuse_without_conditions(&self) -> Result<(), StoreError> {
        let path = self.path(&format!("probe/{:016x}", RandomState::new().hash_one("probe")));
        let text = Bytes::from_static(b"whether a second create is refused\n");
        self.settle(&path, text).await?;
        let second = self.settle(&path, Bytes::from_static(b"it is not\n")).await;
        self.remove_path(&path).await?;
        match second? {
            PutOutcome::Exists => Ok(()),
            PutOutcome::Created => Err(StoreError::Unconditional),
        }
    }
}

/// One attempt: what may be tried again is known here only.
fn one_attempt() -> RetryConfig {
    RetryConfig { max_retries: 0, backoff: BackoffConfig::default(), ..RetryConfig::default() }
}

fn client(address: &Address) -> Result<Arc<dyn Client>, String> {
    let http = Http::new()?;
    let client: object_store::Result<Arc<dyn Client>> = match &address.kind {
        Kind::S3 { region, virtual_hosts } => {
            let builder = AmazonS3Builder::from_env()
                .with_bucket_name(&address.bucket)
                .with_conditional_put(S3ConditionalPut::ETagMatch)
                .with_virtual_hosted_style_request(*virtual_hosts)
                .with_retry(one_attempt())
                .with_http_connector(http);
            let builder = given(builder, region.as_ref(), |it, region| it.with_region(region));
            let builder = given(builder, address.endpoint.as_ref(), |builder, endpoint| {
                builder.with_endpoint(endpoint).with_allow_http(address.is_plain())
            });
            credentials::from_file(builder)?.build().map(|client| Arc::new(client) as _)
        }
        Kind::Google => {
            let builder = GoogleCloudStorageBuilder::from_env()
                .with_bucket_name(&address.bucket)
                .with_retry(one_attempt())
                .with_http_connector(http);
            let endpoint = address.endpoint.as_ref();
            let builder =
                given(builder, endpoint, |builder, endpoint| builder.with_base_url(endpoint));
            builder.build().map(|client| Arc::new(client) as _)
        }
        Kind::Azure { account } => {
            let builder = MicrosoftAzureBuilder::from_env()
                .with_container_name(&address.bucket)
                .with_retry(one_attempt())
                .with_http_connector(http);
            let builder = given(builder, account.as_ref(), |it, account| it.with_account(account));
            let builder = given(builder, address.endpoint.as_ref(), |builder, endpoint| {
                builder.with_endpoint(endpoint.clone()).with_allow_http(address.is_plain())
            });
            builder.build().map(|client| Arc::new(client) as _)
        }
    };
    client.map_err(|error| error.to_string())
}

/// A builder with a value, where there is one.
fn given<B>(builder: B, value: Option<&String>, with: impl Fn(B, &String) -> B) -> B {
    match value {
        Some(value) => with(builder, value),
        None => builder,
    }
}

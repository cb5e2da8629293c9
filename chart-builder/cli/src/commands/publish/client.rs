//! The conversation with the registry: where it begins in the path, who the caller is there, and the
//! release itself.
//!
//! Left out: other kinds of registries. Several charts that appear together, or not at all, are a
//! promise that only the registry's own API makes.

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use chart_registry::outbound::header::{self, HeaderValue};
use chart_registry::outbound::{
    Client, Credentials, Limits, Outbound, OutboundError, OutboundSettings, Proxies, Request, Url,
};
use semver::Version;

use super::answer::{Answer, Identity, Released, Verdict};
use super::destination::Destination;
use super::form::Form;
use super::packages::Package;
use super::{PublishError, advice};

/// What the answer to a question may cost.
const QUESTION: Limits = Limits { bytes: 4 << 20, time: Duration::from_secs(30) };

/// What a release may cost: the registry itself gives the body ten minutes.
const RELEASE: Limits = Limits { bytes: 4 << 20, time: Duration::from_mins(11) };

/// Who says so.
const AGENT: &str = concat!("chart-builder/", env!("CARGO_PKG_VERSION"));

/// How often a release is sent when answers get lost; the same again changes nothing.
const ATTEMPTS: u32 = 4;

/// Wait before the second attempt; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(500);

/// A repository of a registry that answers.
pub(super) struct Repository {
    client: Client,
    credentials: Option<Credentials>,
    /// Path of the registry, and of the repository within it.
    place: Vec<String>,
    path: Vec<String>,
    destination: Destination,
}

impl Repository {
    /// Finds the registry that the repository belongs to, and asks whether the caller may publish.
    pub(super) async fn find(
        destination: Destination,
        credentials: Option<Credentials>,
        ca_files: Vec<PathBuf>,
    ) -> Result<Self, PublishError> {
        let proxies = Proxies::from_environment();
        let settings = OutboundSettings { ca_files, proxies, ..OutboundSettings::default() };
        let outbound = Outbound::new(settings).map_err(PublishError::Trust)?;
        let named = [destination.url().clone()];
        let client = outbound.uploading_client(&named).map_err(PublishError::Trust)?;
        let (mut seen, mut closed) = (Vec::new(), None);
        let cuts: Vec<(Vec<String>, Vec<String>)> =
            destination.cuts().map(|(place, path)| (place.to_vec(), path.to_vec())).collect();
        for (place, path) in cuts {
            let (destination, client) = (destination.clone(), client.clone());
            let repository = Self { client, credentials: None, place, path, destination };
            let url = repository.route("identity");
            let mut answer = repository.ask(&url).await?;
            let known = Self { credentials: credentials.clone(), ..repository };
            // Who stands before the registry may want to see the credentials, too; nobody else does.
            if credentials.is_some() && (answer.is_registry() || answer.wants_credentials()) {
                answer = known.ask(&url).await?;
            }
            if answer.is_registry() {
                return known.admitted(&answer);
            }
            seen.push((url, answer.status));
            if answer.wants_credentials() || answer.passes() {
                closed.get_or_insert(answer);
            }
        }
        let url = destination.shown();
        Err(match closed {
            Some(answer) => PublishError::refused(url, &answer, credentials.is_some()),
            None => PublishError::not_a_registry(url, &seen),
        })
    }

    /// Itself, when the answer says that the caller may publish.
    fn admitted(self, answer: &Answer) -> Result<Self, PublishError> {
        let url = self.destination.shown().to_owned();
        let Some(identity) = answer.json::<Identity>() else {
            return Err(PublishError::refused(&url, answer, self.credentials.is_some()));
        };
        if identity.permissions.iter().any(|permission| permission == "publish") {
            return Ok(self);
        }
        let may = identity.permissions.join(", ");
        let may = if may.is_empty() { "nothing".to_owned() } else { may };
        Err(PublishError::NoPermission { url, subject: identity.subject, may })
    }

    /// A route of the registry's own API for this repository.
    fn route(&self, name: &str) -> Url {
        let place = self.place.iter().map(String::as_str);
        let path = self.path.iter().map(String::as_str);
        self.destination.beside(place.chain(["-", "v1", name]).chain(path))
    }

    async fn ask(&self, url: &Url) -> Result<Answer, PublishError> {
        let request = Request::get(url.clone(), QUESTION).credentials(self.credentials.clone());
        let url = self.destination.shown();
        self.answer(request)
            .await
            .map_err(|source| PublishError::Away { url: url.to_owned(), source })
    }

    async fn answer(&self, request: Request) -> Result<Answer, OutboundError> {
        let request = request.header(header::USER_AGENT, HeaderValue::from_static(AGENT));
        let response = self.client.send(request).await?;
        let status = response.status().as_u16();
        Ok(Answer { status, body: response.bytes().await? })
    }

    fn silent(&self, source: OutboundError) -> PublishError {
        PublishError::Silent { url: self.destination.shown().to_owned(), source }
    }

    /// Publishes packages as one release: all of them appear, or none does.
    pub(super) async fn publish(
        &self,
        packages: &[Package],
        (form, dry_run): (&Form, bool),
    ) -> Result<Released, PublishError> {
        let mut pause = PAUSE;
        let mut attempt = 1;
        loop {
            let sent = self.answer(self.release(form, dry_run)?).await;
            let last = attempt == ATTEMPTS;
            match sent {
                Ok(answer) if last || !answer.passes() => {
                    return match answer.verdict(dry_run) {
                        Verdict::Released(released) => Ok(released),
                        Verdict::Taken(refusal) => Err(PublishError::Taken {
                            next: self.free_version(&refusal.name(), packages).await,
                            refusal: Box::new(refusal),
                        }),
                        Verdict::Refused => {
                            let url = self.destination.shown();
                            Err(PublishError::refused(url, &answer, self.credentials.is_some()))
                        }
                    };
                }
                Err(error) if last || !is_lost(&error) => return Err(self.silent(error)),
                // Whatever became of it: the same content again is a success.
                Ok(_) | Err(_) => {}
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
            attempt += 1;
        }
    }

    fn release(&self, form: &Form, dry_run: bool) -> Result<Request, PublishError> {
        let mut url = self.route("releases");
        if dry_run {
            url.set_query(Some("dry-run"));
        }
        let unusable = |_| PublishError::System {
            action: "write the header of a form",
            source: std::io::ErrorKind::InvalidInput.into(),
        };
        let kind = form.content_type.parse().map_err(unusable)?;
        let body: Bytes = form.body.clone();
        Ok(Request::post(url, body, RELEASE)
            .header(header::CONTENT_TYPE, kind)
            .credentials(self.credentials.clone()))
    }

    /// A version that none of the charts has that were built with the one at fault. Versions that
    /// were deleted are unknown here, so it is advice and no promise.
    async fn free_version(&self, chart: &str, packages: &[Package]) -> Option<Version> {
        let taken = &packages.iter().find(|package| package.name == chart)?.version;
        let mut versions = vec![taken.precedence().clone()];
        for package in packages.iter().filter(|package| package.version == *taken) {
            let place = self.place.iter().map(String::as_str);
            let path = self.path.iter().map(String::as_str);
            let rest = path.chain(["charts", &package.name]);
            let url = self.destination.beside(place.chain(["api"]).chain(rest));
            // Whoever may publish need not be one who may read: then the own version has to do.
            let Ok(answer) = self.ask(&url).await else { continue };
            versions.extend(answer.versions());
        }
        advice::next(versions)
    }
}

/// Whether a request may have been answered without anybody hearing of it.
fn is_lost(error: &OutboundError) -> bool {
    matches!(error, OutboundError::Broken { .. })
}

//! Why nothing was published: the place, the reason, and what to do.

use std::io;
use std::path::PathBuf;

use chart_format::archive;
use chart_registry::outbound::{OutboundError, Url};
use semver::Version;

use super::answer::{Answer, Refusal};

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PublishError {
    /// A file cannot be read.
    #[error("cannot read `{}`", file.display())]
    Read {
        /// The file or directory.
        file: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file is too large to be what it should be.
    #[error("`{}` is larger than {limit} bytes, and nothing was sent", file.display())]
    FileTooLarge {
        /// The file.
        file: PathBuf,
        /// Most bytes.
        limit: u64,
    },
    /// A file is no package.
    #[error(
        "`{}` is no package that can be published, and nothing was sent: {rule}; build it again with \
         `chart-builder build`",
        file.display()
    )]
    Package {
        /// The file.
        file: PathBuf,
        /// The rule that it breaks.
        rule: archive::Refusal,
    },
    /// The topology has a version that was not built.
    #[error(
        "network.yaml says {network} {version}, and there is no {files}: build it with `chart-builder \
         build`, or name the directory of its packages with `--from`"
    )]
    NotBuilt {
        /// The network.
        network: String,
        /// Its version.
        version: Version,
        /// The packages that are missing.
        files: String,
    },
    /// A file holds another chart than its name says.
    #[error("`{}` holds {holds}: build it again with `chart-builder build`", file.display())]
    OtherChart {
        /// The file.
        file: PathBuf,
        /// Name and version in it.
        holds: String,
    },
    /// A directory holds no package.
    #[error("`{}` holds no package, no file `*.tgz`", directory.display())]
    NoPackages {
        /// The directory.
        directory: PathBuf,
    },
    /// The URL names no repository that can be published to.
    #[error("cannot publish to `{url}`: {reason}; {fix}")]
    Url {
        /// The URL, or the argument that it stands in.
        url: String,
        /// Why not.
        reason: &'static str,
        /// What to do.
        fix: &'static str,
    },
    /// A file holds no secret.
    #[error("`{}` holds no secret: {reason}; write it on one line", file.display())]
    Secret {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A user without a password.
    #[error(
        "there is no password for `--user {user}`: name a file with `--password-file`, or set the variable \
         CHART_BUILDER_PASSWORD"
    )]
    NoPassword {
        /// The user.
        user: String,
    },
    /// The client cannot be made.
    #[error("cannot ask other servers")]
    Trust(#[source] OutboundError),
    /// There is no answer to a question, so that nothing was sent.
    #[error(
        "`{url}` does not answer, and nothing was sent; see that the registry runs and that the URL is right. A server \
         with a certificate of an authority of your own needs `--ca-file FILE`"
    )]
    Away {
        /// The repository.
        url: String,
        /// Why not.
        source: OutboundError,
    },
    /// There is no answer to what was sent.
    #[error(
        "`{url}` does not answer, and whether something was published is not known; see that the registry runs, \
         then publish again: what is there already stays as it is"
    )]
    Silent {
        /// The repository.
        url: String,
        /// Why not.
        source: OutboundError,
    },
    /// Something else answers.
    #[error(
        "`{url}` is no repository of a chart-registry ({seen}). chart-builder publishes to chart-registry alone, \
         because all charts of a network have to appear together. For ChartMuseum send each package with `curl \
         --data-binary @FILE {url}/api/charts`, for an OCI registry with `helm push FILE oci://HOST/PATH`"
    )]
    OtherServer {
        /// The URL.
        url: String,
        /// Who was asked, and what came.
        seen: String,
    },
    /// A gateway before the registry, or the registry itself, knows nobody.
    #[error("`{url}` does not let anybody in without a credential it knows ({told}): {fix}")]
    Unauthorized {
        /// The repository.
        url: String,
        /// What it said.
        told: String,
        /// What to do.
        fix: &'static str,
    },
    /// The caller is known and may not publish.
    #[error(
        "`{subject}` may not publish to `{url}` (may do there: {may}); ask an administrator of the path for a token with \
         `publish`"
    )]
    NoPermission {
        /// The repository.
        url: String,
        /// Who the caller is there.
        subject: String,
        /// What the caller may do.
        may: String,
    },
    /// A version has other content.
    #[error("nothing was published: {}: {}{}", refusal.place, refusal.what, advised(next.as_ref()))]
    Taken {
        /// What the registry said.
        refusal: Box<Refusal>,
        /// A version that is free.
        next: Option<Version>,
    },
    /// The registry refuses for another reason.
    #[error("nothing was published to `{url}`: {refusal}")]
    Refused {
        /// The repository.
        url: String,
        /// What it said.
        refusal: Box<Refusal>,
    },
    /// An answer that no registry gives.
    #[error(
        "`{url}` answered {status} and {begins}: that is no answer of a chart-registry; look at what stands between, a \
         proxy's limit of sizes or its login, and publish again"
    )]
    Strange {
        /// The repository.
        url: String,
        /// The status.
        status: u16,
        /// How the body begins.
        begins: String,
    },
    /// The system does not do what it should.
    #[error("cannot {action}")]
    System {
        /// What was tried.
        action: &'static str,
        /// Why not.
        source: io::Error,
    },
}

/// What to do about a version that is taken.
fn advised(next: Option<&Version>) -> String {
    let free = match next {
        Some(version) => format!(", {version} for example"),
        None => String::new(),
    };
    format!(
        ". A published version never changes: set `metadata.version` in network.yaml to one that is free{free}, then build \
         and publish it"
    )
}

impl PublishError {
    /// What an answer means that is no release.
    pub(super) fn refused(url: &str, answer: &Answer, with_credentials: bool) -> Self {
        let url = url.to_owned();
        let refusal = answer.refusal();
        if answer.status == 401 {
            let told = refusal.map_or_else(|| answer.begins(), |refusal| refusal.what);
            let fix = if with_credentials {
                "the credential is worth nothing there; make a new token, or correct user and password"
            } else {
                "give one with `--token-file FILE`, the variable CHART_BUILDER_TOKEN, or `--user NAME --password-file \
                 FILE`"
            };
            return Self::Unauthorized { url, told, fix };
        }
        match refusal {
            Some(refusal) => Self::Refused { url, refusal: Box::new(refusal) },
            None => Self::Strange { url, status: answer.status, begins: answer.begins() },
        }
    }

    /// Nothing at a URL is a registry of ours.
    pub(super) fn not_a_registry(url: &str, seen: &[(Url, u16)]) -> Self {
        let seen: Vec<String> = seen
            .iter()
            .map(|(url, status)| format!("`{}` answered {status}", url.path()))
            .collect();
        Self::OtherServer { url: url.to_owned(), seen: seen.join(", ") }
    }
}

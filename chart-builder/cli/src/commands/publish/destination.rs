//! Where packages go, and who sends them: the arguments, read strictly.
//!
//! A secret never stands in an argument, because every process of the machine can read those: it
//! comes from a file or from the environment.

use std::path::{Path, PathBuf};

use chart_registry::outbound::{Credentials, Url};

use super::PublishError;
use super::packages::limited;

/// Most bytes of a file with a secret.
const MAX_SECRET_BYTES: u64 = 64 << 10;

/// Variable that holds a token.
pub(super) const TOKEN: &str = "CHART_BUILDER_TOKEN";

/// Variable that holds the password of `--user`.
pub(super) const PASSWORD: &str = "CHART_BUILDER_PASSWORD";

/// A repository of a registry, as a person names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Destination {
    url: Url,
    /// The segments of its path.
    segments: Vec<String>,
}

/// Where credentials come from.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Secrets {
    /// File with a token of the registry; the variable `CHART_BUILDER_TOKEN` holds one otherwise.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Name of a user, for Basic authentication in place of a token.
    #[arg(long, value_name = "NAME", conflicts_with = "token_file")]
    user: Option<String>,
    /// File with the user's password; the variable `CHART_BUILDER_PASSWORD` holds it otherwise.
    #[arg(long, value_name = "FILE", requires = "user")]
    password_file: Option<PathBuf>,
}

impl Destination {
    /// Reads the URL of a repository.
    pub(super) fn parse(text: &str) -> Result<Self, PublishError> {
        let refuse = |shown: &str, reason, fix| {
            Err(PublishError::Url { url: shown.to_owned(), reason, fix })
        };
        let Ok(mut url) = Url::parse(text) else {
            return refuse(
                text,
                "it is no URL",
                "write `https://HOST/PATH`, as for `helm repo add`",
            );
        };
        if !url.username().is_empty() || url.password().is_some() {
            // The text itself is not told again.
            let fix = "use `--user NAME` with `--password-file FILE`, or `--token-file FILE`";
            return refuse("--to", "it holds a user or a password", fix);
        }
        if url.scheme() == "oci" {
            let fix = "write `https://` and the same host and path: the charts can be pulled by \
                       `oci://` from there, too";
            return refuse(text, "one release of several charts needs the registry's own API", fix);
        }
        if !["http", "https"].contains(&url.scheme()) {
            return refuse(text, "it is no URL of a web server", "begin it with `https://`");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return refuse(text, "it has a `?` or a `#`", "write the repository's URL alone");
        }
        let segments: Vec<String> =
            url.path().split('/').filter(|it| !it.is_empty()).map(str::to_owned).collect();
        if segments.iter().any(|segment| segment.starts_with('~')) {
            let fix = "leave the segment with `~` away";
            return refuse(text, "it is a view, and charts are published to a repository", fix);
        }
        if segments.last().is_some_and(|last| last == "index.yaml") {
            return refuse(text, "it is an index", "leave `index.yaml` away");
        }
        if let [.., last] = segments.as_slice()
            && ["charts", "prov"].contains(&last.as_str())
            && segments.iter().any(|segment| segment == "api")
        {
            let fix =
                "leave `api` and what follows the repository's path away, as for `helm repo add`";
            return refuse(text, "single packages are posted there", fix);
        }
        url.set_path(&segments.join("/"));
        Ok(Self { url, segments })
    }

    /// The repository's URL without a slash at its end.
    pub(super) fn shown(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// Every way to cut the path into that of the registry and that of the repository within it, the
    /// longest path of a registry first: below it nobody else answers for the repository.
    pub(super) fn cuts(&self) -> impl Iterator<Item = (&[String], &[String])> {
        (0..=self.segments.len()).rev().map(|at| self.segments.split_at(at))
    }

    /// A URL of the same host.
    pub(super) fn beside<'a>(&self, path: impl IntoIterator<Item = &'a str>) -> Url {
        let mut url = self.url.clone();
        let mut text = String::new();
        for segment in path {
            text.extend(["/", segment]);
        }
        url.set_path(&text);
        url
    }
}

impl Secrets {
    /// Reads what the arguments and the environment name; nobody is anonymous by mistake, so a file
    /// that cannot be read is an error.
    pub(super) fn read(
        &self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Credentials>, PublishError> {
        let variable = |name| variable(name).filter(|value| !value.is_empty());
        if let Some(user) = &self.user {
            let password = match &self.password_file {
                Some(file) => secret(file)?,
                None => variable(PASSWORD)
                    .ok_or_else(|| PublishError::NoPassword { user: user.clone() })?,
            };
            return Ok(Some(Credentials::Basic { user: user.clone(), password }));
        }
        let token = match &self.token_file {
            Some(file) => Some(secret(file)?),
            None => variable(TOKEN),
        };
        Ok(token.map(Credentials::Bearer))
    }
}

/// The one line of a file with a secret.
fn secret(file: &Path) -> Result<String, PublishError> {
    let unusable = |reason| PublishError::Secret { file: file.to_owned(), reason };
    let text = String::from_utf8(limited(file, MAX_SECRET_BYTES)?)
        .map_err(|_| unusable("it is no text"))?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        return Err(unusable("it is empty"));
    }
    if text.contains('\n') {
        return Err(unusable("it has more than one line"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        Destination::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn a_repository_is_named_by_a_plain_url_of_a_web_server() {
        let parsed = Destination::parse("https://charts.example/team/fabric/").unwrap();
        assert_eq!(parsed.shown(), "https://charts.example/team/fabric");
        assert_eq!(Destination::parse("http://h:8080").unwrap().shown(), "http://h:8080");
        assert!(refused("charts.example").contains("it is no URL"));
        assert!(refused("oci://charts.example/team").contains("`https://` and the same host"));
        assert!(refused("ftp://charts.example").contains("begin it with `https://`"));
        assert!(refused("https://h/team?x=1").contains("alone"));
        assert!(refused("https://h/team/~latest=3").contains("it is a view"));
        assert!(refused("https://h/team/index.yaml").contains("leave `index.yaml` away"));
        for api in ["https://h/api/charts", "https://h/x/api/team/charts/", "https://h/api/prov"] {
            assert!(refused(api).contains("leave `api` and"), "{api}");
        }
        assert!(Destination::parse("https://h/charts/team").is_ok());
        assert!(Destination::parse("https://h/charts").is_ok());
    }

    #[test]
    fn a_password_in_a_url_is_refused_and_not_told() {
        let text = refused("https://ci:hunter2@charts.example/team");
        assert!(text.contains("--password-file") && !text.contains("hunter2"), "{text}");
    }

    #[test]
    fn the_path_is_cut_everywhere_and_the_longest_place_of_a_registry_comes_first() {
        let parsed = Destination::parse("https://h/a/b").unwrap();
        let cuts: Vec<String> = parsed
            .cuts()
            .map(|(place, repository)| format!("{}|{}", place.join("/"), repository.join("/")))
            .collect();
        assert_eq!(cuts, ["a/b|", "a|b", "|a/b"]);
        assert_eq!(parsed.beside(["a", "-", "v1"]).as_str(), "https://h/a/-/v1");
    }

    #[test]
    fn a_secret_is_one_line_of_a_file_or_a_variable() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        std::fs::write(&file, "cr_a_b\n").unwrap();
        let none = |_: &str| None;
        let given = Secrets { token_file: Some(file.clone()), ..Secrets::default() };
        assert_eq!(given.read(none).unwrap(), Some(Credentials::Bearer("cr_a_b".to_owned())));
        for (content, reason) in [("", "empty"), ("a\nb\n", "more than one line")] {
            std::fs::write(&file, content).unwrap();
            assert!(given.read(none).unwrap_err().to_string().contains(reason), "{content}");
        }
        let environment = |name: &str| Some(format!("of-{name}"));
        let read = |secrets: Secrets| secrets.read(environment).unwrap();
        let token = Credentials::Bearer("of-CHART_BUILDER_TOKEN".to_owned());
        assert_eq!(read(Secrets::default()), Some(token));
        let user = Secrets { user: Some("ci".to_owned()), ..Secrets::default() };
        let password = "of-CHART_BUILDER_PASSWORD".to_owned();
        assert_eq!(
            read(user.clone()),
            Some(Credentials::Basic { user: "ci".to_owned(), password })
        );
        let text = user.read(none).unwrap_err().to_string();
        assert!(text.contains("CHART_BUILDER_PASSWORD"), "{text}");
        assert_eq!(Secrets::default().read(|_| Some(String::new())).unwrap(), None);
    }
}

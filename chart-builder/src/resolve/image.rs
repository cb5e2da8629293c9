//! Image references: `[host/]repository[:tag][@digest]`.

use crate::model::Image;
use crate::spec;

/// The parts of a reference; nothing is checked but where they begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts<'a> {
    /// Host and port, if the first component is one: it has a dot or a colon, or is `localhost`.
    pub host: Option<&'a str>,
    /// Everything between host and tag.
    pub repository: &'a str,
    /// Behind the colon.
    pub tag: Option<&'a str>,
    /// Behind the `@`.
    pub digest: Option<&'a str>,
}

/// Splits a reference as container runtimes do.
pub fn split(reference: &str) -> Parts<'_> {
    let (name, digest) = match reference.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (reference, None),
    };
    let (name, tag) = match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (name, None),
    };
    let is_host = |first: &str| first.contains(['.', ':']) || first == "localhost";
    match name.split_once('/') {
        Some((first, rest)) if is_host(first) => {
            Parts { host: Some(first), repository: rest, tag, digest }
        }
        _ => Parts { host: None, repository: name, tag, digest },
    }
}

/// What was said, completed by the registry and by repository and tag of the default image.
pub fn resolve(said: Option<&spec::Image>, registry: &str, default: (&str, &str)) -> Image {
    let (repository, default_tag) = default;
    let parts = match said {
        None => split(repository),
        Some(spec::Image::Reference(reference)) => split(reference),
        Some(spec::Image::Fields { repository: said, tag, digest }) => Parts {
            tag: tag.as_deref(),
            digest: digest.as_deref(),
            ..split(said.as_deref().unwrap_or(repository))
        },
    };
    Image {
        registry: parts.host.unwrap_or(registry).trim_end_matches('/').to_owned(),
        repository: parts.repository.to_owned(),
        tag: parts.tag.unwrap_or(default_tag).to_owned(),
        digest: parts.digest.map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_no_tag_and_a_digest_is_no_tag() {
        let parts = split("registry:5000/cc/asset@sha256:ab");
        assert_eq!((parts.host, parts.repository), (Some("registry:5000"), "cc/asset"));
        assert_eq!((parts.tag, parts.digest), (None, Some("sha256:ab")));
        assert_eq!(split("busybox:1.36.1").tag, Some("1.36.1"));
    }

    #[test]
    fn the_registry_goes_before_what_names_no_host() {
        let said = |text: &str| Some(spec::Image::Reference(text.to_owned()));
        let image = resolve(said("cc/asset:1").as_ref(), "registry.example.org/fabric/", ("", ""));
        assert_eq!(image.registry, "registry.example.org/fabric");
        let image = resolve(said("ghcr.io/cc/asset:1").as_ref(), "registry.example.org", ("", ""));
        assert_eq!((image.registry.as_str(), image.repository.as_str()), ("ghcr.io", "cc/asset"));
    }
}

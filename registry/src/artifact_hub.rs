//! IDs under which Artifact Hub knows repositories: whoever serves one in a repository owns it there.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use chart_registry_store::RepositoryPath;

/// Longest ID.
const MAX_ID_BYTES: usize = 64;

/// The ID of one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactHubId {
    /// The repository here.
    pub path: RepositoryPath,
    /// The ID that Artifact Hub shows for it.
    pub id: String,
}

impl FromStr for ArtifactHubId {
    type Err = String;

    /// Reads `ID`, for the root, or `PATH=ID`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (path, id) = text.trim().split_once('=').unwrap_or(("", text.trim()));
        let path =
            RepositoryPath::parse(path.trim_matches('/')).map_err(|error| error.to_string())?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if id.is_empty() || id.len() > MAX_ID_BYTES || !id.bytes().all(plain) {
            return Err(format!("`{id}` is no ID of Artifact Hub"));
        }
        Ok(Self { path, id: id.to_owned() })
    }
}

impl Display for ArtifactHubId {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        if !self.path.as_str().is_empty() {
            write!(formatter, "{}=", self.path)?;
        }
        formatter.write_str(&self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_for_the_root_or_for_a_path() {
        for text in ["4abd1e9c-7c1f-4c52-a5f2-f00f1a8d2b11", "team/a=4abd1e9c"] {
            assert_eq!(text.parse::<ArtifactHubId>().unwrap().to_string(), text);
        }
        for text in ["", "a=", "Team=1", "a b", "1: x", "a=b=c"] {
            assert!(text.parse::<ArtifactHubId>().is_err(), "{text}");
        }
    }
}

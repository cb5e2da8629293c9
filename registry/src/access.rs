//! Who a caller is and what they may do: permissions, and grants below paths.
//!
//! Left out: how a caller shows who they are; so far everybody is anonymous.

use std::sync::Arc;

use chart_registry_store::RepositoryPath;

/// Something that a caller may be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// Reading the index, packages and descriptions.
    Read,
    /// Adding a version.
    Publish,
    /// Taking a version away.
    Delete,
    /// Changing the rules of a repository, and what only an operator may do.
    Administer,
}

impl Permission {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::Read, Self::Publish, Self::Delete, Self::Administer];

    /// Its name in the table of routes, in grants and in refusals.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Publish => "publish",
            Self::Delete => "delete",
            Self::Administer => "administer",
        }
    }

    /// Whether it changes the repository.
    pub fn writes(self) -> bool {
        self != Self::Read
    }
}

/// Permissions for a repository and all below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) below: RepositoryPath,
    pub(crate) permissions: Vec<Permission>,
}

/// A caller.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    /// Who it is, for the journal.
    pub(crate) subject: Arc<str>,
    /// How that is known, for the journal.
    pub(crate) via: Arc<str>,
    grants: Arc<[Grant]>,
}

impl Identity {
    /// A caller with these grants.
    pub(crate) fn new(subject: &str, via: &str, grants: Vec<Grant>) -> Self {
        Self { subject: Arc::from(subject), via: Arc::from(via), grants: Arc::from(grants) }
    }

    /// Somebody of whom nothing is known.
    pub(crate) fn anonymous(permissions: Vec<Permission>) -> Self {
        let grant = Grant { below: RepositoryPath::root(), permissions };
        Self::new("anonymous", "http", vec![grant])
    }

    /// Whether the caller may do something in a repository.
    pub(crate) fn may(&self, permission: Permission, repository: &RepositoryPath) -> bool {
        self.grants.iter().any(|grant| {
            grant.permissions.contains(&permission) && repository.is_within(&grant.below)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_holds_below_its_path_and_for_its_permissions_only() {
        let path = |text| RepositoryPath::parse(text).unwrap();
        let grant = |below, permissions: &[Permission]| Grant {
            below: path(below),
            permissions: permissions.to_vec(),
        };
        let grants =
            vec![grant("team", &[Permission::Read]), grant("team/a", &[Permission::Publish])];
        let identity = Identity::new("ci", "token", grants);
        assert!(identity.may(Permission::Read, &path("team/a/b")));
        assert!(identity.may(Permission::Publish, &path("team/a")));
        assert!(!identity.may(Permission::Publish, &path("team")));
        assert!(!identity.may(Permission::Publish, &path("team/ab")));
        assert!(!identity.may(Permission::Read, &path("")));
        assert!(!identity.may(Permission::Delete, &path("team/a")));
    }
}

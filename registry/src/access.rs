//! Who a caller is and what they may do: permissions, and grants below paths.
//!
//! Left out: how a caller shows who they are; that is `identity`.

use std::sync::Arc;

use chart_registry_store::RepositoryPath;

/// Something that a caller may be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// Hearing who one is to this server: whoever may do anything anywhere may. It is not granted.
    Enter,
    /// Reading the index, packages and descriptions.
    Read,
    /// Adding a version.
    Publish,
    /// Taking a version away.
    Delete,
    /// Changing the rules of a repository and giving tokens for it; includes all others.
    Administer,
}

impl Permission {
    /// Those that can be granted.
    pub const ALL: [Self; 4] = [Self::Read, Self::Publish, Self::Delete, Self::Administer];

    /// The permission that a grant calls so.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|permission| permission.name() == name)
    }

    /// Its name in the table of routes, in grants and in refusals.
    pub fn name(self) -> &'static str {
        match self {
            Self::Enter => "enter",
            Self::Read => "read",
            Self::Publish => "publish",
            Self::Delete => "delete",
            Self::Administer => "administer",
        }
    }

    /// Whether it changes the repository.
    pub fn writes(self) -> bool {
        !matches!(self, Self::Enter | Self::Read)
    }
}

/// Permissions for a repository and all below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) below: RepositoryPath,
    pub(crate) permissions: Vec<Permission>,
}

impl Grant {
    /// Everything everywhere.
    pub(crate) fn everything() -> Self {
        Self { below: RepositoryPath::root(), permissions: vec![Permission::Administer] }
    }
}

/// How a caller is known of whom nothing is known.
const ANONYMOUS_VIA: &str = "http";

/// A caller.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    /// Who it is, for the journal.
    pub(crate) subject: Arc<str>,
    /// How that is known, for the journal.
    pub(crate) via: Arc<str>,
    grants: Arc<[Grant]>,
    /// Whether the caller may read everything because everybody may.
    reads: bool,
}

impl Identity {
    /// A caller with these grants.
    pub(crate) fn new(subject: &str, via: &str, grants: Vec<Grant>) -> Self {
        let (subject, via, grants) = (Arc::from(subject), Arc::from(via), Arc::from(grants));
        Self { subject, via, grants, reads: false }
    }

    /// The same caller where everybody may read everything.
    pub(crate) fn among_readers(self) -> Self {
        Self { reads: true, ..self }
    }

    /// Somebody of whom nothing is known.
    pub(crate) fn anonymous(permissions: Vec<Permission>) -> Self {
        let grant = Grant { below: RepositoryPath::root(), permissions };
        Self::new("anonymous", ANONYMOUS_VIA, vec![grant])
    }

    /// Who may write the storage itself, and so do everything.
    pub(crate) fn operator() -> Self {
        Self::new("operator", "storage", vec![Grant::everything()])
    }

    /// Whether nothing is known of the caller.
    pub(crate) fn is_anonymous(&self) -> bool {
        &*self.via == ANONYMOUS_VIA
    }

    /// Whether the caller may do something in a repository.
    pub(crate) fn may(&self, permission: Permission, repository: &RepositoryPath) -> bool {
        if self.reads && !permission.writes() {
            return true;
        }
        if permission == Permission::Enter {
            return self.grants.iter().any(|grant| !grant.permissions.is_empty());
        }
        self.grants.iter().any(|grant| {
            let has = |wanted| grant.permissions.contains(&wanted);
            (has(permission) || has(Permission::Administer)) && repository.is_within(&grant.below)
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
        assert!(identity.may(Permission::Enter, &path("other")));
        let lead = Identity::new("lead", "token", vec![grant("team", &[Permission::Administer])]);
        assert!(Permission::ALL.into_iter().all(|it| lead.may(it, &path("team/a"))));
        assert!(!lead.may(Permission::Read, &path("teams")));
        let lead = lead.among_readers();
        assert!(lead.may(Permission::Read, &path("teams")));
        assert!(!lead.may(Permission::Publish, &path("teams")));
        let nobody = Identity::anonymous(Vec::new());
        assert!(!nobody.may(Permission::Enter, &path("")));
        assert!(nobody.is_anonymous() && !lead.is_anonymous());
    }
}

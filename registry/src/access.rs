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

/// How far a grant reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// To the repository and all below it.
    Below,
    /// To the repository and no other.
    Here,
}

/// Permissions for a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) path: RepositoryPath,
    pub(crate) reach: Reach,
    pub(crate) permissions: Vec<Permission>,
}

impl Grant {
    /// Permissions for a repository and all below it.
    pub(crate) fn below(path: RepositoryPath, permissions: Vec<Permission>) -> Self {
        Self { path, reach: Reach::Below, permissions }
    }

    /// Everything everywhere.
    pub(crate) fn everything() -> Self {
        Self::below(RepositoryPath::root(), vec![Permission::Administer])
    }

    fn has(&self, permission: Permission) -> bool {
        let has = |wanted| self.permissions.contains(&wanted);
        has(permission) || has(Permission::Administer)
    }

    fn reaches(&self, repository: &RepositoryPath) -> bool {
        match self.reach {
            Reach::Below => repository.is_within(&self.path),
            Reach::Here => *repository == self.path,
        }
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
        let grant = Grant::below(RepositoryPath::root(), permissions);
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
        self.grants.iter().any(|grant| grant.has(permission) && grant.reaches(repository))
    }

    /// Whether the caller may read a repository and, by that, all below it.
    pub(crate) fn reads_below(&self, repository: &RepositoryPath) -> bool {
        let reaches = |grant: &Grant| grant.reach == Reach::Below && grant.reaches(repository);
        let mut grants = self.grants.iter();
        self.reads || grants.any(|grant| grant.has(Permission::Read) && reaches(grant))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_holds_below_its_path_and_for_its_permissions_only() {
        let path = |text| RepositoryPath::parse(text).unwrap();
        let grant =
            |below, permissions: &[Permission]| Grant::below(path(below), permissions.to_vec());
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
        assert!(lead.reads_below(&path("")));
        let nobody = Identity::anonymous(Vec::new());
        assert!(!nobody.may(Permission::Enter, &path("")));
        assert!(nobody.is_anonymous() && !lead.is_anonymous());
    }

    #[test]
    fn a_grant_for_one_repository_holds_nowhere_else() {
        let path = |text| RepositoryPath::parse(text).unwrap();
        for (here, others) in [("team", ["", "team/a", "teams"]), ("", ["team", "a/b", "repo"])] {
            let permissions = vec![Permission::Read, Permission::Publish];
            let grant = Grant { path: path(here), reach: Reach::Here, permissions };
            let identity = Identity::new("ci", "token", vec![grant]);
            assert!(identity.may(Permission::Publish, &path(here)));
            assert!(!identity.may(Permission::Delete, &path(here)));
            assert!(identity.may(Permission::Enter, &path("other")));
            assert!(!identity.reads_below(&path(here)));
            for other in others {
                assert!(!identity.may(Permission::Read, &path(other)), "{other}");
                assert!(!identity.may(Permission::Publish, &path(other)), "{other}");
                assert!(!identity.reads_below(&path(other)), "{other}");
            }
        }
    }
}

//! Chart.lock: which versions of its dependencies a chart was built with.
//!
//! `helm dependency build` refuses a chart whose lock has another digest than the one that Helm
//! computes from Chart.yaml and the lock, so the digest here is Helm's.

use crate::digest::{DigestError, Sha256};
use crate::metadata::{Dependency, MetadataError, dependencies_from_json, dependency_fields};
use crate::yaml::{self, Map, Node, ReadError, go_json_ordered, go_text, go_yaml};

/// The time that every lock of ours was "generated": no clock may reach a package.
///
/// It is a time that Helm writes back unchanged.
pub const GENERATED: &str = "1980-01-01T00:00:00Z";

/// The content of a Chart.lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartLock {
    /// Name, repository and exact version of each dependency, in the order of Chart.yaml.
    pub dependencies: Vec<Dependency>,
    /// Helm's digest over the declared and the locked dependencies.
    pub digest: Sha256,
    /// RFC 3339 time, as Helm writes it.
    pub generated: String,
}

/// Why a text is no Chart.lock.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// No YAML that we read.
    #[error(transparent)]
    Unreadable(#[from] ReadError),
    /// Dependencies with faults.
    #[error(transparent)]
    Dependencies(#[from] MetadataError),
    /// The digest is no digest.
    #[error("`digest`: {0}")]
    Digest(#[from] DigestError),
    /// A field is missing.
    #[error("`{0}` is missing: run `helm dependency update`")]
    Missing(&'static str),
}

impl ChartLock {
    /// Reads a Chart.lock that Helm wrote.
    pub fn parse(text: &str) -> Result<Self, LockError> {
        let value = yaml::read(text, yaml::Limits::METADATA)?;
        let text = |key| value.get(key).and_then(go_text).filter(|text| !text.is_empty());
        let dependencies = dependencies_from_json(&value)?;
        let digest = text("digest").ok_or(LockError::Missing("digest"))?;
        let generated = text("generated").ok_or(LockError::Missing("generated"))?;
        Ok(Self { dependencies, digest: Sha256::parse(&digest)?, generated })
    }

    /// The lock for declared dependencies and what they resolved to, in the same order.
    ///
    /// Of a locked dependency only name, repository and version count.
    pub fn new(declared: &[Dependency], locked: &[Dependency]) -> Self {
        let dependencies: Vec<Dependency> = locked.iter().map(reduced).collect();
        Self {
            digest: digest(declared, &dependencies),
            dependencies,
            generated: GENERATED.to_owned(),
        }
    }

    /// The lock of a chart that keeps all its dependencies below `charts/`, each declared with its
    /// exact version: Helm locks what is declared.
    pub fn of_vendored(declared: &[Dependency]) -> Self {
        Self::new(declared, declared)
    }

    /// Whether the digest is Helm's for these declared dependencies.
    pub fn is_in_sync_with(&self, declared: &[Dependency]) -> bool {
        self.digest == digest(declared, &self.dependencies)
    }

    /// Chart.lock byte for byte as Helm writes it.
    pub fn to_yaml(&self) -> String {
        let dependencies: Node = self.dependencies.iter().map(dependency_fields).collect();
        let root = Map::new()
            .with("dependencies", dependencies)
            .with("digest", self.digest.prefixed())
            .with("generated", self.generated.as_str());
        go_yaml(&root.into())
    }
}

fn reduced(dependency: &Dependency) -> Dependency {
    Dependency {
        name: dependency.name.clone(),
        version: dependency.version.clone(),
        repository: dependency.repository.clone(),
        condition: None,
        tags: Vec::new(),
        enabled: false,
        import_values: Vec::new(),
        alias: None,
    }
}

/// SHA-256 of the compact JSON `[[declared…],[locked…]]` (`HashReq` of Helm's `resolver.go`).
fn digest(declared: &[Dependency], locked: &[Dependency]) -> Sha256 {
    let declared: Node = declared.iter().map(dependency_fields).collect();
    let locked: Node = locked.iter().map(dependency_fields).collect();
    Sha256::of(go_json_ordered(&Node::List(vec![declared, locked])).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::ChartName;

    fn dependency(name: &str, alias: &str) -> Dependency {
        let version = semver::Version::new(0, 1, 0);
        let mut dependency = Dependency::vendored(ChartName::parse(name).unwrap(), &version);
        dependency.alias = Some(alias.to_owned());
        dependency.condition = Some(format!("{alias}.enabled"));
        dependency
    }

    #[test]
    fn writes_what_helm_writes() {
        let declared = [dependency("fabric-org", "org1"), dependency("fabric-org", "org2")];
        let lock = ChartLock::of_vendored(&declared);
        let json = concat!(
            r#"[[{"name":"fabric-org","version":"0.1.0","repository":"","condition":"org1.enabled","alias":"org1"},"#,
            r#"{"name":"fabric-org","version":"0.1.0","repository":"","condition":"org2.enabled","alias":"org2"}],"#,
            r#"[{"name":"fabric-org","version":"0.1.0","repository":""},{"name":"fabric-org","version":"0.1.0","repository":""}]]"#,
        );
        assert_eq!(lock.digest, Sha256::of(json.as_bytes()));
        assert_eq!(
            lock.to_yaml(),
            format!(
                "dependencies:\n- name: fabric-org\n  repository: \"\"\n  version: 0.1.0\n\
                 - name: fabric-org\n  repository: \"\"\n  version: 0.1.0\n\
                 digest: sha256:{}\ngenerated: \"1980-01-01T00:00:00Z\"\n",
                lock.digest
            )
        );
        assert!(lock.is_in_sync_with(&declared));
        assert!(!lock.is_in_sync_with(&declared[..1]));
    }
}

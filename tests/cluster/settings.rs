//! What the environment says about the cluster and how thorough to be: README.md beside this file has the variables.

use std::path::PathBuf;

use suite::oracles::Oracle;

/// The environment, read once.
pub(crate) struct Settings {
    pub(crate) kubeconfig: String,
    /// `chart-builder`: the suite's own build, or the program that `CHART_BUILDER` names.
    pub(crate) builder: PathBuf,
    pub(crate) kubectl: Oracle,
    pub(crate) helms: Vec<Oracle>,
    pub(crate) fabric_versions: Vec<String>,
    pub(crate) canary_image: String,
    pub(crate) storage_class: String,
    /// One whose volumes several pods share.
    pub(crate) shared_storage_class: String,
    pub(crate) everything: bool,
    pub(crate) shuffles: u64,
    pub(crate) kills: u64,
    pub(crate) idle_seconds: u64,
    pub(crate) seed: u64,
    pub(crate) keep: bool,
    /// An NFS server and a directory that it exports, in which root may write.
    pub(crate) nfs: Option<(String, String)>,
    /// An image with `initdb` and `postgres` in its path and a user 999.
    pub(crate) postgres_image: Option<String>,
    /// Directory with `<version>/bin/cryptogen`.
    pub(crate) fabric_programs: Option<PathBuf>,
    /// Directory with the files of 2017 and 2018 that networks are begun from.
    pub(crate) seed_inputs: Option<PathBuf>,
    /// What runs chaincodes that are no services.
    pub(crate) engines: Engines,
    /// Images for the registry in the cluster.
    pub(crate) served: Option<Served>,
}

/// Images for the registry in the cluster, and for who installs from it.
pub(crate) struct Served {
    /// The registry's, with a tag.
    pub(crate) registry: String,
    /// An image with busybox and Helm in its path.
    pub(crate) helm: String,
}

impl Served {
    fn from_environment() -> Option<Self> {
        let word = |name: &str| std::env::var(name).ok();
        Some(Self { registry: word("REGISTRY_IMAGE")?, helm: word("HELM_IMAGE")? })
    }
}

/// What runs chaincodes that are no services.
pub(crate) struct Engines {
    /// An image with the programs of the Kubernetes builder in `/opt/hyperledger/k8s_builder`.
    pub(crate) builder: Option<String>,
    /// `image@digest` of a chaincode that it starts.
    pub(crate) job: Option<String>,
    /// Directory with Go sources of a chaincode.
    pub(crate) sources: Option<PathBuf>,
    /// The socket of an engine, on the Kubernetes node.
    pub(crate) socket: Option<String>,
    /// `tcp://host:port` of an engine.
    pub(crate) remote: Option<String>,
    /// Directory with its `ca.crt` and a client's `tls.crt` and `tls.key`.
    pub(crate) certificates: Option<PathBuf>,
}

impl Engines {
    fn from_environment() -> Self {
        let word = |name: &str| std::env::var(name).ok();
        Self {
            builder: word("K8S_BUILDER_IMAGE"),
            job: word("K8S_CHAINCODE"),
            sources: word("DOCKER_CHAINCODE").map(PathBuf::from),
            socket: word("DOCKER_SOCKET"),
            remote: word("DOCKER_REMOTE"),
            certificates: word("DOCKER_CERTIFICATES").map(PathBuf::from),
        }
    }
}

/// What a scenario is tried with.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) fabric: String,
    pub(crate) helm: Oracle,
}

impl Case {
    /// A short suffix for names of networks, for example `25-helm3`.
    pub(crate) fn suffix(&self) -> String {
        let line: String = self.fabric.split('.').take(2).collect();
        format!("{line}-{}", self.helm.name())
    }
}

impl Settings {
    /// None, and a word about it, where there is no cluster or no program to drive it.
    pub(crate) fn from_environment() -> Option<Self> {
        let Ok(kubeconfig) = std::env::var("KUBECONFIG") else {
            println!("not run: KUBECONFIG is not set");
            return None;
        };
        let (kubectl, mut helms) = (Oracle::kubectl()?, Oracle::helms());
        let wanted = text("HELMS", "helm3,helm4");
        helms.retain(|helm| wanted.split(',').any(|name| name.trim() == helm.name()));
        if helms.is_empty() {
            println!("not run: there is no Helm of `{wanted}`");
            return None;
        }
        let versions = text("FABRIC_VERSIONS", "2.5.16,3.1.5");
        Some(Self {
            kubeconfig,
            builder: text("CHART_BUILDER", env!("CARGO_BIN_EXE_suite-chart-builder")).into(),
            kubectl,
            helms,
            fabric_versions: versions.split(',').map(|version| version.trim().to_owned()).collect(),
            canary_image: text("CANARY_IMAGE", "registry.example.org/fabric-canary:0.1.0"),
            storage_class: text("STORAGE_CLASS", "disk"),
            shared_storage_class: text("SHARED_STORAGE_CLASS", "shared"),
            everything: text("MATRIX", "") == "all",
            shuffles: number("SHUFFLES", 10),
            kills: number("KILLS", 10),
            idle_seconds: number("IDLE_SECONDS", 600),
            seed: number("SEED", 1),
            keep: text("KEEP", "") == "1",
            nfs: std::env::var("NFS_SERVER")
                .ok()
                .map(|server| (server, text("NFS_PATH", "/export"))),
            postgres_image: std::env::var("POSTGRES_IMAGE").ok(),
            fabric_programs: std::env::var_os("FABRIC_PROGRAMS").map(PathBuf::from),
            seed_inputs: std::env::var_os("SEED_INPUTS").map(PathBuf::from),
            engines: Engines::from_environment(),
            served: Served::from_environment(),
        })
    }

    /// Every Fabric version with every Helm.
    pub(crate) fn cases(&self) -> Vec<Case> {
        let with = |fabric: &String| {
            let fabric = fabric.clone();
            self.helms.iter().map(move |helm| Case { fabric: fabric.clone(), helm: helm.clone() })
        };
        self.fabric_versions.iter().flat_map(with).collect()
    }
}

fn text(name: &str, default: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| default.to_owned())
}

fn number(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(value) => value.parse().unwrap_or_else(|_| panic!("`{name}={value}` is not a number")),
        Err(_) => default,
    }
}

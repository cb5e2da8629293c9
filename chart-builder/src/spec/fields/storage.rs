//! Fields of volumes: of a node, and of the network as a whole.

use super::super::schema::Default::{Is, Required};
use super::super::schema::{Field, Kind, Table};
use super::{field, word};

/// Storage of a node: short or long.
pub(super) const STORAGE: Kind =
    Kind::Either { short: &Kind::Text, long: &Kind::Mapping(&STORAGE_FIELDS) };

/// Storage of what lies on no directory: claims only.
pub(super) const CLAIM: Kind =
    Kind::Either { short: &Kind::Text, long: &Kind::Mapping(&CLAIM_FIELDS) };

const CLASS: Field = field(
    "class",
    Kind::Text,
    Is("the cluster's default class"),
    "StorageClass of the claim; never changes.",
);
const SIZE: Field = field(
    "size",
    Kind::Text,
    Is("`10Gi`"),
    "Size of the claim; may grow, but not on a directory of NFS or a node.",
);
const EXISTING_CLAIM: Field = field(
    "existingClaim",
    Kind::Text,
    Is("the chart makes a claim"),
    "A claim in the organization's namespace that somebody else made; only for one node.",
);
const EMPTY_DIR: Field = field(
    "emptyDir",
    Kind::Word(&[word("true", "lost with the pod"), word("false", "a claim")]),
    Is("`false`"),
    "Keep nothing: profile `dev` with one consenter only.",
);

static CLAIM_FIELDS: Table = Table {
    title: "claim",
    about: "A claim that the chart makes, one that exists, or a directory that is lost with the pod; the short form is a \
            size or the word `emptyDir`.",
    fields: &[CLASS, SIZE, EXISTING_CLAIM, EMPTY_DIR],
};

static STORAGE_FIELDS: Table = Table {
    title: "storage",
    about: "A claim that the chart makes, a directory that somebody made on an NFS server or a node, a claim that exists, \
            or a directory that is lost with the pod; the short form is a size or the word `emptyDir`. What names neither \
            class nor source lies below `storage.volumes`, if that is written.",
    fields: &[
        CLASS,
        SIZE,
        EXISTING_CLAIM,
        EMPTY_DIR,
        field(
            "nfs",
            Kind::Mapping(&NFS),
            Is("no NFS"),
            "A directory of an NFS server; only for one node.",
        ),
        field(
            "hostPath",
            Kind::Mapping(&NODE_DIRECTORY),
            Is("no directory of a node"),
            "A directory of a Kubernetes node; only for one node of the network.",
        ),
        field(
            "local",
            Kind::Mapping(&NODE_DIRECTORY),
            Is("no local volume"),
            "The same as a `local` volume, to which fsGroup applies; only for one node of the network.",
        ),
    ],
};

static NFS: Table = Table {
    title: "nfs",
    about: "A directory that exists on an NFS server and belongs to user 1000.",
    fields: &[
        field(
            "server",
            Kind::Text,
            Is("`storage.server`"),
            "Host name or address; stands in the chart and never changes.",
        ),
        field("path", Kind::Text, Required, "Absolute path of the directory; never changes."),
    ],
};

static NODE_DIRECTORY: Table = Table {
    title: "node-directory",
    about: "A directory that exists on one Kubernetes node and belongs to user 1000; pods that use it run there.",
    fields: &[
        field("path", Kind::Text, Required, "Absolute path of the directory; never changes."),
        field(
            "node",
            Kind::Text,
            Required,
            "The node's label `kubernetes.io/hostname`; never changes.",
        ),
    ],
};

pub(super) static CRYPTO: Table = Table {
    title: "crypto",
    about: "Where keys and certificates come from.",
    fields: &[
        field(
            "source",
            Kind::Word(&[
                word("generated", "`chart-builder identities` makes them"),
                word("files", "a tree that cryptogen made"),
            ]),
            Is("`generated`"),
            "Who makes the identities of nodes and administrators.",
        ),
        field(
            "path",
            Kind::Text,
            Is("`crypto-config`"),
            "Directory of the tree, beside network.yaml; `identities` takes from it what the topology needs.",
        ),
    ],
};

pub(super) static NETWORK_STORAGE: Table = Table {
    title: "network-storage",
    about: "Directories that somebody made before the network: for the data of nodes, and for key material.",
    fields: &[
        field(
            "server",
            Kind::Text,
            Is("given at install, as the setting `fabric-storage.nfs.server`"),
            "NFS server of every directory that names none. What stands here is the default of that setting: leave it out \
             where the chart is published.",
        ),
        field(
            "volumes",
            Kind::Mapping(&VOLUMES),
            Is("claims of a StorageClass"),
            "Data of every peer and orderer whose `storage` names no class, claim or directory of its own: \
             `<basePath>/<network>/<namespace without prefix>/<node>`.",
        ),
        field(
            "shared",
            Kind::Mapping(&SHARED),
            Is("Secrets made by `chart-builder identities`"),
            "A share with the tree `crypto-config`, from which nodes mount their identities in place of Secrets.",
        ),
    ],
};

const DIRECTORY_TYPES: Kind = Kind::Word(&[
    word("nfs", "a directory of an NFS server"),
    word("hostPath", "a directory of a Kubernetes node"),
    word("local", "the same as a `local` volume"),
]);

static VOLUMES: Table = Table {
    title: "volumes",
    about: "Where the directories of nodes lie.",
    fields: &[
        field("type", DIRECTORY_TYPES, Required, "What the directories are."),
        field(
            "basePath",
            Kind::Text,
            Is("`/opt/share`"),
            "Absolute path that holds the directories of all networks; never changes.",
        ),
        field(
            "node",
            Kind::Text,
            Is("none: NFS has none"),
            "Kubernetes node of hostPath and local.",
        ),
    ],
};

static SHARED: Table = Table {
    title: "shared",
    about: "A share with `crypto-config/peerOrganizations/<domain>/…` and `crypto-config/ordererOrganizations/<domain>/…` \
            as cryptogen writes them.",
    fields: &[
        field(
            "type",
            Kind::Word(&[
                word("nfs", "a directory of an NFS server"),
                word("hostPath", "a directory of a Kubernetes node"),
                word("local", "the same as a `local` volume"),
                word("claim", "a claim in every organization's namespace that somebody else made"),
            ]),
            Required,
            "What the share is.",
        ),
        field(
            "path",
            Kind::Text,
            Is("`/opt/share`"),
            "Absolute path that holds `crypto-config`; not for `claim`.",
        ),
        field(
            "node",
            Kind::Text,
            Is("none: NFS has none"),
            "Kubernetes node of hostPath and local.",
        ),
        field(
            "claim",
            Kind::Text,
            Is("the chart makes claims"),
            "Name of the claim, for `claim`; its root holds `crypto-config`.",
        ),
    ],
};

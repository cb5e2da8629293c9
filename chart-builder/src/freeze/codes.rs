//! Codes of what is found when a network is frozen, with what they mean.

/// Certificates that `identities` has not made yet.
pub(super) const MISSING_IDENTITIES: &str = "FT901";
/// A certificate that nodes of Fabric would not accept.
pub(super) const CERTIFICATE: &str = "FT902";
/// A certificate that is not the frozen one.
pub(super) const CHANGED_CERTIFICATE: &str = "FT903";
/// A genesis block that is gone.
pub(super) const MISSING_BLOCK: &str = "FT904";
/// A genesis block that is not the frozen one.
pub(super) const CHANGED_BLOCK: &str = "FT905";
/// A genesis block that nobody froze.
pub(super) const UNKNOWN_BLOCK: &str = "FT906";
/// A genesis block that cannot be made.
pub(super) const GENESIS: &str = "FT907";
/// A chaincode package that cannot be made.
pub(super) const PACKAGE: &str = "FT908";
/// A curated chart that is not the pinned one.
pub(super) const CHANGED_CHART: &str = "FT909";

/// A fact in the lock that no build can have written for this topology.
pub(super) const CHANGED_LOCK: &str = "FT910";
/// A chaincode package that is not the frozen one.
pub(super) const CHANGED_PACKAGE: &str = "FT911";
/// A root that makes members of two organizations.
pub(super) const SHARED_ROOT: &str = "FT912";

/// Indexes of a chaincode that no peer would take.
pub(super) const INDEXES: &str = "FT920";
/// Indexes that are not those of the frozen definition.
pub(super) const CHANGED_INDEXES: &str = "FT921";

/// An update of a channel that too few members have signed.
pub(super) const UNSIGNED_UPDATE: &str = "FT930";
/// A signature over an update that orderers would refuse.
pub(super) const SIGNATURE: &str = "FT931";
/// An update that is not the frozen one, or that nobody froze.
pub(super) const CHANGED_UPDATE: &str = "FT932";
/// An update that cannot be made.
pub(super) const UPDATE: &str = "FT933";

/// Every code of this step with one sentence about it.
pub const CODES: &[(&str, &str)] = &[
    (
        MISSING_IDENTITIES,
        "The topology has nodes without certificates; `chart-builder identities` makes them.",
    ),
    (
        CERTIFICATE,
        "A certificate in `public/` would be refused by Fabric: chain, names, role or purposes.",
    ),
    (CHANGED_CERTIFICATE, "A certificate in `public/` is not the one that `network.lock` freezes."),
    (
        MISSING_BLOCK,
        "`network.lock` freezes a genesis block whose file is gone; it is never made again.",
    ),
    (CHANGED_BLOCK, "A genesis block's file is not the one that `network.lock` freezes."),
    (
        UNKNOWN_BLOCK,
        "A genesis block lies in `public/` that is in no lock and is not what the topology makes.",
    ),
    (GENESIS, "No genesis block can be made from the topology and the certificates."),
    (PACKAGE, "No chaincode package can be made from the chaincode's name."),
    (CHANGED_CHART, "A curated chart is not the one that `network.lock` pins."),
    (
        CHANGED_LOCK,
        "A fact in `network.lock` is not what follows from the topology: the file was edited, or another builder made it.",
    ),
    (
        CHANGED_PACKAGE,
        "This builder makes another chaincode package than the one that `network.lock` freezes for a sequence.",
    ),
    (
        SHARED_ROOT,
        "Two organizations have one signing root, so that members of one are members of the other.",
    ),
    (INDEXES, "The directory of a chaincode's indexes is empty, or holds what is no index."),
    (
        CHANGED_INDEXES,
        "The indexes of a chaincode are not the ones of the sequence that `network.lock` freezes.",
    ),
    (
        UNSIGNED_UPDATE,
        "An organization joins a built channel, and a majority of the members before has not signed that yet; `chart-builder sign` does.",
    ),
    (
        SIGNATURE,
        "A signature over an update of a channel is not one of that member's administrators, or is over another update.",
    ),
    (
        CHANGED_UPDATE,
        "An update of a channel or a signature over it is not the one that `network.lock` freezes, is gone, or is in no lock and not what the topology makes.",
    ),
    (UPDATE, "No update of a channel can be made from its configuration and the topology."),
];

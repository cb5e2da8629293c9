//! FT323: an official image that was never published.

use semver::Version;

use super::context::images;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;

pub(super) static RULE: Rule = Rule {
    code: "FT323",
    severity: Severity::Error,
    title: "official images are of a line that exists",
    about: "Not every image of Fabric's project has Fabric's version: the CA went from 1.4.9 to 1.5, there are no tools from 3.0 \
            on, and Kafka, ZooKeeper and the old CouchDB stayed at 0.4. A pod with another tag waits for its image for ever.",
    fires: &[
        case(&[
            ("  tools: busybox:1.36.1", "  ca: hyperledger/fabric-ca:2.5.16"),
            ("org2, peers: 2}", "org2, peers: 2, ca: true}"),
        ]),
        case(&[
            ("  tools: busybox:1.36.1", "  ca: hyperledger/fabric-ca:1.4.12"),
            ("org2, peers: 2}", "org2, peers: 2, ca: true}"),
        ]),
        case(&[
            ("  tools: busybox:1.36.1", "  cli: hyperledger/fabric-tools:3.1.5"),
            ("org2, peers: 2}", "org2, peers: 2, cli: true}"),
        ]),
        case(&[
            ("  tools: busybox:1.36.1", "  couchdb: hyperledger/fabric-couchdb:2.5.16"),
            ("org2, peers: 2}", "org2, peers: {count: 2, stateDB: couchdb}}"),
        ]),
    ],
    near_misses: &[
        case(&[
            ("  tools: busybox:1.36.1", "  ca: hyperledger/fabric-ca:1.5.9"),
            ("org2, peers: 2}", "org2, peers: 2, ca: true}"),
        ]),
        case(&[
            ("  tools: busybox:1.36.1", "  ca: example/fabric-ca:2.5.16"),
            ("org2, peers: 2}", "org2, peers: 2, ca: true}"),
        ]),
        case(&[
            ("  tools: busybox:1.36.1", "  cli: hyperledger/fabric-tools:2.5.16"),
            ("org2, peers: 2}", "org2, peers: 2, cli: true}"),
        ]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (path, image) in images(context).into_iter().filter(|(_, image)| image.digest.is_none()) {
        let Ok(version) = Version::parse(&image.tag) else { continue };
        if let Some(fix) = unpublished(&image.repository, &version) {
            findings.report(Finding::at(
                path,
                format!("there is no image `{}:{}`", image.repository, image.tag),
                "it has a line of versions of its own",
                fix,
            ));
        }
    }
}

/// What to write in place of a version that this repository never had.
fn unpublished(repository: &str, version: &Version) -> Option<&'static str> {
    let (major, minor) = (version.major, version.minor);
    match repository {
        "hyperledger/fabric-ca" if major > 1 || (major, minor) == (1, 4) && version.patch > 9 => {
            Some("write a version of Fabric CA, for example `1.5.21`, or leave the image out")
        }
        "hyperledger/fabric-tools" if major > 2 => {
            Some("leave the image out: the peer's has the commands, or name an image of your own")
        }
        "hyperledger/fabric-kafka" | "hyperledger/fabric-zookeeper" if major > 0 => {
            Some("write `0.4.22`, the last one, or leave the image out")
        }
        "hyperledger/fabric-couchdb" if major > 0 => {
            Some("write `0.4.22`, or an image of CouchDB's own like `couchdb:3.4.2`")
        }
        _ => None,
    }
}

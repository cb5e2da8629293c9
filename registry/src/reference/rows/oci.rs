//! The routes of OCI clients.

use super::super::{Body, Words, words};

const JSON: &str = "application/json";
const BYTES: &str = "application/octet-stream";

pub(in super::super) const OCI: &[Words] = &[
    words(("GET", "/v2/"), "This is an OCI registry.", &[(200, JSON, "`{}`.")]),
    words(
        ("GET", "/-/v1/oci-token"),
        "Exchanges the caller's credential for a bearer token that says the same.",
        &[(200, JSON, "`{\"token\":\"...\",\"access_token\":\"...\",\"expires_in\":300}`.")],
    ),
    words(
        ("GET", "/v2/_catalog"),
        "OCI names that the caller may read.",
        &[(200, JSON, "The names, with `Link` to the next page.")],
    )
    .query(&[("n", "Most names."), ("last", "The name behind which they begin.")]),
    words(
        ("GET", "/v2/{repository}/{name}/tags/list"),
        "Tags in the order of their bytes.",
        &[(200, JSON, "The tags, with `Link` to the next page.")],
    )
    .query(&[("n", "Most tags."), ("last", "The tag behind which they begin.")]),
    words(
        ("GET", "/v2/{repository}/{name}/manifests/{reference}"),
        "A manifest, by tag or digest, byte for byte.",
        &[(200, "application/vnd.oci.image.manifest.v1+json", "The manifest, with its own type.")],
    ),
    words(
        ("PUT", "/v2/{repository}/{name}/manifests/{reference}"),
        "Takes a manifest; one that wraps a chart publishes the chart.",
        &[(201, "", "It is durable and visible.")],
    )
    .query(&[("tag", "A tag more, in a push by digest; may stand several times.")])
    .body(Body::Bytes("application/vnd.oci.image.manifest.v1+json")),
    words(
        ("DELETE", "/v2/{repository}/{name}/manifests/{reference}"),
        "Takes a tag away, or a manifest with its tags.",
        &[(202, "", "It is gone.")],
    ),
    words(
        ("GET", "/v2/{repository}/{name}/referrers/{digest}"),
        "Manifests that are about another one.",
        &[(200, "application/vnd.oci.image.index.v1+json", "An index of them.")],
    )
    .query(&[("artifactType", "Only those of this type.")]),
    words(
        ("GET", "/v2/{repository}/{name}/blobs/{digest}"),
        "A blob, or the part that `Range` asks for.",
        &[(200, BYTES, "The blob."), (206, BYTES, "The part.")],
    ),
    words(
        ("DELETE", "/v2/{repository}/{name}/blobs/{digest}"),
        "Takes away a blob that no manifest names; 405 for others, which go with their manifest.",
        &[(202, "", "It is gone.")],
    ),
    words(
        ("POST", "/v2/{repository}/{name}/blobs/uploads/"),
        "Begins an upload, takes a whole blob, or takes one from another repository.",
        &[
            (201, "", "The blob is there; `Location` names it."),
            (202, "", "The upload has begun; `Location` is where its parts go."),
        ],
    )
    .query(&[
        ("digest", "The body is the whole blob with this digest."),
        (
            "digest-algorithm",
            "What the digest at the end will be of: `sha256` or `sha512`; 400 for others.",
        ),
        ("mount", "Digest of a blob that another repository has."),
        ("from", "That repository, which the caller must be allowed to read."),
    ]),
    words(
        ("GET", "/v2/{repository}/{name}/blobs/uploads/{id}"),
        "How far an upload has come.",
        &[(204, "", "`Range` tells it.")],
    ),
    words(
        ("PATCH", "/v2/{repository}/{name}/blobs/uploads/{id}"),
        "Takes the next part of an upload; 416 for any other.",
        &[(202, "", "`Range` tells how far it has come.")],
    )
    .body(Body::Bytes(BYTES)),
    words(
        ("PUT", "/v2/{repository}/{name}/blobs/uploads/{id}"),
        "Takes the last part, if there is one more, and makes the blob.",
        &[(201, "", "The blob is there; `Location` names it.")],
    )
    .query(&[("digest", "Digest of the whole blob.")]),
    words(
        ("DELETE", "/v2/{repository}/{name}/blobs/uploads/{id}"),
        "Forgets an upload.",
        &[(204, "", "It is gone.")],
    ),
];

//! The classic repository and the API of `ChartMuseum`.

use super::super::{Body, Parameter, Words, words};

const JSON: &str = "application/json";

const DRY_RUN: Parameter =
    ("dry-run", "Decides everything that a publish decides, stores nothing, answers 200.");

pub(in super::super) const CLASSIC: &[Words] = &[
    words(
        ("GET", "/{repository}/{view}/index.yaml"),
        "The index, or the part that the view shows.",
        &[(200, JSON, "One version per line."), (304, "", "The client has it already.")],
    )
    .query(&[(
        "format",
        "`json` or `yaml`; `Accept` decides without it, and JSON is for everyone.",
    )]),
    words(
        ("GET", "/{repository}/{view}/charts/{file}"),
        "A package, `<name>-<version>.tgz`; or its provenance file, `<name>-<version>.tgz.prov`.",
        &[
            (200, "application/gzip", "The bytes; `ETag` is their SHA-256."),
            (206, "application/gzip", "The part that `Range` asks for."),
            (304, "", "The client has them already."),
        ],
    ),
    words(
        ("GET", "/{repository}/artifacthub-repo.yml"),
        "The ID of the repository for Artifact Hub, when `artifact-hub` names one.",
        &[(200, "application/x-yaml", "`repositoryID: \"...\"`.")],
    ),
    words(
        ("GET", "/api/{repository}/charts"),
        "Object: name to list of versions, newest first.",
        &[(200, JSON, "The charts.")],
    )
    .query(&[
        ("offset", "Charts to pass over, in the order of their names."),
        ("limit", "Most charts."),
    ]),
    words(
        ("POST", "/api/{repository}/charts"),
        "Publishes a package, with its provenance file if the form has one.",
        &[(201, JSON, "It is durable and visible; also when it was there already.")],
    )
    .query(&[("force", "Overwrites other content where a policy says `overwritable`."), DRY_RUN])
    .body(Body::Package),
    words(
        ("POST", "/api/{repository}/prov"),
        "Publishes a provenance file; its package must be there.",
        &[(201, JSON, "It is durable and visible.")],
    )
    .query(&[DRY_RUN])
    .body(Body::Bytes("application/pgp-signature")),
    words(
        ("GET", "/api/{repository}/charts/{name}"),
        "List of a chart's versions, newest first.",
        &[(200, JSON, "The versions.")],
    ),
    words(
        ("GET", "/api/{repository}/charts/{name}/{version}"),
        "One version, spelled exactly; or `latest`, the newest one that is no pre-release, else the newest; or a range like `^1.2`, the newest one within it.",
        &[(200, JSON, "The version.")],
    ),
    words(
        ("DELETE", "/api/{repository}/charts/{name}/{version}"),
        "Takes a version away; it comes back only with the same content.",
        &[(200, JSON, "`{\"deleted\":true}`.")],
    ),
    words(
        ("GET", "/api/{repository}/charts/{name}/{version}/templates"),
        "The templates in base64, and the values as JSON.",
        &[(
            200,
            JSON,
            "`{\"templates\":[{\"name\":\"templates/x.yaml\",\"data\":\"<base64>\"}],\"values\":{}}`.",
        )],
    ),
    words(
        ("GET", "/api/{repository}/charts/{name}/{version}/values"),
        "`values.yaml` as it stands in the package.",
        &[(200, "application/yaml", "The file.")],
    ),
];

//! What `ChartMuseum` has no words for.

use super::super::{Body, Words, words};

const JSON: &str = "application/json";

const CHANGED: &[(u16, &str, &str)] =
    &[(200, JSON, "`{\"seq\":N,\"changed\":true}`; `false` when it was so already.")];

const DONE: &[(u16, &str, &str)] = &[(200, JSON, "What is so now.")];

pub(in super::super) const OWN: &[Words] = &[
    words(
        ("POST", "/-/v1/releases/{repository}"),
        "Publishes several packages in one commit: all of them appear, or none does.",
        &[(201, JSON, "`{\"saved\":true,\"seq\":N,\"packages\":[]}` with a receipt for each.")],
    )
    .query(&[
        ("force", "Overwrites other content where a policy says `overwritable`."),
        ("dry-run", "Decides everything, stores nothing, answers 200."),
    ])
    .body(Body::Release),
    words(
        ("GET", "/-/v1/versions/{repository}/{name}/{version}"),
        "What a version is now, and everything that happened to it: who, when, why.",
        &[(200, JSON, "Its life.")],
    ),
    words(
        ("PUT", "/-/v1/versions/{repository}/{name}/{version}/yank"),
        "Takes a version out of index and API; it can still be downloaded.",
        CHANGED,
    )
    .body(Body::Reason),
    words(
        ("DELETE", "/-/v1/versions/{repository}/{name}/{version}/yank"),
        "Brings a yanked version back.",
        CHANGED,
    )
    .body(Body::Reason),
    words(
        ("PUT", "/-/v1/versions/{repository}/{name}/{version}/deprecation"),
        "Tells clients to leave a version.",
        CHANGED,
    )
    .body(Body::Reason),
    words(
        ("DELETE", "/-/v1/versions/{repository}/{name}/{version}/deprecation"),
        "Tells them no more.",
        CHANGED,
    )
    .body(Body::Reason),
    words(
        ("PUT", "/-/v1/versions/{repository}/{name}/{version}/channels/{channel}"),
        "Promotes a version to a channel.",
        CHANGED,
    )
    .body(Body::Reason),
    words(
        ("DELETE", "/-/v1/versions/{repository}/{name}/{version}/channels/{channel}"),
        "Takes a version out of a channel.",
        CHANGED,
    )
    .body(Body::Reason),
    words(
        ("PUT", "/-/v1/versions/{repository}/{name}/{version}/hold"),
        "Nobody deletes, purges or overwrites the version from then on.",
        CHANGED,
    )
    .body(Body::Reason),
    words(
        ("DELETE", "/-/v1/versions/{repository}/{name}/{version}/hold"),
        "Ends the hold.",
        CHANGED,
    )
    .body(Body::Reason),
    words(
        ("POST", "/-/v1/versions/{repository}/{name}/{version}/purge"),
        "Takes a version away for ever.",
        CHANGED,
    )
    .body(Body::Reason),
    words(
        ("GET", "/-/v1/policy/{repository}"),
        "The policy that decides in a repository, and the path where it was written.",
        DONE,
    ),
    words(("PUT", "/-/v1/policy/{repository}"), "Writes the policy of a path.", DONE)
        .body(Body::Json),
    words(
        ("DELETE", "/-/v1/policy/{repository}"),
        "Takes the policy of a path away: the one above decides again.",
        DONE,
    ),
    words(
        ("POST", "/-/v1/retention/{repository}"),
        "What the policy lets go: tells it, or deletes it.",
        &[(200, JSON, "The plan, with its name.")],
    )
    .query(&[
        ("dry-run", "Tells the plan and deletes nothing."),
        ("plan", "Name of the plan to carry out; refused when the rules let other versions go."),
    ]),
    words(
        ("GET", "/-/v1/changes/{repository}"),
        "What happened here and below, one commit on a line.",
        &[(200, "application/jsonl", "`X-Registry-Seq` is the number to go on from.")],
    )
    .query(&[
        ("since", "Number of the last commit that is known."),
        ("wait", "Seconds to wait for the next change when there is none, 60 at most."),
        ("limit", "Most commits that are looked through, 2,000 at most."),
    ]),
    words(
        ("GET", "/-/v1/head"),
        "Number, digest and time of the last journal entry.",
        &[(200, JSON, "Where the journal stands.")],
    ),
    words(
        ("GET", "/-/v1/views"),
        "What a view may be asked for.",
        &[(200, JSON, "`{\"conditions\":[{\"form\":\"latest=N\",\"meaning\":\"...\"}]}`.")],
    ),
    words(
        ("GET", "/-/v1/quarantine/{repository}"),
        "Packages with a private key that an import came across, with what became of them.",
        &[(
            200,
            JSON,
            "`{\"packages\":[{\"package\":\"sha256:...\",\"file\":\"...\",\"why\":\"...\"}]}`.",
        )],
    ),
    words(
        ("DELETE", "/-/v1/quarantine/{repository}/{digest}"),
        "Says how the key in a package was replaced; nothing of the package is stored.",
        CHANGED,
    )
    .body(Body::Reason),
    words(
        ("GET", "/-/v1/tokens/{repository}"),
        "The tokens that reach no further than this path.",
        &[(200, JSON, "The tokens, without their secret parts.")],
    ),
    words(
        ("POST", "/-/v1/tokens/{repository}"),
        "Issues a token for paths that the caller administers.",
        &[(201, JSON, "The token; its secret part is told here and never again.")],
    )
    .body(Body::Json),
    words(
        ("DELETE", "/-/v1/tokens/{repository}/{id}"),
        "Makes a token worthless.",
        &[(200, JSON, "`{\"revoked\":true}`.")],
    ),
    words(
        ("GET", "/-/v1/identity/{repository}"),
        "Who the caller is to the server.",
        &[(200, JSON, "Subject and permissions.")],
    ),
];

//! The table of settings.

use chart_registry_store::Location;

use super::fault::Wrong;
use super::value::{self, Form};
use super::{LogFormat, Settings, authorization_server, classic, tls};
use crate::identity::{Anonymous, Password};

/// What names of variables of the environment begin with.
pub const PREFIX: &str = "CHART_REGISTRY_";

/// A setting.
#[derive(Debug)]
pub struct Row {
    /// Name in the file; dots are mappings inside each other.
    pub name: &'static str,
    /// Flag of the command line, without dashes. The variable of the environment follows from it.
    pub flag: &'static str,
    /// What its value looks like.
    pub form: Form,
    /// Whether nobody shows its value.
    pub secret: bool,
    /// What it is for, in sentences.
    pub doc: &'static str,
    /// Reads the values, which are not empty and no more than the form allows.
    pub(super) take: fn(&mut Settings, &[String]) -> Result<(), Wrong>,
    /// The values as [`Self::take`] reads them; none when nothing is set.
    pub(super) show: fn(&Settings) -> Vec<String>,
}

impl Row {
    /// The row of a name in the file.
    pub fn named(name: &str) -> Option<&'static Self> {
        TABLE.iter().find(|row| row.name == name)
    }

    /// Its variable of the environment.
    pub fn variable(&self) -> String {
        format!("{PREFIX}{}", self.flag.to_uppercase().replace('-', "_"))
    }
}

const ANONYMOUS: [(&str, Anonymous); 3] =
    [("none", Anonymous::None), ("read", Anonymous::Read), ("all", Anonymous::All)];

const LOG_FORMATS: [(&str, LogFormat); 2] = [("text", LogFormat::Text), ("json", LogFormat::Json)];

/// The last of the values.
pub(super) fn one(given: &[String]) -> &str {
    given.last().map_or("", String::as_str)
}

/// A path as it was written.
pub(super) fn shown(value: Option<&std::path::PathBuf>) -> Vec<String> {
    value.map(|path| path.display().to_string()).into_iter().collect()
}

/// Every setting.
pub const TABLE: &[Row] = &[
    Row {
        name: "data",
        flag: "data",
        form: Form::One("PLACE"),
        secret: false,
        doc: "Directory that holds the packages and their journal, made when it does not exist, or a bucket: `s3://BUCKET/PREFIX`, `gs://…`, `az://…`. A place with other files in it is refused. `--storage` means the same.",
        take: |settings, given| {
            settings.data = Some(value::location(one(given))?);
            Ok(())
        },
        show: |settings| settings.data.iter().map(Location::to_text).collect(),
    },
    Row {
        name: "import.chartmuseum",
        flag: "import-chartmuseum",
        form: Form::One("DIR"),
        secret: false,
        doc: "Storage directory of ChartMuseum, imported at each start; its files are read and never changed. Without `data`, packages are kept in `.chart-registry` inside of it.",
        take: |settings, given| {
            settings.import.chartmuseum = Some(value::path(one(given))?);
            Ok(())
        },
        show: |settings| shown(settings.import.chartmuseum.as_ref()),
    },
    Row {
        name: "import.depth",
        flag: "import-depth",
        form: Form::One("N"),
        secret: false,
        doc: "The one depth of its repositories that is imported, as ChartMuseum serves no other; all if not given.",
        take: |settings, given| {
            settings.import.depth = Some(value::count(one(given))?);
            Ok(())
        },
        show: |settings| settings.import.depth.iter().map(ToString::to_string).collect(),
    },
    Row {
        name: "listen",
        flag: "listen",
        form: Form::One("ADDR"),
        secret: false,
        doc: "Address and port to listen on; port 0 takes a free one. The address is the one line on stdout.",
        take: |settings, given| {
            settings.listen = value::address(one(given))?;
            Ok(())
        },
        show: |settings| vec![settings.listen.to_string()],
    },
    Row {
        name: "base-path",
        flag: "base-path",
        form: Form::One("PATH"),
        secret: false,
        doc: "Path that clients reach the registry under, when a proxy passes it on as it is. `/api/PATH/...` and `/v2/PATH/...` mean the same, because clients put these words first.",
        take: |settings, given| {
            settings.base_path = value::base_path(one(given))?;
            Ok(())
        },
        show: |settings| vec![settings.base_path.clone()],
    },
    Row {
        name: "trusted-proxies",
        flag: "trusted-proxy",
        form: Form::Many("NETWORK"),
        secret: false,
        doc: "Addresses or ranges (`10.0.0.0/8`) of proxies that are believed: what they write into `X-Forwarded-For`, `-Host`, `-Proto` and `-Prefix`, or into `Forwarded`, is taken as the client's address and as the URL that it asked for. Nobody else is believed.",
        take: |settings, given| {
            settings.trusted_proxies = value::networks(given)?;
            Ok(())
        },
        show: |settings| settings.trusted_proxies.iter().map(ToString::to_string).collect(),
    },
    Row {
        name: "external-url",
        flag: "external-url",
        form: Form::One("URL"),
        secret: false,
        doc: "URL that clients reach the registry under, base path included; what trusted proxies and requests say if not given. Pages show it in commands, and their links begin with its path.",
        take: |settings, given| {
            settings.external_url = value::external_url(one(given))?;
            Ok(())
        },
        show: |settings| {
            Some(settings.external_url.clone()).filter(|url| !url.is_empty()).into_iter().collect()
        },
    },
    Row {
        name: "limits.upload",
        flag: "max-upload-bytes",
        form: Form::One("BYTES"),
        secret: false,
        doc: "Largest package that is taken.",
        take: |settings, given| {
            settings.max_upload_bytes = value::bytes(one(given))?;
            Ok(())
        },
        show: |settings| vec![value::show_bytes(settings.max_upload_bytes)],
    },
    Row {
        name: "limits.blob",
        flag: "max-blob-bytes",
        form: Form::One("BYTES"),
        secret: false,
        doc: "Largest blob that OCI clients push; packages of charts keep within `limits.upload`.",
        take: |settings, given| {
            settings.max_blob_bytes = value::bytes(one(given))?;
            Ok(())
        },
        show: |settings| vec![value::show_bytes(settings.max_blob_bytes)],
    },
    Row {
        name: "read-only",
        flag: "read-only",
        form: Form::Switch,
        secret: false,
        doc: "Refuse every publish and delete with 403.",
        take: |settings, given| {
            settings.read_only = value::switch(one(given))?;
            Ok(())
        },
        show: |settings| vec![settings.read_only.to_string()],
    },
    Row {
        name: "deletes",
        flag: "deletes",
        form: Form::Switch,
        secret: false,
        doc: "Let those who may delete do so; `false` refuses deleting, yanking and deprecating with 403. What administrators may, they may all the same.",
        take: |settings, given| {
            settings.deletes = value::switch(one(given))?;
            Ok(())
        },
        show: |settings| vec![settings.deletes.to_string()],
    },
    Row {
        name: "strict-versions",
        flag: "strict-versions",
        form: Form::Switch,
        secret: false,
        doc: "Take only versions that are written in full, as SemVer 2 asks for: `1.2.3` and not `v1.2.3` or `1.2`.",
        take: |settings, given| {
            settings.strict_versions = value::switch(one(given))?;
            Ok(())
        },
        show: |settings| vec![settings.strict_versions.to_string()],
    },
    Row {
        name: "metrics",
        flag: "metrics",
        form: Form::Switch,
        secret: false,
        doc: "Serve `/metrics`, to those who may read.",
        take: |settings, given| {
            settings.metrics = value::switch(one(given))?;
            Ok(())
        },
        show: |settings| vec![settings.metrics.to_string()],
    },
    classic::CHART_FIELD,
    classic::PROV_FIELD,
    classic::ALLOW_ORIGIN,
    Row {
        name: "artifact-hub",
        flag: "artifact-hub",
        form: Form::Many("ID"),
        secret: false,
        doc: "IDs under which Artifact Hub knows repositories: `ID` for the root, `PATH=ID` for others; served as `artifacthub-repo.yml`.",
        take: |settings, given| {
            settings.artifact_hub = value::artifact_hub(given)?;
            Ok(())
        },
        show: |settings| settings.artifact_hub.iter().map(ToString::to_string).collect(),
    },
    Row {
        name: "anonymous",
        flag: "anonymous",
        form: Form::Word(&["none", "read", "all"]),
        secret: false,
        doc: "What callers may do without a credential. If not given: everything on a loopback address as long as there is no token and no user, and nothing from the first one on.",
        take: |settings, given| {
            settings.anonymous = Some(value::word(one(given), &ANONYMOUS)?);
            Ok(())
        },
        show: |settings| {
            let known = ANONYMOUS.iter().find(|(_, it)| Some(*it) == settings.anonymous);
            known.map(|(word, _)| (*word).to_owned()).into_iter().collect()
        },
    },
    Row {
        name: "basic-auth.user",
        flag: "basic-auth-user",
        form: Form::One("NAME"),
        secret: false,
        doc: "Name of one user who may do everything, as ChartMuseum has it; `identity` declares others.",
        take: |settings, given| {
            settings.basic_user = Some(one(given).to_owned());
            Ok(())
        },
        show: |settings| settings.basic_user.clone().into_iter().collect(),
    },
    Row {
        name: "basic-auth.password",
        flag: "basic-auth-pass",
        form: Form::One("PASSWORD"),
        secret: true,
        doc: "That user's password. Give it in the environment: other processes can see flags.",
        take: |settings, given| {
            settings.basic_password = Some(Password::from(one(given)));
            Ok(())
        },
        show: |settings| {
            let password = settings.basic_password.as_ref();
            password.map(|it| it.reveal().to_owned()).into_iter().collect()
        },
    },
    authorization_server::REALM,
    authorization_server::SERVICE,
    authorization_server::KEY,
    tls::CERTIFICATE,
    tls::KEY,
    tls::CLIENT_AUTHORITIES,
    tls::CLIENT_CERTIFICATES,
    tls::CLIENT_REVOCATIONS,
    tls::MODE,
    tls::NAMES,
    tls::DIRECTORY,
    Row {
        name: "log.format",
        flag: "log-format",
        form: Form::Word(&["text", "json"]),
        secret: false,
        doc: "How log lines on stderr look. `RUST_LOG` chooses their level.",
        take: |settings, given| {
            settings.log_format = value::word(one(given), &LOG_FORMATS)?;
            Ok(())
        },
        show: |settings| {
            let known = LOG_FORMATS.iter().find(|(_, format)| *format == settings.log_format);
            known.map(|(word, _)| (*word).to_owned()).into_iter().collect()
        },
    },
    Row {
        name: "drain.delay",
        flag: "drain-delay",
        form: Form::One("TIME"),
        secret: false,
        doc: "How long the server goes on taking requests after SIGTERM while `/readyz` says that it is stopping: as long as proxies before it need to hear of that. A second signal, and SIGINT, end it at once.",
        take: |settings, given| {
            settings.drain_delay = value::duration(one(given))?;
            Ok(())
        },
        show: |settings| vec![value::show_duration(settings.drain_delay)],
    },
    Row {
        name: "drain.limit",
        flag: "drain",
        form: Form::One("TIME"),
        secret: false,
        doc: "How long requests that run may take to end after that; then they are cut off.",
        take: |settings, given| {
            settings.drain = value::duration(one(given))?;
            Ok(())
        },
        show: |settings| vec![value::show_duration(settings.drain)],
    },
    Row {
        name: "connections",
        flag: "connections",
        form: Form::One("NUMBER"),
        secret: false,
        doc: "Most connections at a time; others wait in the kernel's queue. The limit of open files is raised for them as far as the system allows.",
        take: |settings, given| {
            settings.connections = value::number(one(given))?;
            Ok(())
        },
        show: |settings| vec![settings.connections.to_string()],
    },
    Row {
        name: "gc.every",
        flag: "gc-every",
        form: Form::One("TIME"),
        secret: false,
        doc: "Time between two searches for stored bytes that nothing needs any more, which are taken away when they are a day old; `0s` for none. The command `gc` does the same at once.",
        take: |settings, given| {
            settings.collect_every = value::duration(one(given))?;
            Ok(())
        },
        show: |settings| vec![value::show_duration(settings.collect_every)],
    },
    Row {
        name: "gc.keep-deleted",
        flag: "keep-deleted",
        form: Form::One("TIME"),
        secret: false,
        doc: "How long packages of deleted versions stay, so that the same content brings a version back. Later only the same bytes do. Held versions stay, purged ones go at once.",
        take: |settings, given| {
            settings.keep_deleted = value::duration(one(given))?;
            Ok(())
        },
        show: |settings| vec![value::show_duration(settings.keep_deleted)],
    },
    Row {
        name: "chartmuseum-environment",
        flag: "chartmuseum-environment",
        form: Form::Switch,
        secret: false,
        doc: "Read the environment by the names of ChartMuseum, too, and the file that its `CONFIG` names; `false` where other programs use `PORT` or `STORAGE` for something else.",
        take: |settings, given| {
            settings.chartmuseum_environment = value::switch(one(given))?;
            Ok(())
        },
        show: |settings| vec![settings.chartmuseum_environment.to_string()],
    },
];

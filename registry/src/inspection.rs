//! Looking into a package before it is taken: strict, within limits, all in one pass.

use std::io;

use chart_format::archive::{self, Limits, OpenError, Refusal as Rule};
use chart_format::digest::Sha256;
use chart_format::version::ChartVersion;
use chart_registry_store::{PackageRef, Publish};
use serde_json::value::RawValue;

use crate::refusal::{Code, Fault, PublishError, Refusal};
use crate::registry::Origin;
use crate::spool::Received;

/// What the registry needs to know about a package.
#[derive(Debug, Clone)]
pub(crate) struct Inspected {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) content: Sha256,
    chart: Box<RawValue>,
}

impl Inspected {
    /// Chart.yaml as JSON, as the journal records it.
    pub(crate) fn chart_json(&self) -> &str {
        self.chart.get()
    }

    /// The event that publishes the package.
    pub(crate) fn event(&self, origin: Origin, received: &Received) -> Publish {
        let Origin { actor, request, repository: repo } = origin;
        Publish {
            repo,
            name: self.name.clone(),
            version: self.version.clone(),
            actor,
            request,
            package: PackageRef { sha256: received.sha256, size: received.size },
            content: self.content,
            force: false,
            created: None,
            chart: self.chart.clone(),
            oci: None,
        }
    }

    /// Refuses a version that is not written in full.
    pub(crate) fn refuse_loose_version(&self) -> Result<(), Refusal> {
        let Err(error) = semver::Version::parse(&self.version) else { return Ok(()) };
        let what = format!("`{}` is not written as SemVer 2 asks for: {error}", self.version);
        let fix = "write `major.minor.patch` in Chart.yaml, or set `strict-versions: false`";
        Err(Refusal::new(Code::BadPackage, &what, "Chart.yaml", fix))
    }
}

/// Opens the package and refuses everything that Helm or a later reader could stumble over.
///
/// Reads the upload from the disk: call it where that may block.
pub(crate) fn inspect(received: &Received, limits: &Limits) -> Result<Inspected, PublishError> {
    let source = received.open().map_err(|error| Fault::io("read an upload", error))?;
    let opened = archive::open(source, limits).map_err(refused)?;
    if opened.digest != received.sha256 {
        let changed = io::Error::from(io::ErrorKind::InvalidData);
        return Err(Fault::io("read an upload: it changed on disk", changed).into());
    }
    let (name, version) = (opened.metadata.name.to_string(), opened.metadata.version.to_string());
    if let Some(file_name) = &received.file_name {
        agrees(file_name, &name, &version)?;
    }
    let unwritable = |error: serde_json::Error| Fault::Index { reason: error.to_string() };
    let chart = RawValue::from_string(opened.metadata.to_json()).map_err(unwritable)?;
    Ok(Inspected { name, version, content: opened.content, chart })
}

/// A file name that says a version must say the one in Chart.yaml.
///
/// Names like `chart.tgz` say none and are fine.
fn agrees(file_name: &str, name: &str, version: &str) -> Result<(), Refusal> {
    let base = file_name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = base.strip_suffix(".tgz").unwrap_or_default();
    let said = ChartVersion::in_file_name(base).map(|(_, version)| version.trim_start_matches('v'));
    let says_a_version = said.is_some_and(|version| semver::Version::parse(version).is_ok());
    if !says_a_version || stem == format!("{name}-{version}") {
        return Ok(());
    }
    let what = format!("the file is named `{base}` but its Chart.yaml says `{name}` `{version}`");
    let fix = "pack the chart again with `helm package` or `chart-builder build`";
    Err(Refusal::new(Code::BadPackage, &what, "Chart.yaml", fix))
}

fn refused(error: OpenError) -> PublishError {
    match error {
        OpenError::Source(error) => Fault::io("read an upload", error).into(),
        OpenError::Refused(rule) => {
            let (code, fix) = code_and_fix(&rule);
            Refusal::new(code, &rule.to_string(), place(&rule), fix).into()
        }
    }
}

fn code_and_fix(rule: &Rule) -> (Code, &'static str) {
    match rule {
        Rule::KeyMaterial { .. } => (
            Code::PrivateKey,
            "take the key out of the chart, treat it as disclosed, and let the chart name a Secret",
        ),
        Rule::Unsearchable { .. } => (
            Code::BadPackage,
            "put the files into the chart plainly, not packed inside of each other",
        ),
        Rule::PackageTooLarge { .. } => (Code::TooLarge, "make it smaller; see .helmignore"),
        Rule::TotalTooLarge { .. }
        | Rule::RatioTooLarge { .. }
        | Rule::TooManyEntries { .. }
        | Rule::FileTooLarge { .. } => {
            (Code::BadPackage, "take out what templates do not need; see .helmignore")
        }
        Rule::Metadata { .. } | Rule::NoChartYaml | Rule::TopDirectoryName { .. } => {
            (Code::BadPackage, "correct Chart.yaml and pack the chart again")
        }
        Rule::NotGzip
        | Rule::DamagedGzip { .. }
        | Rule::TrailingBytes
        | Rule::DamagedTar { .. }
        | Rule::TrailingData
        | Rule::Path { .. }
        | Rule::Link { .. }
        | Rule::SpecialFile { .. }
        | Rule::TwoSizes { .. }
        | Rule::Duplicate { .. }
        | Rule::TwoChartYaml { .. }
        | Rule::NoTopDirectory { .. }
        | Rule::ForeignTopDirectory { .. }
        | Rule::StrayInCharts { .. } => {
            (Code::BadPackage, "pack the chart again with `helm package` or `chart-builder build`")
        }
    }
}

/// The entry that a rule is about.
fn place(rule: &Rule) -> &str {
    match rule {
        Rule::FileTooLarge { path, .. }
        | Rule::Path { path, .. }
        | Rule::Link { path }
        | Rule::SpecialFile { path, .. }
        | Rule::TwoSizes { path, .. }
        | Rule::Duplicate { path }
        | Rule::NoTopDirectory { path }
        | Rule::ForeignTopDirectory { path, .. }
        | Rule::StrayInCharts { path }
        | Rule::Metadata { path, .. }
        | Rule::KeyMaterial { path, .. }
        | Rule::Unsearchable { path, .. }
        | Rule::TwoChartYaml { second: path, .. } => path,
        Rule::TopDirectoryName { .. } | Rule::NoChartYaml => "Chart.yaml",
        Rule::NotGzip
        | Rule::DamagedGzip { .. }
        | Rule::TrailingBytes
        | Rule::PackageTooLarge { .. }
        | Rule::TotalTooLarge { .. }
        | Rule::RatioTooLarge { .. }
        | Rule::TooManyEntries { .. }
        | Rule::DamagedTar { .. }
        | Rule::TrailingData => "package",
    }
}

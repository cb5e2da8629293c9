//! Chart.yaml: its fields, its rules, and the bytes that Helm makes of it.
//!
//! The rules are Helm's own at load (`Metadata.Validate`) and two of ours: a chart's name is a
//! DNS-1123 label, and every constraint can be parsed. Helm's lint rules about links and e-mail
//! addresses are left to policy, and so is whether versions are written in full.

mod faults;
mod fields;
mod parse;
mod sanitize;

use std::collections::BTreeMap;

use semver::Version;
use serde::Serialize;

pub use faults::{Fault, FaultKind, MetadataError};
pub(crate) use fields::{of_dependency as dependency_fields, of_metadata as metadata_fields};
pub(crate) use parse::dependencies_from_json;

use crate::name::ChartName;
use crate::version::ChartVersion;
use crate::yaml;

/// What Chart.yaml says about a chart.
///
/// Absent and empty are the same to Helm, so texts that may be absent are `None` and never empty
/// after [`Metadata::parse`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// The chart's name.
    pub name: ChartName,
    /// URL of the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home: Option<String>,
    /// URLs of source code.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    /// The chart's version.
    pub version: ChartVersion,
    /// One sentence for lists of charts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Words to be found by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// Who keeps the chart.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub maintainers: Vec<Maintainer>,
    /// URL of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// Format of the chart itself.
    pub api_version: ApiVersion,
    /// Values path that switches the chart; a leftover of Helm 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// Comma-separated tags that switch the chart; a leftover of Helm 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<String>,
    /// Version of what the chart installs; any text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_version: Option<String>,
    /// Whether the chart is no longer kept.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
    /// Free annotations.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// Constraint on the version of Kubernetes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kube_version: Option<String>,
    /// The charts that this one needs, in declared order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<Dependency>,
    /// Whether the chart can be installed; absent means that it can.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub chart_type: Option<ChartType>,
}

/// Format of a chart: `v1` of Helm 2, `v2` of Helm 3 and 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ApiVersion {
    /// Dependencies stand in requirements.yaml.
    V1,
    /// Dependencies stand in Chart.yaml.
    V2,
}

/// What a chart is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChartType {
    /// Can be installed.
    Application,
    /// Only lends templates to others.
    Library,
}

/// Who keeps a chart.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Maintainer {
    /// A person or an organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where to write to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Where to read more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A chart that another one needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Dependency {
    /// The needed chart's name.
    pub name: ChartName,
    /// Constraint on its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Where it comes from; empty for a chart that is kept below `charts/`.
    pub repository: String,
    /// Values paths, comma-separated; the first one found decides whether it is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// Tags that switch it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Written by Helm itself while it works.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub enabled: bool,
    /// Values of it that are copied up.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub import_values: Vec<ImportValues>,
    /// Name under which it is used here; several aliases of one chart are several instances.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
}

/// Values that a chart copies up from one that it needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum ImportValues {
    /// A key below the needed chart's `exports`.
    Export(String),
    /// A table of the needed chart and where it goes.
    Table {
        /// Path in the needed chart's values.
        child: String,
        /// Path in the own values.
        parent: String,
    },
}

impl Metadata {
    /// Metadata of a new `v2` application chart with nothing but a name and a version.
    pub fn new(name: ChartName, version: Version) -> Self {
        Self {
            name,
            home: None,
            sources: Vec::new(),
            version: version.into(),
            description: None,
            keywords: Vec::new(),
            maintainers: Vec::new(),
            icon: None,
            api_version: ApiVersion::V2,
            condition: None,
            tags: None,
            app_version: None,
            deprecated: false,
            annotations: BTreeMap::new(),
            kube_version: None,
            dependencies: Vec::new(),
            chart_type: Some(ChartType::Application),
        }
    }

    /// Reads a Chart.yaml as Helm does, and reports all its faults.
    ///
    /// Unknown fields are passed over, as Helm does.
    pub fn parse(text: &str) -> Result<Self, MetadataError> {
        parse::parse(text)
    }

    /// Reads metadata from JSON, for example from an entry of an index.
    pub fn from_json(value: &serde_json::Value) -> Result<Self, MetadataError> {
        parse::from_json(value)
    }

    /// Chart.yaml byte for byte as `helm package` writes it.
    pub fn to_chart_yaml(&self) -> String {
        yaml::go_yaml(&fields::of_metadata(&self.sanitized()).into())
    }

    /// Compact JSON in Helm's order of fields, for indexes.
    pub fn to_json(&self) -> String {
        fields::to_json(&self.sanitized())
    }

    /// This metadata with its texts as Helm leaves them after loading: blanks of every kind are
    /// spaces, what cannot be printed is gone.
    #[must_use]
    pub fn sanitized(&self) -> Self {
        let mut clean = self.clone();
        sanitize::metadata(&mut clean);
        clean
    }
}

impl Dependency {
    /// A chart that is kept below `charts/`, in exactly this version.
    pub fn vendored(name: ChartName, version: &Version) -> Self {
        Self {
            name,
            version: Some(version.to_string()),
            repository: String::new(),
            condition: None,
            tags: Vec::new(),
            enabled: false,
            import_values: Vec::new(),
            alias: None,
        }
    }

    /// The name under which the chart's values stand: the alias, or else its own name.
    pub fn key(&self) -> &str {
        self.alias.as_deref().unwrap_or(self.name.as_str())
    }
}

impl ApiVersion {
    /// The word in Chart.yaml.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
        }
    }
}

impl ChartType {
    /// The word in Chart.yaml.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Library => "library",
        }
    }
}

#[cfg(test)]
mod tests;

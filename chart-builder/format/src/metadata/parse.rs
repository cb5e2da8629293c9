//! From Chart.yaml to [`Metadata`], with all faults of the file at once.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::faults::{Fault, FaultKind, MetadataError};
use super::{ApiVersion, ChartType, Dependency, ImportValues, Maintainer, Metadata, sanitize};
use crate::constraint::Constraint;
use crate::name::ChartName;
use crate::version::ChartVersion;
use crate::yaml::{self, go_text};

/// Every field that Helm knows at the top of a Chart.yaml.
const FIELDS: [&str; 17] = [
    "name",
    "home",
    "sources",
    "version",
    "description",
    "keywords",
    "maintainers",
    "icon",
    "apiVersion",
    "condition",
    "tags",
    "appVersion",
    "deprecated",
    "annotations",
    "kubeVersion",
    "dependencies",
    "type",
];

pub(super) fn parse(text: &str) -> Result<Metadata, MetadataError> {
    let value = yaml::read(text, yaml::Limits::METADATA).map_err(|error| MetadataError {
        faults: vec![Fault { field: "Chart.yaml".to_owned(), kind: error.into() }],
    })?;
    from_json(&value)
}

pub(super) fn from_json(value: &Value) -> Result<Metadata, MetadataError> {
    let mut faults = Faults::default();
    let empty = Map::new();
    let fields = value.as_object().unwrap_or_else(|| {
        faults.add("Chart.yaml", FaultKind::WrongType { expected: "a mapping" });
        &empty
    });
    let metadata = faults.metadata(fields);
    match metadata {
        Some(metadata) if faults.found.is_empty() => Ok(metadata),
        _ => Err(MetadataError { faults: faults.found }),
    }
}

/// The `dependencies` of a lock, several of which may have one name.
pub(crate) fn dependencies_from_json(value: &Value) -> Result<Vec<Dependency>, MetadataError> {
    let mut faults = Faults::default();
    let items = faults.list("dependencies", value.get("dependencies"));
    let mut dependencies = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let field = format!("dependencies[{index}]");
        if let Some(map) = faults.mapping(&field, item)
            && let Some(dependency) = faults.dependency(&field, map)
        {
            dependencies.push(dependency);
        }
    }
    if faults.found.is_empty() {
        Ok(dependencies)
    } else {
        Err(MetadataError { faults: faults.found })
    }
}

#[derive(Default)]
struct Faults {
    found: Vec<Fault>,
}

impl Faults {
    fn add(&mut self, field: impl Into<String>, kind: FaultKind) {
        self.found.push(Fault { field: field.into(), kind });
    }

    fn metadata(&mut self, fields: &Map<String, Value>) -> Option<Metadata> {
        for key in fields.keys() {
            if let Some(known) =
                FIELDS.iter().find(|field| field.eq_ignore_ascii_case(key) && *field != key)
            {
                self.add(key, FaultKind::LetterCase { known });
            }
        }
        let name = self.name("name", fields.get("name"));
        let version = self.version(fields);
        let api_version = self.api_version(fields);
        let chart_type = self.chart_type(fields);
        let mut metadata = Metadata {
            home: self.text("home", fields.get("home")),
            sources: self.texts("sources", fields.get("sources")),
            description: self.text("description", fields.get("description")),
            keywords: self.texts("keywords", fields.get("keywords")),
            maintainers: self.maintainers(fields),
            icon: self.text("icon", fields.get("icon")),
            condition: self.text("condition", fields.get("condition")),
            tags: self.text("tags", fields.get("tags")),
            app_version: self.text("appVersion", fields.get("appVersion")),
            deprecated: self.flag("deprecated", fields.get("deprecated")),
            annotations: self.annotations(fields),
            kube_version: self.constraint("kubeVersion", fields.get("kubeVersion")),
            dependencies: self.dependencies(fields),
            api_version: api_version?,
            chart_type: chart_type?,
            name: name?,
            version: version?,
        };
        sanitize::metadata(&mut metadata);
        Some(metadata)
    }

    /// A text as Helm reads it into a text field; empty is absent.
    fn text(&mut self, field: &str, value: Option<&Value>) -> Option<String> {
        let text = go_text(value?);
        if text.is_none() {
            self.add(field, FaultKind::WrongType { expected: "a text" });
        }
        text.filter(|text| !text.is_empty())
    }

    fn list<'value>(&mut self, field: &str, value: Option<&'value Value>) -> &'value [Value] {
        match value {
            None | Some(Value::Null) => &[],
            Some(Value::Array(items)) => items,
            Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
                self.add(field, FaultKind::WrongType { expected: "a list" });
                &[]
            }
        }
    }

    fn mapping<'value>(
        &mut self,
        field: &str,
        value: &'value Value,
    ) -> Option<&'value Map<String, Value>> {
        let map = value.as_object();
        if map.is_none() {
            self.add(field, FaultKind::WrongType { expected: "a mapping" });
        }
        map
    }

    fn texts(&mut self, field: &str, value: Option<&Value>) -> Vec<String> {
        let items = self.list(field, value);
        let mut texts = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            // Helm keeps empty items, and null becomes one.
            match go_text(item) {
                Some(text) => texts.push(text),
                None => self
                    .add(format!("{field}[{index}]"), FaultKind::WrongType { expected: "a text" }),
            }
        }
        texts
    }

    fn flag(&mut self, field: &str, value: Option<&Value>) -> bool {
        match value {
            None | Some(Value::Null) => false,
            Some(Value::Bool(flag)) => *flag,
            Some(Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_)) => {
                self.add(field, FaultKind::WrongType { expected: "`true` or `false`" });
                false
            }
        }
    }

    fn name(&mut self, field: &str, value: Option<&Value>) -> Option<ChartName> {
        let Some(text) = self.text(field, value) else {
            if value.is_none_or(|value| go_text(value).is_some()) {
                self.add(field, FaultKind::Missing);
            }
            return None;
        };
        ChartName::parse(&text).map_err(|error| self.add(field, error.into())).ok()
    }

    fn version(&mut self, fields: &Map<String, Value>) -> Option<ChartVersion> {
        let value = fields.get("version");
        let Some(text) = self.text("version", value) else {
            if value.is_none_or(|value| go_text(value).is_some()) {
                self.add("version", FaultKind::Missing);
            }
            return None;
        };
        ChartVersion::parse(&text).map_err(|_| self.add("version", FaultKind::Version(text))).ok()
    }

    /// Helm takes a missing version for `v1`.
    fn api_version(&mut self, fields: &Map<String, Value>) -> Option<ApiVersion> {
        match self.text("apiVersion", fields.get("apiVersion")).as_deref() {
            None | Some("v1") => Some(ApiVersion::V1),
            Some("v2") => Some(ApiVersion::V2),
            Some(word) => {
                let kind = FaultKind::UnknownWord { word: word.to_owned(), known: "`v2` or `v1`" };
                self.add("apiVersion", kind);
                None
            }
        }
    }

    #[expect(clippy::option_option, reason = "the outer level says whether the word is known")]
    fn chart_type(&mut self, fields: &Map<String, Value>) -> Option<Option<ChartType>> {
        match self.text("type", fields.get("type")).as_deref() {
            None => Some(None),
            Some("application") => Some(Some(ChartType::Application)),
            Some("library") => Some(Some(ChartType::Library)),
            Some(word) => {
                let known = "`application` or `library`";
                self.add("type", FaultKind::UnknownWord { word: word.to_owned(), known });
                None
            }
        }
    }

    fn constraint(&mut self, field: &str, value: Option<&Value>) -> Option<String> {
        let text = sanitize::clean(&self.text(field, value)?);
        if let Err(error) = Constraint::parse(&text) {
            self.add(field, error.into());
        }
        Some(text)
    }

    fn maintainers(&mut self, fields: &Map<String, Value>) -> Vec<Maintainer> {
        let items = self.list("maintainers", fields.get("maintainers"));
        let mut maintainers = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let field = format!("maintainers[{index}]");
            let Some(map) = self.mapping(&field, item) else { continue };
            maintainers.push(Maintainer {
                name: self.text(&format!("{field}.name"), map.get("name")),
                email: self.text(&format!("{field}.email"), map.get("email")),
                url: self.text(&format!("{field}.url"), map.get("url")),
            });
        }
        maintainers
    }

    fn annotations(&mut self, fields: &Map<String, Value>) -> BTreeMap<String, String> {
        let Some(value) = fields.get("annotations").filter(|value| !value.is_null()) else {
            return BTreeMap::new();
        };
        let mut annotations = BTreeMap::new();
        for (key, value) in self.mapping("annotations", value).into_iter().flatten() {
            let field = format!("annotations.{key}");
            let text = self.text(&field, Some(value)).unwrap_or_default();
            let control = key
                .chars()
                .chain(text.chars())
                .find(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r'));
            if let Some(control) = control {
                self.add(field, FaultKind::ControlCharacter(u32::from(control)));
            }
            if key == "<<" {
                self.add("annotations", FaultKind::MergeKey);
            }
            annotations.insert(key.clone(), text);
        }
        annotations
    }

    fn dependencies(&mut self, fields: &Map<String, Value>) -> Vec<Dependency> {
        let items = self.list("dependencies", fields.get("dependencies"));
        let mut used = BTreeSet::new();
        let mut dependencies = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let field = format!("dependencies[{index}]");
            let Some(map) = self.mapping(&field, item) else { continue };
            let Some(dependency) = self.dependency(&field, map) else { continue };
            if !used.insert(dependency.key().to_owned()) {
                self.add(field, FaultKind::DuplicateDependency(dependency.key().to_owned()));
            }
            dependencies.push(dependency);
        }
        dependencies
    }

    fn dependency(&mut self, field: &str, map: &Map<String, Value>) -> Option<Dependency> {
        let at = |key: &str| format!("{field}.{key}");
        let name = self.name(&at("name"), map.get("name"));
        let alias = self.text(&at("alias"), map.get("alias"));
        if let Some(alias) = &alias
            && !alias
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        {
            self.add(at("alias"), FaultKind::Alias(alias.clone()));
        }
        Some(Dependency {
            version: self.constraint(&at("version"), map.get("version")),
            repository: self.text(&at("repository"), map.get("repository")).unwrap_or_default(),
            condition: self.text(&at("condition"), map.get("condition")),
            tags: self.texts(&at("tags"), map.get("tags")),
            enabled: self.flag(&at("enabled"), map.get("enabled")),
            import_values: self.imports(&at("import-values"), map.get("import-values")),
            alias,
            name: name?,
        })
    }

    fn imports(&mut self, field: &str, value: Option<&Value>) -> Vec<ImportValues> {
        let items = self.list(field, value);
        let mut imports = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let text = |key| item.get(key).and_then(Value::as_str).map(str::to_owned);
            match (item.as_str(), text("child"), text("parent")) {
                (Some(key), _, _) => imports.push(ImportValues::Export(key.to_owned())),
                (None, Some(child), Some(parent)) => {
                    imports.push(ImportValues::Table { child, parent });
                }
                _ => self.add(
                    format!("{field}[{index}]"),
                    FaultKind::WrongType {
                        expected: "a text, or a mapping with `child` and `parent`",
                    },
                ),
            }
        }
        imports
    }
}

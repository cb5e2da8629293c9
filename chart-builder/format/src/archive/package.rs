//! A chart as a value: what goes into a package.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::Limits;
use super::faults::{PackageError, PackageFault};
use super::path;
use crate::constraint::Constraint;
use crate::keys;
use crate::lock::ChartLock;
use crate::metadata::{ApiVersion, Metadata};

/// A chart with everything that its package holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Chart.yaml.
    pub metadata: Metadata,
    /// Chart.lock.
    pub lock: Option<ChartLock>,
    /// values.yaml, kept byte for byte.
    pub values: Option<Vec<u8>>,
    /// values.schema.json, kept byte for byte.
    pub schema: Option<Vec<u8>>,
    /// Files below `templates/`, by their path below it.
    pub templates: BTreeMap<String, Vec<u8>>,
    /// All other files, by their path below the chart: README.md, `crds/`, `files/`.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Charts below `charts/`, one for each name; written sorted.
    pub subcharts: Vec<Package>,
}

/// Files that have a field of their own.
const OWN_FILES: [&str; 4] = ["Chart.yaml", "Chart.lock", "values.yaml", "values.schema.json"];

/// The files of a package with their paths, in the order in which Helm writes them.
type Files<'package> = Vec<(String, Cow<'package, [u8]>)>;

impl Package {
    /// A chart with nothing but its metadata.
    pub fn new(metadata: Metadata) -> Self {
        Self {
            metadata,
            lock: None,
            values: None,
            schema: None,
            templates: BTreeMap::new(),
            files: BTreeMap::new(),
            subcharts: Vec::new(),
        }
    }

    /// A chart from its unpacked files, by path below the chart's directory.
    ///
    /// Reads as Helm does: what is below `charts/<directory>/` is a chart of its own, entries of
    /// `charts/` that begin with `_` or `.` are passed over.
    pub fn from_tree(tree: BTreeMap<String, Vec<u8>>) -> Result<Self, PackageError> {
        let mut faults = Vec::new();
        match from_tree(tree, "", &mut faults) {
            Some(package) if faults.is_empty() => Ok(package),
            _ => Err(PackageError { faults }),
        }
    }

    /// The unpacked files by path, the chart's directory included: exactly the files and bytes
    /// that [`super::pack`] packs.
    pub fn tree(&self) -> Result<BTreeMap<String, Vec<u8>>, PackageError> {
        let files = self.checked_files()?;
        Ok(files.into_iter().map(|(path, content)| (path, content.into_owned())).collect())
    }

    /// All files in order, if no rule is broken.
    pub(super) fn checked_files(&self) -> Result<Files<'_>, PackageError> {
        let mut files = Files::new();
        let mut faults = Vec::new();
        self.collect(self.metadata.name.as_str(), &mut files, &mut faults);
        check_files(&files, &mut faults);
        if faults.is_empty() { Ok(files) } else { Err(PackageError { faults }) }
    }

    fn collect<'package>(
        &'package self,
        prefix: &str,
        files: &mut Files<'package>,
        faults: &mut Vec<PackageFault>,
    ) {
        self.check_dependencies(prefix, faults);
        let mut add = |path: &str, content: Cow<'package, [u8]>| {
            files.push((format!("{prefix}/{path}"), content));
        };
        add("Chart.yaml", Cow::Owned(self.metadata.to_chart_yaml().into_bytes()));
        if let Some(lock) =
            self.lock.as_ref().filter(|_| self.metadata.api_version == ApiVersion::V2)
        {
            add("Chart.lock", Cow::Owned(lock.to_yaml().into_bytes()));
        }
        if let Some(values) = &self.values {
            add("values.yaml", Cow::Borrowed(values));
            if !values.is_empty() && !values.ends_with(b"\n") {
                faults.push(PackageFault::NoFinalNewline { path: format!("{prefix}/values.yaml") });
            }
        }
        if let Some(schema) = &self.schema {
            add("values.schema.json", Cow::Borrowed(schema));
            if let Err(error) = serde_json::from_slice::<serde::de::IgnoredAny>(schema) {
                let path = format!("{prefix}/values.schema.json");
                faults.push(PackageFault::SchemaNotJson { path, reason: error.to_string() });
            }
        }
        for (path, content) in in_walk_order(&self.templates) {
            add(&format!("templates/{path}"), Cow::Borrowed(content));
        }
        for (path, content) in in_walk_order(&self.files) {
            add(path, Cow::Borrowed(content));
        }
        let mut subcharts: Vec<&Package> = self.subcharts.iter().collect();
        subcharts.sort_by(|left, right| left.metadata.name.cmp(&right.metadata.name));
        for subchart in subcharts {
            subchart.collect(&format!("{prefix}/charts/{}", subchart.metadata.name), files, faults);
        }
    }

    fn check_dependencies(&self, chart: &str, faults: &mut Vec<PackageFault>) {
        let declared = &self.metadata.dependencies;
        for dependency in declared {
            let wanted = dependency.version.as_deref().unwrap_or("*");
            let constraint = Constraint::parse(wanted);
            let is_there = self.subcharts.iter().any(|subchart| {
                subchart.metadata.name == dependency.name
                    && constraint.as_ref().is_ok_and(|constraint| {
                        constraint.matches(subchart.metadata.version.precedence())
                    })
            });
            if !is_there {
                faults.push(PackageFault::MissingDependency {
                    chart: chart.to_owned(),
                    dependency: format!("{} {wanted}", dependency.name),
                });
            }
        }
        // Helm 2 charts declare elsewhere.
        if self.metadata.api_version == ApiVersion::V1 {
            return;
        }
        for subchart in &self.subcharts {
            if !declared.iter().any(|dependency| dependency.name == subchart.metadata.name) {
                let subchart = subchart.metadata.name.to_string();
                faults.push(PackageFault::UndeclaredSubchart { chart: chart.to_owned(), subchart });
            }
        }
    }
}

/// Directory by directory, names sorted, as Helm walks a chart.
fn in_walk_order(files: &BTreeMap<String, Vec<u8>>) -> Vec<(&str, &Vec<u8>)> {
    let mut sorted: Vec<(&str, &Vec<u8>)> =
        files.iter().map(|(path, content)| (path.as_str(), content)).collect();
    sorted.sort_by(|left, right| left.0.split('/').cmp(right.0.split('/')));
    sorted
}

fn check_files(files: &Files<'_>, faults: &mut Vec<PackageFault>) {
    let limits = Limits::HELM;
    let mut seen = BTreeSet::new();
    let mut total = 0;
    for (path, content) in files {
        let size = content.len() as u64;
        // A header of 512 bytes, and content in blocks of 512.
        total += size.next_multiple_of(512) + 512;
        if let Err(fault) = path::check(path, limits.path_bytes) {
            faults.push(PackageFault::Path { path: path.clone(), fault });
        }
        let is_twice = !seen.insert(path.as_str());
        let inside_file = path.match_indices('/').any(|(index, _)| seen.contains(&path[..index]));
        if is_twice || inside_file {
            faults.push(PackageFault::Duplicate { path: path.clone() });
        }
        if size > limits.file_bytes {
            faults.push(PackageFault::FileTooLarge {
                path: path.clone(),
                size,
                limit: limits.file_bytes,
            });
        } else if let Some(finding) = keys::find(content) {
            let path = path.clone();
            faults.push(if finding.is_unsearchable() {
                PackageFault::Unsearchable { path, finding }
            } else {
                PackageFault::KeyMaterial { path, finding }
            });
        }
    }
    if total >= limits.total_bytes {
        faults.push(PackageFault::TotalTooLarge { size: total, limit: limits.total_bytes });
    }
    if files.len() > limits.entries {
        faults.push(PackageFault::TooManyFiles { count: files.len(), limit: limits.entries });
    }
}

/// `place` is the path of the chart's directory with a final `/`, empty at the top.
fn from_tree(
    mut tree: BTreeMap<String, Vec<u8>>,
    place: &str,
    faults: &mut Vec<PackageFault>,
) -> Option<Package> {
    let subcharts = take_subcharts(&mut tree, place, faults);
    let own = OWN_FILES.map(|name| tree.remove(name));
    let [chart_yaml, chart_lock, values, schema] = own;
    let metadata = read_metadata(chart_yaml, place, faults);
    let lock = chart_lock.and_then(|bytes| read_lock(bytes, place, faults));
    let (mut templates, mut files) = (BTreeMap::new(), BTreeMap::new());
    for (path, content) in tree {
        match path.strip_prefix("templates/") {
            Some(below) => templates.insert(below.to_owned(), content),
            None => files.insert(path, content),
        };
    }
    Some(Package { metadata: metadata?, lock, values, schema, templates, files, subcharts })
}

fn take_subcharts(
    tree: &mut BTreeMap<String, Vec<u8>>,
    place: &str,
    faults: &mut Vec<PackageFault>,
) -> Vec<Package> {
    let mut trees: BTreeMap<String, BTreeMap<String, Vec<u8>>> = BTreeMap::new();
    let below: Vec<(String, Vec<u8>)> =
        tree.extract_if(.., |path, _| path.starts_with("charts/")).collect();
    for (path, content) in below {
        let inner = path.strip_prefix("charts/").unwrap_or(&path);
        if inner.starts_with(['_', '.']) {
            continue;
        }
        match inner.split_once('/') {
            Some((directory, rest)) => {
                trees.entry(directory.to_owned()).or_default().insert(rest.to_owned(), content);
            }
            None => faults.push(PackageFault::StrayInCharts { path: format!("{place}{path}") }),
        }
    }
    trees
        .into_iter()
        .filter_map(|(directory, tree)| {
            from_tree(tree, &format!("{place}charts/{directory}/"), faults)
        })
        .collect()
}

fn read_metadata(
    bytes: Option<Vec<u8>>,
    place: &str,
    faults: &mut Vec<PackageFault>,
) -> Option<Metadata> {
    let path = format!("{place}Chart.yaml");
    let Some(bytes) = bytes else {
        faults.push(PackageFault::NoChartYaml {
            chart: if place.is_empty() { ".".to_owned() } else { place.to_owned() },
        });
        return None;
    };
    let Ok(text) = String::from_utf8(bytes) else {
        faults.push(PackageFault::NotText { path });
        return None;
    };
    Metadata::parse(&text).map_err(|error| faults.push(PackageFault::Metadata { path, error })).ok()
}

fn read_lock(bytes: Vec<u8>, place: &str, faults: &mut Vec<PackageFault>) -> Option<ChartLock> {
    let path = format!("{place}Chart.lock");
    let Ok(text) = String::from_utf8(bytes) else {
        faults.push(PackageFault::NotText { path });
        return None;
    };
    ChartLock::parse(&text).map_err(|error| faults.push(PackageFault::Lock { path, error })).ok()
}

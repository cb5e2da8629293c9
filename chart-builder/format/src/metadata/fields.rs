//! The fields of a Chart.yaml as a tree, with what is empty left out as Helm leaves it out.

use super::{Dependency, ImportValues, Maintainer, Metadata};
use crate::yaml::{Map, Node, go_json_ordered};

/// Compact JSON in Helm's order of fields.
pub(super) fn to_json(metadata: &Metadata) -> String {
    go_json_ordered(&of_metadata(metadata).into())
}

/// The fields in Helm's order.
pub(crate) fn of_metadata(metadata: &Metadata) -> Map {
    let mut map = Map::new();
    map.insert("name", metadata.name.as_str());
    text(&mut map, "home", metadata.home.as_ref());
    list(&mut map, "sources", &metadata.sources);
    map.insert("version", metadata.version.to_string());
    text(&mut map, "description", metadata.description.as_ref());
    list(&mut map, "keywords", &metadata.keywords);
    list(&mut map, "maintainers", metadata.maintainers.iter().map(of_maintainer));
    text(&mut map, "icon", metadata.icon.as_ref());
    map.insert("apiVersion", metadata.api_version.as_str());
    text(&mut map, "condition", metadata.condition.as_ref());
    text(&mut map, "tags", metadata.tags.as_ref());
    text(&mut map, "appVersion", metadata.app_version.as_ref());
    if metadata.deprecated {
        map.insert("deprecated", true);
    }
    if !metadata.annotations.is_empty() {
        map.insert("annotations", metadata.annotations.iter().collect::<Map>());
    }
    text(&mut map, "kubeVersion", metadata.kube_version.as_ref());
    list(&mut map, "dependencies", metadata.dependencies.iter().map(of_dependency));
    if let Some(chart_type) = metadata.chart_type {
        map.insert("type", chart_type.as_str());
    }
    map
}

/// The fields of one dependency in Helm's order, which its lock digest depends on.
pub(crate) fn of_dependency(dependency: &Dependency) -> Map {
    let mut map = Map::new();
    map.insert("name", dependency.name.as_str());
    text(&mut map, "version", dependency.version.as_ref());
    map.insert("repository", dependency.repository.as_str());
    text(&mut map, "condition", dependency.condition.as_ref());
    list(&mut map, "tags", &dependency.tags);
    if dependency.enabled {
        map.insert("enabled", true);
    }
    list(&mut map, "import-values", dependency.import_values.iter().map(of_import));
    text(&mut map, "alias", dependency.alias.as_ref());
    map
}

fn of_import(import: &ImportValues) -> Node {
    match import {
        ImportValues::Export(key) => key.into(),
        ImportValues::Table { child, parent } => {
            Map::new().with("child", child).with("parent", parent).into()
        }
    }
}

fn of_maintainer(maintainer: &Maintainer) -> Map {
    let mut map = Map::new();
    text(&mut map, "name", maintainer.name.as_ref());
    text(&mut map, "email", maintainer.email.as_ref());
    text(&mut map, "url", maintainer.url.as_ref());
    map
}

fn text(map: &mut Map, key: &str, text: Option<&String>) {
    if let Some(text) = text
        && !text.is_empty()
    {
        map.insert(key, text);
    }
}

fn list<Item: Into<Node>>(map: &mut Map, key: &str, items: impl IntoIterator<Item = Item>) {
    let items: Vec<Node> = items.into_iter().map(Into::into).collect();
    if !items.is_empty() {
        map.insert(key, Node::List(items));
    }
}

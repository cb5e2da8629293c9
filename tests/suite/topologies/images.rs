//! The list of images is what charts name: nothing more, nothing less.

use std::collections::BTreeSet;

use chart_builder::images::images;
use serde_json::Value;

use super::assert_none;
use super::renders::RENDERS;

/// Images that peers hand to a Docker engine: they stand in their configuration and in no container.
const BUILT_WITH: &[&str] = &["ccenv", "baseos", "baseimage", "javaenv", "nodeenv"];

/// Whether a configuration names an image.
fn is_configured(objects: &[Value], image: &str) -> bool {
    objects.iter().any(|object| object.to_string().contains(image))
}

/// Every `image` of every container in these objects.
fn named(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match (key.as_str(), value) {
                    ("image", Value::String(image)) => {
                        found.insert(image.clone());
                    }
                    _ => named(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| named(item, found)),
        _ => {}
    }
}

#[test]
fn the_listed_images_are_those_that_the_objects_name() {
    let mut faults = Vec::new();
    for render in RENDERS.iter() {
        let versions =
            [(&render.sample.first, &render.first), (&render.sample.second, &render.second)];
        for (version, objects) in versions {
            let listed: BTreeSet<String> =
                images(&version.network).into_iter().map(|it| it.reference).collect();
            let mut found = BTreeSet::new();
            for object in objects {
                named(object, &mut found);
            }
            let built_with =
                listed.iter().filter(|it| BUILT_WITH.iter().any(|name| it.contains(name)));
            let built_with: BTreeSet<String> =
                built_with.filter(|it| is_configured(objects, it)).cloned().collect();
            found.extend(built_with);
            if listed != found {
                let missing: Vec<_> = found.difference(&listed).collect();
                let unused: Vec<_> = listed.difference(&found).collect();
                faults.push(format!(
                    "{}: not listed {missing:?}, listed and unused {unused:?}",
                    render.sample.row.name
                ));
            }
        }
    }
    assert_none("`chart-builder images` lists what charts use", &faults);
}

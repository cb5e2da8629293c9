//! What Helm does to the texts of a Chart.yaml when it loads a chart (`sanitizeString` of its
//! `metadata.go`).

use super::{Dependency, Maintainer, Metadata};

/// Cleans every text that Helm cleans: all but annotations, aliases, types and versions.
pub(super) fn metadata(metadata: &mut Metadata) {
    for text in [
        &mut metadata.home,
        &mut metadata.description,
        &mut metadata.icon,
        &mut metadata.condition,
        &mut metadata.tags,
        &mut metadata.app_version,
        &mut metadata.kube_version,
    ] {
        optional(text);
    }
    for text in metadata.sources.iter_mut().chain(&mut metadata.keywords) {
        *text = clean(text);
    }
    metadata.maintainers.iter_mut().for_each(maintainer);
    metadata.dependencies.iter_mut().for_each(dependency);
}

fn maintainer(maintainer: &mut Maintainer) {
    optional(&mut maintainer.name);
    optional(&mut maintainer.email);
    optional(&mut maintainer.url);
}

fn dependency(dependency: &mut Dependency) {
    optional(&mut dependency.version);
    optional(&mut dependency.condition);
    dependency.repository = clean(&dependency.repository);
    for tag in &mut dependency.tags {
        *tag = clean(tag);
    }
}

fn optional(text: &mut Option<String>) {
    *text = text.take().map(|text| clean(&text)).filter(|text| !text.is_empty());
}

/// Blanks become spaces; what Go does not call printable is dropped.
pub(super) fn clean(text: &str) -> String {
    text.chars()
        .filter_map(|character| match character {
            blank if blank.is_whitespace() => Some(' '),
            invisible if is_invisible(invisible) => None,
            character => Some(character),
        })
        .collect()
}

/// Control and format characters, private use and non-characters. Code points that Unicode has
/// not assigned yet stay, because which they are depends on the Unicode version.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{600}'..='\u{605}'
                | '\u{61c}'
                | '\u{6dd}'
                | '\u{70f}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{e000}'..='\u{f8ff}'
                | '\u{fdd0}'..='\u{fdef}'
                | '\u{feff}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{fffe}'..='\u{ffff}'
                | '\u{110bd}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e007f}'
                | '\u{f0000}'..='\u{10ffff}'
        )
}

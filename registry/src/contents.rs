//! Files of a stored package, for those who want to see them without unpacking.
//!
//! The package was inspected when it was published, so its paths and sizes are within Helm's limits.

use std::io::{self, Read};

use bytes::Bytes;
use chart_format::archive::Limits;
use flate2::bufread::GzDecoder;

/// Most bytes of templates that are shown together.
pub(crate) const SHOWN_BYTES: u64 = 8 << 20;

/// The files that the API shows.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    /// values.yaml.
    pub(crate) values: Option<Vec<u8>>,
    /// Path below the chart's directory, and content, of everything in `templates/`.
    pub(crate) templates: Vec<(String, Vec<u8>)>,
    /// True when the templates are larger than [`SHOWN_BYTES`] and not all here.
    pub(crate) cut: bool,
}

/// Reads the files of a package. Inflates all of it: call it where that may take its time.
pub(crate) fn read(package: &Bytes) -> io::Result<Contents> {
    let inflated = GzDecoder::new(&package[..]).take(Limits::HELM.total_bytes);
    let mut archive = tar::Archive::new(inflated);
    let mut contents = Contents::default();
    let mut shown = 0;
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let path = path.trim_start_matches("./");
        let Some((_, path)) =
            path.split_once('/').filter(|_| entry.header().entry_type().is_file())
        else {
            continue;
        };
        let is_template = path.starts_with("templates/");
        if path != "values.yaml" && !is_template {
            continue;
        }
        shown += entry.size();
        if shown > SHOWN_BYTES {
            contents.cut = true;
            break;
        }
        let path = path.to_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content)?;
        if is_template {
            contents.templates.push((path, content));
        } else {
            contents.values = Some(content);
        }
    }
    Ok(contents)
}

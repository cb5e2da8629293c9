//! The files that pages load: part of the program, named by their digest, so that caches keep them.

use std::io::{self, Write};
use std::sync::LazyLock;

use bytes::Bytes;
use chart_format::digest::Sha256;
use flate2::Compression;
use flate2::write::GzEncoder;

/// A file that pages load.
pub(crate) struct Asset {
    /// Its name, with its digest in it.
    pub(crate) name: String,
    /// Its media type.
    pub(crate) media_type: &'static str,
    /// Its bytes.
    pub(crate) bytes: Bytes,
    /// The same as gzip.
    pub(crate) gzip: Bytes,
}

/// The style of all pages.
pub(crate) static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("pages", "css", "text/css; charset=utf-8", include_bytes!("../../assets/pages.css"))
});

/// The sign of the program.
pub(crate) static ICON: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("icon", "svg", "image/svg+xml", include_bytes!("../../assets/icon.svg"))
});

impl Asset {
    fn new(stem: &str, ending: &str, media_type: &'static str, bytes: &'static [u8]) -> Self {
        let digest = Sha256::of(bytes).to_string();
        let name = format!("{stem}-{}.{ending}", &digest[..16]);
        let bytes = Bytes::from_static(bytes);
        // Writing into memory cannot fail; what is not compressed is sent as it is.
        let gzip = gzip(&bytes).map_or_else(|_| Bytes::new(), Bytes::from);
        Self { name, media_type, bytes, gzip }
    }

    /// The asset with this name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        [&*STYLE, &*ICON].into_iter().find(|asset| asset.name == name)
    }
}

/// `bytes` as a gzip file.
pub(crate) fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(5));
    encoder.write_all(bytes)?;
    encoder.finish()
}

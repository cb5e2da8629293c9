//! Embeds the curated charts of `../charts`, so that the program needs nothing beside itself.
//!
//! Symbolic links are followed: in the source tree every chart links the library that its package carries.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Directories of a chart that are for its developers only.
const LEFT_OUT: &[&str] = &["ci"];

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../charts").canonicalize()?;
    let mut files = Vec::new();
    collect(&root, "", &mut files)?;
    let mut code = String::from("&[\n");
    for (name, path) in &files {
        writeln!(
            code,
            "    ({name:?}, include_bytes!({:?}) as &[u8]),",
            path.display().to_string()
        )?;
    }
    code.push_str("]\n");
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("embedded_charts.rs"), code)?;
    println!("cargo::rerun-if-changed=build.rs");
    Ok(())
}

/// Every file below a directory by its name with `/`, sorted; names with a leading dot are left out.
fn collect(
    directory: &Path,
    prefix: &str,
    files: &mut Vec<(String, PathBuf)>,
) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", directory.display());
    let mut entries = fs::read_dir(directory)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry
            .file_name()
            .into_string()
            .map_err(|name| format!("`{}` is no text", name.display()))?;
        if name.starts_with('.') || LEFT_OUT.contains(&name.as_str()) {
            continue;
        }
        let path = entry.path();
        let relative = format!("{prefix}{name}");
        if fs::metadata(&path)?.is_dir() {
            collect(&path, &format!("{relative}/"), files)?;
        } else {
            println!("cargo::rerun-if-changed={}", path.display());
            files.push((relative, path));
        }
    }
    Ok(())
}

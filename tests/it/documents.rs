//! The documents: tables that the program makes, links that lead somewhere, and a README that stays short.

mod links;
mod tables;

use std::fs;
use std::path::{Path, PathBuf};

/// The documents that are checked.
fn documents() -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> =
        ["README.md", "README.zh.md", "CONTRIBUTING.md", "CHANGELOG.md", "tests/lab/README.md"].map(root).into();
    let folder = fs::read_dir(root("docs")).expect("docs is there");
    all.extend(folder.map(|entry| entry.expect("docs can be read").path()));
    all.sort();
    all
}

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn the_readme_has_at_most_10_kb() {
    let bytes = text(&root("README.md")).len();
    assert!(bytes <= 10_000, "README.md has {bytes} bytes; move what is not for the first look to docs/");
}

//! Puts the lessons into the program: each folder of `lessons/` becomes an entry of a table, by `include_str!`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let lessons = root.join("lessons");
    println!("cargo::rerun-if-changed={}", lessons.display());
    let mut folders: Vec<PathBuf> = match fs::read_dir(&lessons) {
        Ok(entries) => entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?,
        Err(_) => Vec::new(),
    };
    folders.retain(|path| path.is_dir());
    folders.sort();
    let mut table = String::from("&[\n");
    for folder in &folders {
        println!("cargo::rerun-if-changed={}", folder.display());
        let id = folder.file_name().unwrap_or_default().to_string_lossy();
        let [toml, en, zh] = ["lesson.toml", "en.md", "zh.md"].map(|name| text(folder, name));
        let _ = writeln!(table, "    ({id:?}, [{toml}, {en}, {zh}]),");
    }
    table += "]\n";
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("lessons.rs"), table)
}

/// A file as an expression; one that is missing is empty, and the check of the lessons says so.
fn text(folder: &Path, name: &str) -> String {
    let path = folder.join(name);
    println!("cargo::rerun-if-changed={}", path.display());
    if path.is_file() { format!("include_str!({:?})", path.to_string_lossy()) } else { "\"\"".to_owned() }
}

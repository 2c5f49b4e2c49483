//! Lists the folders of `lessons/` for `src/lesson/source.rs`, so that a new lesson needs no line of code.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let lessons = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("lessons");
    println!("cargo::rerun-if-changed={}", lessons.display());
    let mut folders: Vec<PathBuf> =
        fs::read_dir(&lessons)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?;
    folders.retain(|path| path.is_dir());
    folders.sort();
    let mut table = String::from("&[\n");
    for folder in &folders {
        // A missing file is no error here: `epollscope verify` and a test name it.
        let texts = ["lesson.toml", "en.md", "zh.md"].map(|name| {
            let path = folder.join(name);
            if path.is_file() { format!("include_str!({:?})", path.display().to_string()) } else { "\"\"".to_owned() }
        });
        let id = folder.file_name().unwrap_or_default().to_string_lossy();
        let _ = writeln!(table, "    ({id:?}, [{}]),", texts.join(", "));
    }
    table += "]\n";
    fs::write(PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("lessons.rs"), table)
}

//! Puts the lessons into the program, as one text, and what it prints for shells and man(1), all deflated; and has the
//! program linked small.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

use miniz_oxide::deflate::compress_to_vec;

/// How hard to try, of 10.
const LEVEL: u8 = 9;

/// What `epollscope completions` and `epollscope man` print.
const PRINTED: [&str; 4] = ["epollscope.bash", "_epollscope", "epollscope.fish", "epollscope.1"];

fn main() -> io::Result<()> {
    if loads_packed_relocations() {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let lessons = root.join("lessons");
    println!("cargo::rerun-if-changed={}", lessons.display());
    let mut folders: Vec<PathBuf> = match fs::read_dir(&lessons) {
        Ok(entries) => entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?,
        Err(_) => Vec::new(),
    };
    folders.retain(|path| path.is_dir());
    folders.sort();
    let (mut table, mut texts) = (String::from("&[\n"), String::new());
    for folder in &folders {
        println!("cargo::rerun-if-changed={}", folder.display());
        let id = folder.file_name().unwrap_or_default().to_string_lossy();
        let mut lengths = [0; 3];
        for (length, name) in lengths.iter_mut().zip(["lesson.toml", "en.md", "zh.md"]) {
            let text = text(&folder.join(name))?;
            *length = text.len();
            texts += &text;
        }
        let _ = writeln!(table, "    ({id:?}, {lengths:?}),");
    }
    table += "]\n";
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("lessons.rs"), table)?;
    fs::write(out.join("lessons.deflate"), compress_to_vec(texts.as_bytes(), LEVEL))?;
    // All in one, since they say the same.
    let (mut lengths, mut texts) = ([0; PRINTED.len()], String::new());
    for (length, name) in lengths.iter_mut().zip(PRINTED) {
        let text = text(&root.join("src/cli/printed").join(name))?;
        *length = text.len();
        texts += &text;
    }
    fs::write(out.join("printed.rs"), format!("{lengths:?}"))?;
    fs::write(out.join("printed.deflate"), compress_to_vec(texts.as_bytes(), LEVEL))
}

/// A file; one that is missing is empty, and the check of the lessons, or a test, says so.
fn text(path: &Path) -> io::Result<String> {
    println!("cargo::rerun-if-changed={}", path.display());
    if !path.is_file() {
        return Ok(String::new());
    }
    fs::read_to_string(path).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

/// Whether the C library that the program will run with can load relocations that are packed (`DT_RELR`), which takes a
/// twentieth of the program away: glibc 2.36 can, and what is built for another machine may meet an older one there.
fn loads_packed_relocations() -> bool {
    let here = env::var_os("HOST") == env::var_os("TARGET");
    if !here || env::var("CARGO_CFG_TARGET_ENV").is_ok_and(|libc| libc != "gnu") {
        return false;
    }
    let Ok(told) = Command::new("getconf").arg("GNU_LIBC_VERSION").output() else { return false };
    let version = String::from_utf8_lossy(&told.stdout);
    let mut numbers = version.trim().trim_start_matches("glibc ").split('.').map_while(|n| n.parse::<u32>().ok());
    (numbers.next(), numbers.next()) >= (Some(2), Some(36))
}

//! The corpora of the fuzz targets, through the same functions: what once brought something down stays there.

mod look;

use std::fs;
use std::path::{Path, PathBuf};

fn corpus(name: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(name);
    let files = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> = files.collect();
    files.sort();
    assert!(files.len() > 3, "{files:?}");
    files
}

#[test]
fn no_recording_brings_anything_down() {
    for file in corpus("trace") {
        println!("{}", file.display());
        look::trace(&fs::read(&file).expect("a file"));
    }
}

#[test]
fn no_script_brings_the_parser_down() {
    for file in corpus("script") {
        println!("{}", file.display());
        look::script(&fs::read(&file).expect("a file"));
    }
}

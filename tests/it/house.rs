//! The house: what docs/architecture.md says of the rooms holds for the code.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms from the ground up. Each uses only those before it.
const ROOMS: [&str; 20] = [
    "error", "i18n", "folders", "record", "sys", "probe", "server", "watch", "trace", "analysis", "session", "scaling",
    "script", "lesson", "compare", "demo", "guide", "grade", "tui", "cli",
];

/// The most lines of a file.
const MOST: usize = 400;

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Each file of `src`: its path below `src`, and its text.
fn sources() -> Vec<(PathBuf, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&src, &mut found);
    assert!(found.len() > 150, "{} files: is this the right folder?", found.len());
    let text = |path: &PathBuf| fs::read_to_string(path).expect("a source file");
    found.iter().map(|path| (path.strip_prefix(&src).expect("below src").to_owned(), text(path))).collect()
}

/// The place of a room in the order; none for `lib.rs` and `main.rs`.
fn floor(room: &str) -> Option<usize> {
    ROOMS.iter().position(|known| *known == room)
}

#[test]
fn a_room_uses_only_rooms_above_it() {
    let mut checked = 0;
    for (path, text) in sources() {
        let first = path.iter().next().and_then(|first| first.to_str()).expect("Unicode");
        let room = first.trim_end_matches(".rs");
        let Some(own) = floor(room) else {
            assert!(["lib", "main"].contains(&room), "{} stands in no room of the list", path.display());
            continue;
        };
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            for used in line.split("crate::").skip(1) {
                let used: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if let Some(other) = floor(&used) {
                    assert!(other <= own, "{} uses {used}, which is below it: {line}", path.display());
                    checked += 1;
                }
            }
        }
    }
    assert!(checked > 500, "only {checked} uses were found");
}

#[test]
fn a_file_is_one_idea_of_at_most_400_lines() {
    for (path, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= MOST, "{} has {lines} lines", path.display());
    }
}

#[test]
fn a_door_has_no_logic() {
    for (path, text) in sources().into_iter().filter(|(path, _)| path.ends_with("mod.rs")) {
        let code = text.lines().map(str::trim_start);
        let logic =
            code.filter(|line| line.starts_with("fn ") || line.starts_with("pub fn ") || line.starts_with("impl"));
        assert_eq!(logic.collect::<Vec<_>>(), [""; 0], "{}", path.display());
    }
}

/// rustc's `missing_docs` asks for a sentence on every field, variant and method too, and so for many that only repeat the
/// name. What a reader needs of each type is its purpose.
#[test]
fn every_public_type_says_what_it_is_for() {
    let mut checked = 0;
    for (path, text) in sources() {
        let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
        let is_type = |line: &str| {
            ["pub struct ", "pub enum ", "pub trait ", "pub type "].iter().any(|begin| line.starts_with(begin))
        };
        for (i, line) in lines.iter().enumerate().filter(|(_, line)| is_type(line) && !line.contains('$')) {
            let mut above = lines[..i].iter().rev().take_while(|line| !line.is_empty());
            assert!(above.any(|line| line.starts_with("///")), "{}: {line}", path.display());
            checked += 1;
        }
    }
    assert!(checked > 150, "only {checked} types were found");
}

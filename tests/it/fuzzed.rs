//! The corpora of the fuzz targets, through the same functions: what once brought something down stays there.

use std::fs;
use std::path::{Path, PathBuf};

use epollscope::lesson::builtin;
use epollscope::record::{Call, Fd, Nanos, Record, Ret, Seq, Tid};
use epollscope::trace::World;
use proptest::prelude::*;

use crate::support::look;
use crate::support::streams::streams;
use crate::support::written::written;

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

#[test]
fn no_lesson_brings_the_reader_down() {
    for file in corpus("lesson") {
        println!("{}", file.display());
        look::lesson(&fs::read(&file).expect("a file"));
    }
}

fn recording() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/edge.jsonl")
}

#[test]
fn no_keys_bring_a_screen_down() {
    for file in corpus("keys") {
        println!("{}", file.display());
        look::keys(&recording(), &fs::read(&file).expect("a file"));
    }
}

/// `text` with pieces of it in other places, taken out, or replaced by bytes.
fn mutated(mut text: Vec<u8>, mutations: &[(usize, usize, usize, Vec<u8>)]) -> Vec<u8> {
    for (from, len, to, bytes) in mutations {
        let at = |place: &usize, len: usize| place % (len + 1);
        let from = at(from, text.len());
        let piece: Vec<u8> = text.drain(from..(from + len % 64).min(text.len())).collect();
        let to = at(to, text.len());
        let put = if bytes.is_empty() { piece } else { bytes.clone() };
        text.splice(to..to, put);
    }
    text
}

fn mutations() -> impl Strategy<Value = Vec<(usize, usize, usize, Vec<u8>)>> {
    let bytes = prop::collection::vec(any::<u8>(), 0..4);
    prop::collection::vec((any::<usize>(), any::<usize>(), any::<usize>(), bytes), 1..8)
}

/// The file with few different numbers after `key`, so that its calls have to do with each other.
fn few(file: &str, key: &str) -> String {
    let (mut out, mut rest) = (String::new(), file);
    while let Some(at) = rest.find(key) {
        let (before, after) = rest.split_at(at + key.len());
        let number: String = after.chars().take_while(char::is_ascii_digit).collect();
        out.push_str(before);
        out.push_str(&number.parse::<u64>().map(|n| (n % 7).to_string()).unwrap_or_default());
        rest = &after[number.len()..];
    }
    out + rest
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_mutated_lesson_brings_the_reader_down(which in 0_usize..30, mutations in mutations()) {
        let source = builtin().swap_remove(which);
        look::lesson(&mutated([source.toml, source.en.unwrap_or_default(), source.zh.unwrap_or_default()].join("\n=====\n").into_bytes(), &mutations));
    }
    #[test]
    fn no_mutated_keys_bring_a_screen_down(which in any::<usize>(), mutations in mutations()) {
        let files = corpus("keys");
        look::keys(&recording(), &mutated(fs::read(&files[which % files.len()]).expect("a file"), &mutations));
    }
    #[test]
    fn no_records_bring_anything_down(records in streams()) {
        let file = written(&records);
        look::trace(file.as_bytes());
        let file = few(&few(&file, "fd\":"), "\"tid\":");
        look::trace(file.as_bytes());
        look::trace(few(&few(&file, "\"ret\":"), "\"first\":").as_bytes());
    }
}

#[test]
fn a_world_is_bounded_whatever_a_recording_claims() {
    let mut world = World::default();
    let mut seq = 0;
    let mut apply = |tid: u32, call: Call| {
        seq += 1;
        world.apply(&Record { seq: Seq(seq), t: Nanos(seq), tid: Tid(tid), call });
    };
    for n in 1..1_050_000 {
        apply(1, Call::Dup { fd: Fd(0), ret: Ret::value(n) });
    }
    for n in 0..5_000_u32 {
        apply(2 + n % 70_000, Call::Fork { ret: Ret::value(100_000 + n as usize) });
        apply(n, Call::EpollCreate1 { ret: Ret::value(n as usize) });
        apply(n, Call::Wait4 { pid: Tid(100_000 + n), ret: Ret::OK });
    }
    for n in 0..66_000 {
        apply(n, Call::Close { fd: Fd(-1), ret: Ret::OK });
    }
    let fds: u64 = world.files().map(|(_, file)| u64::from(file.refs)).sum();
    assert!(fds <= (1 << 20) + 1, "{fds}");
    assert!(world.epolls().count() <= 4097, "{}", world.epolls().count());
}

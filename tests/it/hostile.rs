//! Hostile bytes through every door: arguments, names of files, prose, scripts, recordings, the environment, peers. Whatever
//! comes in, neither output commands a terminal, and no line of it is forged.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use nix::sys::signal::Signal;
use unicode_width::UnicodeWidthChar as _;

use crate::support::loopback::loopback;
use crate::support::pty::EPOLLSCOPE;
use crate::support::serving::Serving;

/// Colour, a title, the C1 form of a command, right-to-left text, a character without a width, and a line of its own.
const HOSTILE: &str = "x\x1b[31m\x1b]0;t\x07\u{9b}2J\u{202e}\u{200b}\rx\nFORGED";

/// A folder of its own, which is gone when this is.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("epollscope-hostile-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).expect("a folder");
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> String {
        fs::write(self.0.join(name), text).expect("written");
        self.path(name)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("text").to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[track_caller]
fn is_clean(output: &[u8], how: &str) {
    let text = str::from_utf8(output).unwrap_or_else(|error| panic!("{how}: {error}: {}", output.escape_ascii()));
    for line in text.lines() {
        assert!(!line.trim_start().starts_with("FORGED"), "{how}: {text:?}");
        let harmless = |c: char| !c.is_control() && c.width().is_some_and(|cells| cells > 0);
        assert!(line.chars().all(harmless), "{how}: {line:?}");
    }
}

struct Doors(Folder);

impl Doors {
    /// Runs the program there, and looks at what it says; at least something must be.
    #[track_caller]
    fn open(&self, args: &[&str], input: &str) -> Output {
        let _loopback = loopback();
        let mut said = Err(String::new());
        for lang in ["en", "zh"] {
            let mut command = Command::new(EPOLLSCOPE);
            command.args(args).current_dir(&self.0.0).env("XDG_STATE_HOME", &self.0.0);
            command.env("LC_ALL", if lang == "zh" { "zh_CN.UTF-8" } else { "C" });
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut child = command.spawn().expect("it runs");
            let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
            let output = child.wait_with_output().expect("it ends");
            is_clean(&output.stdout, &format!("{args:?}, standard output"));
            is_clean(&output.stderr, &format!("{args:?}, standard error"));
            assert!(!output.stdout.is_empty() || !output.stderr.is_empty(), "{args:?} says nothing");
            assert_ne!(output.status.code(), Some(101), "{args:?} panics");
            said = Ok(output);
        }
        said.expect("it was run")
    }
}

#[test]
fn arguments_and_names_of_files_stay_words() {
    let doors = Doors(Folder::new("words"));
    let folder = &doors.0;
    for args in [
        &["lesson", HOSTILE][..],
        &["lesson", "5", HOSTILE],
        &["replay", HOSTILE],
        &["export", "--to", "csv", HOSTILE],
        &["diff", HOSTILE, "x"],
        &["lab", HOSTILE],
        &["compare", HOSTILE],
        &["compare", "message", "--against", HOSTILE],
        &["demo", HOSTILE],
        &["verify", HOSTILE],
        &["serve", "--listen", HOSTILE],
        &["serve", "--trigger", HOSTILE],
        &["serve", "--fault", HOSTILE],
        &["serve", "--record", "/nonexistent/\n\x1b[31mFORGED"],
        &["demo", "--size", HOSTILE],
        &["demo", "--size", "80x24", "--svg", "/nonexistent/\n\x1b[31mFORGED"],
        &[HOSTILE],
        &[&format!("--{HOSTILE}")],
        &["--lang", HOSTILE],
    ] {
        doors.open(args, "");
    }
    // Those that are there.
    let hostile = folder.file(HOSTILE, HOSTILE);
    for args in [&["replay", &hostile][..], &["export", "--to", "perfetto", &hostile], &["lab", &hostile]] {
        doors.open(args, "");
    }
    doors.open(&["compare", &hostile], "");
    doors.open(&["lab", "-", "--record", &hostile], "e = epoll\n");
    folder.file(HOSTILE, "e = epoll\n");
    doors.open(&["lab", "--format", "jsonl", &hostile], "");
    fs::remove_file(&hostile).expect("removed");
    let made = doors.open(&["lab", "-", "--record", &hostile], "e = epoll\n");
    assert!(made.status.success());
    doors.open(&["export", "--to", "csv", &hostile, "--output", &folder.path("out\n\x1b[31mFORGED")], "");
    fs::remove_file(&hostile).expect("removed");
    doors.open(&["lesson", "new", &hostile], "");
    doors.open(&["lesson", "new", &hostile], "");
    doors.open(&["verify", &hostile], "");
    doors.open(&["lesson", &hostile, "--plain"], "");
    fs::write(Path::new(&hostile).join(HOSTILE), "stray").expect("written");
    doors.open(&["verify", &hostile], "");
    doors.open(&["verify", "."], "");
}

#[test]
fn prose_scripts_and_recordings_are_only_text() {
    let doors = Doors(Folder::new("prose"));
    let folder = &doors.0;
    doors.open(&["lesson", "new", "mine"], "");
    let [toml, prose] = ["mine/lesson.toml", "mine/en.md"].map(|file| {
        let text = fs::read_to_string(folder.path(file)).expect("a file");
        (file, text)
    });
    folder.file(
        prose.0,
        &format!("# {HOSTILE}\n{}\n{HOSTILE} `{HOSTILE}`\n", &prose.1[prose.1.find('\n').expect("a title")..]),
    );
    doors.open(&["lesson", "mine", "--plain"], "");
    doors.open(&["verify", "mine"], "");
    let quoted = HOSTILE.escape_default().to_string().replace("\\u{1b}", "\\u001b").replace("\\u{7}", "\\u0007");
    let quoted = quoted.replace("\\u{9b}", "\\u009b").replace("\\u{202e}", "\\u202e").replace("\\u{200b}", "\\u200b");
    for wrong in [
        format!("\"{quoted}\" = 1\n{}", toml.1),
        format!("{}\n[[step]]\nid = \"{quoted}\"\nrun = \"{quoted}\"\n", toml.1),
        format!("{}\n{HOSTILE}", toml.1),
        format!("needs = [\"{quoted}\"]\n{}", toml.1),
    ] {
        folder.file(toml.0, &wrong);
        doors.open(&["verify", "mine"], "");
        doors.open(&["lesson", "mine", "--plain"], "");
    }
    for script in [format!("wait {HOSTILE}"), "a b = pair tcp\nwrite a \"\x1b[31m\u{202e}\"\nread b 9\n".to_owned()] {
        doors.open(&["lab", "-"], &script);
        let file = folder.file("some.scene", &script);
        doors.open(&["compare", &file], "");
    }
    let header = |field: &str, value: &str| {
        let mut header =
            serde_json::json!({"format": "epollscope-trace", "version": 1, "kernel": "6", "source": "lab"});
        header[field] = value.into();
        let end = r#"{"seq":1,"t_ns":1,"tid":1,"call":"close","fd":3,"ret":0}"#;
        let wrong = serde_json::json!({"seq": 2, "t_ns": 1, "tid": 1, "call": HOSTILE});
        format!("{header}\n{end}\n{wrong}\n{HOSTILE}\n")
    };
    for field in ["kernel", "source", "format", "version", "started", HOSTILE] {
        for value in [HOSTILE.to_owned(), format!("compare {HOSTILE}: {HOSTILE}, b")] {
            let file = folder.file("a.jsonl", &header(field, &value));
            doors.open(&["diff", &file, &file], "");
            doors.open(&["export", "--to", "perfetto", &file], "");
            doors.open(&["export", "--to", "csv", &file], "");
            doors.open(&["export", "--to", "perfetto", &file, "--variant", HOSTILE], "");
        }
    }
}

#[test]
fn peers_and_the_environment_are_only_text() {
    let _loopback = loopback();
    let mut command = Command::new(EPOLLSCOPE);
    command.args(["serve", "--listen", "127.0.0.1:0"]).env("LC_ALL", HOSTILE).env("TERM", HOSTILE);
    let out = std::env::temp_dir().join(format!("epollscope-hostile-{}.txt", std::process::id()));
    command.stdout(fs::File::create(&out).expect("a file"));
    let serve = Serving::start(command);
    let mut peer = TcpStream::connect(serve.addr).expect("a connection");
    peer.write_all(HOSTILE.as_bytes()).expect("sent");
    peer.read_exact(&mut vec![0; HOSTILE.len()]).expect("the echo");
    let (_, said) = serve.stop(Signal::SIGTERM);
    let written = fs::read(&out).expect("what it wrote");
    fs::remove_file(&out).expect("removed");
    is_clean(said.as_bytes(), "standard error");
    is_clean(&written, "standard output");
    assert!(String::from_utf8_lossy(&written).contains("recvfrom"), "{}", written.escape_ascii());

    let doors = Doors(Folder::new("peers"));
    for (name, args) in
        [("XDG_STATE_HOME", &["lesson"][..]), ("XDG_STATE_HOME", &["lesson", "5", "--plain"]), ("TERM", &["compare"])]
    {
        let value = format!("/dev/null/{HOSTILE}");
        let output =
            Command::new(EPOLLSCOPE).args(args).env(name, value).current_dir(&doors.0.0).stdin(Stdio::null()).output();
        let output = output.expect("it ends");
        is_clean(&output.stdout, &format!("{name}, standard output"));
        is_clean(&output.stderr, &format!("{name}, standard error"));
    }
}

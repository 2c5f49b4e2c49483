//! The program run to its end, and recordings of scenes.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use crate::support::loopback::loopback;
use crate::support::pty::EPOLLSCOPE;

/// A scene that was recorded by the program; the file goes with it.
pub(crate) struct Scene(PathBuf);

impl Scene {
    pub(crate) fn recorded(name: &str, script: &str) -> Self {
        let path = std::env::temp_dir().join(format!("epollscope-{}-{name}.jsonl", std::process::id()));
        let scene = Self(path);
        let ended = run(&["lab", "-", "--record", scene.path()], script);
        assert!(ended.status.success(), "{}{}", text(&ended.stdout), text(&ended.stderr));
        scene
    }

    pub(crate) fn path(&self) -> &str {
        self.0.to_str().expect("text")
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

pub(crate) fn run(args: &[&str], input: &str) -> Output {
    use std::io::Write as _;
    let _loopback = loopback();
    let mut command = Command::new(EPOLLSCOPE);
    command.args(args).env("LC_ALL", "C");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it runs");
    // One that does not read its input may have ended before all was written.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    child.wait_with_output().expect("it ends")
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

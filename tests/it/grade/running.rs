//! `grade --connect`: a server that runs already, judged by what its clients see.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use super::server;
use crate::support::loopback::loopback;
use crate::support::pty::EPOLLSCOPE;

/// A program that prints its port, and is ended with the test.
struct Running {
    child: Child,
    addr: String,
}

impl Running {
    fn start(program: &str) -> Option<Self> {
        let program = server(program)?;
        let mut command = Command::new(&program[0]);
        let mut child = command.args(&program[1..]).stdout(Stdio::piped()).spawn().expect("it runs");
        let mut port = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut port).expect("a line");
        Some(Self { child, addr: format!("127.0.0.1:{}", port.trim()) })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn grade(addr: &str, cases: &str) -> (Option<i32>, String) {
    let _share = loopback();
    let mut command = Command::new(EPOLLSCOPE);
    command.args(["grade", "--connect", addr, "--case", cases]).env("LC_ALL", "C");
    let output = command.output().expect("it runs");
    let all = [&output.stdout[..], &output.stderr].concat();
    (output.status.code(), String::from_utf8(all).expect("text"))
}

#[test]
fn a_server_that_runs_already_is_judged_by_its_clients() {
    let Some(right) = Running::start("programs/right/level.c") else { return };
    let (code, said) = grade(&right.addr, "big-message,half-close,idle");
    assert!(code == Some(0) && said.contains("2 passed, 0 unclean, 0 failed, 1 not applicable"), "{said}");
    assert!(said.contains("it needs the server's process and its calls"), "{said}");
    let Some(wrong) = Running::start("programs/wrong/edge_read_once.py") else { return };
    let (code, said) = grade(&wrong.addr, "buffer-multiple");
    assert!(code == Some(1) && said.contains("seen: client 1 sent 12,298 bytes and got "), "{said}");
    let (code, said) = grade("127.0.0.1:1", "idle");
    assert!(code == Some(1) && said.contains("nobody serves at 127.0.0.1:1"), "{said}");
}

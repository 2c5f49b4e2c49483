//! Unwatched, the server makes the calls of a hand-written loop and no others: what strace(1) sees of it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

use epollscope::record::{Policy, Read};
use nix::sys::signal::Signal;

use crate::support::rig::edge_drained;
use crate::support::serving::{EPOLLSCOPE, LONG, Serving, arguments, installed};

/// The names of the calls that the thread which serves made, in order; `None` where nothing may be traced here.
fn calls_of(trace: &Path) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(trace).expect("strace's output");
    // `1234  recvfrom(5, …) = 3`, and of a call that another thread's cut in two `1234  recvfrom(5, <unfinished ...>`.
    let calls = text.lines().filter_map(|line| {
        let (tid, call) = line.split_once(char::is_whitespace)?;
        let name: String = call.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        (!name.is_empty()).then_some((tid, name))
    });
    let calls: Vec<(&str, String)> = calls.collect();
    let (serving, _) = calls.iter().find(|(_, name)| name == "accept4")?;
    Some(calls.iter().filter(|(tid, _)| tid == serving).map(|(_, name)| name.clone()).collect())
}

#[test]
fn unwatched_it_makes_the_bare_calls() {
    if !installed("strace", &["-V"]) {
        return;
    }
    let once = ["epoll_pwait", "recvfrom", "sendto"];
    let drained = edge_drained();
    let policies = [Policy::default(), Policy { read: Read::DrainShort, ..drained }, drained];
    for (i, policy) in policies.iter().enumerate() {
        let trace = std::env::temp_dir().join(format!("epollscope-bare-{}-{i}", std::process::id()));
        let mut command = Command::new("strace");
        // -I 2: a signal to strace ends it and the server.
        command
            .args(["-f", "-I", "2"])
            .arg("-o")
            .arg(&trace)
            .arg(EPOLLSCOPE)
            .args(arguments("none", policy))
            .stdout(Stdio::null());
        let serving = match Serving::try_start(command) {
            Ok(serving) => serving,
            Err(said) => return eprintln!("left out: strace says {said:?}"),
        };
        let mut client = TcpStream::connect(serving.addr).expect("connected");
        client.set_read_timeout(Some(LONG)).expect("a timeout");
        client.set_nodelay(true).expect("no delay");
        for n in 0..100_u8 {
            client.write_all(&[n; 10]).expect("sent");
            let mut back = [0; 10];
            client.read_exact(&mut back).expect("an echo");
            assert_eq!(back, [n; 10]);
        }
        drop(client);
        serving.stop(Signal::SIGTERM);
        let calls = calls_of(&trace).expect("the thread that serves");
        std::fs::remove_file(&trace).expect("removed");
        let first = calls.iter().position(|call| call == "recvfrom").expect("a recv") - 1;
        let last = calls.iter().rposition(|call| call == "sendto").expect("a send");
        let calls = &calls[first..=last];
        if *policy == drained {
            // Who asks until EAGAIN may find the next request instead.
            let other = calls.iter().find(|call| !once.contains(&call.as_str()));
            assert_eq!(other, None, "{policy:?}");
        } else {
            assert_eq!(calls.len(), 3 * 100, "{policy:?}: {calls:?}");
            calls.chunks(3).enumerate().for_each(|(n, calls)| assert_eq!(calls, once, "{policy:?}, request {n}"));
        }
    }
}

//! Bytes sent come back unchanged: the real binary's `serve`, under every policy that is right for its trigger, with
//! crowds of clients. What is right and what is not is said once, by [`is_right`]; the wrong ones stall and are named.

use std::io::{Read as _, Write as _};
use std::num::NonZeroU32;
use std::process::{Command, Stdio};

use epollscope::analysis::why::{self, NotReported};
use epollscope::i18n::{Lang, grouped};
use epollscope::record::{Accept, Fairness, Policy, Read, Timeout, Trigger, WriteInterest};
use epollscope::session::Payload;
use epollscope::sys::raise_nofile_limit;

use crate::support::crowd::crowd;
use crate::support::loopback::whole_loopback;
use crate::support::rig::{A, LISTENER, Rig};
use crate::support::serving::{Serving, installed};

/// Whether a server with this policy answers everything. A level-triggered one always does, since what is left is
/// reported again. An edge is told once: whoever waits for the next has to take everything first. Armed anew by
/// EPOLL_CTL_MOD after each report, what is left is found.
fn is_right(policy: &Policy) -> bool {
    policy.trigger == Trigger::Level || policy.oneshot || policy.read != Read::Once && policy.accept == Accept::Drain
}

/// Every combination of the choices, with these read sizes.
fn policies(read_sizes: &[u32]) -> Vec<Policy> {
    let budget = NonZeroU32::new(700).expect("not 0");
    let mut policies = vec![Policy::default()];
    let mut vary = |change: &dyn Fn(&mut Policy)| {
        let more: Vec<Policy> = policies
            .iter()
            .map(|policy| {
                let mut p = *policy;
                change(&mut p);
                p
            })
            .collect();
        policies.extend(more);
    };
    vary(&|policy| policy.trigger = Trigger::Edge);
    vary(&|policy| policy.oneshot = true);
    vary(&|policy| policy.accept = Accept::Drain);
    vary(&|policy| policy.write = WriteInterest::Always);
    vary(&|policy| policy.fairness = Fairness::RoundRobin(budget));
    let reads = [Read::Once, Read::Drain, Read::DrainShort];
    let read = |policy: Policy| reads.map(|read| Policy { read, ..policy });
    let sized = |policy: Policy| read_sizes.iter().map(move |&read_size| Policy { read_size, ..policy });
    policies.into_iter().flat_map(read).flat_map(sized).collect()
}

/// A crowd at a server of its own.
#[track_caller]
fn echoes(format: &str, policy: &Policy, clients: usize, bytes: usize) {
    let serving = Serving::quietly(format, policy);
    if let Err(what) = crowd(serving.addr, clients, bytes) {
        panic!("--format {format} with {policy:?}: {what}");
    }
    let said = serving.stop_well();
    if format == "jsonl" {
        let (clients, bytes) = (grouped(clients as u64), grouped((clients * bytes) as u64));
        let sum = format!("{clients} connections, {bytes} bytes in, {bytes} bytes out");
        assert!(said.contains(&sum), "{policy:?}: {said:?} says not {sum:?}");
    }
}

/// How much each client of a crowd sends: with small reads each byte costs calls.
fn bytes_for(policy: &Policy) -> usize {
    match policy.read_size {
        1 => 40,
        2..100 => 300,
        _ => 3000,
    }
}

#[test]
fn every_right_policy_echoes_unwatched() {
    let _loopback = whole_loopback();
    let right = policies(&[1, 7, 1024, 65_536]);
    let right: Vec<&Policy> = right.iter().filter(|policy| is_right(policy)).collect();
    assert_eq!(right.len(), 80 * 4);
    for (i, policy) in right.into_iter().enumerate() {
        let policy =
            Policy { max_events: [64, 1, 3, 1024, 64][i % 5], timeout: Timeout([-1, -1, 1][i % 3]), ..*policy };
        echoes("none", &policy, 50, bytes_for(&policy));
    }
}

#[test]
fn every_right_policy_echoes_watched() {
    let _loopback = whole_loopback();
    let right = policies(&[1024]).into_iter().filter(is_right);
    for (i, policy) in right.enumerate() {
        let policy = Policy { read_size: [1024, 1, 65_536, 7][(i + i / 4) % 4], ..policy };
        echoes("jsonl", &policy, 50, bytes_for(&policy) / 2);
    }
}

#[test]
fn a_thousand_clients_are_echoed() {
    let _loopback = whole_loopback();
    let level = Policy::default();
    let edge = Policy { trigger: Trigger::Edge, read: Read::Drain, accept: Accept::Drain, ..level };
    let turns = Fairness::RoundRobin(NonZeroU32::new(2048).expect("not 0"));
    for policy in [
        level,
        Policy { read: Read::Drain, accept: Accept::Drain, read_size: 65_536, ..level },
        Policy { oneshot: true, ..level },
        edge,
        Policy { read: Read::DrainShort, read_size: 65_536, max_events: 1024, ..edge },
        Policy { write: WriteInterest::Always, ..edge },
        Policy { fairness: turns, ..edge },
        Policy { trigger: Trigger::Edge, oneshot: true, ..level },
    ] {
        echoes("none", &policy, 1000, 3000);
    }
    echoes("jsonl", &level, 1000, 2000);
    echoes("jsonl", &edge, 1000, 2000);
}

#[test]
fn ten_thousand_connections_are_served_at_once() {
    let _loopback = whole_loopback();
    // The server has a file table of its own, so that half of all fds are not this process's.
    let limit = raise_nofile_limit().expect("a limit");
    let count = usize::try_from(limit.saturating_sub(5000).min(10_000)).expect("a count");
    if count < 10_000 {
        eprintln!("with {count} connections only: `ulimit -n` is {limit}");
    }
    let policy = Policy { trigger: Trigger::Edge, read: Read::Drain, accept: Accept::Drain, ..Policy::default() };
    let mut rig = Rig::new(Policy { max_events: 1024, ..policy });
    let mut clients = Vec::new();
    while clients.len() < count {
        // Fewer than may wait to be accepted.
        for _ in 0..1000.min(count - clients.len()) {
            clients.push(rig.session.clients_mut().connect().expect("connected"));
        }
        rig.settle();
    }
    assert_eq!(rig.world().open_connections(), count as u64);
    for &client in &clients {
        rig.session.clients_mut().send(client, Payload::Pattern(20)).expect("sent");
    }
    rig.settle();
    let counters = *rig.world().counters();
    assert_eq!((counters.bytes_in, counters.bytes_out), (20 * count as u64, 20 * count as u64));
    for (i, &client) in clients.iter().enumerate() {
        // A reset leaves no TIME_WAIT behind, of which so many would use up this machine's ports.
        let clients = rig.session.clients_mut();
        if i % 16 == 0 { clients.close(client) } else { clients.reset(client) }.expect("closed");
    }
    rig.settle();
    let counters = rig.world().counters();
    assert_eq!((counters.accepted, counters.closed), (count as u64, count as u64));
    assert_eq!(rig.world().epoll().expect("an epoll").len(), 1, "the listener alone");
}

#[test]
fn every_wrong_policy_stalls_and_the_stall_has_a_name() {
    let wrong: Vec<Policy> = policies(&[512]).into_iter().filter(|policy| !is_right(policy)).collect();
    assert_eq!(wrong.len(), 16);
    for policy in wrong {
        let mut rig = Rig::new(policy);
        for _ in 0..3 {
            rig.session.clients_mut().connect().expect("connected");
        }
        rig.settle();
        let pending = if policy.accept == Accept::Once { vec![(LISTENER, 2)] } else { vec![] };
        assert_eq!(rig.stranded(), pending, "{policy:?}");
        let (a, _) = rig.session.clients().clients().next().expect("a client");
        rig.send(a, 2000);
        let mut stalled = pending;
        if policy.read == Read::Once {
            stalled.push((A, 2000 - 512));
        }
        assert_eq!(rig.stranded(), stalled, "{policy:?}");
        let (world, epoll) = (rig.world(), rig.world().epoll().expect("an epoll"));
        for (fd, depth) in stalled {
            let item = epoll.item(fd).expect("registered");
            let since = item.last_report;
            assert_eq!(why::why_not_reported(world, epoll, item), NotReported::Stranded { depth, since }, "{policy:?}");
            let what = if fd == LISTENER { "2 connections wait to be accepted" } else { "1,488 bytes are unread" };
            let sentence = format!("stranded: {what}, but nothing new since wait #{since}");
            assert_eq!(why::not_reported(world, epoll, item, Lang::En), sentence, "{policy:?}");
        }
    }
}

#[test]
fn a_client_in_python_is_echoed() {
    const CLIENT: &str = "
import socket, sys
s = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
for i in range(300):
    piece = bytes((i * 7 + j) % 256 for j in range(1 + i * 37 % 5000))
    s.sendall(piece)
    back = b''
    while len(back) < len(piece):
        more = s.recv(65536)
        assert more, 'closed after %d bytes of piece %d' % (len(back), i)
        back += more
    assert back == piece, 'piece %d' % i
s.shutdown(socket.SHUT_WR)
assert s.recv(1) == b'', 'more than was sent'
";
    if !installed("python3", &["-c", ""]) {
        return;
    }
    for trigger in [Trigger::Level, Trigger::Edge] {
        let policy = Policy { trigger, read: Read::Drain, accept: Accept::Drain, ..Policy::default() };
        let serving = Serving::quietly("none", &policy);
        let port = serving.addr.port().to_string();
        let client = Command::new("python3").args(["-c", CLIENT, &port]).output().expect("python3");
        assert!(client.status.success(), "{policy:?}: {}", String::from_utf8_lossy(&client.stderr));
        serving.stop_well();
    }
}

#[test]
fn nc_is_echoed() {
    if !installed("nc", &["-h"]) {
        return;
    }
    let bytes: Vec<u8> = (0..60_000_u32).flat_map(u32::to_le_bytes).collect();
    for trigger in [Trigger::Level, Trigger::Edge] {
        let policy = Policy { trigger, read: Read::Drain, accept: Accept::Drain, ..Policy::default() };
        let serving = Serving::quietly("none", &policy);
        let mut command = Command::new("nc");
        command.args(["127.0.0.1", &serving.addr.port().to_string()]);
        let mut nc = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("nc");
        let (mut to_nc, mut from_nc) = (nc.stdin.take().expect("a pipe"), nc.stdout.take().expect("a pipe"));
        let mut back = vec![0; bytes.len()];
        std::thread::scope(|scope| {
            scope.spawn(|| to_nc.write_all(&bytes).expect("written"));
            from_nc.read_exact(&mut back).unwrap_or_else(|error| panic!("{policy:?}: {error}"));
        });
        assert!(back == bytes, "{policy:?}: other bytes came back");
        nc.kill().expect("killed");
        nc.wait().expect("ended");
        serving.stop_well();
    }
}

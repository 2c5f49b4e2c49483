//! Every short script: for each kind of file an alphabet of operations, and each sequence of them up to a length, played
//! against the kernel. Before each zero-timeout wait, the inferred ready list is what the wait returns: the registrations,
//! their order and their masks; and each sentence of why holds by a second, simpler account, in `cargo test` in every fifth
//! script of two operations.
//!
//! `cargo test` plays the sequences of two operations, with every second mask; `cargo test --test it -- --ignored
//! every_script` those of three (`every_script_of_three`) and, with fewer masks, of four (`every_script_of_four`).

mod alphabets;
mod play;

use std::fmt::Write as _;

use alphabets::{ALPHABETS, Alphabet};
use play::{Scope, Tally, count, explore};

/// Every mask, and for longer sequences some of them. Those of three operations begin with all of two.
const SHORT: [Scope; 2] = [
    Scope { length: 1, every_nth_mask: 1, every_nth_account: 1 },
    Scope { length: 2, every_nth_mask: 2, every_nth_account: 5 },
];
const LONG: [Scope; 2] = [
    Scope { length: 3, every_nth_mask: 1, every_nth_account: 1 },
    Scope { length: 4, every_nth_mask: 4, every_nth_account: 1 },
];

fn named(name: &str) -> &'static Alphabet {
    ALPHABETS.iter().find(|alphabet| alphabet.name == name).expect("an alphabet")
}

fn play_all(name: &str, scopes: &[Scope]) {
    for &scope in scopes {
        let Tally { scripts, failures } = explore(named(name), scope);
        println!("{name}: {scripts} scripts of {} operations", scope.length);
        assert_eq!(scripts, count(named(name), scope));
        assert!(scripts > 0, "no script of {name} was played");
        let first = failures.iter().take(9).map(String::as_str).collect::<Vec<_>>().join("\n");
        assert!(failures.is_empty(), "{name}: {} of {scripts} scripts, among them\n{first}", failures.len());
    }
}

macro_rules! kinds {
    ($($test:ident: $name:literal,)*) => {
        mod short_scripts {
            $( #[test] fn $test() { super::play_all($name, &super::SHORT) } )*
        }

        mod every_script_of_three {
            $( #[test] #[ignore = "takes minutes"] fn $test() { super::play_all($name, &super::LONG[..1]) } )*
        }

        mod every_script_of_four {
            $( #[test] #[ignore = "long; see CONTRIBUTING.md"] fn $test() { super::play_all($name, &super::LONG[1..]) } )*
        }

        const PLAYED: &[&str] = &[$( $name ),*];
    };
}

kinds! {
    of_pipes: "pipe",
    of_packet_pipes: "packet pipe",
    of_fifos: "fifo",
    of_fifos_opened_both_ways: "fifo both ways",
    of_ptys: "pty",
    of_eventfds: "eventfd",
    of_semaphores: "semaphore",
    of_timers: "timerfd",
    of_pidfds: "pidfd",
    of_inotify: "inotify",
    of_signalfds: "signalfd",
    of_unix_streams: "stream",
    of_unix_datagrams: "dgram",
    of_unix_seqpackets: "seqpacket",
    of_udp_sockets: "udp",
    of_full_udp_sockets: "udp full",
    of_tcp_connections: "tcp",
    of_full_tcp_connections: "tcp full",
    of_sockets_without_connection: "unconnected",
    of_unix_sockets_without_connection: "unconnected unix",
    of_sockets_that_connect: "connecting",
    of_sockets_that_listen: "listening",
    of_unix_sockets_that_connect: "connecting unix",
    of_udp_errors: "udp errors",
    of_urgent_bytes_inline: "urgent inline",
    of_listeners: "listener",
    of_nested_epolls: "epoll",
}

#[test]
fn each_alphabet_is_played_and_counted_in_contributing() {
    assert_eq!(PLAYED.len(), ALPHABETS.len());
    let mut table = String::from("| kind | 1 and 2 operations | 3 operations | 4 operations |\n|---|---:|---:|---:|\n");
    for name in PLAYED {
        let short: u64 = SHORT.map(|scope| count(named(name), scope)).iter().sum();
        let [three, four] = LONG.map(|scope| count(named(name), scope));
        writeln!(table, "| {name} | {short} | {three} | {four} |").expect("a string");
    }
    let contributing = include_str!("../../CONTRIBUTING.md");
    assert!(contributing.contains(&table), "CONTRIBUTING.md lacks\n{table}");
}

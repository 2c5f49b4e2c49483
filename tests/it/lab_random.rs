//! Random scripts: whatever is done with nested and exclusive epolls, forks, low-water marks and urgent bytes, each wait
//! returns what was inferred before it.

use proptest::{prelude::*, sample::select};

use crate::support::lab::{alone, play};

const BEGIN: &str = "e = epoll\ni = epoll\na, b = pair tcp\nc, d = pair stream\nr, w = pipe\nu, v = pair udp\nt = thread\n\
                     p = fork\n";

fn line() -> impl Strategy<Value = String> {
    let masks = vec![
        "IN",
        "IN ET",
        "IN OUT",
        "IN OUT ET",
        "IN ONESHOT",
        "IN RDHUP PRI ET",
        "IN EXCLUSIVE",
        "0",
        "RDNORM ET",
        "WRNORM RDNORM",
        "WRBAND ET",
    ];
    let file = || select(vec!["a", "b", "c", "r", "u", "i"]);
    let epoll = || select(vec!["e", "i"]);
    let ends = || select(vec!["a", "b", "c", "d", "u", "v"]);
    prop_oneof![
        3 => (epoll(), file(), select(masks.clone())).prop_map(|(e, f, mask)| format!("add {e} {f} {mask}")),
        1 => (epoll(), file(), select(masks)).prop_map(|(e, f, mask)| format!("mod {e} {f} {mask}")),
        1 => (epoll(), file()).prop_map(|(e, f)| format!("del {e} {f}")),
        5 => (epoll(), 1..5).prop_map(|(e, max)| format!("wait {e} max {max}")),
        4 => (ends(), 1..9).prop_map(|(end, bytes)| format!("write {end} {bytes}")),
        1 => (1..9).prop_map(|bytes| format!("write w {bytes}")),
        3 => select(vec!["a", "b", "c", "r", "u"]).prop_map(|file| format!("drain {file}")),
        1 => (1..4).prop_map(|bytes| format!("read a {bytes}")),
        1 => (1..6).prop_map(|bytes| format!("set a RCVLOWAT {bytes}")),
        // Not to the end with the low-water mark: what poll(2) makes of both together is not inferred.
        1 => Just("oob a \"!\"".to_owned()),
        2 => (select(vec!["t", "p"]), acted()).prop_map(|(task, act)| format!("in {task} {act}")),
        1 => (epoll(), select(vec!["mask 0", "timeout 0 ns", "mask ALRM"])).prop_map(|(e, how)| format!("wait {e} {how}")),
        1 => select(vec!["signal t", "signal p restart", "block", "unblock", "join t", "in t wait e"]).prop_map(str::to_owned),
        1 => select(vec!["shutdown b write", "shutdown d write", "p = fork", "end p", "close a"]).prop_map(str::to_owned),
    ]
}

/// What a thread or a child does.
fn acted() -> impl Strategy<Value = String> {
    select(vec![
        "add e a IN ET",
        "add e r IN",
        "mod e c IN OUT ET",
        "del e a",
        "wait e timeout 0",
        "wait i timeout 0 max 1",
        "read a 3",
        "read r 100",
        "write b 4",
        "write w 2",
        "write d 1",
        "poll a IN OUT timeout 0",
    ])
    .prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, max_shrink_time: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_inferred_comes(lines in prop::collection::vec(line(), 1..40)) {
        let script = format!("{BEGIN}{}", lines.join("\n"));
        alone(move || play("random", &script));
    }
}

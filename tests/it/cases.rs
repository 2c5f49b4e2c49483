//! Scripts of the lab on which the ready list or a sentence of why was wrong once, `tests/lab/cases`: of each, the inferred
//! list before the last wait, what that wait returned, and the sentence beside it.

use std::fs;
use std::path::PathBuf;

use epollscope::analysis::why;
use epollscope::i18n::Lang;
use epollscope::record::Ret;
use epollscope::script::{SceneRunner, parse};

use crate::support::lab::alone;

/// The file, the list and the sentence: of an empty return, that on the first registration; of a refused wait, the errno.
const CASES: &[(&str, &str, &str)] = &[
    (
        "add-found-then-arrived",
        "a IN OUT",
        "EPOLL_CTL_ADD found it ready: there is room to send; 5 bytes have arrived since",
    ),
    ("closed-epoll", "", "EBADF"),
    ("counter-written-twice", "n IN", "edge: the counter was written since wait #1"),
    ("datagram-peer-closes", "", "edge: there is room to send, but nothing new since wait #1"),
    ("end-was-read", "", "edge: the end of the stream has been read, but nothing new since wait #1"),
    ("epoll-closed-under-a-waiter", "", "1 new byte arrived"),
    ("eventfd-read", "n OUT", "the counter was read, and has room"),
    (
        "full-pipe-failed-write",
        "r IN",
        "edge: a write found the pipe full, and has woken its reader; 4,096 bytes are unread",
    ),
    (
        "ghost-keeps-its-name",
        "r (ghost) IN",
        "EPOLL_CTL_ADD found it ready: 1 byte unread; a ghost: fd 4 is p by now, and a program that finds its connections \
         by number takes this event for p's",
    ),
    ("low-water-mark", "", "5 bytes are unread, fewer than SO_RCVLOWAT (10)"),
    ("modified-to-out", "a OUT", "EPOLL_CTL_MOD found it ready: there is room to send"),
    ("timer", "", "the timer has expired, once"),
    (
        "udp-refused",
        "a ERR",
        "level: ERR: an error is pending, such as ICMP's that the peer's port is closed; one read clears it; \
         back on the ready list after wait #1",
    ),
    ("unix-peer-reads", "b OUT", "memory of its send buffer was freed, or its size was set: there is room to send"),
];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/lab/cases")
}

/// The list before the last wait, and the sentence after it.
fn played(name: &str) -> (String, String) {
    let text = fs::read_to_string(folder().join(format!("{name}.lab"))).expect("a script");
    let lines = parse(name, &text).unwrap_or_else(|diagnostic| panic!("{diagnostic}"));
    let last = lines.iter().rposition(|line| line.text.starts_with("wait ")).unwrap_or(lines.len());
    let mut play = SceneRunner::new(Lang::En);
    let mut foreseen = String::new();
    for (i, line) in lines.iter().enumerate() {
        if i == last {
            let ready = play.lists().into_iter().flat_map(|lists| lists.ready);
            foreseen = ready.map(|(name, ready)| format!("{name} {ready}")).collect::<Vec<_>>().join(", ");
        }
        let outcome = play.run(line, |_| ());
        assert_eq!(outcome.stop, None, "{name}: {}", line.text);
    }
    let world = play.lab().expect("a lab").timeline().now();
    let epoll = world.last_epoll().expect("an epoll");
    let wait = epoll.waits().next_back().expect("a wait");
    let reported = wait.reports.first().map(|report| why::reported(report, Lang::En));
    let silent = || epoll.items().next().map(|item| why::not_reported(world, epoll, item, Lang::En));
    let refused = wait.ret.and_then(Ret::errno).map(|errno| format!("{errno:?}"));
    (foreseen, refused.or(reported).or_else(silent).unwrap_or_default())
}

#[test]
fn what_was_wrong_once_is_right() {
    let files = fs::read_dir(folder()).expect("the folder").count();
    assert_eq!(files, CASES.len(), "each script of the folder has its row");
    alone(|| {
        for (name, list, sentence) in CASES {
            assert_eq!(played(name), ((*list).to_owned(), (*sentence).to_owned()), "{name}");
        }
    });
}

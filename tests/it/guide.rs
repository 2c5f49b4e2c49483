//! A new user is led: the welcome and the guide through the first minute, on a real terminal.

use std::path::PathBuf;

use crate::support::pty::{EPOLLSCOPE, Pty};

const HOME: (u16, u16) = (120, 40);
const SMALL: (u16, u16) = (80, 24);

/// The folder for state of somebody who has never started the program.
struct NewUser(PathBuf);

impl NewUser {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("epollscope-{}-guide-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }

    fn starts(&self, size: (u16, u16), args: &[&str]) -> Pty {
        let args = [&["--listen", "127.0.0.1:0"], args].concat();
        let mut pty = Pty::spawn(EPOLLSCOPE, &args, size, &[("XDG_STATE_HOME", self.0.to_str().expect("text"))]);
        pty.until(|text| text.contains("epoll_create1("), "the first picture");
        pty
    }
}

impl Drop for NewUser {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// It is opened at each start: a FIFO in its place would hold the program until somebody writes.
#[test]
fn what_cannot_be_read_in_the_place_of_its_file_does_no_harm() {
    let user = NewUser::new("fifo");
    let folder = user.0.join("epollscope");
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("first-minute.json");
    nix::unistd::mkfifo(&file, nix::sys::stat::Mode::S_IRWXU).expect("a FIFO");
    let mut pty = user.starts(HOME, &[]);
    pty.types_until(&[("", "─ Welcome ─"), ("\r", "First minute 1/11"), ("\x1bOP", "Interest list")]);
    pty.quits();
    assert!(!file.is_file() && file.exists(), "it is still the FIFO");
}

/// What is pressed in the first minute, and what is said to each.
const EN: &[(&str, &str)] = &[
    ("\r", "First minute 1/11"),
    (" ", "2/11  ✓ epoll_create1 returned fd 4: both lists are empty"),
    ("", "inferred: worked out from the calls; no call shows the ready list"),
    (" ", "3/11  ✓ fd 3 is on the interest list"),
    (" ", "4/11  ✓ the server is blocked in epoll_wait"),
    ("", "timeout -1: the wait lasts until something is ready"),
    ("c", "5/11  ✓ epoll_wait returned: a client waits to be accepted"),
    (" ", "EPOLL_CTL_ADD, 5"),
    (" ", "epoll_wait(4, max 64"),
    (" ", "6/11  ✓ fd 5 is the client's, and the server is blocked again"),
    ("", "IN: bytes to read. PRI: urgent data. RDHUP: peer sends no more"),
    ("s", "7/11  ✓ epoll_wait returned: the connection is ready"),
    ("w", "1,976 bytes"),
    ("w", "952 bytes"),
    ("w", "8/11  ✓ 3 reports for one message, and nothing is unread"),
    ("", "Level: as long as anything is unread, every epoll_wait reports it."),
    ("m", "EPOLL_CTL_MOD, 3"),
    ("w", "9/11  ✓ EPOLL_CTL_MOD has set EPOLLET on every fd"),
    ("s", "#6 timeout -1 → 1 event"),
    ("w", "10/11  ✓ 1 report; 1,976 bytes are STRANDED: no wait reports them"),
    ("pjj\r", "11/11  ✓ from now on the server reads until EAGAIN"),
    ("\x1b", "Interest list"),
    ("s", "4,024 ready"),
    ("w", "recvfrom(5, 1024)"),
    ("w", "First minute: done  ✓ 1 report, and nothing is left unread"),
    ("", "Edge: only new arrivals are reported, so read until EAGAIN."),
];

const ZH: &[(&str, &str)] = &[
    ("\r", "第一分钟 1/11"),
    (" ", "2/11  ✓ epoll_create1 返回 fd 4，两个列表都是空的"),
    (" ", "3/11  ✓ fd 3 已在兴趣列表中"),
    (" ", "4/11  ✓ 服务器阻塞在 epoll_wait 中"),
    ("c", "5/11  ✓ epoll_wait 返回：有客户端等待接受"),
    (" ", "EPOLL_CTL_ADD, 5"),
    (" ", "epoll_wait(4, max 64"),
    (" ", "6/11  ✓ fd 5 属于这个客户端"),
    ("s", "7/11  ✓ epoll_wait 返回：连接可读"),
    ("w", "1,976 字节"),
    ("w", "952 字节"),
    ("w", "8/11  ✓ 一条消息报告了 3 次"),
    ("", "水平：只要还有未读的数据，每次 epoll_wait 都会报告。"),
    ("m", "EPOLL_CTL_MOD, 3"),
    ("w", "9/11  ✓ EPOLL_CTL_MOD 给每个 fd 设置了 EPOLLET"),
    ("s", "#6 超时 -1 → 1 个事件"),
    ("w", "10/11  ✓ 报告了 1 次，1,976 字节滞留"),
    ("pjj\r", "11/11  ✓ 此后服务器每次都读到 EAGAIN"),
    ("\x1b", "兴趣列表"),
    ("s", "4,024 就绪"),
    ("w", "recvfrom(5, 1024)"),
    ("w", "第一分钟：完成  ✓ 报告了 1 次，没有剩下未读的"),
    ("", "边缘：有新到达才报告，所以每次都要读到 EAGAIN。"),
];

#[test]
fn the_guide_leads_through_the_first_minute() {
    for (size, lang, steps) in [(HOME, "en", EN), (SMALL, "en", EN), (HOME, "zh", ZH), (SMALL, "zh", ZH)] {
        let user = NewUser::new(&format!("{lang}-{}", size.0));
        let mut pty = user.starts(size, &["--lang", lang]);
        pty.types_until(&[("", if lang == "en" { "─ Welcome ─" } else { "─ 欢迎 ─" })]);
        for (keys, wanted) in steps {
            pty.types_until(&[(*keys, *wanted)]);
            // No sentence of the guide is cut.
            let band: Vec<String> = pty.text().lines().skip(1).take(3).map(str::to_owned).collect();
            assert!(!band.iter().any(|line| line.contains('…')), "{band:?}");
            // What was said of level goes when the server is edge-triggered.
            let is_right = |text: &str| {
                let is_edge = text.contains("▁╱▔ EDGE") || text.contains("▁╱▔ 边缘");
                !is_edge || !text.lines().take(4).any(|line| line.contains("Level:") || line.contains("水平："))
            };
            pty.until(is_right, "the rule of level is gone");
        }
        pty.type_keys("q");
        assert_eq!(pty.wait_exit().code(), Some(0), "{}", pty.text());
        // Whoever has finished it is not welcomed again.
        let mut pty = user.starts(size, &["--lang", lang]);
        let lists = if lang == "en" { "Interest list" } else { "兴趣列表" };
        pty.types_until(&[("", lists)]);
        pty.type_keys("q");
        assert_eq!(pty.wait_exit().code(), Some(0), "{}", pty.text());
    }
}

#[test]
fn the_guide_is_left_and_taken_up_again() {
    let user = NewUser::new("left");
    let mut pty = user.starts(HOME, &[]);
    pty.types_until(&[("\r", "First minute 1/11"), (" ", "2/11"), ("\x1bOP", "F1 takes the guide up again")]);
    assert!(!pty.text().contains("First minute"), "{}", pty.text());
    // What is done meanwhile counts.
    pty.types_until(&[("  ", "blocked in epoll_wait"), ("\x1bOP", "First minute 4/11")]);
    pty.quits();
    // The second time it is left at the welcome, by a key that works as always; then it is enough.
    let mut pty = user.starts(SMALL, &[]);
    pty.types_until(&[("", "─ Welcome ─"), (" ", "Interest list"), ("", "EPOLL_CTL_ADD, 3")]);
    pty.quits();
    let mut pty = user.starts(SMALL, &[]);
    pty.types_until(&[("", "Interest list"), ("\x1bOP", "First minute 1/11")]);
    pty.quits();
}

/// The guide begins at the first step that is not done, and says nothing that is no longer so.
#[test]
fn the_guide_that_is_opened_late_speaks_of_what_is_there() {
    let user = NewUser::new("late");
    let mut pty = user.starts(HOME, &["--no-welcome"]);
    pty.types_until(&[
        ("   ", "blocked in epoll_wait"),
        ("c", "1 connection waits"),
        ("   ", "blocked in epoll_wait"),
        ("s", "3,000 new bytes arrived"),
        ("\x1bOP", "First minute 7/11"),
    ]);
    assert!(!pty.text().contains("a client waits to be accepted"), "{}", pty.text());
    pty.quits();
    // Also where the server has read a part of it.
    let mut pty = user.starts(HOME, &["--no-welcome"]);
    pty.types_until(&[
        ("   ", "blocked in epoll_wait"),
        ("c", "1 connection waits"),
        ("   ", "blocked in epoll_wait"),
        ("s", "3,000 new bytes arrived"),
        ("w", "1,976"),
        (" ", "sendto(5, 1024)"),
        ("\x1bOP", "First minute 7/11"),
    ]);
    assert!(!pty.text().contains("a client waits to be accepted"), "{}", pty.text());
    pty.quits();
}

#[test]
fn the_welcome_can_be_switched_off_and_leads_on() {
    let user = NewUser::new("ways");
    let mut pty = user.starts(HOME, &["--no-welcome"]);
    pty.types_until(&[("", "Interest list")]);
    pty.quits();
    let mut pty = user.starts(HOME, &[]);
    pty.types_until(&[("", "─ Welcome ─"), ("l", "Lessons   1 of 36"), ("q", "Interest list")]);
    pty.types_until(&[("d", "caption 1/"), ("q", "Interest list")]);
    pty.types_until(&[("C", "Tab variant"), ("q", "Interest list")]);
    pty.quits();
}

#[test]
fn the_guide_asks_for_the_policy_that_its_steps_are_about() {
    let user = NewUser::new("policy");
    let mut pty = user.starts(SMALL, &["--trigger", "edge", "--read", "drain"]);
    pty.types_until(&[("\r", "First minute 1/11"), ("w", "4/11"), ("c", "5/11"), ("w", "first switch back")]);
    pty.types_until(&[("m", "first set read to once"), ("pjj\x1b[D", "▶ read            once")]);
    pty.types_until(&[("\x1b", "First minute 6/11"), ("w", "blocked"), ("s", "7/11")]);
    pty.quits();
}

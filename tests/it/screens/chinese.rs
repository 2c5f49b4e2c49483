//! The same screens in Chinese: every one of the scenes, so that no English is left anywhere and no wide character
//! breaks a column.

use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use unicode_width::UnicodeWidthStr as _;

use super::scenes::scenes;
use super::{HOME, MINIMUM, SMALL, assert_harmless, both_sizes, places, scene, snapshot, whole};
use crate::support::shot::Shot;

/// Every scene in Chinese.
fn in_chinese() -> impl Iterator<Item = (&'static str, Shot)> {
    scenes().into_iter().map(|(name, shot)| (name, shot.in_chinese()))
}

#[test]
fn whole_screens() {
    for name in ["edge_first_read", "many_stranded", "backpressure"] {
        snapshot(&format!("chinese-{name}"), &both_sizes(&scene(name).in_chinese()));
    }
}

#[test]
fn the_least_screen_and_what_is_less() {
    let shot = scene("edge_first_read").in_chinese();
    assert_eq!(whole(&shot.draw((42, 3))).trim_end(), "epollscope 需要 60x16；现在是 42x3");
}

/// The cells of every row add up to the width, and the cell behind a wide character is its own.
fn assert_whole_rows(buf: &Buffer, what: &str) {
    for y in 0..buf.area.height {
        let mut x = 0;
        while x < buf.area.width {
            let symbol = buf[(x, y)].symbol();
            let cells = u16::try_from(symbol.width()).expect("one or two");
            let behind = (x + 1..x + cells).all(|x| x < buf.area.width && buf[(x, y)].symbol() == " ");
            assert!(behind, "{what}: {symbol} at {x}, {y}:\n{}", whole(buf));
            x += cells;
        }
        assert_eq!(x, buf.area.width, "{what}, row {y}");
    }
}

#[test]
fn every_row_is_as_wide_as_the_terminal() {
    let columns = [1, 2, 7, 59, 60, 61, 72, 73, 79, 80, 81, 109, 110, 111, 119, 120, 121];
    let rows = [1, 15, 16, 23, 24, 30, 40];
    for (name, shot) in in_chinese() {
        for size in columns.iter().flat_map(|c| rows.iter().map(move |r| (*c, *r))) {
            let (buf, what) = (shot.draw(size), format!("{name} at {size:?}"));
            assert_whole_rows(&buf, &what);
            assert_harmless(&buf, &what);
        }
    }
}

#[test]
fn columns_stand_where_they_stand_in_english() {
    for (name, shot) in scenes() {
        // What is opened over the workbench has other rules, as long as its words.
        let rules =
            |buf: &Buffer| -> BTreeSet<u16> { places(buf, buf.area, "│").into_iter().map(|at| at.x).collect() };
        let english = shot.draw(HOME);
        let chinese = shot.in_chinese().draw(HOME);
        assert_eq!(rules(&chinese), rules(&english), "{name}");
    }
}

/// What a Chinese screen may say in Latin letters: the kernel's names, keys, units, and the product's name.
const LATIN: &[&str] = &[
    // Calls, their arguments, masks, errors.
    "epoll",
    "epoll_create1",
    "epoll_ctl",
    "epoll_wait",
    "epfd",
    "fd",
    "fdinfo",
    "accept",
    "accept4",
    "recv",
    "send",
    "recvfrom",
    "sendto",
    "shutdown",
    "close",
    "poll",
    "maxevents",
    "max",
    "timeout",
    "IN",
    "OUT",
    "PRI",
    "ERR",
    "HUP",
    "RDHUP",
    "ET",
    "1SHOT",
    "ONESHOT",
    "EAGAIN",
    "EINTR",
    "EPIPE",
    "ECONNRESET",
    "EPOLL_CLOEXEC",
    "EPOLL_CTL_ADD",
    "EPOLL_CTL_MOD",
    "EPOLL_CTL_DEL",
    "EPOLLIN",
    "EPOLLOUT",
    "EPOLLPRI",
    "EPOLLERR",
    "EPOLLHUP",
    "EPOLLRDHUP",
    "EPOLLET",
    "EPOLLONESHOT",
    "RST",
    "SHUT_WR",
    "EBADF",
    "ERR",
    "DEL",
    "UTF-8",
    "O_NONBLOCK",
    "event",
    // Faults, by the names that --fault takes.
    "exact-match",
    "close-first",
    "decode-text",
    "blocking",
    "unchecked-send",
    // Badges, keys, units.
    "LEVEL",
    "EDGE",
    "Space",
    "Enter",
    "Esc",
    "Home",
    "End",
    "PgUp",
    "PgDn",
    "Ctrl-C",
    "Ctrl-P",
    "F1",
    "l",
    "M",
    "G",
    "ns",
    "µs",
    "ms",
    "s",
    // Clients.
    "a",
    "b",
    "c",
];

#[test]
fn no_english_is_left() {
    for (name, shot) in in_chinese() {
        // Its 200 clients are called `a` to `gr`.
        let is_client = |word: &str| name.starts_with("many") && (word.len(), word) <= (2, "gr");
        // Notices are said by the app, and these two are the scene's own words; what was typed and sent is anybody's.
        if ["alert", "edge_switching", "bytes", "inspect_bytes", "inspect_scrolled", "prompt_text"].contains(&name) {
            continue;
        }
        for size in [HOME, SMALL, MINIMUM] {
            let text = whole(&shot.draw(size));
            let keys = if text.contains("按键") {
                &[
                    "m", "w", "r", "q", "p", "o", "t", "S", "f", "h", "R", "x", "B", "v", "L", "P", "n", "N", "y", "O",
                    "F", "d", "g", "recv", "Python", "C",
                ][..]
            } else {
                &[]
            };
            for line in text.lines().filter(|line| !line.contains("abcdefgh") && !is_hexdump(line)) {
                let words = line
                    .split(|c: char| !(c.is_alphanumeric() && (c.is_ascii() || c == 'µ') || matches!(c, '_' | '-')));
                let latin = words.filter(|word| word.contains(|c: char| c.is_ascii_alphabetic()));
                for word in latin {
                    let known = LATIN.contains(&word) || keys.contains(&word) || is_client(word);
                    // What is cut is not known any more.
                    let known = known || line.contains(&format!("{word}…"));
                    assert!(known || is_key(line, word) || is_size(word), "{name}: {word:?} in {line:?}");
                }
            }
        }
    }
}

/// Bytes in hexadecimal and as text.
fn is_hexdump(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or("");
    first.len() == 8 && first.chars().all(|c| c.is_ascii_hexdigit())
}

/// A key of one letter in the rows of the footer.
fn is_key(line: &str, word: &str) -> bool {
    word.len() == 1 && [" Space ", "Space、", " Ctrl-P "].iter().any(|shown| line.contains(shown))
}

/// `60x16`
fn is_size(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_digit() || c == 'x')
}

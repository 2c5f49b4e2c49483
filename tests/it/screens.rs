//! The screen: what recordings of the real server look like at chosen moments, whole at both sizes and panel by panel,
//! and what must hold of every picture.
//!
//! A snapshot is plain text and is to be read; what the styles say is asserted cell by cell.

mod chinese;
mod record;
mod scenes;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};

use epollscope::i18n::{Lang, grouped};
use epollscope::record::{Addr, Call, CtlOp, Fd, Interest, Nanos, Record, Ret, Seq, Tid, Timeout};
use epollscope::tui::MINIMUM;
use epollscope::tui::theme::{Depth, Ground};
use insta::{assert_snapshot, with_settings};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use scenes::{scenes, standings};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::support::shot::{Shot, Tape};

const HOME: (u16, u16) = (120, 40);
const SMALL: (u16, u16) = (80, 24);

const THEMES: [(Depth, Ground); 6] = [
    (Depth::None, Ground::Dark),
    (Depth::None, Ground::Light),
    (Depth::Sixteen, Ground::Dark),
    (Depth::Sixteen, Ground::Light),
    (Depth::True, Ground::Dark),
    (Depth::True, Ground::Light),
];

/// The scene of this name.
fn scene(name: &str) -> Shot {
    let found = scenes().into_iter().find(|(n, _)| *n == name);
    found.unwrap_or_else(|| panic!("no scene {name}")).1
}

/// The text of some cells, a line a row. The cell behind a wide character is a part of it.
fn text(buf: &Buffer, area: Rect) -> String {
    let mut text = String::new();
    for y in area.rows().map(|row| row.y) {
        let (mut row, mut x) = (String::new(), area.left());
        while x < area.right() {
            let symbol = buf[(x, y)].symbol();
            row.push_str(symbol);
            x += u16::try_from(symbol.width().max(1)).expect("one or two");
        }
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text
}

fn whole(buf: &Buffer) -> String {
    text(buf, buf.area)
}

/// Where `what` stands in `area`, each time the cells of one row.
fn places(buf: &Buffer, area: Rect, what: &str) -> Vec<Rect> {
    let width = u16::try_from(what.width()).expect("short");
    let cells = area.positions().map(|at| Rect { x: at.x, y: at.y, width, height: 1 });
    cells.filter(|at| at.right() <= area.right() && text(buf, *at).trim_end_matches('\n') == what).collect()
}

/// A panel with its title, cut out of the screen.
fn panel(buf: &Buffer, name: &str) -> Rect {
    let places = places(buf, buf.area, &format!("─ {name}"));
    let title = places.first().unwrap_or_else(|| panic!("no {name}:\n{}", whole(buf)));
    let right = (title.x..buf.area.right()).find(|x| buf[(*x, title.y)].symbol() == "│").unwrap_or(buf.area.right());
    let width = right - title.x;
    let at = |y| Rect { x: title.x, y, width, height: 1 };
    // The steps of the seven end the last one; the keys are below them.
    let ends = |y: &u16| {
        let is_below_both = title.x > 1 && buf[(title.x - 2, *y)].symbol() != "│";
        is_below_both
            || text(buf, at(*y)).starts_with("─")
            || text(buf, at(*y - 1)).contains(" 1 create")
            || text(buf, at(*y - 1)).contains(" 1 创建")
    };
    let bottom = (title.y + 1..buf.area.bottom()).find(ends).unwrap_or(buf.area.bottom());
    Rect { height: bottom - title.y, ..at(title.y) }
}

fn snapshot(name: &str, text: &str) {
    with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        assert_snapshot!(name, text);
    });
}

/// A few screens whole, for how the parts stand together; what each part says is in the panels' own snapshots.
#[test]
fn whole_screens() {
    for name in ["start", "edge_first_read", "three_reported", "reset_reported", "past"] {
        snapshot(&format!("screen-{name}"), &both_sizes(&scene(name)));
    }
}

/// The screen at both sizes.
fn both_sizes(shot: &Shot) -> String {
    let [home, small] = [HOME, SMALL].map(|size| whole(&shot.draw(size)));
    format!("120x40\n{home}\n80x24\n{small}")
}

/// Each panel by itself in both languages, at the moments that make it say something else.
#[test]
fn panels() {
    let panels: [(&str, &str, &[&str]); 6] = [
        (
            "Interest list",
            "兴趣列表",
            &[
                "start",
                "registered",
                "edge_first_read",
                "edge_switching",
                "oneshot_disarmed",
                "backpressure",
                "many_stranded",
                "listener_stranded",
                "reset_gone",
            ],
        ),
        (
            "Ready list",
            "就绪列表",
            &["start", "three_reported", "many_ready", "many_accepted", "many_reported", "reset_reported", "gap"],
        ),
        (
            "epoll_wait calls",
            "epoll_wait 调用",
            &[
                "blocked",
                "level_first_read",
                "level_three_reports",
                "edge_again",
                "three_done",
                "reset_reported",
                "past_blocked",
            ],
        ),
        (
            "Scope",
            "示波器",
            &["start", "level_three_reports", "edge_not_selected", "edge_again", "three_done", "backpressure"],
        ),
        ("Bytes", "字节", &["start", "level_first_read", "edge_first_read", "bytes", "backpressure"]),
        (
            "Next",
            "下一步",
            &["start", "blocked", "edge_first_read", "three_reported", "past", "alert", "hangs", "died"],
        ),
    ];
    for (english, chinese, at) in panels {
        let mut page = String::new();
        for name in at {
            for (shot, title) in [(scene(name), english), (scene(name).in_chinese(), chinese)] {
                let buf = shot.draw(HOME);
                let text = text(&buf, panel(&buf, title));
                // Blank rows at the end say nothing.
                write!(page, "({name})\n{}\n\n", text.trim_end()).expect("a string takes all");
            }
        }
        snapshot(&format!("panel-{}", english.replace(' ', "-")), &page);
    }
}

/// What is opened over the panels, between the header and what happens next; a prompt stands below.
#[test]
fn overlays() {
    let pages: [(&str, &[&str]); 4] = [
        ("help", &["help", "help_scrolled"]),
        ("policy", &["policy"]),
        ("inspect", &["inspect", "inspect_bytes", "inspect_scrolled"]),
        ("prompt", &["prompt_amount", "prompt_text", "policy_number"]),
    ];
    for (page_name, at) in pages {
        let mut page = String::new();
        for name in at {
            for (shot, next) in [(scene(name), "Next"), (scene(name).in_chinese(), "下一步")] {
                let buf = shot.draw(SMALL);
                let end = places(&buf, buf.area, &format!("─ {next}")).first().map_or(buf.area.bottom(), |at| at.y);
                let rows = if page_name == "prompt" { end..buf.area.bottom() } else { 1..end };
                let text = text(&buf, Rect { y: rows.start, height: rows.end - rows.start, ..buf.area });
                write!(page, "({name})\n{}\n\n", text.trim_end()).expect("a string takes all");
            }
        }
        snapshot(&format!("overlay-{page_name}"), &page);
    }
}

#[test]
fn the_header_in_every_standing() {
    let mut page = String::new();
    for lang in [Lang::En, Lang::Zh] {
        for columns in [120, 80, 60] {
            for standing in standings() {
                let buf = scene("edge_first_read").speaking(lang).standing(standing).draw((columns, 24));
                page += &text(&buf, Rect { height: 1, ..buf.area });
            }
            page.push('\n');
        }
    }
    snapshot("panel-header", &page);
}

#[test]
fn the_footer_at_every_width() {
    let mut page = String::new();
    for (columns, rows) in [(60, 16), SMALL, (100, 30), HOME, (160, 40)] {
        let buf = scene("level_three_reports").draw((columns, rows));
        let keys = panel(&buf, "Next").bottom();
        let footer = Rect { y: keys, height: buf.area.bottom() - keys, ..buf.area };
        writeln!(page, "{columns}x{rows}\n{}", text(&buf, footer)).expect("a string takes all");
    }
    snapshot("panel-footer", &page);
}

#[test]
fn the_least_screen_and_what_is_less() {
    let (columns, rows) = MINIMUM;
    let shot = scene("edge_first_read");
    snapshot("screen-least", &whole(&shot.draw(MINIMUM)));
    for size in [(columns - 1, rows), (columns, rows - 1), (42, 3)] {
        let shown = whole(&shot.draw(size));
        assert_eq!(shown.trim_end(), format!("epollscope needs {columns}x{rows}; this is {}x{}", size.0, size.1));
    }
}

/// A record that a server with many connections would leave.
fn record(t: u64, call: Call) -> Record {
    Record { seq: Seq(0), t: Nanos(t), tid: Tid(1), call }
}

/// A server with so many connections; made up, since it is about rows and not about epoll.
fn crowd(count: u16) -> Shot {
    let (listener, epfd) = (Fd(3), Fd(4));
    let add = |fd, interest| Call::EpollCtl { epfd, op: CtlOp::Add, fd, interest, ret: Ret::value(0) };
    let mut calls = vec![
        Call::Listen { fd: listener, backlog: 4096, ret: Ret::value(0) },
        Call::EpollCreate1 { ret: Ret::value(4) },
        add(listener, Interest::IN),
    ];
    for i in 0..count {
        let peer = Addr::from(SocketAddr::from((Ipv4Addr::LOCALHOST, 20_000 + i)));
        let fd = 5 + i32::from(i);
        calls.push(Call::Accept4 { fd: listener, peer, ret: Ret::value(usize::from(5 + i)) });
        calls.push(add(Fd(fd), Interest::IN | Interest::ET));
    }
    calls.push(Call::EpollWaitEnter { epfd, max_events: 64, timeout: Timeout::NONE });
    let tape = Tape::new((0..).zip(calls).map(|(t, call)| record(t, call)).collect());
    tape.at(tape.end())
}

#[test]
fn ten_thousand_connections_take_the_rows_of_two_hundred() {
    for size in [HOME, SMALL] {
        let [few, many] = [crowd(200).selecting(204), crowd(10_000).selecting(10_004)].map(|shot| shot.draw(size));
        for name in ["Interest list", "Ready list", "Scope", "epoll_wait calls", "Next"] {
            assert_eq!(panel(&few, name), panel(&many, name));
        }
        let list = panel(&many, "Interest list");
        let rows = text(&many, list);
        let shown: Vec<&str> = rows.lines().skip(2).map(|row| row.split_whitespace().next().expect("an fd")).collect();
        let wanted: Vec<String> =
            (10_005 - shown.len()..=10_003).map(|fd| fd.to_string()).chain(["▶10004".to_owned()]).collect();
        assert_eq!(shown, wanted);
        let first = grouped(10_002 - shown.len() as u64);
        assert!(rows.contains(&format!(" {first}–10,001 of 10,001 ")), "{rows}");
    }
}

#[test]
fn a_wide_character_moves_no_column() {
    for name in ["bytes", "alert", "inspect_bytes", "prompt_text"] {
        let buf = scene(name).draw(HOME);
        let rules: BTreeSet<u16> = places(&buf, buf.area, "│").into_iter().map(|at| at.x).collect();
        assert!(rules.len() <= 1, "{name}: {rules:?}");
        for y in 0..buf.area.height {
            let row = text(&buf, Rect { y, height: 1, ..buf.area });
            assert!(row.trim_end().width() <= 120, "{row}");
        }
    }
}

/// What no cell may ever hold, whatever a peer sent and whoever typed.
fn assert_harmless(buf: &Buffer, what: &str) {
    for cell in buf.content() {
        let plain = cell.symbol().chars().all(|c| !c.is_control() && c.width().is_some_and(|cells| cells > 0));
        assert!(plain && !cell.symbol().is_empty(), "{what}: {:?}", cell.symbol());
    }
}

#[test]
fn every_scene_fits_every_size() {
    let columns = [1, 2, 7, 20, 59, 60, 64, 71, 72, 79, 80, 99, 109, 110, 119, 120, 140];
    let rows = [1, 2, 5, 15, 16, 17, 20, 23, 24, 29, 30, 36, 40, 50];
    for (name, shot) in scenes() {
        for size in columns.iter().flat_map(|c| rows.iter().map(move |r| (*c, *r))) {
            assert_harmless(&shot.draw(size), &format!("{name} at {size:?}"));
        }
    }
}

#[test]
fn a_view_has_one_picture() {
    for ((name, shot), (_, again)) in scenes().into_iter().zip(scenes()) {
        for size in [HOME, SMALL] {
            let buf = shot.draw(size);
            assert_eq!(shot.draw(size), buf, "{name}");
            assert_eq!(again.draw(size), buf, "{name}");
        }
    }
}

#[test]
fn without_colour_no_cell_has_one() {
    for (name, shot) in scenes() {
        let shot = shot.themed(Depth::None, Ground::Dark);
        for size in [HOME, SMALL] {
            let plain = |style: Style| {
                let colours = [style.fg, style.bg, style.underline_color];
                colours.into_iter().flatten().all(|colour| colour == Color::Reset)
            };
            assert!(shot.draw(size).content().iter().all(|cell| plain(cell.style())), "{name}");
        }
    }
}

#[test]
fn level_and_edge_differ_in_word_and_style() {
    for (depth, ground) in THEMES {
        let badge = |name, word: &str| {
            let buf = scene(name).themed(depth, ground).draw(SMALL);
            let at = *places(&buf, Rect { height: 1, ..buf.area }, word).first().expect("a badge");
            (text(&buf, Rect { x: at.x - 4, width: at.width + 4, ..at }), buf[(at.x, at.y)].style())
        };
        let (level, edge) = (badge("level_first_read", "LEVEL"), badge("edge_first_read", " EDGE"));
        assert_ne!(level.0, edge.0, "{depth:?} {ground:?}");
        assert_ne!(level.1, edge.1, "{depth:?} {ground:?}");
    }
}

#[test]
fn what_is_stranded_raises_the_alarm() {
    for (depth, ground) in THEMES {
        for (name, size) in [("edge_not_selected", HOME), ("edge_again", SMALL), ("listener_stranded", HOME)] {
            let shot = scene(name).themed(depth, ground);
            let buf = shot.draw(size);
            let words = places(&buf, buf.area, "STRANDED");
            assert_eq!(words.len(), 2, "in the interest list and above the waits");
            for at in words {
                let row = buf[(0, at.y)].symbol() == "▶";
                for x in at.left()..at.right() {
                    let style = buf[(x, at.y)].style();
                    assert_eq!(style.fg, shot.theme.alert.fg.or(Some(Color::Reset)), "{name} {depth:?}");
                    assert_eq!(style.bg, shot.theme.base.bg.or(Some(Color::Reset)), "{name} {depth:?}");
                    // Without colours a selected row is turned around, and the alarm in it is not.
                    let turned = style.add_modifier.contains(Modifier::REVERSED);
                    assert_eq!(turned, !(row && depth == Depth::None && at.x < 80), "{name} {depth:?} {at}");
                }
            }
        }
    }
}

#[test]
fn nothing_else_is_called_stranded() {
    let says_so = |shot: &Shot| whole(&shot.draw(HOME)).contains("STRANDED");
    let named: Vec<&str> = scenes().iter().filter(|(_, shot)| says_so(shot)).map(|(name, _)| *name).collect();
    let edge = ["edge_first_read", "edge_again", "edge_not_selected", "edge_switching"];
    assert_eq!(named, [&edge[..], &["many_stranded", "listener_stranded"]].concat());
}

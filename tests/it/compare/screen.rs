//! Comparison on the screen: what is shown at a moment is what was told of it, forward and back.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use epollscope::i18n::Lang;
use epollscope::tui::screens::compare::Tick;
use epollscope::tui::theme::{Depth, Ground};
use epollscope::tui::{CompareScreen, Next, Screen as _, Theme};
use ratatui::buffer::Buffer;

use super::{comparison, snapshot};

use crate::support::loopback::loopback;

pub(super) fn screen(scene: &str, against: &str, lang: Lang) -> CompareScreen {
    CompareScreen::new(comparison(scene, against), Theme::new(Depth::None, Ground::Dark), lang)
}

pub(super) fn press(screen: &mut CompareScreen, keys: &[KeyCode]) {
    for key in keys {
        screen.input(&Event::Key(KeyEvent::new(*key, KeyModifiers::NONE)));
    }
}

pub(super) fn lines(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width);
    let rows = buffer.content.chunks(width).map(|row| {
        let mut skip = 0;
        let cells = row.iter().filter(|cell| {
            let shown = skip == 0;
            skip =
                if shown { unicode_width::UnicodeWidthStr::width(cell.symbol()).saturating_sub(1) } else { skip - 1 };
            shown
        });
        cells.map(ratatui::buffer::Cell::symbol).collect::<String>().trim_end().to_owned()
    });
    rows.collect::<Vec<_>>().join("\n")
}

/// The picture without the bar, on which is marked also what comes later, and which variant is chosen with its call's number.
pub(super) fn about_the_moment(screen: &CompareScreen) -> String {
    let lines = lines(&screen.picture((100, 30)));
    let rows = lines.lines().map(|row| match row.split_once(" start ") {
        Some((before, _)) if row.starts_with("─ Scope") => before.to_owned(),
        // A wide picture has the number.
        _ if row.contains(" · step ") && row.contains(" (:") => {
            let (before, after) = row.split_once(" (:").expect("the number of a call");
            format!("{before}{}", after.split_once(')').expect("its end").1)
        }
        _ => row.replace('▶', " "),
    });
    rows.map(|row| row.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_first_difference_is_shown_where_it_is() {
    let _loopback = loopback();
    let mut two = screen("message", "level,edge", Lang::En);
    press(&mut two, &[KeyCode::Char('}'); 2]);
    snapshot("compare-screen-message", &lines(&two.picture((120, 40))));
    let mut zh = screen("two-at-once", "level,edge", Lang::Zh);
    press(&mut zh, &[KeyCode::Char('}'), KeyCode::PageDown]);
    snapshot("compare-screen-two-at-once-zh", &lines(&zh.picture((80, 24))));
}

/// The columns of calls: below the heads, above the sentences and the footer.
fn columns(picture: &str) -> Vec<&str> {
    let rows = picture.lines().skip_while(|row| !row.contains("LEVEL")).skip(1);
    rows.take_while(|row| !row.starts_with(" Space")).collect()
}

#[test]
fn a_comparison_begins_where_something_is_to_be_seen_and_each_call_adds_to_it() {
    let _loopback = loopback();
    let mut two = screen("message", "level,edge", Lang::En);
    two.begin();
    let begun = lines(&two.picture((120, 40)));
    assert!(begun.contains("step 2/3") && begun.contains("Scope of listener"), "{begun}");
    assert!(columns(&begun).iter().filter(|row| !row.is_empty()).count() > 10, "{begun}");
    assert!(begun.contains("the servers have started and accepted a client"), "{begun}");
    assert!(begun.contains("→ accept4 a = 5") && begun.contains("a: connect = EINPROGRESS"), "{begun}");
    press(&mut two, &[KeyCode::Home]);
    while !two.is_over() {
        let before = lines(&two.picture((120, 40)));
        press(&mut two, &[KeyCode::Char(' ')]);
        let after = lines(&two.picture((120, 40)));
        assert_ne!(columns(&before), columns(&after), "{after}");
    }
}

#[test]
fn calls_that_answer_the_same_stand_in_one_row() {
    let _loopback = loopback();
    let mut two = screen("message", "level,edge+drain", Lang::En);
    press(&mut two, &[KeyCode::End]);
    let picture = lines(&two.picture((120, 50)));
    let both = |call: &str| columns(&picture).iter().filter(|row| row.matches(call).count() == 2).count();
    assert_eq!((both("recvfrom a = 1,024"), both("recvfrom a = 952")), (2, 1), "{picture}");
    let waits = columns(&picture).iter().filter(|row| row.starts_with("  #3 a IN")).count();
    assert!(waits == 1 && picture.contains("· recvfrom a = EAGAIN"), "{picture}");
}

#[test]
fn the_code_of_the_chosen_variant_stands_beside_the_steps_and_what_is_said_is_copied() {
    let _loopback = loopback();
    let mut two = screen("message", "level,edge+drain", Lang::En);
    press(&mut two, &[KeyCode::PageDown, KeyCode::PageDown, KeyCode::Char('v')]);
    let picture = lines(&two.picture((120, 40)));
    assert!(picture.contains("─ Code Python") && picture.contains("#1 listener IN"), "{picture}");
    assert!(picture.contains("▶3 ") && picture.contains("poller.poll("), "{picture}");
    press(&mut two, &[KeyCode::Tab, KeyCode::Char('L')]);
    let narrow = lines(&two.picture((80, 24)));
    assert!(narrow.contains("─ Code C") && narrow.contains("epoll_wait(poller"), "{narrow}");
    press(&mut two, &[KeyCode::Char('v'), KeyCode::End]);
    assert!(!lines(&two.picture((120, 40))).contains("─ Code"));
    let copied = |screen: &mut CompareScreen| match screen.input(&Event::Key(KeyEvent::from(KeyCode::Char('y')))) {
        Next::Copy(text) => text,
        _ => String::new(),
    };
    let said = copied(&mut two);
    assert!(said.starts_with("level and edge+drain differ in step"), "{said}");
    press(&mut two, &[KeyCode::Char('t')]);
    assert!(copied(&mut two).contains("system calls"));
}

#[test]
fn four_variants_fit_into_eighty_columns() {
    let _loopback = loopback();
    let mut four = screen("reset", "level,edge+drain,oneshot,tutorial", Lang::En);
    press(&mut four, &[KeyCode::PageDown; 5]);
    press(&mut four, &[KeyCode::End, KeyCode::Char('t')]);
    snapshot("compare-screen-table", &lines(&four.picture((120, 40))));
    assert!(
        lines(&four.picture((80, 24)))
            .contains("  clients never answered         0            0         0          0\n")
    );
}

#[test]
fn the_heads_of_narrow_columns_tell_their_variants_apart() {
    let _loopback = loopback();
    let against = "level,edge+drain,edge+drain+budget+100,edge+drain+budget+2000";
    let four = screen("message", against, Lang::En);
    let picture = lines(&four.picture((60, 20)));
    assert!(picture.contains("\n▂▂ ▶level ─────▁╱▔ edge+drain─▁╱▔ …100 ──────▁╱▔ …2000 ────"), "{picture}");
}

#[test]
fn a_table_that_does_not_fit_says_so_and_scrolls() {
    let _loopback = loopback();
    let mut four = screen("reset", "level,edge+drain,oneshot,tutorial", Lang::En);
    press(&mut four, &[KeyCode::End, KeyCode::Char('t')]);
    let picture = lines(&four.picture((60, 16)));
    assert!(picture.contains("\n  ↓ more\n") && !picture.contains("how it ended"), "{picture}");
    press(&mut four, &[KeyCode::Down; 9]);
    let picture = lines(&four.picture((60, 16)));
    assert!(picture.contains("\n  ↑ before\n") && picture.contains("how it ended"), "{picture}");
    assert!(!lines(&four.picture((80, 24))).contains("↑ before"));
}

#[test]
fn the_table_counts_the_steps_that_are_over() {
    let _loopback = loopback();
    let mut two = screen("message", "level,edge", Lang::En);
    press(&mut two, &[KeyCode::Char('t')]);
    let picture = lines(&two.picture((80, 24)));
    assert!(picture.contains("  before step 1            level   edge\n"), "{picture}");
    assert!(picture.contains("  system calls                 0      0\n"), "{picture}");
    press(&mut two, &[KeyCode::PageDown, KeyCode::PageDown, KeyCode::Right]);
    assert!(lines(&two.picture((80, 24))).contains("  up to step 2             level   edge\n"));
    press(&mut two, &[KeyCode::End]);
    assert!(lines(&two.picture((80, 24))).contains("  bytes stranded               0   1,976\n"));
}

#[test]
fn what_is_closed_everywhere_makes_room_in_the_end() {
    let _loopback = loopback();
    let mut three = screen("half-close", "level,oneshot,edge+drain", Lang::En);
    press(&mut three, &[KeyCode::End]);
    let picture = lines(&three.picture((80, 24)));
    assert!(picture.contains("Scope of a: closed") && !picture.contains("not open"), "{picture}");
    let mut three = screen("reset", "level,oneshot,edge+drain", Lang::En);
    press(&mut three, &[KeyCode::End]);
    assert!(lines(&three.picture((80, 24))).contains("Scope of b: unread"));
    press(&mut three, &[KeyCode::Up]);
    assert!(lines(&three.picture((80, 24))).contains("Scope of a: closed"));
}

#[test]
fn the_bill_of_long_names_fits_into_eighty_columns() {
    let _loopback = loopback();
    let mut four =
        screen("reset", "edge+read+drain+accept+drain,oneshot+edge+drain+budget+2048,tutorial,level", Lang::En);
    press(&mut four, &[KeyCode::End, KeyCode::Char('t')]);
    let picture = lines(&four.picture((80, 24)));
    for line in [
        "  the whole run               edge+read+   oneshot+edge+\n",
        "                           drain+accept+   drain+budget+\n",
        "                                   drain            2048   tutorial     level\n",
        "  how it ended                   running         running       spun   running\n",
    ] {
        assert!(picture.contains(line), "{picture}");
    }
}

#[test]
fn every_moment_is_the_same_forward_and_back() {
    let _loopback = loopback();
    let mut screen = screen("new-on-unread", "level,edge,oneshot", Lang::En);
    let mut seen: Vec<(Tick, String)> = vec![(screen.tick(), about_the_moment(&screen))];
    while !screen.is_over() {
        press(&mut screen, &[KeyCode::Right]);
        seen.push((screen.tick(), about_the_moment(&screen)));
        for (i, variant) in screen.comparison().variants().iter().enumerate() {
            let at = screen.position(i, screen.tick());
            assert_eq!(*screen.world(i, variant), variant.timeline().at(at), "{} at {at}", variant.name());
        }
    }
    assert!(seen.len() > 40, "{}", seen.len());
    // What was played for the first time has the last step's difference nowhere before it.
    for (tick, picture) in seen.iter().rev() {
        assert_eq!((screen.tick(), &about_the_moment(&screen)), (*tick, picture));
        press(&mut screen, &[KeyCode::Left]);
    }
}

#[test]
fn what_leads_nowhere_says_why_and_the_header_has_the_call_number() {
    let _loopback = loopback();
    let mut two = screen("message", "level,edge", Lang::En);
    for key in [KeyCode::Left, KeyCode::PageUp, KeyCode::Char('[')] {
        press(&mut two, &[KeyCode::Home, key]);
        assert!(lines(&two.picture((80, 24))).contains("this is the beginning"), "{key:?}");
    }
    press(&mut two, &[KeyCode::Char(':'), KeyCode::Char('2'), KeyCode::Char('0'), KeyCode::Enter]);
    assert!(lines(&two.picture((120, 40))).contains("(:20 of level)"), "{}", lines(&two.picture((120, 40))));
    for key in [KeyCode::Char('>'), KeyCode::PageDown] {
        press(&mut two, &[KeyCode::End, key]);
        assert!(lines(&two.picture((80, 24))).contains("this is the end"), "{key:?}");
    }
}

#[test]
fn the_call_that_parts_is_in_sight_in_narrow_columns() {
    let _loopback = loopback();
    let mut four = screen("flood", "level,edge,edge+drain,oneshot", Lang::En);
    press(&mut four, &[KeyCode::Char('}')]);
    let picture = lines(&four.picture((120, 40)));
    let columns = picture.split_once("LEVEL ▶level").expect("the columns").1;
    let columns = columns.split_once(" differ in step ").expect("the sentence").0;
    assert!(columns.contains("EAGAIN") && columns.contains("accept4"), "{picture}");
    press(&mut four, &[KeyCode::PageDown]);
    let picture = lines(&four.picture((80, 24)));
    let said = picture.lines().rev().nth(1).expect("the last line of the sentences");
    assert!(picture.contains("accept4 listener = EAGAIN.\n") || said.ends_with('…'), "{picture}");
}

#[test]
fn too_small_a_terminal_is_told_what_it_needs() {
    let _loopback = loopback();
    let screen = screen("message", "level,edge", Lang::En);
    assert!(lines(&screen.picture((40, 10))).contains("60"), "{}", lines(&screen.picture((40, 10))));
    for size in [(60, 16), (61, 17), (200, 50)] {
        assert!(!lines(&screen.picture(size)).is_empty());
    }
}

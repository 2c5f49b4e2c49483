//! The past of variants: whatever keys lead to a moment, it is shown as it was when it was come to, and every move leads where
//! it says.

use std::collections::BTreeMap;
use std::time::Duration;

use crossterm::event::KeyCode;
use epollscope::i18n::Lang;
use epollscope::record::{Call, Record};
use epollscope::trace::world::Epoll;
use epollscope::tui::screens::compare::Tick;
use epollscope::tui::{CompareScreen, Screen as _};

use super::screen::{about_the_moment, lines, press, screen};
use crate::support::loopback::loopback;
use crate::support::screen::random;

fn type_line(screen: &mut CompareScreen, text: &str) {
    text.chars().for_each(|c| press(screen, &[KeyCode::Char(c)]));
    press(screen, &[KeyCode::Enter]);
}

/// Every moment with its picture, as it was come to for the first time.
fn first_time(screen: &mut CompareScreen) -> BTreeMap<Tick, String> {
    let mut seen = BTreeMap::from([(screen.tick(), about_the_moment(screen))]);
    while !screen.is_over() {
        press(screen, &[KeyCode::Right]);
        seen.insert(screen.tick(), about_the_moment(screen));
    }
    seen
}

/// The records of the chosen variant.
fn records(screen: &CompareScreen) -> Vec<Record> {
    let timeline = screen.comparison().variants()[screen.chosen()].timeline();
    timeline.range(0, timeline.len()).collect()
}

#[test]
fn whatever_keys_lead_to_a_moment_it_is_shown_as_it_was() {
    let _loopback = loopback();
    for (scene, against) in [("new-on-unread", "level,edge,oneshot"), ("reset", "level,tutorial")] {
        let seen = first_time(&mut screen(scene, against, Lang::En));
        // The steps of this one are played as they are needed.
        let mut screen = screen(scene, against, Lang::En);
        let mut random = random(7);
        let mut visited = std::collections::BTreeSet::new();
        for _ in 0..300 {
            match random(16) {
                0 => press(&mut screen, &[KeyCode::Tab]),
                1 => press(&mut screen, &[KeyCode::Home]),
                2 => press(&mut screen, &[KeyCode::End]),
                3 => type_line(&mut screen, &format!(":{}", random(60))),
                4 => type_line(&mut screen, ["/recvfrom", "/fd 5", "/EAGAIN", "/IN", "/a"][random(5)]),
                5 => {
                    press(&mut screen, &[KeyCode::Char('>')]);
                    screen.pass(Duration::ZERO);
                    for _ in 0..random(9) {
                        screen.pass(Duration::from_millis(250));
                    }
                    if screen.plays().is_some() {
                        press(&mut screen, &[KeyCode::Char('>')]);
                    }
                }
                n => press(&mut screen, &[KeyCode::Char(char::from(b",.[]{}nN,."[n - 6]))]),
            }
            // A word to the user, and the table of the whole run, are not about the moment.
            press(&mut screen, &[KeyCode::Esc]);
            let tick = screen.tick();
            assert_eq!(about_the_moment(&screen), seen[&tick], "{scene} at {tick:?}");
            for (i, variant) in screen.comparison().variants().iter().enumerate() {
                assert_eq!(*screen.world(i, variant), variant.timeline().at(screen.position(i, tick)));
            }
            visited.insert(tick);
        }
        assert!(visited.len() > 25, "{} of {}", visited.len(), seen.len());
    }
}

#[test]
fn a_search_plays_no_further_than_to_what_it_finds() {
    let _loopback = loopback();
    let mut screen = screen("two-at-once", "level,edge", Lang::En);
    let steps = screen.comparison().steps().len();
    press(&mut screen, &[KeyCode::Char('/'), KeyCode::Esc]);
    assert_eq!(screen.comparison().played(), 1);
    type_line(&mut screen, "/accept4");
    assert_eq!(screen.comparison().played(), screen.tick().step + 1);
    assert!((2..steps).contains(&screen.comparison().played()), "{}", screen.comparison().played());
    let tick = screen.tick();
    type_line(&mut screen, "/EBADF");
    assert_eq!((screen.comparison().played(), screen.tick()), (steps, tick));
    assert!(lines(&screen.picture((100, 30))).contains("/EBADF: not in any call"));
}

/// The end of a step was now, until the next one was played to count the calls.
#[test]
fn what_is_played_to_count_leaves_the_moment_as_it_was() {
    let _loopback = loopback();
    let mut screen = screen("two-at-once", "level,edge", Lang::En);
    press(&mut screen, &[KeyCode::PageDown]);
    let (tick, then) = (screen.tick(), about_the_moment(&screen));
    press(&mut screen, &[KeyCode::Char(':'), KeyCode::Esc]);
    assert_eq!(screen.comparison().played(), screen.comparison().steps().len());
    assert_eq!((screen.tick(), about_the_moment(&screen)), (tick, then));
    for (i, variant) in screen.comparison().variants().iter().enumerate() {
        assert_eq!(*screen.world(i, variant), variant.timeline().at(screen.position(i, tick)), "{}", variant.name());
    }
    let calls = screen.world(0, &screen.comparison().variants()[0]).moments();
    type_line(&mut screen, "/accept4");
    assert!(screen.world(0, &screen.comparison().variants()[0]).moments() > calls, "a later call was found");
    assert!(screen.tick() > tick && !screen.is_over());
}

#[test]
fn brackets_lead_from_wait_to_wait_of_the_chosen_variant() {
    let _loopback = loopback();
    let mut screen = screen("new-on-unread", "level,edge", Lang::En);
    press(&mut screen, &[KeyCode::Tab]);
    let waits = |screen: &CompareScreen| {
        screen.world(1, &screen.comparison().variants()[1]).epoll().map_or(0, Epoll::returned_count)
    };
    let mut forward = vec![(screen.tick(), waits(&screen))];
    loop {
        let played = screen.comparison().played();
        press(&mut screen, &[KeyCode::Char(']')]);
        if forward.last().expect("one").0 == screen.tick() {
            break;
        }
        let (tick, count) = (screen.tick(), waits(&screen));
        if count == forward.last().expect("one").1 {
            // No wait comes any more: it is the end.
            assert!(screen.is_over());
            break;
        }
        assert_eq!(count, forward.last().expect("one").1 + 1, "{tick:?}");
        assert!(screen.comparison().played() <= played.max(tick.step + 1), "no step is played that was not needed");
        forward.push((tick, count));
    }
    assert!(forward.len() > 4 && forward.is_sorted(), "{forward:?}");
    let mut count = waits(&screen);
    while count > 0 {
        press(&mut screen, &[KeyCode::Char('[')]);
        assert_eq!(waits(&screen), count - 1, "before the wait returned");
        count -= 1;
    }
}

#[test]
fn braces_lead_to_each_difference_and_finding_in_order() {
    let _loopback = loopback();
    let mut screen = screen("drip", "level,edge,level+oneshot", Lang::En);
    press(&mut screen, &[KeyCode::Home]);
    let mut way = Vec::new();
    loop {
        press(&mut screen, &[KeyCode::Char('}')]);
        if lines(&screen.picture((100, 30))).contains("no later finding") {
            break;
        }
        way.push(screen.tick());
    }
    // All of the scene has been played for that.
    let mut landmarks: Vec<Tick> = screen.landmarks().iter().map(|landmark| landmark.tick).collect();
    landmarks.dedup();
    assert!(
        screen.landmarks().iter().any(|landmark| landmark.finding.is_none()) && landmarks.len() > 1,
        "{landmarks:?}"
    );
    assert_eq!(way, landmarks);
    press(&mut screen, &[KeyCode::End]);
    let last = screen.tick();
    let mut back: Vec<Tick> = Vec::new();
    loop {
        press(&mut screen, &[KeyCode::Char('{')]);
        if lines(&screen.picture((100, 30))).contains("no earlier finding") {
            break;
        }
        back.push(screen.tick());
    }
    landmarks.retain(|tick| *tick != last);
    landmarks.reverse();
    assert_eq!(back, landmarks);
}

#[test]
fn a_number_leads_to_that_call_of_the_chosen_variant() {
    let _loopback = loopback();
    let mut screen = screen("message", "level,edge", Lang::En);
    for variant in [0, 1] {
        assert_eq!(screen.chosen(), variant);
        type_line(&mut screen, ":0");
        let all = screen.comparison().variants()[variant].timeline().now().moments();
        for n in (0..=all).rev() {
            type_line(&mut screen, &format!(":{n}"));
            let shown = screen.world(variant, &screen.comparison().variants()[variant]);
            assert_eq!(shown.moments(), n, "variant {variant}");
        }
        press(&mut screen, &[KeyCode::Tab]);
    }
    type_line(&mut screen, ":x");
    let refused = lines(&screen.picture((80, 24)));
    assert!(refused.contains("\"x\": expected 0 to") && refused.contains("Esc cancels"), "{refused}");
    press(&mut screen, &[KeyCode::Esc]);
    assert!(lines(&screen.picture((80, 24))).contains("q leave"));
}

#[test]
fn a_search_goes_from_hit_to_hit_and_the_other_variants_follow() {
    let _loopback = loopback();
    let mut screen = screen("two-at-once", "level,edge", Lang::En);
    press(&mut screen, &[KeyCode::Tab, KeyCode::Home]);
    type_line(&mut screen, "/recvfrom");
    let at = |screen: &CompareScreen| screen.position(1, screen.tick());
    let mut forward = vec![at(&screen)];
    loop {
        press(&mut screen, &[KeyCode::Char('n')]);
        if lines(&screen.picture((100, 30))).contains("again from the beginning, earlier") {
            break;
        }
        forward.push(at(&screen));
    }
    let calls: Vec<u64> =
        records(&screen).iter().filter(|record| record.call.name() == "recvfrom").map(|r| r.seq.0).collect();
    assert_eq!(forward.len(), calls.len());
    // It stands right after the call, before the next one of any name.
    let syscalls = |from: u64, to: u64| {
        let between = records(&screen).into_iter().filter(|r| r.seq.0 > from && r.seq.0 <= to);
        between.filter(|r| r.call.is_syscall()).count()
    };
    for (at, call) in forward.iter().zip(&calls) {
        assert!(at >= call && syscalls(*call, *at) == 0, "{at} is not after {call}");
    }
    let mut back = Vec::new();
    press(&mut screen, &[KeyCode::End]);
    loop {
        press(&mut screen, &[KeyCode::Char('N')]);
        if lines(&screen.picture((100, 30))).contains("again from the end, later") {
            break;
        }
        back.push(at(&screen));
    }
    back.reverse();
    assert_eq!(back, forward);
}

#[test]
fn a_breakpoint_is_where_the_playing_stops_whichever_variant_hits_it() {
    let _loopback = loopback();
    let mut screen = screen("message", "level,edge", Lang::En);
    press(&mut screen, &[KeyCode::Char('B'), KeyCode::Down, KeyCode::Down, KeyCode::Down, KeyCode::Enter]);
    type_line(&mut screen, "recvfrom");
    press(&mut screen, &[KeyCode::Esc, KeyCode::Home]);
    (0..9).for_each(|_| press(&mut screen, &[KeyCode::Char('+')]));
    let mut stops = Vec::new();
    loop {
        press(&mut screen, &[KeyCode::Char('>')]);
        screen.pass(Duration::ZERO);
        while screen.pass(Duration::from_millis(100)).again.is_some() {}
        if screen.is_over() {
            break;
        }
        let picture = lines(&screen.picture((100, 30)));
        assert!(picture.contains("breakpoint recvfrom in "), "{picture}");
        stops.push(screen.tick());
    }
    let mut expected = Vec::new();
    press(&mut screen, &[KeyCode::Home]);
    while !screen.is_over() {
        let before = screen.tick();
        press(&mut screen, &[KeyCode::Right]);
        let hits = screen.comparison().variants().iter().enumerate().any(|(i, variant)| {
            let (from, to) = (screen.position(i, before), screen.position(i, screen.tick()));
            let mut made = variant.timeline().range(from, to);
            made.any(|r| variant.timeline().now().serves(r.tid) && matches!(r.call, Call::Recvfrom { .. }))
        });
        expected.extend(hits.then_some(screen.tick()));
    }
    expected.retain(|tick| *tick != screen.tick());
    assert!(expected.len() >= 3, "{expected:?}");
    assert_eq!(stops, expected);
}

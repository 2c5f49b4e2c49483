//! The past of twins: whatever keys lead to a moment, it is shown as it was when it was come to, and every move leads where
//! it says.

use std::collections::BTreeMap;
use std::time::Duration;

use crossterm::event::KeyCode;
use epollscope::i18n::Lang;
use epollscope::record::{Call, Record};
use epollscope::trace::world::Epoll;
use epollscope::tui::screens::compare::Tick;
use epollscope::tui::{CompareScreen, Screen as _};

use super::screen::{about_the_moment, beside, lines, press};
use crate::support::screen::random;

fn type_line(beside: &mut CompareScreen, text: &str) {
    text.chars().for_each(|c| press(beside, &[KeyCode::Char(c)]));
    press(beside, &[KeyCode::Enter]);
}

/// Every moment with its picture, as it was come to for the first time.
fn first_time(beside: &mut CompareScreen) -> BTreeMap<Tick, String> {
    let mut seen = BTreeMap::from([(beside.moment(), about_the_moment(beside))]);
    while !beside.is_over() {
        press(beside, &[KeyCode::Right]);
        seen.insert(beside.moment(), about_the_moment(beside));
    }
    seen
}

/// The records of the chosen twin.
fn records(beside: &CompareScreen) -> Vec<Record> {
    let timeline = beside.twins().twins()[beside.chosen()].timeline();
    timeline.range(0, timeline.len()).collect()
}

#[test]
fn whatever_keys_lead_to_a_moment_it_is_shown_as_it_was() {
    for (scene, against) in [("new-on-unread", "level,edge,oneshot"), ("reset", "level,notes")] {
        let seen = first_time(&mut beside(scene, against, Lang::En));
        // The steps of this one are played as they are needed.
        let mut beside = beside(scene, against, Lang::En);
        let mut random = random(7);
        let mut visited = std::collections::BTreeSet::new();
        for _ in 0..300 {
            match random(16) {
                0 => press(&mut beside, &[KeyCode::Tab]),
                1 => press(&mut beside, &[KeyCode::Home]),
                2 => press(&mut beside, &[KeyCode::End]),
                3 => type_line(&mut beside, &format!(":{}", random(60))),
                4 => type_line(&mut beside, ["/recvfrom", "/fd 5", "/EAGAIN", "/IN", "/a"][random(5)]),
                5 => {
                    press(&mut beside, &[KeyCode::Char('>')]);
                    beside.pass(Duration::ZERO);
                    for _ in 0..random(9) {
                        beside.pass(Duration::from_millis(250));
                    }
                    if beside.plays().is_some() {
                        press(&mut beside, &[KeyCode::Char('>')]);
                    }
                }
                n => press(&mut beside, &[KeyCode::Char(char::from(b",.[]{}nN,."[n - 6]))]),
            }
            // A word to the user, and the table of the whole run, are not about the moment.
            press(&mut beside, &[KeyCode::Esc]);
            let moment = beside.moment();
            assert_eq!(about_the_moment(&beside), seen[&moment], "{scene} at {moment:?}");
            for (i, twin) in beside.twins().twins().iter().enumerate() {
                assert_eq!(*beside.world(i, twin), twin.timeline().at(beside.position(i, moment)));
            }
            visited.insert(moment);
        }
        assert!(visited.len() > 25, "{} of {}", visited.len(), seen.len());
    }
}

#[test]
fn a_search_plays_no_further_than_to_what_it_finds() {
    let mut beside = beside("two-at-once", "level,edge", Lang::En);
    let steps = beside.twins().steps().len();
    press(&mut beside, &[KeyCode::Char('/'), KeyCode::Esc]);
    assert_eq!(beside.twins().played(), 1);
    type_line(&mut beside, "/accept4");
    assert_eq!(beside.twins().played(), beside.moment().step + 1);
    assert!((2..steps).contains(&beside.twins().played()), "{}", beside.twins().played());
    let moment = beside.moment();
    type_line(&mut beside, "/EBADF");
    assert_eq!((beside.twins().played(), beside.moment()), (steps, moment));
    assert!(lines(&beside.picture((100, 30))).contains("/EBADF: in no later call"));
}

/// The end of a step was now, until the next one was played to count the calls.
#[test]
fn what_is_played_to_count_leaves_the_moment_as_it_was() {
    let mut beside = beside("two-at-once", "level,edge", Lang::En);
    press(&mut beside, &[KeyCode::PageDown]);
    let (moment, then) = (beside.moment(), about_the_moment(&beside));
    press(&mut beside, &[KeyCode::Char(':'), KeyCode::Esc]);
    assert_eq!(beside.twins().played(), beside.twins().steps().len());
    assert_eq!((beside.moment(), about_the_moment(&beside)), (moment, then));
    for (i, twin) in beside.twins().twins().iter().enumerate() {
        assert_eq!(*beside.world(i, twin), twin.timeline().at(beside.position(i, moment)), "{}", twin.name());
    }
    let calls = beside.world(0, &beside.twins().twins()[0]).moments();
    type_line(&mut beside, "/accept4");
    assert!(beside.world(0, &beside.twins().twins()[0]).moments() > calls, "a later call was found");
    assert!(beside.moment() > moment && !beside.is_over());
}

#[test]
fn brackets_lead_from_wait_to_wait_of_the_chosen_twin_and_play_no_further_than_to_the_next() {
    let mut beside = beside("new-on-unread", "level,edge", Lang::En);
    press(&mut beside, &[KeyCode::Tab]);
    let waits =
        |beside: &CompareScreen| beside.world(1, &beside.twins().twins()[1]).epoll().map_or(0, Epoll::returned_count);
    let mut forward = vec![(beside.moment(), waits(&beside))];
    loop {
        let played = beside.twins().played();
        press(&mut beside, &[KeyCode::Char(']')]);
        if forward.last().expect("one").0 == beside.moment() {
            break;
        }
        let (moment, count) = (beside.moment(), waits(&beside));
        if count == forward.last().expect("one").1 {
            // No wait comes any more: it is the end.
            assert!(beside.is_over());
            break;
        }
        assert_eq!(count, forward.last().expect("one").1 + 1, "{moment:?}");
        assert!(beside.twins().played() <= played.max(moment.step + 1), "no step is played that was not needed");
        forward.push((moment, count));
    }
    assert!(forward.len() > 4 && forward.is_sorted(), "{forward:?}");
    let mut count = waits(&beside);
    while count > 0 {
        press(&mut beside, &[KeyCode::Char('[')]);
        assert_eq!(waits(&beside), count - 1, "before the wait returned");
        count -= 1;
    }
}

#[test]
fn braces_lead_to_each_difference_and_each_finding_of_all_twins_in_order() {
    let mut beside = beside("drip", "level,edge,level+oneshot", Lang::En);
    press(&mut beside, &[KeyCode::Home]);
    let mut way = Vec::new();
    loop {
        press(&mut beside, &[KeyCode::Char('}')]);
        if lines(&beside.picture((100, 30))).contains("no later finding") {
            break;
        }
        way.push(beside.moment());
    }
    // All of the scene has been played for that.
    let mut places: Vec<Tick> = beside.places().iter().map(|place| place.moment).collect();
    places.dedup();
    assert!(beside.places().iter().any(|place| place.finding.is_none()) && places.len() > 1, "{places:?}");
    assert_eq!(way, places);
    press(&mut beside, &[KeyCode::End]);
    let last = beside.moment();
    let mut back: Vec<Tick> = Vec::new();
    loop {
        press(&mut beside, &[KeyCode::Char('{')]);
        if lines(&beside.picture((100, 30))).contains("no earlier finding") {
            break;
        }
        back.push(beside.moment());
    }
    places.retain(|place| *place != last);
    places.reverse();
    assert_eq!(back, places);
}

#[test]
fn a_number_leads_to_that_call_of_the_chosen_twin() {
    let mut beside = beside("message", "level,edge", Lang::En);
    for twin in [0, 1] {
        assert_eq!(beside.chosen(), twin);
        type_line(&mut beside, ":0");
        let all = beside.twins().twins()[twin].timeline().now().moments();
        for n in (0..=all).rev() {
            type_line(&mut beside, &format!(":{n}"));
            let shown = beside.world(twin, &beside.twins().twins()[twin]);
            assert_eq!(shown.moments(), n, "twin {twin}");
        }
        press(&mut beside, &[KeyCode::Tab]);
    }
    type_line(&mut beside, ":x");
    let refused = lines(&beside.picture((80, 24)));
    assert!(refused.contains("\"x\": expected 0 to") && refused.contains("Esc leaves it"), "{refused}");
    press(&mut beside, &[KeyCode::Esc]);
    assert!(lines(&beside.picture((80, 24))).contains("q quit"));
}

#[test]
fn a_search_goes_from_hit_to_hit_of_the_chosen_twin_and_the_others_follow() {
    let mut beside = beside("two-at-once", "level,edge", Lang::En);
    press(&mut beside, &[KeyCode::Tab, KeyCode::Home]);
    type_line(&mut beside, "/recvfrom");
    let at = |beside: &CompareScreen| beside.position(1, beside.moment());
    let mut forward = vec![at(&beside)];
    loop {
        press(&mut beside, &[KeyCode::Char('n')]);
        if lines(&beside.picture((100, 30))).contains("in no later call") {
            break;
        }
        forward.push(at(&beside));
    }
    let calls: Vec<u64> =
        records(&beside).iter().filter(|record| record.call.name() == "recvfrom").map(|r| r.seq.0).collect();
    assert_eq!(forward.len(), calls.len());
    // It stands right after the call, before the next one of any name.
    let syscalls = |from: u64, to: u64| {
        let between = records(&beside).into_iter().filter(|r| r.seq.0 > from && r.seq.0 <= to);
        between.filter(|r| r.call.is_syscall()).count()
    };
    for (at, call) in forward.iter().zip(&calls) {
        assert!(at >= call && syscalls(*call, *at) == 0, "{at} is not after {call}");
    }
    let mut back = Vec::new();
    press(&mut beside, &[KeyCode::End]);
    loop {
        press(&mut beside, &[KeyCode::Char('N')]);
        if lines(&beside.picture((100, 30))).contains("in no earlier call") {
            break;
        }
        back.push(at(&beside));
    }
    back.reverse();
    assert_eq!(back, forward);
}

#[test]
fn a_breakpoint_is_where_the_playing_stops_whichever_twin_hits_it() {
    let mut beside = beside("message", "level,edge", Lang::En);
    press(&mut beside, &[KeyCode::Char('B'), KeyCode::Down, KeyCode::Down, KeyCode::Down, KeyCode::Enter]);
    type_line(&mut beside, "recvfrom");
    press(&mut beside, &[KeyCode::Esc, KeyCode::Home]);
    (0..9).for_each(|_| press(&mut beside, &[KeyCode::Char('+')]));
    let mut stops = Vec::new();
    loop {
        press(&mut beside, &[KeyCode::Char('>')]);
        beside.pass(Duration::ZERO);
        while beside.pass(Duration::from_millis(100)).again.is_some() {}
        if beside.is_over() {
            break;
        }
        let picture = lines(&beside.picture((100, 30)));
        assert!(picture.contains("breakpoint recvfrom in "), "{picture}");
        stops.push(beside.moment());
    }
    let mut expected = Vec::new();
    press(&mut beside, &[KeyCode::Home]);
    while !beside.is_over() {
        let before = beside.moment();
        press(&mut beside, &[KeyCode::Right]);
        let hits = beside.twins().twins().iter().enumerate().any(|(i, twin)| {
            let (from, to) = (beside.position(i, before), beside.position(i, beside.moment()));
            let mut made = twin.timeline().range(from, to);
            made.any(|r| twin.timeline().now().serves(r.tid) && matches!(r.call, Call::Recvfrom { .. }))
        });
        expected.extend(hits.then_some(beside.moment()));
    }
    expected.retain(|moment| *moment != beside.moment());
    assert!(expected.len() >= 3, "{expected:?}");
    assert_eq!(stops, expected);
}

//! The past of a lesson: each moment is shown as it was when it was now, whatever keys lead to it, findings, call numbers
//! and search included; and the lesson stays on its page.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use crossterm::event::KeyCode;
use epollscope::i18n::Lang;
use epollscope::lesson::LessonRun;
use epollscope::probe::{Breakpoint, ServerState};
use epollscope::record::{Call, Record};
use epollscope::script::Value;
use epollscope::tui::Screen as _;
use epollscope::tui::widgets::View;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Cell;

use super::screen::{Taken, lessons};
use crate::support::loopback::loopback;
use crate::support::screen::{SIZE, about_the_moment, random};

fn type_line(taken: &mut Taken, text: &str) {
    text.chars().for_each(|c| taken.press(KeyCode::Char(c)));
    taken.press(KeyCode::Enter);
}

/// The workbench of the lesson without what is said to the learner.
fn picture(taken: &Taken) -> (u64, Vec<Vec<Cell>>) {
    let view = taken.screen.bench();
    let (at, by_hand) = (view.at, view.by_hand);
    let view = View { notice: None, ..view };
    let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).expect("a terminal");
    terminal.draw(|frame| view.draw(frame)).expect("drawn");
    let mut rows = about_the_moment(terminal.backend().buffer());
    // Of a lab nobody knew the next call then, nor which of the seven steps it is.
    rows.truncate(if by_hand { rows.len() - 3 } else { rows.len() });
    (at, rows)
}

/// Takes the lesson's steps with each page's picture of now; then stays on the last step's answer.
fn taken_to_the_last_answer(id: &str) -> (Taken, BTreeMap<u64, Vec<Vec<Cell>>>) {
    let lesson = lessons().into_iter().find(|lesson| lesson.id == id).expect("a lesson");
    let mut taken = Taken::new(Lang::En, (80, 24), id);
    let mut seen = BTreeMap::from([picture(&taken)]);
    for step in &lesson.steps {
        taken.press(KeyCode::Enter);
        taken.press(if step.question.is_some() { KeyCode::Char('s') } else { KeyCode::Enter });
        seen.extend([picture(&taken)]);
    }
    (taken, seen)
}

#[test]
fn whatever_keys_lead_to_a_moment_it_is_shown_as_it_was() {
    let _loopback = loopback();
    for (id, queries) in [
        ("06-edge-triggered", ["/recvfrom", "/fd 5", "/EAGAIN", "/IN", "/a"]),
        ("09-listeners-edge", ["/accept4", "/fd 5", "/EAGAIN", "/IN", "/a"]),
        ("02-two-lists", ["/epoll_wait", "/ADD", "/fd 4", "/IN", "/EEXIST"]),
    ] {
        let (mut taken, mut seen) = taken_to_the_last_answer(id);
        let shown_then = seen.clone();
        let page = taken.screen()[1].clone();
        let mut random = random(5);
        let mut again = 0;
        let calls = usize::try_from(taken.screen.bench().timeline.now().moments()).expect("few");
        for turn in 0..400 {
            match random(14) {
                0 => taken.press(KeyCode::Home),
                1 => taken.press(KeyCode::End),
                2 => type_line(&mut taken, &format!(":{}", random(calls + 1))),
                3 => type_line(&mut taken, queries[random(queries.len())]),
                4 => {
                    taken.press(KeyCode::Char('>'));
                    taken.screen.pass(Duration::ZERO);
                    for _ in 0..random(9) {
                        taken.screen.pass(Duration::from_millis(250));
                    }
                }
                5 => {
                    // The moments that were now at the end of a step.
                    let at = *shown_then.keys().nth(turn % shown_then.len()).expect("some");
                    let timeline = taken.screen.bench().timeline;
                    let calls = timeline.at(at).moments();
                    type_line(&mut taken, &format!(":{calls}"));
                }
                n => taken.press(KeyCode::Char(char::from(b",.[]{}nN"[n - 6]))),
            }
            let (at, rows) = picture(&taken);
            assert!(taken.screen()[1] == page, "{id}: it left the page");
            if let Some(then) = seen.get(&at) {
                assert!(*then == rows, "{id}: at {at} it is not shown as it was");
                again += usize::from(shown_then.contains_key(&at));
            }
            seen.insert(at, rows);
        }
        assert!(again > 20 && seen.len() > shown_then.len() + 10, "{id}: {again}, {}", seen.len());
    }
}

#[test]
fn findings_are_gone_to_and_marked_and_said() {
    let _loopback = loopback();
    let (mut taken, _) = taken_to_the_last_answer("06-edge-triggered");
    let findings: Vec<u64> = {
        let view = taken.screen.bench();
        view.timeline.findings().iter().map(epollscope::analysis::Finding::position).collect()
    };
    assert!(!findings.is_empty());
    taken.press(KeyCode::Home);
    let mut way = Vec::new();
    loop {
        taken.press(KeyCode::Char('}'));
        let screen = taken.screen().join("\n");
        if screen.contains("no later finding") {
            break;
        }
        let said = format!("finding {} of {}, ", way.len() + 1, findings.len());
        assert!(screen.contains(&said), "{said}\n{screen}");
        way.push(taken.screen.bench().at);
    }
    assert_eq!(way, findings);
    taken.press(KeyCode::Home);
    assert!(taken.screen().iter().any(|row| row.starts_with("─ Next") && row.contains('╇')), "{:?}", taken.screen());
}

/// A breakpoint that is typed.
fn break_at(taken: &mut Taken, breakpoint: &str) {
    taken.press(KeyCode::Char('B'));
    (0..9).for_each(|_| taken.press(KeyCode::Down));
    taken.press(KeyCode::Enter);
    type_line(taken, breakpoint);
    taken.press(KeyCode::Esc);
}

#[test]
fn a_breakpoint_holds_the_lesson_in_the_midst_of_a_step_and_enter_goes_on() {
    let _loopback = loopback();
    let mut taken = Taken::new(Lang::En, (80, 24), "05-level-triggered");
    taken.press(KeyCode::Enter);
    break_at(&mut taken, "recvfrom");
    taken.press(KeyCode::Char('1'));
    let mut stops = 0;
    loop {
        taken.press(KeyCode::Enter);
        let screen = taken.screen().join("\n");
        if screen.contains("The kernel's answer:") {
            break;
        }
        stops += 1;
        assert!(screen.contains("breakpoint recvfrom: ") && screen.contains("Enter goes on"), "{screen}");
        assert!(screen.contains("◉○○") && screen.contains("Predict"), "{screen}");
        let view = taken.screen.bench();
        let server = |record: &Record| view.timeline.now().serves(record.tid) && record.call.is_syscall();
        let last = view.timeline.range(0, view.timeline.len()).rev().find(server).expect("a call");
        assert!(matches!(last.call, Call::Recvfrom { .. }), "{last:?}");
        assert_eq!(view.state, ServerState::Stopped(Breakpoint::Made("recvfrom")));
        // What was done so far can be looked at meanwhile; who has seen it predicts no more.
        taken.press(KeyCode::Char(','));
        assert!(taken.screen().join("\n").contains("call by call") || taken.screen.bench().track.is_some());
        taken.press(KeyCode::Esc);
        taken.press(KeyCode::Char('2'));
    }
    assert!(stops >= 3, "3,000 bytes are read in three, {stops}");
    // Back from the midst of a step is its question, and Esc from the panel leads nowhere else.
    taken.press(KeyCode::Left);
    taken.press(KeyCode::Char('s'));
    assert!(taken.screen().join("\n").contains("breakpoint recvfrom: "));
    taken.press(KeyCode::Left);
    let asked = taken.screen().join("\n");
    assert!(asked.contains("◉○○") && asked.contains("Enter predict"), "{asked}");
    taken.press(KeyCode::Char('1'));
    (0..=stops).for_each(|_| taken.press(KeyCode::Enter));
    let screen = taken.screen().join("\n");
    assert!(screen.contains("as you predicted") || screen.contains("you predicted"), "{screen}");
}

/// The sentence on a finding, or on a stop, is longer than a row of eighty cells.
#[test]
fn what_is_said_can_be_read_whole_on_a_small_screen() {
    let _loopback = loopback();
    let mut taken = Taken::new(Lang::En, (80, 24), "06-edge-triggered");
    taken.press(KeyCode::Enter);
    break_at(&mut taken, "stranded");
    taken.press(KeyCode::Char('s'));
    let said = |taken: &mut Taken| taken.screen()[22..].iter().map(|row| row.trim()).collect::<Vec<_>>().join(" ");
    let stranded = "stranded: 1,976 bytes are unread, but nothing new since wait #2";
    assert_eq!(said(&mut taken), format!("breakpoint stranded: fd 5: {stranded}; Enter goes on"));
    taken.press(KeyCode::Char(','));
    assert!(said(&mut taken).contains("{ } findings"), "the keys are there again");
    taken.press(KeyCode::Esc);
    assert!(said(&mut taken).contains("Enter go on"));
}

#[test]
fn held_at_every_breakpoint_each_lesson_comes_to_the_same_answers() {
    let _loopback = loopback();
    let all = [Breakpoint::Fails(libc::EAGAIN), Breakpoint::Stranded, Breakpoint::Empty, Breakpoint::Made("recvfrom")];
    let mut stops = std::collections::BTreeMap::new();
    for lesson in lessons() {
        let mut plain = LessonRun::open(Rc::clone(&lesson), Lang::En).expect("sound");
        let mut held = LessonRun::open(Rc::clone(&lesson), Lang::En).expect("sound");
        while plain.next().is_some() {
            let answered = plain.advance().expect("it goes on").map(|answered| answered.value);
            held.break_at(&all);
            let mut with = held.advance().expect("it goes on");
            let mut times = 0;
            while let Some(breakpoint) = held.held() {
                *stops.entry(breakpoint.to_string()).or_insert(0) += 1;
                times += 1;
                // Who has seen enough of a long step takes them away.
                if times == 10 {
                    held.break_at(&[]);
                }
                assert!(times <= 10, "{}: {breakpoint} holds it although it is none any more", lesson.id);
                with = held.advance().expect("it goes on");
            }
            // What is measured in time, or counted while it spins, differs from run to run.
            let value = with.map(|answered| answered.value);
            let exact = !matches!(value, Some(Value::Number(n)) if n > 50) && !lesson.id.contains("cost");
            assert!(!exact || value == answered, "{}, step {}: {value:?}, {answered:?}", lesson.id, plain.played());
        }
    }
    assert_eq!(stops.len(), all.len(), "{stops:?}");
}

#[test]
fn a_refused_search_says_how_to_leave_it_and_gives_the_keys_back() {
    let _loopback = loopback();
    let (mut taken, _) = taken_to_the_last_answer("06-edge-triggered");
    let told = taken.screen();
    type_line(&mut taken, "/fd x");
    let screen = taken.screen().join("\n");
    assert!(screen.contains("expected a number after `fd`") && screen.contains("Esc cancels"), "{screen}");
    // Every key is a part of the answer, also those of the lesson.
    "rlq".chars().for_each(|c| taken.press(KeyCode::Char(c)));
    assert!(taken.screen().join("\n").contains("search: fd xrlq"));
    taken.press(KeyCode::Esc);
    assert_eq!(taken.screen(), told);
    taken.press(KeyCode::Char('?'));
    let help = taken.screen().join("\n");
    assert!(help.contains("The lesson") && help.contains("a hint"), "{help}");
    (0..2).for_each(|_| taken.press(KeyCode::PageDown));
    assert!(taken.screen().join("\n").contains("go to a call by its number"));
    taken.press(KeyCode::Char('x'));
    assert_eq!(taken.screen(), told);
    // In the past Esc leads back to now, and not out of the lesson.
    taken.press(KeyCode::Char(','));
    taken.press(KeyCode::Esc);
    assert_eq!(taken.screen(), told);
}

#[test]
fn a_call_beyond_the_end_is_refused_like_what_is_no_number() {
    let _loopback = loopback();
    let (mut taken, _) = taken_to_the_last_answer("06-edge-triggered");
    let told = taken.screen();
    for (typed, again) in [("999", false), ("abc", true)] {
        if again {
            taken.press(KeyCode::Esc);
        }
        type_line(&mut taken, &format!(":{typed}"));
        let screen = taken.screen().join("\n");
        assert!(screen.contains(&format!("\"{typed}\": expected 0 to ")), "{screen}");
    }
    taken.press(KeyCode::Esc);
    assert_eq!(taken.screen(), told);
}

#[test]
fn the_last_call_leads_to_the_one_that_the_server_is_held_before() {
    let _loopback = loopback();
    let (mut taken, _) = taken_to_the_last_answer("05-level-triggered");
    let next = taken.screen.bench().next;
    taken.press(KeyCode::Char(','));
    let screen = taken.screen().join("\n");
    assert!(screen.contains("◀ the past, 1 call ago") && screen.contains("Tab more room"), "{screen}");
    assert!(!screen.contains("no later call is known yet"), "{next:?} {screen}");
    // The client's calls say whose they are.
    type_line(&mut taken, ":0");
    let mut named = 0;
    type_line(&mut taken, "/recv");
    while !taken.screen().join("\n").contains("again from the beginning") && named < 100 {
        let screen = taken.screen().join("\n");
        assert_eq!(screen.contains(": client "), screen.contains("65536"), "{screen}");
        named += usize::from(screen.contains(": client "));
        taken.press(KeyCode::Char('n'));
    }
    assert!(named > 0);
}

//! The past of a lesson: each moment is shown as it was when it was now, whatever keys lead to it, findings, call numbers
//! and search included; and the lesson stays on its page.

use std::collections::BTreeMap;
use std::time::Duration;

use crossterm::event::KeyCode;
use epollscope::trace::Lang;
use epollscope::ui::Show as _;
use epollscope::ui::view::View;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Cell;

use super::screen::{Taken, lessons};
use crate::past::{SIZE, about_the_moment, random};

fn type_line(taken: &mut Taken, text: &str) {
    text.chars().for_each(|c| taken.press(KeyCode::Char(c)));
    taken.press(KeyCode::Enter);
}

/// The workbench of the lesson without what is said to the learner.
fn picture(taken: &Taken) -> (u64, Vec<Vec<Cell>>) {
    let view = taken.room.bench().expect("a scene");
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
    let mut taken = Taken::new(Lang::En, (80, 24));
    taken.room.take(id);
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
        for turn in 0..400 {
            match random(14) {
                0 => taken.press(KeyCode::Home),
                1 => taken.press(KeyCode::End),
                2 => type_line(&mut taken, &format!(":{}", random(60))),
                3 => type_line(&mut taken, queries[random(queries.len())]),
                4 => {
                    taken.press(KeyCode::Char('>'));
                    taken.room.pass(Duration::ZERO);
                    for _ in 0..random(9) {
                        taken.room.pass(Duration::from_millis(250));
                    }
                }
                5 => {
                    // The moments that were now at the end of a step.
                    let at = *shown_then.keys().nth(turn % shown_then.len()).expect("some");
                    let timeline = taken.room.bench().expect("a scene").timeline;
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
    let (mut taken, _) = taken_to_the_last_answer("06-edge-triggered");
    let findings: Vec<u64> = {
        let view = taken.room.bench().expect("a scene");
        view.timeline.findings().iter().map(epollscope::trace::Finding::position).collect()
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
        way.push(taken.room.bench().expect("a scene").at);
    }
    assert_eq!(way, findings);
    taken.press(KeyCode::Home);
    assert!(taken.screen().iter().any(|row| row.starts_with("─ Next") && row.contains('╇')), "{:?}", taken.screen());
}

#[test]
fn a_refused_search_says_how_to_leave_it_and_the_lesson_has_its_keys_again() {
    let (mut taken, _) = taken_to_the_last_answer("06-edge-triggered");
    let told = taken.screen();
    type_line(&mut taken, "/fd x");
    let screen = taken.screen().join("\n");
    assert!(screen.contains("expected a number after `fd`") && screen.contains("Esc leaves it"), "{screen}");
    // Every key is a part of the answer, also those of the lesson.
    "rlq".chars().for_each(|c| taken.press(KeyCode::Char(c)));
    assert!(taken.screen().join("\n").contains("search: fd xrlq"));
    taken.press(KeyCode::Esc);
    assert_eq!(taken.screen(), told);
    taken.press(KeyCode::Char('?'));
    let help = taken.screen().join("\n");
    assert!(help.contains("The lesson") && help.contains("a hint"), "{help}");
    taken.press(KeyCode::PageDown);
    assert!(taken.screen().join("\n").contains("go to the call of a number"));
    taken.press(KeyCode::Char('x'));
    assert_eq!(taken.screen(), told);
    // In the past Esc leads back to now, and not out of the lesson.
    taken.press(KeyCode::Char(','));
    taken.press(KeyCode::Esc);
    assert_eq!(taken.screen(), told);
}

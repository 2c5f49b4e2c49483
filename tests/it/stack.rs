//! The stack of screens: a lesson is put on the list and the workbench on the lesson, each comes off again, and a live
//! server moves with them.

use std::rc::Rc;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use epollscope::i18n::Lang;
use epollscope::lesson::{Lesson, Progress, builtin};
use epollscope::record::{Call, Record};
use epollscope::tui::{LessonList, Stack};
use nix::poll::PollTimeout;
use ratatui::buffer::Cell;

use crate::support::loopback::loopback;
use crate::support::screen::{SIZE, theme};

fn list() -> LessonList {
    let sources = builtin();
    let known: Vec<String> = sources.iter().map(|source| source.id.clone()).collect();
    let lessons = sources.iter().map(|source| Rc::new(Lesson::load(source, &known).expect("sound")));
    LessonList::new(lessons.collect(), Progress::default(), theme(), Lang::En)
}

fn text(stack: &Stack<'_>) -> String {
    let picture = stack.top().picture(SIZE);
    let rows = picture.content.chunks(usize::from(SIZE.0));
    rows.map(|row| row.iter().map(Cell::symbol).collect::<String>() + "\n").collect()
}

fn key(code: KeyCode) -> Event {
    Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
}

/// Presses keys until what is wanted is seen; the records that screens gave out meanwhile.
fn press(stack: &mut Stack<'_>, keys: &[KeyCode], wanted: &str) -> Vec<Record> {
    let mut records = Vec::new();
    for code in keys {
        assert!(!stack.input(&key(*code), &mut |record| records.push(*record)), "left by {code}");
        stack.top_mut().take_in(&mut |record| records.push(*record));
    }
    assert!(text(stack).contains(wanted), "no {wanted:?} in\n{}", text(stack));
    records
}

/// Takes lesson 5 to its last page.
fn to_the_last_page(stack: &mut Stack<'_>) {
    for _ in 0..20 {
        if text(stack).contains("all steps taken") {
            return;
        }
        press(stack, &[KeyCode::Enter, KeyCode::Char('s')], "Lesson 5/");
    }
    panic!("no last page:\n{}", text(stack));
}

fn closes(records: &[Record]) -> usize {
    records.iter().filter(|record| matches!(record.call, Call::Close { .. })).count()
}

#[test]
fn a_lesson_comes_off_the_list_with_what_was_chosen_in_it() {
    let _loopback = loopback();
    let mut list = list();
    let mut stack = Stack::new(&mut list);
    press(&mut stack, &[KeyCode::Down, KeyCode::PageDown, KeyCode::PageUp], "2 of ");
    let plain = stack.top().picture(SIZE);
    press(&mut stack, &[KeyCode::Enter, KeyCode::Char('P')], "Lesson 2/");
    press(&mut stack, &[KeyCode::Char('l')], "Lessons   2 of ");
    assert_ne!(stack.top().picture(SIZE), plain, "the list is for a projector too");
    // From the last page of one to the next, and from there to the list.
    press(&mut stack, &[KeyCode::Up, KeyCode::Enter, KeyCode::Left], "Lessons   1 of ");
    assert!(stack.input(&key(KeyCode::Char('q')), &mut |_| ()), "q leaves the list");
}

#[test]
fn the_server_of_a_lesson_moves_to_the_workbench_and_back() {
    let _loopback = loopback();
    let mut list = list();
    let lesson = list.take("05-level-triggered").expect("a lesson");
    let mut stack = Stack::new(&mut list);
    stack.push(Box::new(lesson));
    to_the_last_page(&mut stack);
    press(&mut stack, &[KeyCode::Char('g')], "the lesson's server in its present state");
    let records = press(&mut stack, &[KeyCode::Char('c'), KeyCode::Char('q')], "all steps taken");
    assert!(closes(&records) > 2, "the server that was played with is closed: {records:?}");
    // What is still on the stack when it is left is closed from the top down.
    press(&mut stack, &[KeyCode::Char('g')], "the lesson's server in its present state");
    let interrupt = Event::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL));
    assert!(stack.input(&interrupt, &mut |_| ()));
    let mut rest = Vec::new();
    stack.close(&mut |record| rest.push(*record));
    assert!(closes(&rest) > 2, "{rest:?}");
    assert!(text(&stack).contains("Lessons   5 of "), "the first screen stays: {}", text(&stack));
}

/// Takes lesson 6 to its task.
fn to_the_task(stack: &mut Stack<'_>) {
    for _ in 0..20 {
        if text(stack).contains("Your turn") {
            return;
        }
        press(stack, &[KeyCode::Enter, KeyCode::Char('s')], "Lesson 6/");
        press(stack, &[KeyCode::Enter], "Lesson 6/");
    }
    panic!("no task:\n{}", text(stack));
}

/// The page of a task judges the attempt, and not what the lesson did before it.
#[test]
fn a_task_that_is_left_shows_the_marks_of_its_last_attempt() {
    let _loopback = loopback();
    let mut list = list();
    let lesson = list.take("06-edge-triggered").expect("a lesson");
    let mut stack = Stack::new(&mut list);
    stack.push(Box::new(lesson));
    to_the_task(&mut stack);
    press(&mut stack, &[], "Not begun yet.");
    press(&mut stack, &[], "· without epoll_ctl");
    // Nothing is done: what has happened before the task counts for nothing.
    press(&mut stack, &[KeyCode::Enter], "Since the task began:  ○ client a has received at least 3,000 bytes");
    press(&mut stack, &[], "to be answered whole after its one report");
    press(&mut stack, &[], "w wait  p policy  ? help");
    press(&mut stack, &[KeyCode::Char('q')], "Your attempt, counted from its beginning:");
    for stands in ["○ client a has received", "○ a is reported once", "✓ nothing of a is unread", "✓ without epoll_ctl"]
    {
        press(&mut stack, &[], stands);
    }
    // An attempt that leaves something stranded, and then modifies a registration: that can come right no more.
    press(&mut stack, &[KeyCode::Enter, KeyCode::Char('s')], "Since the task began:");
    until(&mut stack, KeyCode::Char('w'), "STRANDED");
    press(&mut stack, &[KeyCode::Char('m')], "✓ without epoll_ctl");
    until(&mut stack, KeyCode::Char('w'), "✗ without epoll_ctl (spoiled)");
    press(&mut stack, &[], "Task spoiled: g begins it again");
    press(&mut stack, &[KeyCode::Char('q')], "✗ without epoll_ctl (spoiled)");
    press(&mut stack, &[], "Spoiled: Enter begins it again");
    // One key begins it afresh.
    press(&mut stack, &[KeyCode::Enter, KeyCode::Char('m')], "Since the task began:");
    until(&mut stack, KeyCode::Char('w'), "Task spoiled: g begins it again");
    press(&mut stack, &[KeyCode::Char('g')], "Since the task began:  ○ client a has received at least 3,000 bytes");
    press(&mut stack, &[], "✓ without epoll_ctl");
    stack.close(&mut |_| ());
}

/// Presses `key` until `wanted` is seen; the server makes its calls on a thread of its own.
fn until(stack: &mut Stack<'_>, code: KeyCode, wanted: &str) {
    for _ in 0..20 {
        press(stack, &[code], "");
        for _ in 0..50 {
            stack.top_mut().take_in(&mut |_| ());
            if text(stack).contains(wanted) {
                return;
            }
            stack.top_mut().sleep(&[], PollTimeout::from(10_u8));
        }
    }
    panic!("no {wanted:?} in\n{}", text(stack));
}

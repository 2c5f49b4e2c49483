//! Every lesson is taken on the screen, in both languages and at both sizes, by the keys that the screen shows.

use std::rc::Rc;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use epollscope::i18n::Lang;
use epollscope::lesson::{Found, Lesson, Progress, builtin};
use epollscope::tui::theme::{Depth, Ground};
use epollscope::tui::{LessonList, LessonScreen, Next, Screen, Theme};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Cell;
use unicode_width::UnicodeWidthStr as _;

use crate::support::loopback::loopback;

pub(super) fn lessons() -> Vec<Rc<Lesson>> {
    let sources = builtin();
    let known: Vec<String> = sources.iter().map(|source| source.id.clone()).collect();
    sources.iter().map(|source| Rc::new(Lesson::load(source, &known).expect("sound"))).collect()
}

pub(super) struct Taken {
    pub(super) screen: LessonScreen,
    terminal: Terminal<TestBackend>,
}

impl Taken {
    pub(super) fn new(lang: Lang, (width, height): (u16, u16), id: &str) -> Self {
        let mut list = LessonList::new(lessons(), Progress::default(), Theme::new(Depth::True, Ground::Dark), lang);
        let screen = list.take(id).expect("a lesson");
        Self { screen, terminal: Terminal::new(TestBackend::new(width, height)).expect("a terminal") }
    }

    pub(super) fn press(&mut self, code: KeyCode) {
        self.screen.input(&Event::Key(KeyEvent::new(code, KeyModifiers::NONE)));
    }

    /// What a key copies.
    fn copied(&mut self, code: KeyCode) -> String {
        let next = self.screen.input(&Event::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        let Next::Copy(text) = next else { panic!("nothing was copied") };
        text
    }

    /// The screen, a line each; a wide character is followed by no cell of its own.
    pub(super) fn screen(&mut self) -> Vec<String> {
        self.terminal.draw(|frame| self.screen.draw(frame)).expect("drawn");
        let buffer = self.terminal.backend().buffer();
        let (width, height) = (buffer.area.width, buffer.area.height);
        (0..height)
            .map(|y| {
                let mut line = String::new();
                let mut x = 0;
                while x < width {
                    let symbol = buffer[(x, y)].symbol();
                    line.push_str(symbol);
                    x += u16::try_from(symbol.width().max(1)).expect("small");
                }
                line
            })
            .collect()
    }
}

#[test]
fn every_lesson_is_taken_with_the_keys_that_it_shows() {
    take_all(Lang::En);
}

#[test]
fn every_lesson_is_taken_in_chinese() {
    take_all(Lang::Zh);
}

fn take_all(lang: Lang) {
    let _loopback = loopback();
    let lessons = lessons();
    for size in [(120, 40), (80, 24)] {
        for lesson in &lessons {
            take(lesson, lang, size);
        }
    }
}

/// Server scenes and lab scenes: a step's calls are looked at one by one, and one key leads back to the step's answer.
#[test]
fn the_calls_of_a_step_are_looked_at_without_leaving_it() {
    let _loopback = loopback();
    for size in [(120, 40), (80, 24)] {
        for lesson in lessons().iter().take(8) {
            let mut taken = Taken::new(Lang::En, size, &lesson.id);
            taken.press(KeyCode::Enter);
            taken.press(KeyCode::Char('s'));
            if lesson.steps[0].question.is_none() {
                taken.press(KeyCode::Enter);
            }
            let told = taken.screen();
            let mut calls = Vec::new();
            loop {
                taken.press(KeyCode::Char(','));
                let screen = taken.screen().join("\n");
                let Some((_, place)) = screen.split_once("─ Next  call ") else {
                    panic!("{}: no bar:\n{screen}", lesson.id)
                };
                let call = place.split(' ').next().expect("a number").replace(',', "");
                let call: u64 = call.parse().expect("a number");
                assert!(screen.contains("Lesson "), "still the lesson: {screen}");
                if calls.last() == Some(&call) {
                    break;
                }
                calls.push(call);
            }
            assert!(calls.is_sorted_by(|a, b| a == &(b + 1)) && calls.last() == Some(&0), "{}: {calls:?}", lesson.id);
            taken.press(KeyCode::Char(']'));
            taken.press(KeyCode::End);
            assert_eq!(taken.screen(), told, "{}", lesson.id);
        }
    }
}

fn take(lesson: &Lesson, lang: Lang, size: (u16, u16)) {
    let mut taken = Taken::new(lang, size, &lesson.id);
    let at = format!("{} {lang:?} {size:?}", lesson.id);
    let (answer, keys) = match lang {
        Lang::En => ("The kernel's answer:", ["Enter go on", "Enter predict", "Enter next lesson", "Space next call"]),
        Lang::Zh => ("内核的回答：", ["Enter 继续", "Enter 预测", "Enter 下一课", "Space 下一次调用"]),
    };
    let look = |taken: &mut Taken, wanted: &str| {
        let screen = taken.screen();
        for line in &screen {
            assert_eq!(line.width(), usize::from(size.0), "{at}: {line:?}");
        }
        let all = screen.join("\n");
        assert!(all.contains(wanted), "{at}: {wanted:?} is not to be seen in\n{all}");
    };
    look(&mut taken, keys[0]);
    look(&mut taken, &lesson.prose(lang).title);
    taken.press(KeyCode::Enter);
    for (i, step) in lesson.steps.iter().enumerate() {
        match &step.question {
            None => look(&mut taken, keys[0]),
            Some(question) => {
                look(&mut taken, keys[1]);
                taken.press(KeyCode::Char('h'));
                look(&mut taken, keys[1]);
                // Without a prediction nothing is played.
                taken.press(KeyCode::Enter);
                look(&mut taken, keys[1]);
                if question.number {
                    taken.press(KeyCode::Char('7'));
                } else {
                    taken.press(KeyCode::Char(char::from(
                        b'1' + u8::try_from(i % question.choices.len()).expect("few"),
                    )));
                }
            }
        }
        taken.press(KeyCode::Enter);
        if step.question.is_some() && taken.screen.bench().track.is_some() {
            look(&mut taken, keys[3]);
            assert!(!taken.screen().join("\n").contains(answer), "{at}");
            taken.press(KeyCode::Enter);
        }
        look(&mut taken, if step.question.is_some() { answer } else { keys[0] });
        taken.press(KeyCode::PageDown);
        look(&mut taken, keys[0]);
        if i == 0 && (lang, size) == (Lang::En, (120, 40)) {
            // Back, and again without a prediction.
            taken.press(KeyCode::Left);
            look(&mut taken, keys[usize::from(step.question.is_some())]);
            taken.press(KeyCode::Char('s'));
            look(&mut taken, keys[0]);
        }
        taken.press(KeyCode::Enter);
    }
    if lesson.task.is_some() {
        let (turn, hint) = lang.of(("Your turn", "Hint"), ("轮到你了", "提示"));
        look(&mut taken, turn);
        taken.press(KeyCode::Char('h'));
        look(&mut taken, hint);
        taken.press(KeyCode::Char('s'));
    }
    look(&mut taken, keys[2]);
}

/// The calls of a predicted step come one by one, and the answer after the last of them, whatever leads there.
#[test]
fn after_a_prediction_the_calls_come_before_the_answer() {
    let _loopback = loopback();
    for (id, before, choice) in [("05-level-triggered", 1, '1'), ("02-two-lists", 4, '2')] {
        for to_the_end in
            [vec![KeyCode::Char(' '); 60], vec![KeyCode::End], vec![KeyCode::Char('s')], vec![KeyCode::Esc]]
        {
            let mut taken = Taken::new(Lang::En, (80, 24), id);
            (1..before).for_each(|_| taken.press(KeyCode::Enter));
            taken.press(KeyCode::Enter);
            taken.press(KeyCode::Char(choice));
            taken.press(KeyCode::Enter);
            let first = taken.screen().join("\n");
            assert!(first.contains("You predict: ") && first.contains("Space next call"), "{first}");
            let mut seen = vec![taken.screen.bench().at];
            for key in to_the_end {
                taken.press(key);
                let screen = taken.screen().join("\n");
                let at = taken.screen.bench().at;
                assert_eq!(screen.contains("The kernel's answer:"), at == taken.screen.bench().timeline.len());
                if screen.contains("The kernel's answer:") {
                    break;
                }
                seen.push(at);
            }
            assert!(seen.is_sorted_by(|a, b| a < b), "{seen:?}");
            assert!(taken.screen().join("\n").contains("The kernel's answer:"), "{id}");
        }
    }
}

/// The panels of the workbench stand beside the prose, and follow the past; the code of a lab is its script.
#[test]
fn a_lesson_shows_the_code_the_script_and_on_a_small_screen_the_scope() {
    let _loopback = loopback();
    let mut taken = Taken::new(Lang::En, (80, 24), "06-edge-triggered");
    let shows = |taken: &mut Taken, wanted: &str, keys: &str| {
        keys.chars().for_each(|c| taken.press(if c == '\t' { KeyCode::Tab } else { KeyCode::Char(c) }));
        let screen = taken.screen().join("\n");
        assert!(screen.contains(wanted), "{keys:?}, {wanted:?}:\n{screen}");
        screen
    };
    taken.press(KeyCode::Enter);
    taken.press(KeyCode::Char('s'));
    let all = shows(&mut taken, "─ Scope: bytes unread", "\t");
    assert!(all.contains("EDGE") && all.contains("stranded: 1,976 bytes are unread, but nothing new"), "{all}");
    shows(&mut taken, "─ Calls latest first", "v");
    shows(&mut taken, "─ Code Python", "v");
    assert!(shows(&mut taken, "─ Code C", "L").contains("EDGE"));
    shows(&mut taken, "▶4", ",,");
    let copied = taken.copied(KeyCode::Char('y'));
    assert!(copied.contains("epoll_wait(") && copied.lines().count() > 30, "{copied}");
    shows(&mut taken, "◀ the past, 2 calls ago   ▁╱▔ EDGE", "vv");
    assert_eq!(taken.copied(KeyCode::Char('y')), "recvfrom(5, 1024) = 1024");
    taken.press(KeyCode::Esc);
    assert!(taken.copied(KeyCode::Char('y')).starts_with("1,024: one report, one read\n"));

    let mut taken = Taken::new(Lang::En, (120, 40), "02-two-lists");
    shows(&mut taken, "  add E C IN  = 0", "");
    taken.press(KeyCode::Enter);
    assert!(shows(&mut taken, "▶ fdinfo E", "").contains("  wait E  "));
    taken.press(KeyCode::Enter);
    assert!(!shows(&mut taken, "  wait E  = 0  [nothing]", "").contains("▶ wait"));
    // Beside the track, the script says which line the next call belongs to.
    shows(&mut taken, "▶ wait E", ",");
    assert_eq!(shows(&mut taken, "▶ wait E", "vv").matches("─ Script").count(), 1);
    assert_eq!(taken.copied(KeyCode::Char('y')), "fdinfo E\npoll E\nwait E");
}

/// Groups, what a lesson needs, how long it takes, and which is next; `/` finds one.
#[test]
fn the_list_has_groups_and_is_searched() {
    let _loopback = loopback();
    for (lang, size) in [(Lang::En, (120, 40)), (Lang::En, (80, 24)), (Lang::Zh, (80, 24))] {
        let mut list = LessonList::new(lessons(), Progress::default(), Theme::new(Depth::True, Ground::Dark), lang);
        let press = |list: &mut LessonList, code: KeyCode| {
            let next = list.input(&Event::Key(KeyEvent::new(code, KeyModifiers::NONE)));
            let rows = list.picture(size);
            let rows = rows.content.chunks(usize::from(size.0));
            let text: String = rows.map(|row| row.iter().map(Cell::symbol).collect::<String>() + "\n").collect();
            (next, text)
        };
        let (_, screen) = press(&mut list, KeyCode::Down);
        let wanted = lang.of(["Level and edge", "← next", "6 min", "search"], ["水", "下 一 课", "分 钟", "搜 索"]);
        assert!(wanted.iter().all(|part| screen.contains(part)), "{screen}");
        assert_eq!(screen.contains("needs 2, 6"), size.0 == 120, "{screen}");
        press(&mut list, KeyCode::Char('/'));
        "herd".chars().for_each(|c| drop(press(&mut list, KeyCode::Char(c))));
        let (_, screen) = press(&mut list, KeyCode::Up);
        assert!(screen.contains("▶ 27") && !screen.contains("26  ") && !screen.contains("18  "), "{screen}");
        let (_, screen) = press(&mut list, KeyCode::Char('#'));
        assert!(!screen.contains('▶'), "{screen}");
        press(&mut list, KeyCode::Backspace);
        let (next, _) = press(&mut list, KeyCode::Enter);
        assert!(matches!(next, Next::Push(_)));
        let (_, screen) = press(&mut list, KeyCode::Esc);
        assert!(screen.contains("▶ 27") && screen.contains("28  "), "{screen}");
    }
}

/// The program of the tutorial is marked where its mistakes have been found.
#[test]
fn the_tutorial_program_is_shown_with_the_mistakes_that_were_found() {
    let lesson = lessons().into_iter().find(|lesson| lesson.number() == "30").expect("it is there");
    for lang in [Lang::En, Lang::Zh] {
        let found = |steps: usize| lesson.program(steps, lang).iter().filter(|line| line.found != Found::No).count();
        let all: Vec<usize> = (0..=lesson.steps.len()).map(found).collect();
        assert_eq!(all, [0, 1, 3, 6, 7, 8, 10, 10]);
        assert_eq!(lesson.program(2, lang).iter().filter(|line| line.found == Found::Now).count(), 2);
    }
}

/// The lines of a lab that do a task, and obvious ones that do not.
#[test]
fn a_task_in_the_lab_is_done_when_the_kernel_says_so() {
    let _loopback = loopback();
    let mut taken = Taken::new(Lang::En, (120, 40), "14-one-shot");
    let type_line = |taken: &mut Taken, line: &str| {
        line.chars().for_each(|c| taken.press(KeyCode::Char(c)));
        taken.press(KeyCode::Enter);
        taken.screen().join("\n")
    };
    taken.press(KeyCode::Enter);
    for _ in 0..lessons()[13].steps.len() {
        taken.press(KeyCode::Char('s'));
        taken.press(KeyCode::Enter);
        if taken.screen()[0].contains("step") && !taken.screen().join("\n").contains("Predict") {
            taken.press(KeyCode::Enter);
        }
    }
    assert!(taken.screen().join("\n").contains("Your turn"), "{}", taken.screen().join("\n"));
    taken.press(KeyCode::Enter);
    let screen = type_line(&mut taken, "wait f");
    assert!(screen.contains("○ the last wait reports c IN") && !screen.contains("done"), "{screen}");
    type_line(&mut taken, "mod f c IN ONESHOT");
    let screen = type_line(&mut taken, "wait f");
    assert!(screen.contains("✓ the kernel says: done"), "{screen}");
    taken.press(KeyCode::Esc);
    taken.press(KeyCode::Enter);
    assert!(taken.screen().join("\n").contains("all steps taken"));
}

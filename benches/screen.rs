//! What one redraw of the whole workbench costs, by connections: the real server with real clients, ratatui's
//! TestBackend as the terminal, processor time.
//!
//! `cargo bench --bench screen` prints the rows of `docs/benchmarks.md`; `-- 1000` those with so many connections alone, and `-- help`
//! those whose name has this word, which is for a profile.

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use epollscope::i18n::Lang;
use epollscope::i18n::grouped;
use epollscope::lesson::{Lesson, Progress, builtin};
use epollscope::probe::{Mode, ServerState, WhenFull};
use epollscope::record::{Accept, Policy, Trigger};
use epollscope::server::Setup;
use epollscope::session::{ClientId, Payload, Session};
use epollscope::sys;
use epollscope::tui::theme::{Depth, Ground};
use epollscope::tui::{LessonList, Screen, Theme, WorkbenchScreen};
use nix::poll::PollTimeout;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

/// The budget of one redraw, in microseconds: median, and 99th percentile.
const BUDGET: (u128, u128) = (1_000, 3_000);
const CROWDS: [u32; 3] = [10, 1_000, 10_000];
const SIZES: [(u16, u16); 2] = [(120, 40), (200, 50)];
/// Redraws of which the figures are made.
const REDRAWS: usize = 400;
/// So many clients wait to be accepted at once, which is less than the listener's queue holds.
const BACKLOG: u32 = 1_000;
/// Long enough for the slowest machine; nothing waits for it.
const LONG: Duration = Duration::from_mins(1);

fn main() {
    let wanted = Wanted::of(std::env::args().skip(1));
    let _ = sys::raise_nofile_limit();
    println!("One redraw, processor time in µs, median / p99; budget {} / {}.", BUDGET.0, BUDGET.1);
    println!();
    let heads: Vec<String> = wanted.crowds.iter().map(|crowd| grouped(u64::from(*crowd))).collect();
    println!("| connections | size | {} |", heads.join(" | "));
    println!("|---|---|{}", "---:|".repeat(heads.len()));
    let mut rows: Vec<(String, Vec<Cost>)> = Vec::new();
    for connections in &wanted.crowds {
        for (name, cost) in workbench(*connections, &wanted) {
            match rows.iter_mut().find(|(row, _)| *row == name) {
                Some((_, costs)) => costs.push(cost),
                None => rows.push((name, vec![cost])),
            }
        }
    }
    rows.extend(lesson(&wanted).into_iter().map(|(name, cost)| (name, vec![cost])));
    let mut missed = 0;
    for (name, costs) in rows {
        let over = costs.iter().filter(|cost| cost.median > BUDGET.0 || cost.p99 > BUDGET.1).count();
        missed += over;
        let costs: Vec<String> = costs.iter().map(|cost| format!("{} / {}", cost.median, cost.p99)).collect();
        println!("| {name} | {} |{}", costs.join(" | "), if over > 0 { " over budget" } else { "" });
    }
    println!();
    println!("{missed} figures over budget");
}

/// What is to be measured.
struct Wanted {
    crowds: Vec<u32>,
    /// A part of the names of the screens.
    name: String,
    redraws: usize,
}

impl Wanted {
    fn of(args: impl Iterator<Item = String>) -> Self {
        let mut wanted = Self { crowds: CROWDS.to_vec(), name: String::new(), redraws: REDRAWS };
        // Without `cargo bench`, as in `cargo test --benches`, it is only to be seen that it runs.
        let (mut crowd, mut is_bench) = (None, false);
        for arg in args {
            match arg.parse() {
                Ok(connections) => crowd = Some(connections),
                Err(_) if arg == "--bench" => is_bench = true,
                Err(_) => wanted.name = arg,
            }
        }
        if !is_bench {
            (crowd, wanted.redraws) = (crowd.or(Some(CROWDS[0])), 4);
        }
        wanted.crowds = crowd.map_or(wanted.crowds, |crowd| vec![crowd]);
        wanted
    }

    /// The screen `what` at each size, as far as it is wanted.
    fn look(&self, show: &impl Screen, what: &str) -> Vec<(String, Cost)> {
        let sizes = SIZES.iter().filter(|_| what.contains(&self.name));
        let cost = |size: &(u16, u16)| (format!("{what} | {}x{}", size.0, size.1), cost(show, *size, self.redraws));
        sizes.map(cost).collect()
    }
}

/// Microseconds.
#[derive(Clone, Copy)]
struct Cost {
    median: u128,
    p99: u128,
}

fn cost(show: &impl Screen, (width, height): (u16, u16), redraws: usize) -> Cost {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
    let mut times: Vec<u128> = (0..redraws + redraws / 10)
        .map(|_| {
            let began = sys::thread_time().expect("a clock");
            terminal.draw(|frame| show.draw(frame)).expect("drawn");
            sys::thread_time().expect("a clock").saturating_sub(began).as_micros()
        })
        .skip(redraws / 10)
        .collect();
    times.sort_unstable();
    Cost { median: times[times.len() / 2], p99: times[times.len() * 99 / 100] }
}

/// The workbench in all that it can show.
fn workbench(connections: u32, wanted: &Wanted) -> Vec<(String, Cost)> {
    let mut app = crowd(connections);
    let mut found = Vec::new();
    let mut look = |app: &WorkbenchScreen, what: &str| found.extend(wanted.look(app, what));
    look(&app, "all stranded, the youngest selected");
    press(&mut app, KeyCode::Up, 1);
    look(&app, "all stranded, a row above selected");
    press(&mut app, KeyCode::Enter, 1);
    look(&app, "one fd inspected");
    press(&mut app, KeyCode::Esc, 1);
    press(&mut app, KeyCode::Char('?'), 1);
    look(&app, "help");
    press(&mut app, KeyCode::Esc, 1);
    press(&mut app, KeyCode::Char('p'), 1);
    look(&app, "policy");
    press(&mut app, KeyCode::Esc, 1);
    press(&mut app, KeyCode::Char('b'), 3);
    look(&app, "timebase 100 ms");
    press(&mut app, KeyCode::Char('b'), 1);
    press(&mut app, KeyCode::Left, 3);
    look(&app, "the past, three calls ago");
    press(&mut app, KeyCode::Char('/'), 1);
    look(&app, "the past, a search is typed");
    press(&mut app, KeyCode::Esc, 1);
    press(&mut app, KeyCode::Home, 1);
    look(&app, "the past, the beginning");
    press(&mut app, KeyCode::End, 1);
    all_due(&mut app);
    look(&app, "held, all on the ready list");
    app.session_mut().expect("a live server").close(|_| ()).expect("closed");
    found
}

/// A workbench whose server has so many connections, each with 1,976 bytes stranded, and waits.
fn crowd(connections: u32) -> WorkbenchScreen {
    let policy = Policy { trigger: Trigger::Edge, accept: Accept::Drain, ..Policy::default() };
    let listen = "127.0.0.1:0".parse().expect("an address");
    let setup = Setup { listen, policy, gate: Mode::Held, capacity: 1 << 16, when_full: WhenFull::Wait };
    let mut app = WorkbenchScreen::new(Session::open(&setup).expect("a server"), theme(), Lang::En);
    for come in 1..=connections {
        press(&mut app, KeyCode::Char('c'), 1);
        // To be quiet is asked of every client.
        if come % BACKLOG == 0 || come == connections {
            app.session_mut().expect("a live server").settle(LONG).expect("quiet");
        }
    }
    for client in 0..connections {
        app.session_mut()
            .expect("a live server")
            .clients_mut()
            .send(ClientId(client), Payload::Pattern(3_000))
            .expect("sent");
    }
    app.session_mut().expect("a live server").settle(LONG).expect("quiet");
    assert_eq!(app.session().expect("a live server").timeline().now().stranded().count(), connections as usize);
    // On into the wait, where it is blocked.
    app.session_mut().expect("a live server").set(Mode::NextWait);
    while app.session().expect("a live server").state() != ServerState::Waiting {
        let _ = app.session().expect("a live server").sleep(&[], PollTimeout::from(10_u8));
        app.take_in(&mut |_| ());
    }
    app.take_in(&mut |_| ());
    app
}

/// Every client sends once more, and the server is held before the wait that would report them.
fn all_due(app: &mut WorkbenchScreen) {
    app.session_mut().expect("a live server").set(Mode::Held);
    let clients: Vec<ClientId> = app.session().expect("a live server").clients().clients().map(|(id, _)| id).collect();
    for client in clients {
        app.session_mut().expect("a live server").clients_mut().send(client, Payload::Pattern(10)).expect("sent");
    }
    while app.session().expect("a live server").held_before().is_none() {
        let _ = app.session().expect("a live server").sleep(&[], PollTimeout::from(10_u8));
        app.take_in(&mut |_| ());
    }
    app.take_in(&mut |_| ());
}

/// A lesson's pages, which know nothing of crowds.
fn lesson(wanted: &Wanted) -> Vec<(String, Cost)> {
    let sources = builtin();
    let known: Vec<String> = sources.iter().map(|source| source.id.clone()).collect();
    let lessons = sources.iter().map(|source| Lesson::load(source, &known).expect("sound").into());
    let mut list = LessonList::new(lessons.collect(), Progress::default(), theme(), Lang::En);
    let mut found = wanted.look(&list, "lessons, the list");
    let mut lesson = list.take("06-edge-triggered").expect("a lesson");
    lesson.input(&key(KeyCode::Enter));
    found.extend(wanted.look(&lesson, "lesson 6, a question"));
    found
}

fn theme() -> Theme {
    Theme::new(Depth::True, Ground::Dark)
}

fn key(code: KeyCode) -> Event {
    Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
}

fn press(app: &mut WorkbenchScreen, code: KeyCode, times: usize) {
    (0..times).for_each(|_| drop(app.input(&key(code))));
}

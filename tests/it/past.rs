//! What is shown of a moment in the past is what was shown then, cell by cell: the inferred list and the sentences of why
//! included; and a recording shows the same as the live run did, forward and back.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use epollscope::analysis::search::Search;
use epollscope::i18n::Lang;
use epollscope::probe::{Mode, ServerState, WhenFull};
use epollscope::record::{Call, Fd, MsgFlags, Nanos, Policy, Record, Ret, Seq, Tid, Trigger};
use epollscope::server::Setup;
use epollscope::session::Session;
use epollscope::trace::world::FileId;
use epollscope::trace::{Header, Writer};
use epollscope::tui::navigator::Passed;
use epollscope::tui::{Screen, WorkbenchScreen};
use nix::poll::PollTimeout;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};

use crate::support::loopback::loopback;
use crate::support::screen::{SIZE, about_the_moment, random, replay, theme};

const SMALL: (u16, u16) = (80, 24);

/// A moment as it was shown.
struct Seen {
    at: u64,
    selected: Option<FileId>,
    screens: Vec<Vec<Vec<Cell>>>,
    text: String,
}

fn open(policy: Policy) -> WorkbenchScreen {
    let listen = "127.0.0.1:0".parse().expect("an address");
    let setup = Setup { listen, policy, gate: Mode::Held, capacity: 1 << 16, when_full: WhenFull::Wait };
    WorkbenchScreen::new(Session::open(&setup).expect("a server"), theme(), Lang::En)
}

fn press(app: &mut WorkbenchScreen, key: KeyCode) {
    app.input(&Event::Key(KeyEvent::new(key, KeyModifiers::NONE)));
}

fn draw(app: &WorkbenchScreen, (columns, rows): (u16, u16)) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).expect("a terminal");
    terminal.draw(|frame| app.draw(frame)).expect("drawn");
    terminal.backend().buffer().clone()
}

fn screens(app: &WorkbenchScreen) -> (Vec<Vec<Vec<Cell>>>, String) {
    let [large, small] = [SIZE, SMALL].map(|size| draw(app, size));
    let text = large.content().chunks(usize::from(SIZE.0));
    let text = text.map(|row| row.iter().map(Cell::symbol).collect::<String>()).collect::<Vec<_>>().join("\n");
    (vec![about_the_moment(&large), about_the_moment(&small)], text)
}

/// Takes in what has happened until the server stands still, and all that it did is there; whether it does.
fn come_to_rest(app: &mut WorkbenchScreen) -> bool {
    for _ in 0..300 {
        let before = app.session().map(Session::state);
        let news = app.take_in(&mut |_| ());
        let stands = app.session().map(Session::state) == before;
        let blocked = app.view().world.epoll().is_some_and(|epoll| epoll.in_wait().is_some());
        match before {
            Some(ServerState::Before(_)) if !news && stands && app.session().is_some_and(Session::is_held) => {
                return true;
            }
            Some(ServerState::Waiting) if !news && stands && blocked && due(app) == 0 => return true,
            _ => app.sleep(&[], PollTimeout::from(10_u8)),
        }
    }
    false
}

/// What is shown while the server stands still: an order that was given may yet move it.
fn picture(app: &mut WorkbenchScreen) -> Seen {
    loop {
        assert!(come_to_rest(app), "the server moves on: {:?}", app.session().map(Session::state));
        let before = app.session().map(Session::state);
        let (screens, text) = screens(app);
        let (at, selected) = (app.view().at, app.view().selected);
        if !app.take_in(&mut |_| ()) && app.session().map(Session::state) == before {
            return Seen { at, selected, screens, text };
        }
    }
}

fn due(app: &WorkbenchScreen) -> usize {
    let view = app.view();
    view.world.epoll().map_or(0, |epoll| view.world.due(epoll).count())
}

/// Presses keys at random, and keeps every picture of a server that stands still.
fn live_run(policy: Policy, seed: u64, presses: usize) -> (WorkbenchScreen, Vec<Seen>) {
    let mut app = open(policy);
    let mut pictures = Vec::new();
    let mut random = random(seed);
    for _ in 0..presses {
        let keys = b"          wwwwwccsssssfhRxmokj";
        press(&mut app, KeyCode::Char(char::from(keys[random(keys.len())])));
        if random(16) == 0 {
            // The policy's third row: read once, or drain.
            "pjj".chars().for_each(|key| press(&mut app, KeyCode::Char(key)));
            press(&mut app, KeyCode::Enter);
            press(&mut app, KeyCode::Esc);
        }
        // A word to the user is about a key, not about the moment.
        press(&mut app, KeyCode::Esc);
        let shown = picture(&mut app);
        // A client that is selected before it is accepted has no file to select again.
        if shown.selected.is_some() || app.view().client.is_none() {
            pictures.push(shown);
        }
    }
    (app, pictures)
}

/// Looks at each moment, and finds what was shown then.
fn is_seen_again<'a>(app: &mut WorkbenchScreen, shown: impl Iterator<Item = &'a Seen>, what: &str) {
    for then in shown {
        app.look_at(then.at, then.selected);
        let (screens, text) = screens(app);
        let rows = text.lines().zip(then.text.lines()).filter(|(now, then)| now != then);
        let rows: Vec<&str> = rows.flat_map(|(now, then)| [now, then]).collect();
        let rows = rows.join("\n");
        assert!(screens == then.screens, "{what}, at {}, what differs, now and then:\n{rows}\n{text}", then.at);
    }
}

fn policies() -> [Policy; 4] {
    let level = Policy::default();
    let edge = Policy { trigger: Trigger::Edge, ..level };
    [level, edge, Policy { oneshot: true, ..edge }, Policy { max_events: 1, read_size: 100, ..level }]
}

#[test]
fn the_past_is_shown_as_it_was() {
    let _loopback = loopback();
    for (seed, policy) in (1..).zip(policies()) {
        let (mut app, seen) = live_run(policy, seed, 50);
        is_seen_again(&mut app, seen.iter().rev(), "back");
        is_seen_again(&mut app, seen.iter(), "forward");
        press(&mut app, KeyCode::End);
        assert!(app.view().track.is_none(), "one key leads back to now");
    }
}

#[test]
fn a_recording_shows_what_the_live_run_did() {
    let _loopback = loopback();
    for (seed, policy) in (11..).zip(policies()) {
        let (mut app, seen) = live_run(policy, seed, 50);
        app.session_mut().expect("it lives").close(|_| ()).expect("an orderly end");
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("past-{seed}.jsonl"));
        let timeline = app.session().expect("it lives").timeline();
        let addr = app.session().expect("it lives").addr();
        let file = BufWriter::new(File::create(&path).expect("a file"));
        let mut writer = Writer::new(file, &Header::now(format!("workbench {addr}"))).expect("written");
        timeline.range(0, timeline.len()).for_each(|record| writer.write(&record).expect("written"));
        writer.finish().expect("written").into_inner().expect("flushed");
        let mut replay = replay(&path);
        is_seen_again(&mut replay, seen.iter(), "replayed forward");
        is_seen_again(&mut replay, seen.iter().rev(), "replayed back");
    }
}

#[test]
fn a_breakpoint_stops_the_playing_where_it_stops_the_server() {
    let _loopback = loopback();
    let (mut app, _) = live_run(Policy { trigger: Trigger::Edge, ..Policy::default() }, 3, 80);
    "B".chars().for_each(|key| press(&mut app, KeyCode::Char(key)));
    (0..3).for_each(|_| press(&mut app, KeyCode::Down));
    press(&mut app, KeyCode::Enter);
    "recvfrom".chars().for_each(|key| press(&mut app, KeyCode::Char(key)));
    press(&mut app, KeyCode::Enter);
    press(&mut app, KeyCode::Esc);
    press(&mut app, KeyCode::Home);
    (0..9).for_each(|_| press(&mut app, KeyCode::Char('+')));
    let mut stops = Vec::new();
    loop {
        press(&mut app, KeyCode::Char('>'));
        app.pass(Duration::ZERO);
        while app.pass(Duration::from_millis(100)).again.is_some() {}
        if app.view().track.is_none() {
            break;
        }
        stops.push(app.view().at);
        assert!(app.view().notice.is_some_and(|notice| notice.text.contains("breakpoint recvfrom")));
    }
    let timeline = app.session().expect("it lives").timeline();
    let server = |record: &epollscope::record::Record| timeline.now().serves(record.tid);
    let received = timeline.range(0, timeline.len()).filter(|r| server(r) && matches!(r.call, Call::Recvfrom { .. }));
    let after = received.map(|record| timeline.call_after(record.seq.0 - 1)).filter(|k| *k < timeline.len());
    assert_eq!(stops, after.collect::<Vec<_>>());
    assert!(!stops.is_empty());
}

/// A recv of fd 5 again and again, and at last one of fd 9.
fn long_recording() -> WorkbenchScreen {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("past-long.jsonl");
    let file = BufWriter::new(File::create(&path).expect("a file"));
    let mut writer = Writer::new(file, &Header::now("test")).expect("written");
    let last = 2 * Search::STEP + 10;
    for seq in 1..=last {
        let fd = Fd(if seq == last { 9 } else { 5 });
        let call = Call::Recvfrom { fd, len: 9, flags: MsgFlags::empty(), ret: Ret::value(1) };
        writer.write(&Record { seq: Seq(seq), t: Nanos(seq), tid: Tid(1), call }).expect("written");
    }
    writer.finish().expect("written").into_inner().expect("flushed");
    replay(&path)
}

#[test]
fn a_long_search_goes_on_in_slices_and_any_key_ends_it() {
    let _loopback = loopback();
    let mut app = long_recording();
    let said = |app: &WorkbenchScreen| app.view().notice.map_or(String::new(), |notice| notice.text.clone());
    let search = |app: &mut WorkbenchScreen| {
        press(app, KeyCode::Home);
        "/fd 9".chars().for_each(|key| press(app, KeyCode::Char(key)));
        press(app, KeyCode::Enter);
    };
    search(&mut app);
    assert!(said(&app).contains("searching, at record 32,768 of 65,546"), "{}", said(&app));
    assert_eq!(app.pass(Duration::ZERO), Passed { moved: true, again: Some(Duration::ZERO) });
    assert!(said(&app).contains("searching, at record 65,536 of 65,546"), "{}", said(&app));
    assert_eq!((app.view().at, app.pass(Duration::ZERO)), (0, Passed { moved: true, again: None }));
    assert!(said(&app).contains("recvfrom(9"), "{}", said(&app));
    assert_eq!(app.view().at, app.view().timeline.len());
    search(&mut app);
    press(&mut app, KeyCode::Right);
    assert_eq!(app.pass(Duration::ZERO), Passed::default());
    assert_eq!((said(&app), app.view().at), (String::new(), 1));
}

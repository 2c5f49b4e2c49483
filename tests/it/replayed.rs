//! A recording replays to the screens that the live run showed, forward and back: each lesson at the end of each line of
//! its scene and on each of its pages, and a variant run at each call.
//!
//! What a recording says otherwise is named here, and all else is compared cell by cell.

use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;
use std::rc::Rc;

use epollscope::compare::{Comparison, VariantSpec, jsonl};
use epollscope::i18n::Lang;
use epollscope::lesson::{Lesson, Scene, builtin};
use epollscope::probe::ServerState;
use epollscope::record::{Annotation, Call, Dir, Fd, MsgFlags, Nanos, Record, Ret, Seq, Tid};
use epollscope::script::SceneRunner;
use epollscope::trace::{Header, Playback, World, Writer};
use epollscope::tui::moment::{Moment, Now};
use epollscope::tui::screens::lesson::bench;
use epollscope::tui::widgets::View;
use epollscope::tui::{Cursor, Navigator, WorkbenchScreen};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};

use crate::support::loopback::loopback;
use crate::support::screen::{SIZE, read, replay, theme};

/// A moment as it was shown.
struct Seen {
    at: u64,
    /// The calls are made by hand, so that nobody knows the next.
    by_hand: bool,
    screen: Buffer,
}

impl Seen {
    fn of(view: &View<'_>) -> Self {
        let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).expect("a terminal");
        terminal.draw(|frame| view.draw(frame)).expect("drawn");
        Self { at: view.at, by_hand: view.by_hand, screen: terminal.backend().buffer().clone() }
    }
}

fn row(screen: &Buffer, y: u16) -> &[Cell] {
    let width = usize::from(screen.area.width);
    &screen.content()[usize::from(y) * width..][..width]
}

fn text(cells: &[Cell]) -> String {
    cells.iter().map(Cell::symbol).collect()
}

/// What differs between a moment that was shown live and the same moment of the recording; nothing should.
fn differences(session: &Seen, recorded: &Seen) -> Vec<String> {
    let rows = session.screen.area.height;
    // The keys, and on the rule before `Next` the line that says where in the recording the moment is.
    let (keys, next) = (rows - 2, rows - 6);
    let differs = |y: &u16| {
        let [then, now] = [session, recorded].map(|seen| row(&seen.screen, *y));
        match *y {
            // The words that say how the server stands, and what else there is room for.
            0 => {
                let (then, now) = (text(then), text(now));
                let ((then, counts), (now, fewer)) = (about(&then), about(&now));
                then != now || !counts.starts_with(fewer) && !fewer.starts_with(counts)
            }
            y if y == next => then[..NEXT] != now[..NEXT],
            // In a lab nobody knows the next call before it is made, nor which of the seven steps it is; a recording does.
            y if y == next + 1 || y == next + 3 => !session.by_hand && then != now,
            y => y < keys && then != now,
        }
    };
    let rows = (0..rows).filter(differs);
    rows.map(|y| format!("{}\n{}\n", text(row(&session.screen, y)), text(row(&recorded.screen, y)))).collect()
}

/// The cells of `─ Next`.
const NEXT: usize = 6;

/// The trigger, and the counts, where there is room for them.
fn about(header: &str) -> (&str, &str) {
    let counts = header.find("wait #").or_else(|| header.find("等待 ")).unwrap_or(header.len());
    (header[..counts].split("  ").next().unwrap_or_default(), header[counts..].trim_end())
}

fn lessons() -> Vec<Rc<Lesson>> {
    let sources = builtin();
    let known: Vec<String> = sources.iter().map(|source| source.id.clone()).collect();
    sources.iter().map(|source| Rc::new(Lesson::load(source, &known).expect("sound"))).collect()
}

/// A recording of `source`, as `--record` writes it.
fn recording(name: &str, source: &str, records: &[Record]) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("replayed-{name}.jsonl"));
    let file = BufWriter::new(File::create(&path).expect("a file"));
    let mut writer = Writer::new(file, &Header::now(source)).expect("written");
    for record in records {
        writer.write(record).expect("written");
    }
    writer.finish().expect("written").into_inner().expect("flushed");
    path
}

/// Looks at each moment, and finds what was seen then; what differs.
fn seen_again<'a>(replay: &mut WorkbenchScreen, seen: impl Iterator<Item = &'a Seen>, what: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for then in seen {
        replay.look_at(then.at, None);
        let differ = differences(then, &Seen::of(&replay.view()));
        if !differ.is_empty() {
            wrong.push(format!("{what}, at {}, live and replayed:\n{}", then.at, differ.concat()));
        }
    }
    wrong
}

#[test]
fn each_lesson_is_replayed_as_each_line_of_it_was_shown() {
    let _loopback = loopback();
    let (theme, navigator) = (theme(), Navigator::new(Lang::En));
    let mut wrong = Vec::new();
    for lesson in lessons() {
        let (mut play, mut records, mut seen) = (SceneRunner::new(Lang::En), Vec::new(), Vec::<Seen>::new());
        let steps = lesson.steps.iter().map(|step| &step.run);
        for lines in std::iter::once(&lesson.scene).chain(steps) {
            for line in lines {
                let outcome = play.run(line, |record| records.push(*record));
                assert!(outcome.stop.is_none(), "{}: {}: {:?}", lesson.id, line.text, outcome.stop);
                // What only checks shows nothing new.
                if seen.last().is_none_or(|seen| seen.at < play.timeline().len()) {
                    seen.push(Seen::of(&bench(&play, &navigator, &theme, Lang::En)));
                }
            }
            play.mark();
        }
        // A fault may have ended it before.
        let _ = play.close(|record| records.push(*record));
        let path = recording(&lesson.id, &format!("lesson {}", lesson.id), &records);
        let mut replay = replay(&path);
        wrong.extend(seen_again(&mut replay, seen.iter(), &format!("{} forward", lesson.id)));
        wrong.extend(seen_again(&mut replay, seen.iter().rev(), &format!("{} back", lesson.id)));
    }
    assert!(wrong.is_empty(), "{} screens differ\n{}", wrong.len(), wrong.join("\n"));
}

/// Comparison, of which each was looked at in the midst of the run, when it had done a step.
#[test]
fn each_variant_of_a_comparison_is_replayed_as_it_was() {
    let _loopback = loopback();
    let theme = theme();
    let scene = Scene::find("two-at-once").expect("built in");
    let against = VariantSpec::list("level,edge,oneshot").expect("three policies");
    let mut comparison = Comparison::open(scene, against).expect("servers");
    let mut seen: Vec<Vec<(u64, World)>> = comparison.variants().iter().map(|_| Vec::new()).collect();
    let mut file = jsonl::begin(Vec::new(), &comparison).expect("a vector");
    while comparison.advance() {
        file = jsonl::step(file, &comparison, comparison.played() - 1).expect("a vector");
        for (variant, seen) in comparison.variants().iter().zip(&mut seen) {
            seen.push((variant.timeline().len(), variant.timeline().now().clone()));
        }
    }
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("replayed-comparison.jsonl");
    std::fs::write(&path, &file).expect("written");
    for (variant, seen) in comparison.variants().iter().zip(seen) {
        let playback = Playback::open_variant(&path, Some(variant.name())).expect("a recording");
        let mut replay = read(WorkbenchScreen::replay(playback, theme.clone(), Lang::En));
        assert_eq!(replay.view().timeline.len(), variant.timeline().len(), "{}", variant.name());
        let forward = 0..=variant.timeline().len();
        let back = forward.clone().rev();
        for at in forward.chain(back) {
            let mut session = Cursor::default();
            session.look_at(at, variant.timeline());
            replay.look_at(at, None);
            let view = replay.view();
            let now = Now { state: view.state, recorded: true, ..Now::unknown(view.playhead) };
            let Moment { timeline, world, now, .. } = session.shown(variant.timeline(), now);
            assert_eq!(world, view.world, "{} at {at}", variant.name());
            let shown = View { timeline, world, next: now.next, state: now.state, ..view };
            assert!(Seen::of(&shown).screen == Seen::of(&replay.view()).screen, "{} at {at}", variant.name());
        }
        for (at, then) in &seen {
            replay.look_at(*at, None);
            assert_eq!(replay.view().world, then, "{} after a step, at {at}", variant.name());
        }
    }
}

/// Records of one server, each so many microseconds after the one before.
fn records(calls: &[(u64, Call)]) -> Vec<Record> {
    let mut t = 0;
    let mut record = |(after, call): &(u64, Call)| {
        t += after * 1_000;
        Record { seq: Seq(0), t: Nanos(t), tid: Tid(1), call: *call }
    };
    let mut records: Vec<Record> = calls.iter().map(&mut record).collect();
    (1..).zip(&mut records).for_each(|(seq, record)| record.seq = Seq(seq));
    records
}

/// How long a call took says nothing: a machine may be busy, and a hang may be short.
#[test]
fn a_hang_is_what_was_found_to_be_one_however_long_it_took() {
    let _loopback = loopback();
    let (fd, dir, len, flags) = (Fd(5), Dir::In, 1024, MsgFlags::empty());
    let inside = Call::Annotation(Annotation::Inside { fd, dir, len });
    let hung = Call::Annotation(Annotation::Hung { fd, dir, len });
    let recv = |ret| Call::Recvfrom { fd, len, flags, ret };
    let create = Call::EpollCreate1 { ret: Ret::value(4) };
    let returned = recv(Ret::value(5));
    let hangs = ServerState::Hung(recv(Ret::OK));
    // Long and no hang; then a hang of 0.17 ms; then one that was still going on when a recording without them ended.
    let noted = [(0, create), (9, inside), (50_000, returned), (9, inside), (1, hung), (170, returned)];
    let states = [ServerState::Working; 4].into_iter().chain([hangs, ServerState::Working]).collect::<Vec<_>>();
    let older = [(0, create), (9, inside), (50_000, returned), (9, inside)];
    let last = [ServerState::Working, ServerState::Working, ServerState::Working, hangs];
    for (name, calls, states) in [("noted", &noted[..], &states[..]), ("older", &older, &last)] {
        let mut replay = replay(&recording(name, "workbench 127.0.0.1:9292", &records(calls)));
        for (at, state) in (1..).zip(states) {
            replay.look_at(at, None);
            let view = replay.view();
            assert_eq!(view.state, *state, "{name}, after {at} records");
            assert!(view.next.is_none() || *state != hangs, "{name}, after {at} records: {:?}", view.next);
        }
    }
}

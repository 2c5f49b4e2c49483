//! The palette: every action of a screen, and every lesson, scene and demo, found by a part of its name.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use epollscope::i18n::Lang;
use epollscope::lesson::{lessons, scenes};
use epollscope::tui::keymap::KEYS;
use epollscope::tui::keymap::binding::{Listed, listed};
use epollscope::tui::palette::{Found, Palette, Place};
use epollscope::tui::screens::{compare, demo, lesson};

use crate::support::program::Scene;
use crate::support::pty::{EPOLLSCOPE, Pty};
use crate::support::screen::theme;

const HOME: (u16, u16) = (120, 40);
const FIND: &str = "\x10";

fn key(code: KeyCode) -> Event {
    Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
}

/// The first rows that are found by `typed`.
fn found(palette: &mut Palette, typed: &str) -> Vec<Found> {
    palette.input(&Event::Key(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL)));
    palette.input(&Event::Paste(typed.to_owned()));
    let row = |_| {
        let found = palette.input(&key(KeyCode::Enter));
        palette.input(&key(KeyCode::Down));
        found
    };
    (0..6).map(row).collect()
}

fn both(keys: &[Listed]) -> [(Lang, Palette); 2] {
    [Lang::En, Lang::Zh].map(|lang| (lang, Palette::new(keys.to_vec(), theme(), lang)))
}

#[test]
fn every_action_is_found_by_its_words_on_every_screen() {
    let tables: [Vec<Listed>; 4] = [
        listed(KEYS).collect(),
        listed(lesson::keys::KEYS).collect(),
        listed(compare::keys::KEYS).collect(),
        listed(demo::keys::KEYS).collect(),
    ];
    for keys in tables {
        assert!(keys.len() > 5);
        let mut palettes = both(&keys);
        for listed in &keys {
            for (lang, palette) in &mut palettes {
                let found = found(palette, lang.pick(listed.says));
                let is = |found: &Found| matches!(found, Found::Key(key) if key.code == listed.code);
                assert!(found.iter().any(is), "{} is not found by {:?}", listed.shown, lang.pick(listed.says));
            }
        }
    }
}

#[test]
fn every_lesson_scene_and_demo_is_found_by_its_name() {
    let is = |place: Place| move |found: &Found| matches!(found, Found::Place(found) if *found == place);
    let mut palettes = both(&[]);
    for lesson in lessons() {
        let (_, slug) = lesson.id.split_once('-').expect("a number");
        for (lang, palette) in &mut palettes {
            for name in [slug, &*lesson.prose(*lang).title] {
                let found = found(palette, name);
                assert!(found.iter().any(is(Place::Lesson(lesson.id.clone()))), "{name}");
            }
        }
    }
    for (name, title) in scenes() {
        for (lang, palette) in &mut palettes {
            let found = found(palette, &format!("{name} {}", lang.pick(title)));
            assert!(found.iter().any(is(Place::Compare(name.to_owned()))), "{name}");
            assert!(found.iter().any(is(Place::Demo(name.to_owned()))), "{name}");
        }
    }
    // By a word of the glossary, and by a step.
    for word in ["stran", "滞留", "rescue"] {
        let edge = is(Place::Lesson("06-edge-triggered".to_owned()));
        assert!(found(&mut palettes[0].1, word).iter().any(edge), "{word}");
    }
    assert!(found(&mut palettes[0].1, "tour").iter().any(is(Place::Demo("tour".to_owned()))));
    for (lang, palette) in &mut palettes {
        for word in ["lesson check", "predictions", "test"] {
            assert!(found(palette, word).iter().any(is(Place::Check)), "{lang:?}: {word}");
        }
    }
}

#[test]
fn it_opens_on_every_screen_and_leads_back() {
    let mut pty = Pty::spawn(EPOLLSCOPE, &["--listen", "127.0.0.1:0"], HOME, &[]);
    // An action of the screen below.
    pty.types_until(&[("w", "#1 timeout -1 → blocked"), (FIND, " found"), ("connect a new client", " 1 found")]);
    pty.types_until(&[("\r", "#1 timeout -1 → 1 event"), ("w", "▶5     a")]);
    // A lesson, in it another one, a demo, a comparison; each leads back to where it was opened.
    pty.types_until(&[(FIND, " > "), ("lesson one-shot", "lesson "), ("\r", "before step 1")]);
    pty.types_until(&[(FIND, "go on: to the next page"), ("compare drip", " 1 found"), ("\r", "Tab variant")]);
    pty.types_until(&[(FIND, "the next call in every variant"), ("demo tour", "found"), ("\r", "caption 1/")]);
    pty.types_until(&[("q", "Tab variant"), ("q", "before step 1"), ("q", "▶5     a")]);
    // Nothing is found; Esc closes.
    pty.types_until(&[
        (FIND, " > "),
        ("no such thing", " 0 found"),
        ("\r", " 0 found"),
        ("\x1b", "a client connected"),
    ]);
    pty.quits();

    let scene = Scene::recorded("palette", "n = eventfd 1\ne = epoll\nadd e n IN\nwait e\n");
    let mut pty = Pty::spawn(EPOLLSCOPE, &["replay", scene.path()], HOME, &[]);
    pty.types_until(&[("", " start "), (FIND, " > "), ("beginning", " 1 found"), ("\r", "call 0 of")]);
    pty.types_until(&[(FIND, " > "), ("one call later", " found"), ("\r", "call 1 of")]);
    pty.quits();
    let mut pty = Pty::spawn(EPOLLSCOPE, &["demo"], HOME, &[]);
    pty.types_until(&[("", "caption 1/"), (FIND, " > "), ("projector", "found"), ("\r", "caption")]);
    pty.quits();
}

#[test]
fn what_is_visited_is_not_in_the_recording() {
    let file = std::env::temp_dir().join(format!("epollscope-{}-visit.jsonl", std::process::id()));
    let _ = std::fs::remove_file(&file);
    let args = ["--listen", "127.0.0.1:0", "--record", file.to_str().expect("text")];
    let mut pty = Pty::spawn(EPOLLSCOPE, &args, HOME, &[]);
    // A server that runs is held meanwhile.
    pty.types_until(&[("rc", "#2 timeout -1 → blocked"), ("d", "caption 1/"), ("q", "Interest list")]);
    pty.types_until(&[("s", "epoll_wait"), ("r", "in 3,000 out 3,000")]);
    pty.quits();
    let recorded = epollscope::trace::Reader::open(&file).expect("a recording");
    let records: Vec<_> = recorded.map(|record| record.expect("a record")).collect();
    let _ = std::fs::remove_file(&file);
    assert!(records.iter().zip(1..).all(|(record, n)| record.seq.0 == n), "records of another server are in between");
}

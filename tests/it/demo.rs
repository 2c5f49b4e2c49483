//! The demo: what its captions say is so and can be read, its time is the loop's, its past is what was shown, and its
//! films and pictures show the same; no test waits for time.

mod pictures;
mod terminal;

use std::net::Ipv4Addr;
use std::rc::Rc;
use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use epollscope::demo::{Beat, Player, SceneStepper, dwell};
use epollscope::i18n::Lang;
use epollscope::lesson::{Scene, scenes};
use epollscope::script::Does;
use epollscope::session::Session;
use epollscope::tui::theme::{Depth, Ground};
use epollscope::tui::{DemoScreen, Next, Screen, Theme};
use ratatui::buffer::Buffer;
use unicode_width::UnicodeWidthStr;

use crate::support::loopback::loopback;

const SMALL: (u16, u16) = (80, 24);
const HOME: (u16, u16) = (120, 40);
const LANGS: [Lang; 2] = [Lang::En, Lang::Zh];

/// A demo of `scene` at its first moment.
fn demo(scene: Scene, lang: Lang) -> DemoScreen {
    let listen = (Ipv4Addr::LOCALHOST, 0).into();
    let rig = SceneStepper::open(Rc::new(scene), listen, lang, &mut |_| ()).expect("a server");
    DemoScreen::new(Player::new(rig, 1.0, lang, Duration::ZERO), Theme::new(Depth::True, Ground::Dark), lang)
}

fn tour() -> Scene {
    Scene::tour().expect("sound")
}

/// All built-in scenes that a demo plays.
fn all() -> Vec<Scene> {
    std::iter::once(tour()).chain(scenes().map(|(name, _)| Scene::find(name).expect("built in"))).collect()
}

/// Lets as much time pass as the demo asks for; `None` when it asks for no more.
fn on(demo: &mut DemoScreen, time: Duration) -> Option<Duration> {
    let again = demo.pass(time).again;
    let trouble = demo.trouble.take();
    assert!(trouble.is_none(), "{}", trouble.expect("some").words(Lang::En));
    again
}

/// Plays it to its end, with a look at each moment; how long it took.
fn play(demo: &mut DemoScreen, mut look: impl FnMut(&DemoScreen, Duration)) -> Duration {
    let (mut next, mut time) = (Some(Duration::ZERO), Duration::ZERO);
    while let Some(step) = next {
        time += step;
        next = on(demo, step);
        look(demo, time);
    }
    time
}

fn press(demo: &mut DemoScreen, code: KeyCode) -> Next {
    demo.input(&Event::Key(KeyEvent::new(code, KeyModifiers::NONE)))
}

#[test]
fn the_code_and_copying_are_there_without_taking_over() {
    let _loopback = loopback();
    let mut demo = demo(tour(), Lang::En);
    press(&mut demo, KeyCode::PageDown);
    let shown = |demo: &DemoScreen| {
        let picture = demo.picture(HOME);
        picture.content.iter().map(ratatui::buffer::Cell::symbol).collect::<String>()
    };
    for (key, seen) in [('v', "─ Calls"), ('v', "─ Code Python"), ('L', "─ Code C"), ('v', "─ epoll_wait calls")]
    {
        assert!(matches!(press(&mut demo, KeyCode::Char(key)), Next::Stay));
        assert!(shown(&demo).contains(seen), "{key} {seen}");
    }
    match press(&mut demo, KeyCode::Char('y')) {
        Next::Copy(text) => assert!(text.starts_with(demo.player.caption()), "{text}"),
        _ => panic!("nothing is copied"),
    }
}

/// The workbench that takes over at a key.
fn take_over(demo: &mut DemoScreen, key: char) -> Box<dyn Screen> {
    match press(demo, KeyCode::Char(key)) {
        Next::Push(workbench) => workbench,
        _ => panic!("{key} does not take over"),
    }
}

/// The server comes back from the workbench; how it stands is what `look` says.
fn hand_back<T>(demo: &mut DemoScreen, workbench: Box<dyn Screen>, look: impl FnOnce(&Session) -> T) -> T {
    let session = workbench.leave(&mut |_| ()).expect("the server");
    let seen = look(&session);
    assert!(matches!(demo.come_back(Some(session), &mut |_| ()), Next::Stay));
    seen
}

/// The rows of a screen as text. The cell behind a wide character is a part of it.
fn rows(screen: &Buffer) -> Vec<String> {
    let row = |y| {
        let (mut row, mut x) = (String::new(), 0);
        while x < screen.area.width {
            let symbol = screen[(x, y)].symbol();
            row.push_str(symbol);
            x += u16::try_from(symbol.width().max(1)).expect("one or two");
        }
        row.trim_end().to_owned()
    };
    (0..screen.area.height).map(row).collect()
}

/// Letters alone: where a line was broken is no matter.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[test]
fn every_caption_can_be_read_whole_in_both_languages_on_a_small_screen() {
    let _loopback = loopback();
    for scene in all() {
        for lang in LANGS {
            let said = scene.lines.iter().filter(|line| matches!(line.does, Does::Caption(_))).count();
            assert!(said >= 2, "{}", scene.name);
            let mut seen = 0;
            play(&mut demo(scene.clone(), lang), |demo, _| {
                let Some((number, caption)) = demo.chapter() else { return };
                if number > seen {
                    seen = number;
                    let shown: String = rows(&demo.picture(SMALL))[1..5].concat();
                    assert!(squeezed(&shown).contains(&squeezed(caption)), "{}, {number}:\n{shown}", scene.name);
                }
            });
            assert_eq!(seen, said, "{}", scene.name);
        }
    }
}

#[test]
fn no_screen_of_the_tour_is_cut_at_any_moment() {
    let _loopback = loopback();
    for (lang, size) in LANGS.into_iter().flat_map(|lang| [SMALL, HOME].map(|size| (lang, size))) {
        play(&mut demo(tour(), lang), |demo, _| {
            let rows = rows(&demo.picture(size));
            // The reason behind the next call is cut where a mask is long, and a peer's bytes, as in the workbench.
            let may_be = |row: &str| row.starts_with("● epoll_ctl") || row.contains("klmnopqrst");
            let cut = rows.iter().find(|row| row.contains('…') && !may_be(row));
            assert!(cut.is_none(), "{lang:?} {size:?}: {cut:?}");
        });
    }
}

#[test]
fn the_tour_takes_three_minutes_in_each_language_half_at_speed_2() {
    let _loopback = loopback();
    let [en, zh] = LANGS.map(|lang| play(&mut demo(tour(), lang), |_, _| ()).as_secs());
    assert!((170..=190).contains(&en), "{en} s");
    assert!((120..=210).contains(&zh), "{zh} s");
    let mut faster = demo(tour(), Lang::En);
    (0..2).for_each(|_| drop(press(&mut faster, KeyCode::Char('+'))));
    let half = play(&mut faster, |_, _| ()).as_secs_f64() * 2.25;
    let ratio = half / play(&mut demo(tour(), Lang::En), |_, _| ()).as_secs_f64();
    assert!((0.95..1.05).contains(&ratio), "{ratio}");
}

#[test]
fn a_caption_stands_before_what_it_announces() {
    let _loopback = loopback();
    let mut demo = demo(tour(), Lang::En);
    let mut last = (0, demo.player.moment().at);
    let calls = |demo: &DemoScreen, from, to| {
        demo.player.stepper.timeline().range(from, to).filter(|record| record.call.is_syscall()).count()
    };
    play(&mut demo, |demo, _| {
        let moment = demo.player.moment();
        let chapter = demo.chapter().map_or(0, |(number, _)| number);
        if chapter > last.0 {
            assert_eq!(calls(demo, last.1, moment.at), 0, "caption {chapter} comes alone");
        }
        last = (chapter, moment.at);
    });
}

#[test]
fn the_past_is_what_was_shown_then() {
    let _loopback = loopback();
    let mut demo = demo(tour(), Lang::En);
    let mut shown: Vec<Vec<String>> = Vec::new();
    // The header and the footer say that it is the past.
    let body = |demo: &DemoScreen| {
        let rows = rows(&demo.picture(HOME));
        rows[1..rows.len() - 1].to_vec()
    };
    play(&mut demo, |demo, _| {
        let body = body(demo);
        if shown.last() != Some(&body) {
            shown.push(body);
        }
    });
    assert!(shown.len() > 60, "{}", shown.len());
    let latest = demo.player.stepper.timeline().len();
    for then in shown.iter().rev().skip(1) {
        loop {
            let before = body(&demo);
            press(&mut demo, KeyCode::Left);
            if body(&demo) != before {
                break;
            }
        }
        assert_eq!(&body(&demo), then);
    }
    assert!(rows(&demo.picture(HOME))[0].contains("the past"), "{}", rows(&demo.picture(HOME))[0]);
    press(&mut demo, KeyCode::End);
    assert_eq!(Some(&body(&demo)), shown.last());
    assert_eq!(demo.player.stepper.timeline().len(), latest, "the past was only looked at");
}

#[test]
fn who_looks_at_the_past_goes_on_looking_by_the_moves_of_every_screen() {
    let _loopback = loopback();
    let mut demo = demo(tour(), Lang::En);
    play(&mut demo, |_, _| ());
    let len = demo.player.stepper.timeline().len();
    press(&mut demo, KeyCode::Left);
    let at = |demo: &DemoScreen| demo.player.moment().at;
    // What does not fit into the footer is told above it.
    let footer = |demo: &DemoScreen| rows(&demo.picture(SMALL)).split_off(20).join("\n");
    let earlier =
        |demo: &DemoScreen, k| demo.player.stepper.timeline().findings().iter().filter(|f| f.position() < k).count();
    let (expected, mut findings) = (earlier(&demo, at(&demo)), 0);
    loop {
        let before = at(&demo);
        press(&mut demo, KeyCode::Char('{'));
        if footer(&demo).contains("no earlier finding") {
            break;
        }
        findings += 1;
        assert!(footer(&demo).contains("finding ") && at(&demo) <= before, "{}", footer(&demo));
    }
    assert!(findings == expected && findings > 1, "{findings} of {expected}");
    press(&mut demo, KeyCode::Home);
    type_line(&mut demo, "/sendto");
    assert!(footer(&demo).contains("/sendto: ") && footer(&demo).contains("sendto("), "{}", footer(&demo));
    type_line(&mut demo, ":40");
    let calls = |k| demo.player.stepper.timeline().at(k).moments();
    let now = demo.player.stepper.timeline();
    // The caption is the one of that time, and the demo's own keys go on from there.
    assert!((35..=40).contains(&calls(at(&demo))), "{}", calls(at(&demo)));
    assert_eq!(now.len(), len, "the past was only looked at");
    let header = rows(&demo.picture(HOME))[0].clone();
    let ago = now.now().moments() - 40;
    assert!(header.replace(',', "").contains(&format!("the past {ago} calls ago")), "{header}");
    type_line(&mut demo, ":x");
    assert!(footer(&demo).contains("go to call") && footer(&demo).contains("Esc cancels"), "{}", footer(&demo));
    press(&mut demo, KeyCode::Esc);
    for _ in 0..3 {
        press(&mut demo, KeyCode::Char('['));
    }
    assert!(matches!(press(&mut demo, KeyCode::Right), Next::Stay));
    // Any other key of the workbench takes over, and at now these too.
    press(&mut demo, KeyCode::End);
    take_over(&mut demo, '[');
}

fn type_line(demo: &mut DemoScreen, text: &str) {
    text.chars().for_each(|c| drop(press(demo, KeyCode::Char(c))));
    press(demo, KeyCode::Enter);
}

#[test]
fn held_it_waits_and_goes_by_hand() {
    let _loopback = loopback();
    let mut demo = demo(tour(), Lang::En);
    let mut next = on(&mut demo, Duration::ZERO);
    press(&mut demo, KeyCode::Char(' '));
    assert!(on(&mut demo, Duration::from_hours(1)).is_none(), "nothing is due while it is held");
    let at = demo.player.moment();
    assert_eq!(demo.chapter().map(|(number, _)| number), Some(1));
    press(&mut demo, KeyCode::PageDown);
    assert_eq!(demo.chapter().map(|(number, _)| number), Some(2));
    press(&mut demo, KeyCode::Right);
    assert!(demo.player.moment().at > at.at, "one step further");
    press(&mut demo, KeyCode::PageUp);
    assert_eq!(demo.chapter().map(|(number, _)| number), Some(2));
    press(&mut demo, KeyCode::PageUp);
    assert_eq!(demo.chapter().map(|(number, _)| number), Some(1));
    press(&mut demo, KeyCode::Char(' '));
    // From here it plays through what was seen, and on.
    for _ in 0..20 {
        next = on(&mut demo, next.unwrap_or_default());
    }
    assert!(next.is_some() && demo.player.is_now());
}

#[test]
fn after_a_long_stop_nothing_rushes_by() {
    let _loopback = loopback();
    let mut demo = demo(tour(), Lang::En);
    on(&mut demo, Duration::ZERO);
    let before = demo.player.moment();
    on(&mut demo, Duration::from_hours(1));
    let calls = demo.player.moment().at - before.at;
    assert!(calls < 10, "{calls} records at once");
    assert!(!demo.player.is_over());
}

#[test]
fn whoever_takes_over_has_the_server_and_hands_back_to_the_same_place() {
    let _loopback = loopback();
    let mut demo = demo(tour(), Lang::En);
    let mut next = Some(Duration::ZERO);
    while demo.chapter().is_none_or(|(number, _)| number < 9) {
        next = on(&mut demo, next.expect("it plays"));
    }
    let workbench = take_over(&mut demo, 's');
    let shown = rows(&workbench.picture(HOME)).join("\n");
    assert!(shown.contains("client a sends 3,000 bytes"), "the key is the workbench's: {shown}");
    hand_back(&mut demo, workbench, |_| ());
    let workbench = take_over(&mut demo, 'b');
    let stranded = hand_back(&mut demo, workbench, |session| session.timeline().now().stranded().count());
    assert_eq!(stranded, 1, "as it stood");
    assert_eq!(demo.chapter().map(|(number, _)| number), Some(9));
    assert_eq!(demo.player.stepper.timeline().now().stranded().count(), 1, "the same again");
    play(&mut demo, |_, _| ());
    assert!(demo.player.is_over());
}

#[test]
fn of_a_server_that_has_ended_a_look_is_had_and_to_act_a_new_one() {
    let _loopback = loopback();
    let mut demo = demo(tour(), Lang::En);
    play(&mut demo, |_, _| ());
    let take_over = |demo: &mut DemoScreen, key| {
        let workbench = take_over(demo, key);
        let stands = |session: &Session| (session.is_over(), session.timeline().now().last_epoll().is_some());
        let stands = hand_back(demo, workbench, stands);
        assert_eq!(demo.chapter().map(|(number, _)| number), Some(17), "it is at its end again");
        play(demo, |_, _| ());
        stands
    };
    assert_eq!(take_over(&mut demo, '/'), (true, true), "the one that was shown");
    assert_eq!(take_over(&mut demo, 'c'), (false, false), "one before its step 1");
}

#[test]
fn a_longer_caption_stands_longer_in_both_languages() {
    let time = |text| dwell(Beat::Caption, text).as_secs_f64();
    assert!(time("two words") < time("two words, and some more of them"));
    assert!((time("边缘触发") - time("8 cells.")).abs() < 1e-9);
    let words = "A caption of about fifteen words is what one reads in some five seconds, not in two.";
    assert!((5.0..8.0).contains(&time(words)), "{}", time(words));
}

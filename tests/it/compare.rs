//! Comparison on the real kernel: the text of every built-in scene, the same in every run, and a trace that gives back the
//! same worlds.

mod cost_table;
mod past;
mod policies;
mod program;
mod screen;

use std::io::BufReader;

use epollscope::compare::text::{self, Page};
use epollscope::compare::{Comparison, ComparisonError, ComparisonReport, VariantSpec, jsonl};
use epollscope::i18n::Lang;
use epollscope::lesson::{Scene, scenes};
use epollscope::probe::ServerState;
use epollscope::record::{Call, Faults, Read, Trigger};
use epollscope::trace::{Reader, World};
use unicode_width::UnicodeWidthStr as _;

use crate::support::loopback::loopback;

fn comparison(scene: &str, against: &str) -> Comparison {
    let scene = Scene::find(scene).unwrap_or_else(|error| panic!("{error}"));
    let against = VariantSpec::list(against).unwrap_or_else(|diagnostic| panic!("{diagnostic}"));
    Comparison::open(scene, against).unwrap_or_else(|error| panic!("{error}"))
}

/// Plays all of it.
fn played(scene: &str, against: &str) -> (Comparison, ComparisonReport) {
    let (mut comparison, mut report) = (comparison(scene, against), ComparisonReport::default());
    while comparison.advance() {
        report.read(&comparison);
    }
    (comparison, report)
}

fn told(comparison: &Comparison, report: &ComparisonReport, lang: Lang) -> String {
    told_on(comparison, report, Page { lang, width: None })
}

fn told_on(comparison: &Comparison, report: &ComparisonReport, page: Page) -> String {
    let mut out = Vec::new();
    text::head(&mut out, comparison, page).expect("a vector takes all");
    (0..comparison.played())
        .for_each(|step| text::step(&mut out, comparison, report, step, page).expect("a vector takes all"));
    text::foot(&mut out, comparison, report, page).expect("a vector takes all");
    String::from_utf8(out).expect("text")
}

fn trace(comparison: &Comparison) -> Vec<u8> {
    let out = jsonl::begin(Vec::new(), comparison).expect("a vector takes all");
    (0..comparison.played()).fold(out, |out, step| jsonl::step(out, comparison, step).expect("a vector takes all"))
}

fn snapshot(name: &str, text: &str) {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn every_builtin_scene_is_told_as_it_was_read() {
    let _loopback = loopback();
    for (name, _) in scenes() {
        let (comparison, report) = played(name, "level,edge");
        snapshot(&format!("compare-{name}"), &told(&comparison, &report, Lang::En));
    }
}

#[test]
fn the_faults_of_the_tutorial_are_told_in_both_languages() {
    let _loopback = loopback();
    let (comparison, report) = played("reset", "level,edge+drain,oneshot,tutorial");
    snapshot("compare-four", &told(&comparison, &report, Lang::En));
    snapshot("compare-four-zh", &told(&comparison, &report, Lang::Zh));
}

#[test]
fn the_text_keeps_to_the_width_of_its_page_and_its_columns_stay() {
    let _loopback = loopback();
    for (scene, against) in [
        ("message", "level,edge"),
        ("reset", "level,tutorial"),
        ("flood", "level,edge,edge+drain,oneshot+read-size+4096"),
    ] {
        let (comparison, report) = played(scene, against);
        for (lang, width) in [Lang::En, Lang::Zh].into_iter().flat_map(|lang| [60, 80, 100].map(|width| (lang, width)))
        {
            let text = told_on(&comparison, &report, Page { lang, width: Some(width) });
            let mut rules = Vec::new();
            for line in text.lines() {
                assert!(line.width() <= width, "{width}: {line}");
                rules.extend(line.find('│').map(|at| line[..at].width()));
            }
            assert!(rules.len() > 3 && rules.iter().all(|at| *at == rules[0]), "{text}");
        }
        let roomy = told_on(&comparison, &report, Page { lang: Lang::En, width: Some(1000) });
        assert_eq!(roomy, told(&comparison, &report, Lang::En), "a column does not grow");
    }
}

#[test]
fn twenty_runs_of_a_scene_are_the_same() {
    let _loopback = loopback();
    for (name, _) in scenes() {
        // A thousand clients tell nothing in the twentieth run that they do not in the third.
        let runs = if name == "thousand" { 3 } else { 20 };
        let of = || {
            let (comparison, report) = played(name, "level,edge");
            (told(&comparison, &report, Lang::En), String::from_utf8(trace(&comparison)).expect("ASCII"))
        };
        let first = of();
        for run in 2..=runs {
            let (said, traced) = of();
            assert_eq!(said, first.0, "{name}, run {run}");
            let lines = traced.lines().zip(first.1.lines());
            lines.for_each(|(line, before)| assert_eq!(line, before, "{name}, run {run}"));
            assert_eq!(traced.len(), first.1.len(), "{name}, run {run}");
        }
    }
}

#[test]
fn the_same_policy_twice_does_the_same() {
    let _loopback = loopback();
    for scene in ["new-on-unread", "never-reads", "reset"] {
        let (comparison, report) = played(scene, "edge,edge,edge");
        assert!((0..3).all(|i| report.parts(i).is_none()), "{scene}: {}", told(&comparison, &report, Lang::En));
        assert_eq!(report.cost_table(0, comparison.played()), report.cost_table(2, comparison.played()), "{scene}");
    }
}

#[test]
fn a_trace_gives_back_the_worlds_of_each_variant() {
    let _loopback = loopback();
    let (comparison, _) = played("reset", "level,edge,tutorial");
    let file = trace(&comparison);
    for variant in comparison.variants() {
        let mut reader = Reader::new("memory", BufReader::new(&*file)).expect("a header");
        assert_eq!(reader.header().source, "compare reset: level, edge, tutorial");
        reader.pick(variant.name());
        let mut world = World::default();
        let mut count = 0;
        for record in reader.by_ref() {
            world.apply(&record.expect("every line is right"));
            count += 1;
            if count % 37 == 0 {
                assert_eq!(world, variant.timeline().at(count), "{} at {count}", variant.name());
            }
        }
        assert_eq!((count, &world), (variant.timeline().len(), variant.timeline().now()), "{}", variant.name());
    }
    let mut first = Reader::new("memory", BufReader::new(&*file)).expect("a header");
    assert_eq!(first.by_ref().count() as u64, comparison.variants()[0].timeline().len());
    assert_eq!(first.variant(), Some("level"));
}

#[test]
fn what_spins_hangs_or_dies_is_said_and_the_others_go_on() {
    let _loopback = loopback();
    let stood =
        |comparison: &Comparison, variant: usize, step: usize| comparison.variants()[variant].stood(step).cloned();
    let (reset, _) = played("reset", "level,exact-match");
    assert_eq!(stood(&reset, 1, 4), Some(Ok(ServerState::Spinning)));
    assert_eq!(stood(&reset, 0, 4), Some(Ok(ServerState::Quiet)));
    let (half, _) = played("half-close", "close-first,level");
    assert!(matches!(stood(&half, 0, 2), Some(Ok(ServerState::Died))), "{:?}", stood(&half, 0, 2));
    assert_eq!(stood(&half, 1, 2), Some(Ok(ServerState::Quiet)));
    let (message, report) = played("message", "level,blocking+read+drain");
    assert!(
        matches!(stood(&message, 1, 2), Some(Ok(ServerState::Hung(Call::Recvfrom { .. })))),
        "{:?}",
        stood(&message, 1, 2)
    );
    let said = told(&message, &report, Lang::En);
    assert!(said.contains("hangs in recvfrom: the fd is blocking"), "{said}");
    assert!(said.ends_with("how it ended             running                  hung\n"), "{said}");
    assert!(message.variants()[1].first_policy().has(Faults::BLOCKING));
}

#[test]
fn a_server_that_is_told_to_end_closes_everything_in_every_variant() {
    let _loopback = loopback();
    let path = std::env::temp_dir().join(format!("epollscope-variants-end-{}.scene", std::process::id()));
    std::fs::write(&path, "server\na = connect\nrun\ndestroy\nrun\nsend a 5\nrun\n").expect("written");
    let (comparison, report) = played(path.to_str().expect("text"), "level,edge");
    std::fs::remove_file(&path).expect("removed");
    for (i, variant) in comparison.variants().iter().enumerate() {
        let stood = [ServerState::Quiet, ServerState::Ended, ServerState::Ended];
        assert_eq!([0, 1, 2].map(|step| variant.stood(step).cloned()), stood.map(|state| Some(Ok(state))));
        let did: Vec<String> =
            report.seen(i, 1).expect("played").entries.iter().map(|entry| entry.did(Lang::En)).collect();
        assert_eq!(did, ["close a, close listener, close epoll"]);
    }
    assert!((0..2).all(|i| report.parts(i).is_none()));
    assert!(told(&comparison, &report, Lang::En).contains("has ended: it stopped and closed everything"));
}

#[test]
fn what_the_scene_switches_reaches_every_variant_below_its_own_words() {
    let _loopback = loopback();
    let (comparison, _) = played("6", "level,edge");
    for (variant, trigger) in comparison.variants().iter().zip([Trigger::Level, Trigger::Edge]) {
        let told = variant.timeline().range(0, variant.timeline().len()).filter_map(|record| match record.call {
            Call::Policy { policy } => Some(policy),
            _ => None,
        });
        let told: Vec<_> = told.collect();
        assert!(told.iter().all(|policy| policy.trigger == trigger), "{told:?}");
        assert!(told.iter().any(|policy| policy.read == Read::Drain && policy.timeout.0 == -1), "{told:?}");
    }
}

#[test]
fn a_scene_that_cannot_be_played_is_refused_before_it_starts() {
    let _loopback = loopback();
    let path = std::env::temp_dir().join(format!("epollscope-variants-{}.scene", std::process::id()));
    let name = path.to_str().expect("text").to_owned();
    let open = |script: String| {
        std::fs::write(&path, script).expect("written");
        Comparison::open(Scene::find(&name).expect("a scene"), VariantSpec::usual()).map(drop)
    };
    let clients = open("server\nconnect 9000\nrun".to_owned());
    assert!(matches!(clients, Err(ComparisonError::Backlog { clients: 9000, .. })), "{clients:?}");
    std::fs::remove_file(&path).expect("removed");
}

//! Comparison on the real kernel: the text of every built-in scene, the same in every run, and a trace that gives back the
//! same worlds.

mod cost_table;
mod past;
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

fn twins(scene: &str, against: &str) -> Comparison {
    let scene = Scene::find(scene).unwrap_or_else(|error| panic!("{error}"));
    let against = VariantSpec::list(against).unwrap_or_else(|diagnostic| panic!("{diagnostic}"));
    Comparison::open(scene, against).unwrap_or_else(|error| panic!("{error}"))
}

/// Plays all of it.
fn played(scene: &str, against: &str) -> (Comparison, ComparisonReport) {
    let (mut twins, mut story) = (twins(scene, against), ComparisonReport::default());
    while twins.advance() {
        story.read(&twins);
    }
    (twins, story)
}

fn told(twins: &Comparison, story: &ComparisonReport, lang: Lang) -> String {
    told_on(twins, story, Page { lang, width: None })
}

fn told_on(twins: &Comparison, story: &ComparisonReport, page: Page) -> String {
    let mut out = Vec::new();
    text::head(&mut out, twins, page).expect("a vector takes all");
    (0..twins.played()).for_each(|step| text::step(&mut out, twins, story, step, page).expect("a vector takes all"));
    text::foot(&mut out, twins, story, page).expect("a vector takes all");
    String::from_utf8(out).expect("text")
}

fn trace(twins: &Comparison) -> Vec<u8> {
    let out = jsonl::begin(Vec::new(), twins).expect("a vector takes all");
    (0..twins.played()).fold(out, |out, step| jsonl::step(out, twins, step).expect("a vector takes all"))
}

fn snapshot(name: &str, text: &str) {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn every_builtin_scene_is_told_as_it_was_read() {
    for (name, _) in scenes() {
        let (twins, story) = played(name, "level,edge");
        snapshot(&format!("compare-{name}"), &told(&twins, &story, Lang::En));
    }
}

#[test]
fn the_faults_of_the_notes_are_told_in_both_languages() {
    let (twins, story) = played("reset", "level,edge+drain,oneshot,notes");
    snapshot("compare-four", &told(&twins, &story, Lang::En));
    snapshot("compare-four-zh", &told(&twins, &story, Lang::Zh));
}

#[test]
fn the_text_keeps_to_the_width_of_its_page_and_its_columns_stay() {
    for (scene, against) in
        [("message", "level,edge"), ("reset", "level,notes"), ("flood", "level,edge,edge+drain,oneshot+read-size+4096")]
    {
        let (twins, story) = played(scene, against);
        for (lang, width) in [Lang::En, Lang::Zh].into_iter().flat_map(|lang| [60, 80, 100].map(|width| (lang, width)))
        {
            let text = told_on(&twins, &story, Page { lang, width: Some(width) });
            let mut rules = Vec::new();
            for line in text.lines() {
                assert!(line.width() <= width, "{width}: {line}");
                rules.extend(line.find('│').map(|at| line[..at].width()));
            }
            assert!(rules.len() > 3 && rules.iter().all(|at| *at == rules[0]), "{text}");
        }
        let roomy = told_on(&twins, &story, Page { lang: Lang::En, width: Some(1000) });
        assert_eq!(roomy, told(&twins, &story, Lang::En), "a column does not grow");
    }
}

#[test]
fn twenty_runs_of_a_scene_are_the_same() {
    for (name, _) in scenes() {
        // A thousand clients tell nothing in the twentieth run that they do not in the third.
        let runs = if name == "thousand" { 3 } else { 20 };
        let of = || {
            let (twins, story) = played(name, "level,edge");
            (told(&twins, &story, Lang::En), String::from_utf8(trace(&twins)).expect("ASCII"))
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
    for scene in ["new-on-unread", "never-reads", "reset"] {
        let (twins, story) = played(scene, "edge,edge,edge");
        assert!(story.first_difference().is_none(), "{scene}: {}", told(&twins, &story, Lang::En));
        assert_eq!(story.cost_table(0, twins.played()), story.cost_table(2, twins.played()), "{scene}");
    }
}

#[test]
fn a_trace_gives_back_the_worlds_of_each_twin() {
    let (twins, _) = played("reset", "level,edge,notes");
    let file = trace(&twins);
    for twin in twins.twins() {
        let mut reader = Reader::new("memory", BufReader::new(&*file)).expect("a header");
        assert_eq!(reader.header().source, "compare reset: level, edge, notes");
        reader.pick(twin.name());
        let mut world = World::default();
        let mut count = 0;
        for record in reader.by_ref() {
            world.apply(&record.expect("every line is right"));
            count += 1;
            if count % 37 == 0 {
                assert_eq!(world, twin.timeline().at(count), "{} at {count}", twin.name());
            }
        }
        assert_eq!((count, &world), (twin.timeline().len(), twin.timeline().now()), "{}", twin.name());
    }
    let mut first = Reader::new("memory", BufReader::new(&*file)).expect("a header");
    assert_eq!(first.by_ref().count() as u64, twins.twins()[0].timeline().len());
    assert_eq!(first.twin(), Some("level"));
}

#[test]
fn what_spins_hangs_or_dies_is_said_and_the_others_go_on() {
    let stood = |twins: &Comparison, twin: usize, step: usize| twins.twins()[twin].stood(step).cloned();
    let (reset, _) = played("reset", "level,exact-match");
    assert_eq!(stood(&reset, 1, 4), Some(Ok(ServerState::Spinning)));
    assert_eq!(stood(&reset, 0, 4), Some(Ok(ServerState::Quiet)));
    let (half, _) = played("half-close", "close-first,level");
    assert!(matches!(stood(&half, 0, 2), Some(Ok(ServerState::Died))), "{:?}", stood(&half, 0, 2));
    assert_eq!(stood(&half, 1, 2), Some(Ok(ServerState::Quiet)));
    let (message, story) = played("message", "level,blocking+read+drain");
    assert!(
        matches!(stood(&message, 1, 2), Some(Ok(ServerState::Hung(Call::Recvfrom { .. })))),
        "{:?}",
        stood(&message, 1, 2)
    );
    let said = told(&message, &story, Lang::En);
    assert!(said.contains("hangs in recvfrom: the fd is blocking"), "{said}");
    assert!(said.ends_with("how it ended             ran on                  hung\n"), "{said}");
    assert!(message.twins()[1].first_policy().has(Faults::BLOCKING));
}

#[test]
fn a_server_that_is_told_to_end_closes_everything_in_every_twin() {
    let path = std::env::temp_dir().join(format!("epollscope-twins-end-{}.scene", std::process::id()));
    std::fs::write(&path, "server\na = connect\nrun\ndestroy\nrun\nsend a 5\nrun\n").expect("written");
    let (twins, story) = played(path.to_str().expect("text"), "level,edge");
    std::fs::remove_file(&path).expect("removed");
    for (i, twin) in twins.twins().iter().enumerate() {
        let stood = [ServerState::Quiet, ServerState::Ended, ServerState::Ended];
        assert_eq!([0, 1, 2].map(|step| twin.stood(step).cloned()), stood.map(|state| Some(Ok(state))));
        let did: Vec<String> =
            story.seen(i, 1).expect("played").entries.iter().map(|entry| entry.did(Lang::En)).collect();
        assert_eq!(did, ["close a, close listener, close epoll"]);
    }
    assert!(story.first_difference().is_none());
    assert!(told(&twins, &story, Lang::En).contains("has ended: it was told to, and closed everything"));
}

#[test]
fn what_the_scene_switches_reaches_every_twin_below_its_own_words() {
    let (twins, _) = played("6", "level,edge");
    for (twin, trigger) in twins.twins().iter().zip([Trigger::Level, Trigger::Edge]) {
        let told = twin.timeline().range(0, twin.timeline().len()).filter_map(|record| match record.call {
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
    let path = std::env::temp_dir().join(format!("epollscope-twins-{}.scene", std::process::id()));
    let name = path.to_str().expect("text").to_owned();
    let open = |script: String| {
        std::fs::write(&path, script).expect("written");
        Comparison::open(Scene::find(&name).expect("a scene"), VariantSpec::usual()).map(drop)
    };
    let limit = open("server\nrun\n  limit 9\nrun".to_owned()).expect_err("it is for one").to_string();
    assert!(limit.starts_with(&format!("{name}:3:")) && limit.contains("whole process"), "{limit}");
    let clients = open("server\nconnect 9000\nrun".to_owned());
    assert!(matches!(clients, Err(ComparisonError::Backlog { clients: 9000, .. })), "{clients:?}");
    std::fs::remove_file(&path).expect("removed");
}

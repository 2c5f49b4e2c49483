//! What `--against` compares: its words, and the policies that they stand for.

use epollscope::compare::{VariantSpec, words_of};
use epollscope::record::{Accept, Faults, Policy, Read, Trigger};
use epollscope::script::Reader;

fn policies(text: &str) -> Vec<(String, Policy)> {
    let variants = VariantSpec::list(text).unwrap_or_else(|diagnostic| panic!("{diagnostic}"));
    variants.into_iter().map(|variant| (variant.name.clone(), variant.policy(Policy::default()))).collect()
}

fn wrong(text: &str) -> String {
    VariantSpec::list(text).expect_err("it is wrong").to_string()
}

#[test]
fn presets_faults_and_the_words_of_the_language_may_be_mixed() {
    let variants = policies("level,edge+drain,edge read drain accept drain,edge+read-size 100+close-first");
    assert_eq!(variants[0].1, Policy::default());
    assert_eq!(variants[1].1, variants[2].1);
    assert_eq!(
        (variants[1].1.trigger, variants[1].1.read, variants[1].1.accept),
        (Trigger::Edge, Read::Drain, Accept::Drain)
    );
    assert_eq!((variants[3].1.read_size, variants[3].1.faults), (100, Faults::CLOSE_FIRST));
    assert_eq!(policies("tutorial,edge+fault+tutorial")[1].1.faults, Faults::TUTORIAL);
    assert_eq!(policies("level,level").iter().map(|(name, _)| &**name).collect::<Vec<_>>(), ["level", "level#2"]);
}

#[test]
fn a_policy_in_words_is_read_as_the_same_policy() {
    let variants =
        policies("level,oneshot+edge+drain+budget 2048+always,tutorial+timeout 5+max-events 1,short+read-size 7");
    for (name, policy) in variants {
        assert_eq!(Reader::new("--against", 1).policy(Policy::default(), &words_of(&policy)), Ok(policy), "{name}");
    }
}

#[test]
fn the_scenes_choices_stand_where_a_variant_says_nothing() {
    let scene = Policy { read_size: 7, trigger: Trigger::Edge, ..Policy::default() };
    let variants = VariantSpec::usual();
    assert_eq!(variants[0].policy(scene), Policy { trigger: Trigger::Level, ..scene });
    assert_eq!(variants[1].policy(scene), scene);
}

#[test]
fn a_mistake_has_a_column_and_a_suggestion() {
    assert!(wrong("level,egde").starts_with("--against:1:7: no policy \"egde\"; did you mean \"edge\"?"));
    assert!(wrong("level,foo").contains(
        "drain, short, always, mute, back-off, spare, spin, tutorial, and the names of faults: exact-match, "
    ));
    assert!(wrong("level,,edge").contains("--against:1:7: expected a policy"));
    assert!(wrong("level").contains("expected 2 to 4 policies"));
    assert!(wrong("level,edge,level,edge,level").contains("this is 5"));
    assert!(wrong("level,edge+read-size+0").contains("expected 1 to"));
    assert!(wrong("level,edge+read").contains("expected"));
    let escape = wrong("level,\u{1b}[31m");
    assert!(escape.contains("has no meaning here") && !escape.contains('\u{1b}'), "{escape}");
}

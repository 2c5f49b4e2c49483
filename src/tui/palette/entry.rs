//! What the palette offers.

use crossterm::event::KeyCode;

use super::place::Place;
use crate::i18n::{Both, Lang, words};
use crate::lesson::{Lesson, lessons, scenes};
use crate::tui::keymap::binding::Listed;

const DEMO: Both = ("demo", "演示");
const COMPARE: Both = ("compare", "比较");
const CHECK: Both = ("check", "测验");
const LEARNED: Both = ("twelve predictions: epollscope lesson check", "十二个预测：epollscope lesson check");
const TOUR: Both = ("the whole story in three minutes", "三分钟的导览");

/// What a row of the palette leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Leads {
    /// To what this key does on the screen below.
    Key(KeyCode),
    To(Place),
}

/// A row of the palette.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The key, or what kind of thing it is.
    pub(super) shown: String,
    pub(super) says: String,
    /// All that it is found by: in both languages, in small letters.
    names: String,
    pub(super) leads: Leads,
}

impl Entry {
    fn new(shown: String, says: String, others: &[&str], leads: Leads) -> Self {
        let names = format!("{shown} {says} {}", others.join(" ")).to_lowercase();
        Self { shown, says, names, leads }
    }

    /// Whether each word of `typed` is a part of what it is called.
    pub(super) fn fits(&self, typed: &str) -> bool {
        typed.to_lowercase().split_whitespace().all(|word| self.names.contains(word))
    }
}

/// All that can be done on a screen with these keys, and all that can be opened.
pub(super) fn all(keys: Vec<Listed>, lang: Lang) -> Vec<Entry> {
    let key = |key: Listed| {
        let (en, zh) = key.says;
        Entry::new(key.shown, lang.of(en, zh).to_owned(), &[en, zh], Leads::Key(key.code))
    };
    let keys = keys.into_iter().map(key);
    let lessons = lessons().into_iter().map(|each| lesson(&each, lang));
    let demos = std::iter::once(("tour", TOUR)).chain(scenes());
    let demos = demos.map(|(name, title)| scene(DEMO, name, title, Place::Demo(name.to_owned()), lang));
    let comparisons = scenes().map(|(name, title)| scene(COMPARE, name, title, Place::Compare(name.to_owned()), lang));
    let names = [CHECK.0, LEARNED.0, LEARNED.1, "what was learned", "quiz", "test"];
    let check = Entry::new(lang.pick(CHECK).to_owned(), lang.pick(LEARNED).to_owned(), &names, Leads::To(Place::Check));
    keys.chain(lessons).chain([check]).chain(demos).chain(comparisons).collect()
}

fn lesson(lesson: &Lesson, lang: Lang) -> Entry {
    let number = lesson.id.split('-').next().unwrap_or_default().trim_start_matches('0');
    let shown = words!(lang, "lesson {number}", "第 {number} 课");
    let [title, en, zh] = [lang, Lang::En, Lang::Zh].map(|lang| &*lesson.prose(lang).title);
    let leads = Leads::To(Place::Lesson(lesson.id.clone()));
    Entry::new(shown, title.to_owned(), &["lesson", &lesson.id, en, zh, &lesson.taught()], leads)
}

fn scene(kind: Both, name: &str, (en, zh): Both, place: Place, lang: Lang) -> Entry {
    let title = lang.of(en, zh);
    let says = words!(lang, "{name}: {title}", "{name}：{title}");
    Entry::new(lang.pick(kind).to_owned(), says, &[kind.0, en, zh], Leads::To(place))
}

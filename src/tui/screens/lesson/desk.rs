//! What stays the same from lesson to lesson. The list and the lesson on top of it share it.

use std::cell::RefCell;
use std::rc::Rc;

use crate::i18n::{Lang, words};
use crate::lesson::{Lesson, Progress, Trouble};
use crate::tui::{Navigator, Theme};

/// All lessons, and how they are looked at.
pub(super) struct Desk {
    pub(super) lessons: Vec<Rc<Lesson>>,
    pub(super) progress: Progress,
    /// The lesson that is selected or taken.
    pub(super) row: usize,
    pub(super) theme: Theme,
    /// With its breakpoints and what was searched for last; while a lesson is taken it is there.
    pub(super) navigator: Navigator,
    /// On a small screen the workbench has the larger part.
    pub(super) bench_first: bool,
}

pub(super) type SharedDesk = Rc<RefCell<Desk>>;

/// Says why a lesson can't be taken or can't go on.
pub(super) fn warn(navigator: &mut Navigator, trouble: &Trouble, lang: Lang) {
    let told = trouble.words(lang).replace('\n', lang.of("; ", "；"));
    navigator.warn(words!(lang, "the lesson can't go on: {told}", "这一课无法继续：{told}"));
}

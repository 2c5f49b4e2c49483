//! What all lessons share. The list and the lesson on top of it hold the desk together.

use std::cell::RefCell;
use std::rc::Rc;

use crate::i18n::{Lang, words};
use crate::lesson::{Lesson, Progress, Trouble};
use crate::tui::{Navigator, Theme};

/// All lessons, the progress, and how they are shown.
pub(super) struct Desk {
    pub(super) lessons: Vec<Rc<Lesson>>,
    pub(super) progress: Progress,
    /// The lesson that is selected in the list, or open.
    pub(super) row: usize,
    pub(super) theme: Theme,
    /// Its breakpoints and its last search stay the same from lesson to lesson. An open lesson takes it, and puts it
    /// back.
    pub(super) navigator: Navigator,
    /// On a small screen, the workbench gets more room than the prose.
    pub(super) bench_first: bool,
}

pub(super) type SharedDesk = Rc<RefCell<Desk>>;

/// Says why a lesson cannot be opened or continued.
pub(super) fn warn(navigator: &mut Navigator, trouble: &Trouble, lang: Lang) {
    let told = trouble.words(lang).replace('\n', lang.of("; ", "；"));
    navigator.warn(words!(lang, "the lesson cannot continue: {told}", "这一课无法继续：{told}"));
}

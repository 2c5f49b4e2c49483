//! What `y` copies in a lesson.

use super::keys::Page;
use super::screen::LessonScreen;
use crate::server::listing::Listing;
use crate::trace::text;
use crate::tui::copy::copied;
use crate::tui::widgets::{CallsView, calls};

impl LessonScreen {
    pub(super) fn copy(&mut self) {
        self.next = copied(self.copied(), &mut self.navigator, self.lang);
    }

    /// The code where that is shown; the answer with the calls that prove it; or else the last call, or the next.
    fn copied(&self) -> Option<String> {
        let view = self.bench();
        if view.calls == CallsView::Code {
            let lines: Vec<String> = match (view.policy, view.addr) {
                (Some(policy), Some(addr)) => {
                    Listing::of(&policy, view.language, addr).lines.into_iter().map(|line| line.text).collect()
                }
                _ => view.script.iter().map(|line| line.line.to_owned()).collect(),
            };
            return (!lines.is_empty()).then(|| lines.join("\n"));
        }
        if let Some(answered) = self.answered.as_ref().filter(|_| self.page == Page::Answer && !view.is_past()) {
            let said = self.lesson.prose(self.lang).steps.get(self.step())?;
            let value = answered.choice.zip(self.question()).map(|(i, question)| question.shown(said, i, self.lang));
            let value = value.unwrap_or_else(|| answered.value.words(self.lang));
            return Some([vec![value], answered.shown(self.lang)].concat().join("\n"));
        }
        let last = calls::latest(&view, 1).pop().map(|(_, told)| told);
        last.or_else(|| Some(text::call(&view.next?, self.lang)))
    }
}

//! Which panels stand beside the prose.

use crate::tui::CodeLanguage;
use crate::tui::widgets::CallsView;

/// What the panel of calls shows; kept from lesson to lesson.
#[derive(Clone, Default)]
pub(super) struct Panels {
    pub(super) calls: CallsView,
    pub(super) language: CodeLanguage,
}

impl Panels {
    /// Shows another view of the calls, or the code, and then that in the other language. The code of a lab is its script.
    pub(super) fn turn(&mut self, language: bool, lab: bool) {
        if !language {
            self.calls = self.calls.next();
            return;
        }
        if self.calls == CallsView::Code && !lab {
            self.language.turn();
        }
        self.calls = CallsView::Code;
    }
}

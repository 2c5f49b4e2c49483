//! What `y` copies.

use super::screen::WorkbenchScreen;
use crate::i18n::{grouped, words};
use crate::trace::text;
use crate::tui::Next;
use crate::tui::navigator::Overlay;
use crate::tui::widgets::{CallsView, calls, inspect};

/// The columns of a story that is copied; a terminal elsewhere may be narrower, but an editor wraps.
const WIDTH: usize = 100;

impl WorkbenchScreen {
    pub(super) fn copy(&mut self) {
        let Some(copied) = self.selected_text() else {
            return self.navigator.warn(self.lang.of("there is nothing to copy yet", "还没有可复制的内容"));
        };
        let (n, lang) = (grouped(copied.chars().count() as u64), self.lang);
        self.navigator.say(words!(
            lang,
            "copied {n} characters, if the terminal allows it (OSC 52)",
            "已复制 {n} 个字符（若终端允许 OSC 52）"
        ));
        self.next = Next::Copy(copied);
    }

    /// What the inspector shows; the last call, where every call is shown; the sentence on the selected fd; or else the
    /// next call.
    fn selected_text(&self) -> Option<String> {
        let view = self.view();
        if matches!(view.overlay, Overlay::Inspect { .. }) {
            return Some(inspect::story(&view, WIDTH));
        }
        if view.calls == CallsView::Calls {
            return calls::latest(&view, 1).pop().map(|(_, told)| told);
        }
        let item = view.world.epoll().and_then(|epoll| Some((epoll, view.world.registration(epoll, view.selected?)?)));
        match item {
            Some((epoll, item)) => {
                let (fd, name, why) = (item.fd, view.world.name_of(item, self.lang), view.why(epoll, item));
                Some(words!(self.lang, "fd {fd} {name}: {why}", "fd {fd} {name}：{why}"))
            }
            None => Some(text::call(&view.next?, self.lang)),
        }
    }
}

//! Where each panel goes.

use ratatui::macros::{horizontal, vertical};
use ratatui::prelude::{Buffer, Rect};

use super::screen::WatchScreen;
use super::threads;
use crate::tui::widgets::layout::{WIDE, rows_of_interest};
use crate::tui::widgets::{CallsView, View, bytes, calls, interest, ready, rule, scope};

/// What the lists need beside the source: without the columns of what came in and what is unsent.
const BESIDE_CODE: u16 = 56;

impl WatchScreen {
    pub(super) fn panels(&self, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        if area.width >= WIDE { self.wide(view, area, buf) } else { self.narrow(view, area, buf) }
    }

    fn wide(&self, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let left = match view.calls {
            CallsView::Code => BESIDE_CODE.max(area.width / 2),
            _ => u16::try_from(interest::WIDTH).unwrap_or(0).max(area.width / 5 * 3),
        };
        let [left, gap, right] = horizontal![== left, == 3, >= 1].areas(area);
        rule(view.theme, gap, buf);
        let lists = rows_of_interest(view, None, left.height / 2);
        let bytes_rows = if left.height >= 28 && !view.theme.projector { 5 } else { 0 };
        let output_rows = match left.height {
            0..20 => 0,
            _ if self.live.is_attached() => 0,
            height if self.shows_output() => height / 3,
            _ => 5,
        };
        let [interest, ready, scope, bytes, output] =
            vertical![== lists, == 2, >= 1, == bytes_rows, == output_rows].areas(left);
        interest::render(view, interest, buf);
        ready::render(view, ready, buf);
        scope::render(view, scope, buf);
        bytes::render(view, bytes, buf);
        self.output.render(self.typing, view.theme, view.lang, output, buf);
        let [threads, calls] = vertical![== threads::rows(view), >= 1].areas(right);
        threads::render(view, self.thread, self.held_now(), threads, buf);
        self.calls(view, calls, buf);
    }

    fn narrow(&self, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let below = if area.height >= 15 { 5 } else { 0 };
        let several = view.world.tasks().nth(1).is_some();
        let threads = if several && area.height >= 17 { threads::rows(view).min(3) } else { 0 };
        let left = area.height - below - threads - 2;
        let lists = rows_of_interest(view, None, left / 2);
        let [interest, ready, calls, threads, below] =
            vertical![== lists, == 2, >= 1, == threads, == below].areas(area);
        interest::render(view, interest, buf);
        ready::render(view, ready, buf);
        self.calls(view, calls, buf);
        if threads.height > 0 {
            threads::render(view, self.thread, self.held_now(), threads, buf);
        }
        if self.shows_output() {
            self.output.render(self.typing, view.theme, view.lang, below, buf);
        } else {
            scope::render(view, below, buf);
        }
    }

    fn calls(&self, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        match view.calls {
            CallsView::Code => self.sources.render(self.line(), view.theme, view.lang, area, buf),
            _ => calls::render(view, area, buf),
        }
    }
}

//! After a prediction: the calls of the step are seen one by one, and the answer comes with the last.

use super::keys::Page;
use super::screen::LessonScreen;
use crate::tui::keymap::Move;

impl LessonScreen {
    /// Goes back to position `from`, where the step began; a step without calls has its answer at once.
    pub(super) fn play_forward(&mut self, from: u64) {
        let (cursor, timeline) = (&mut self.navigator.cursor, self.run.play().timeline());
        cursor.look_at(from, timeline);
        if cursor.behind(timeline) == 0 {
            return cursor.to_now();
        }
        self.page = Page::Played;
    }

    pub(super) fn next_call(&mut self) {
        self.navigator.go(Move::ForwardCall, self.run.play().timeline());
    }

    /// Turns to the answer once the last call has been seen, whatever key has led there.
    pub(super) fn look_whether_seen(&mut self) {
        if self.page == Page::Played && !self.navigator.cursor.is_past() {
            (self.page, self.scroll) = (Page::Answer, 0);
        }
    }
}

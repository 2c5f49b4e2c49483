//! The page on which the calls of a step are seen: its lines, each with the calls that it has led to so far.

use ratatui::prelude::Span;

use super::page::{Line, Writer};
use crate::i18n::words;
use crate::lesson::Scripted;
use crate::trace::text;
use crate::tui::navigator::client_behind;
use crate::tui::widgets::wrap;

/// The records that are looked through for each row.
const RECORDS_A_ROW: u64 = 16;

impl Writer<'_> {
    /// The prediction, and the lines of the step up to the moment that is shown, as far as they fit into `rows`.
    pub(super) fn played(mut self, rows: usize) -> Self {
        let (theme, lang, screen) = (&self.screen.theme, self.screen.lang, self.screen);
        let prose = screen.lesson.prose(lang).steps.get(screen.step());
        if let (Some(question), Some(prose), Some(value)) = (screen.question(), prose, &screen.predicted) {
            let choice = question.choice_of(value);
            let predicted = choice.map_or_else(|| value.words(lang), |i| question.shown(prose, i, lang));
            self.wrapped(&words!(lang, "You predict: {predicted}", "你的预测：{predicted}"), theme.title);
            self.lines.push(Line::new());
        }
        let at = screen.navigator.cursor.at(screen.run.play().timeline());
        let mut below: Vec<Line> = Vec::new();
        let room = rows.saturating_sub(self.lines.len());
        for line in screen.run.script(false) {
            let is_next = !line.is_done(at);
            let mark = if is_next { "▶ " } else { "  " };
            let style = if is_next { theme.title } else { theme.value };
            below.push(vec![Span::styled(mark, theme.marker), Span::styled(line.line.to_owned(), style)]);
            self.calls(&line, at, room, &mut below);
            if is_next {
                break;
            }
        }
        let hidden = below.len().saturating_sub(room);
        self.lines.extend(below.into_iter().skip(hidden));
        self
    }

    /// The last calls of a line, up to the moment `at`.
    fn calls(&self, line: &Scripted<'_>, at: u64, room: usize, below: &mut Vec<Line>) {
        let Some(said) = line.said else { return };
        let (theme, lang, play) = (&self.screen.theme, self.screen.lang, self.screen.run.play());
        let (timeline, to) = (play.timeline(), said.to.min(at));
        let world = self.screen.navigator.cursor.world(timeline);
        let from = said.from.max(to.saturating_sub(RECORDS_A_ROW * room as u64));
        let calls = text::calls(timeline.range(from, to), lang);
        for (record, told) in &calls[calls.len().saturating_sub(room)..] {
            let is_own = play.lab().is_some() || timeline.now().serves(record.tid);
            let style = if is_own { theme.wave } else { theme.label };
            let who = if is_own { None } else { client_behind(record, world) };
            let who = who.map_or_else(String::new, |client| words!(lang, "client {client}: ", "客户端 {client}："));
            for told in wrap(&(who + told), self.width.saturating_sub(4)) {
                below.push(vec![Span::styled(format!("    {told}"), style)]);
            }
        }
    }
}

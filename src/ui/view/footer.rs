//! The last lines: the keys, from the key table; or the question that is being answered.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

use super::{View, put};
use crate::record::Trigger;
use crate::trace::why::grouped;
use crate::ui::app::{CHOICES, Mode, Question};
use crate::ui::keys::{Action, KEYS};

/// Between two keys.
const GAP: &str = "  ";

pub(super) fn render(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    match view.mode {
        Mode::Prompt { question, input } => prompt(view, *question, input, area, buf),
        Mode::Help { .. } => hint(view, "↑ ↓ scroll   any other key closes the help", area, buf),
        Mode::Policy { .. } => hint(view, "↑ ↓ choose   ← → or Enter change   Esc closes", area, buf),
        Mode::Inspect { .. } => hint(view, "↑ ↓ scroll   Space, c, s, m … go on working   Esc closes", area, buf),
        Mode::Workbench => keys(view, area, buf),
    }
}

fn hint(view: &View<'_>, text: &str, area: Rect, buf: &mut Buffer) {
    put(area, 0, vec![Span::styled(format!(" {text}"), view.theme.value)], buf);
}

fn keys(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let mut rows = vec![vec![Span::raw(" ")]];
    let mut used = 1;
    for binding in KEYS.iter().filter(|binding| !binding.short.is_empty()) {
        let word = match binding.action {
            Action::Send => format!("send {}", grouped(view.amount as u64)),
            Action::Trigger if view.ordered.unwrap_or(view.policy).trigger == Trigger::Edge => "level".to_owned(),
            _ => binding.short.to_owned(),
        };
        let width = Span::raw(binding.shown).width() + 1 + word.len() + GAP.len();
        if used + width - GAP.len() > usize::from(area.width) {
            rows.push(vec![Span::raw(" ")]);
            used = 1;
        }
        used += width;
        if let Some(row) = rows.last_mut() {
            row.push(Span::styled(binding.shown, theme.key));
            row.push(Span::styled(format!(" {word}{GAP}"), theme.value));
        }
    }
    for (y, row) in (0..area.height).zip(rows) {
        put(area, y, row, buf);
    }
}

fn prompt(view: &View<'_>, question: Question, input: &tui_input::Input, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let label = match question {
        Question::Amount => " bytes to send: ".to_owned(),
        Question::Text => " text to send (a newline is added): ".to_owned(),
        Question::Choice(row) => format!(" {}, in {}: ", CHOICES[row].name, CHOICES[row].unit()),
    };
    let width = Span::raw(&*label).width();
    let room = usize::from(area.width).saturating_sub(width + 2);
    let scroll = input.visual_scroll(room);
    let shown: String = input.value().chars().skip(scroll).collect();
    put(area, 0, vec![Span::styled(label, theme.label), Span::styled(shown, theme.title)], buf);
    // The place where the next letter goes, shown by the cell itself: the terminal's own cursor stays hidden.
    let x = area.x + u16::try_from(width + input.visual_cursor().saturating_sub(scroll)).unwrap_or(u16::MAX);
    if x < area.right() {
        buf.set_style(
            Rect { x, width: 1, height: 1, ..area },
            theme.selected.add_modifier(ratatui::style::Modifier::REVERSED),
        );
    }
    put(area, 1, vec![Span::styled(" Enter does it   Esc leaves it", theme.value)], buf);
}

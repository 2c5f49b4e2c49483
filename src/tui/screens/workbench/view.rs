//! Draws the workbench: the header, the panels or what is open over them, the next call, and the keys.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::widgets::Widget;

use super::footer;
use crate::tui::navigator::{Overlay, Prompt, Question};
use crate::tui::widgets::layout::{is_too_small, panels};
use crate::tui::widgets::{View, breakpoints, header, help, inspect, next, policy};

fn render(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    if is_too_small(view.theme, view.lang, area, buf) {
        return;
    }
    let [top, body, next, bottom] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(1),
        Constraint::Length(if area.height >= 24 { 4 } else { 3 }),
        Constraint::Length(if area.height >= 30 { 2 } else { 1 }),
    ])
    .areas(area);
    header::render(view, top, buf);
    // What is open over the workbench also covers the next call: a teacher asks the class before showing it.
    let covers = matches!(view.overlay, Overlay::Help { .. } | Overlay::Policy { .. } | Overlay::Breakpoints { .. });
    let body = if covers { Rect { height: body.height + next.height, ..body } } else { body };
    match view.overlay {
        Overlay::Help { scroll } => help::workbench(view.theme, view.lang, *scroll, body, buf),
        Overlay::Policy { row } | Overlay::Prompt(Prompt { question: Question::Choice(row), .. }) => {
            policy::render(view, *row, body, buf);
        }
        Overlay::Inspect { scroll } => inspect::render(view, *scroll, body, buf),
        mode => match mode.breakpoint_row() {
            Some(row) => breakpoints::render(view.breakpoints, row, view.theme, view.lang, body, buf),
            None => panels(view, None, body, buf),
        },
    }
    if !covers {
        next::render(view, next, buf);
    }
    footer::render(view, bottom, buf);
}

impl Widget for &View<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        render(self, area, buf);
    }
}

impl View<'_> {
    /// Draws the whole workbench.
    pub fn draw(&self, frame: &mut Frame<'_>) {
        frame.render_widget(self, frame.area());
    }
}

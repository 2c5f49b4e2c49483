//! What each key does in a comparison.

use std::time::Duration;

use crossterm::event::{Event, KeyEvent};
use ratatui::prelude::{Buffer, Rect};

use super::keys::{self, Action};
use super::screen::{Below, CompareScreen};
use super::view;
use crate::analysis::History;
use crate::i18n::Lang;
use crate::tui::Theme;
use crate::tui::copy::copied;
use crate::tui::keymap::binding::{Listed, is_own, listed};
use crate::tui::keymap::past;
use crate::tui::linear::Linear;
use crate::tui::navigator::{Notice, Overlay, Passed, Taken};
use crate::tui::stack::{Next, Screen};

impl CompareScreen {
    pub(super) fn key(&mut self, key: &KeyEvent) -> Next {
        self.navigator.attend();
        self.navigator.more_to_come = self.more_to_come();
        let action = keys::action(key);
        let timeline = self.comparison.variants()[self.chosen].timeline();
        let before = self.navigator.cursor.at(timeline);
        if self.navigator.take(key, timeline) == Taken::Done {
            self.search_on(before);
            return Next::Stay;
        }
        match action {
            None => {}
            Some(Action::Quit) => return Next::Quit,
            Some(Action::Step(forward)) => {
                self.autoplay.stop();
                let before = self.tick;
                let step = if forward { Self::step_forward } else { Self::step_back };
                step(self);
                self.say_where_it_ends(before, forward);
            }
            Some(Action::CostTable) => {
                let is_open = matches!(self.below, Below::CostTable { .. });
                self.below = if is_open { Below::Steps } else { Below::CostTable { scroll: 0 } };
            }
            Some(Action::Steps) => self.below = Below::Steps,
            Some(Action::Variant) => self.choose((self.chosen + 1) % self.cursors.len()),
            Some(action @ (Action::Up | Action::Down)) => self.up_or_down(action),
            Some(Action::Breakpoints) => self.navigator.overlay = Overlay::Breakpoints { row: 0 },
            Some(Action::Code) => {
                self.below = if self.below == Below::Code { Below::Steps } else { Below::Code };
            }
            Some(Action::Language) => {
                if self.below == Below::Code {
                    self.language.turn();
                }
                self.below = Below::Code;
            }
            Some(Action::Copy) => {
                let said = view::copied(self);
                return copied(Some(said), &mut self.navigator, self.lang);
            }
            Some(Action::Save) => return Next::Save,
            Some(Action::Help) => self.navigator.overlay = Overlay::Help { scroll: 0 },
            Some(Action::Projector) => self.theme = self.theme.projected(!self.theme.projector),
            Some(Action::Travel(to)) => self.go(to),
        }
        Next::Stay
    }

    fn up_or_down(&mut self, action: keys::Action) {
        let down = action == Action::Down;
        if let Below::CostTable { scroll } = &mut self.below {
            *scroll = scroll.saturating_add_signed(if down { 1 } else { -1 });
            return;
        }
        let (reported, selected) = (self.reported(), self.selected());
        let at = reported.iter().position(|who| Some(*who) == selected).unwrap_or(0);
        let at = if down { at + 1 } else { at.saturating_sub(1) };
        self.selected = reported.get(at.min(reported.len().saturating_sub(1))).copied();
    }
}

impl Screen for CompareScreen {
    fn render(&self, area: Rect, buf: &mut Buffer) {
        view::render(self, area, buf);
    }

    fn input(&mut self, event: &Event) -> Next {
        match event {
            Event::Key(key) => return self.key(key),
            Event::Paste(text) => self.navigator.paste(text),
            _ => {}
        }
        Next::Stay
    }

    fn keys(&self) -> Vec<Listed> {
        listed(keys::KEYS).chain(past(|code| is_own(keys::KEYS, code))).collect()
    }

    fn looks(&self) -> (Theme, Lang) {
        (self.theme.clone(), self.lang)
    }

    fn linear(&self, since: u64) -> Linear {
        self.in_lines(since)
    }

    fn recorded(&self) -> Option<&History> {
        Some(self.comparison.variants()[self.chosen].timeline())
    }

    fn tell(&mut self, notice: Notice) {
        self.navigator.notice = Some(notice);
    }

    fn pass(&mut self, passed: Duration) -> Passed {
        self.play_on(passed)
    }
}

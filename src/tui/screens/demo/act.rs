//! What each key does in a demo, and how it stands on the stack of screens.

use std::time::Duration;

use crossterm::event::{Event, KeyEvent};
use ratatui::prelude::{Buffer, Rect};

use super::keys::{self, Action};
use super::{screen::DemoScreen, view};
use crate::analysis::History;
use crate::demo::Player;
use crate::i18n::Lang;
use crate::record::Record;
use crate::session::Session;
use crate::tui::copy::{copied, selected};
use crate::tui::keymap::binding::{Listed, is_own, listed};
use crate::tui::keymap::{self, KEYS, Move};
use crate::tui::navigator::{Notice, Passed, Taken};
use crate::tui::widgets::CallsView;
use crate::tui::{Next, Screen, Theme, WorkbenchScreen};

/// The shortest sleep that poll(2) can count.
const SHORTEST: Duration = Duration::from_millis(1);
/// How long the end of an endless demo is shown.
const LAST: Duration = Duration::from_secs(4);
const FASTER: f64 = 1.5;

impl DemoScreen {
    pub(super) fn key(&mut self, key: &KeyEvent, event: &Event) -> Next {
        self.navigator.attend();
        let action = keys::action(key);
        if self.looks_on(|navigator, timeline| navigator.take(key, timeline) == Taken::Done) {
            return Next::Stay;
        }
        let Some(action) = action else { return Next::Stay };
        // In the past, the moves of the past go on; only at now do they take over.
        if let (Action::TakeOver, Some(to), false) = (action, keymap::movement(key), self.player.is_now()) {
            self.go_to(to);
            return Next::Stay;
        }
        match action {
            Action::Quit => return Next::Quit,
            Action::Save => return Next::Save,
            Action::CallsView => self.calls = self.calls.next(),
            Action::Language => {
                if self.calls == CallsView::Code {
                    self.language.turn();
                }
                self.calls = CallsView::Code;
            }
            Action::Copy => {
                let sentence = self.bench().and_then(|view| selected(&view));
                let said = [Some(self.player.caption().to_owned()), sentence].into_iter().flatten();
                let said = said.filter(|said| !said.is_empty()).collect::<Vec<_>>().join("\n");
                return copied(Some(said), &mut self.navigator, self.lang);
            }
            Action::Back if self.is_between() => self.look(),
            Action::TakeOver => return self.take_over(key, event),
            Action::Projector => self.theme = self.theme.projected(!self.theme.projector),
            Action::Pause if self.player.is_over() => drop(self.again()),
            Action::Now if self.player.is_now() => self.navigator.say(self.lang.of(
                "this is the latest moment; PgDn goes on to the next caption",
                "这是最新的时刻；PgDn 进到下一条字幕",
            )),
            _ => drop(self.go(|player, now, each| {
                match action {
                    Action::Pause => player.pause_or_go(now),
                    Action::Back => player.back(),
                    Action::CaptionBack => player.caption_back(),
                    Action::Start => player.to_start(),
                    Action::Now => player.to_now(),
                    Action::Forward => player.forward(now, each)?,
                    Action::CaptionForward => player.caption_forward(now, each)?,
                    Action::Slower => player.set_speed(player.speed() / FASTER, now),
                    Action::Faster => player.set_speed(player.speed() * FASTER, now),
                    _ => {}
                }
                Ok(true)
            })),
        }
        if self.trouble.is_some() { Next::Quit } else { Next::Stay }
    }

    /// Makes a move of the past that is not one of the demo's own.
    fn go_to(&mut self, to: Move) {
        if to == Move::Play {
            self.look();
            return self.player.pause_or_go(self.time);
        }
        self.looks_on(|navigator, timeline| {
            navigator.go(to, timeline);
            true
        });
    }

    /// Pushes the workbench with the live session, or with a new one if the key needs a live server and it has ended.
    fn take_over(&mut self, key: &KeyEvent, event: &Event) -> Next {
        let has_ended = self.player.stepper.session().is_some_and(Session::is_over);
        if has_ended && keymap::needs_server(key) {
            self.go(|player, _, each| player.stepper.replace_server(each).map(|()| true));
        }
        let Some(session) = self.player.stepper.hand_over() else { return Next::Stay };
        let mut workbench = WorkbenchScreen::new(session, self.theme.clone(), self.lang);
        let moment = self.player.moment();
        workbench.welcome_from_demo(moment.client, if self.player.is_now() { u64::MAX } else { moment.at });
        workbench.input(event);
        Next::Push(Box::new(workbench))
    }
}

impl Screen for DemoScreen {
    fn take_in(&mut self, each: &mut dyn FnMut(&Record)) -> bool {
        self.news.drain(..).for_each(|record| each(&record));
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer) {
        view::render(self, area, buf);
    }

    fn input(&mut self, event: &Event) -> Next {
        match event {
            Event::Key(key) => return self.key(key, event),
            Event::Paste(text) => self.navigator.paste(text),
            _ => {}
        }
        Next::Stay
    }

    fn pass(&mut self, passed: Duration) -> Passed {
        let mut searched = Passed::default();
        if self.looks_on(|navigator, timeline| {
            searched = navigator.pass(passed, timeline);
            searched.moved
        }) {
            return searched;
        }
        // At most until the next moment: after Ctrl-Z and `fg`, nothing rushes by.
        let most = self.player.wakes_at().map_or(passed, |due| due.saturating_sub(self.time));
        self.time += passed.min(most);
        let moved = if self.ends() {
            self.ended += passed;
            self.ended >= LAST && self.again()
        } else {
            self.ended = Duration::ZERO;
            self.go(Player::advance)
        };
        let again = match self.player.wakes_at() {
            Some(due) => Some(due.saturating_sub(self.time)),
            None => self.ends().then(|| LAST.saturating_sub(self.ended)),
        };
        Passed { moved, again: again.map(|again| again.max(SHORTEST)) }
    }

    /// Its own keys, and those of the workbench, which take over.
    fn keys(&self) -> Vec<Listed> {
        listed(keys::KEYS).chain(listed(KEYS).filter(|key| !is_own(keys::KEYS, key.code))).collect()
    }

    fn looks(&self) -> (Theme, Lang) {
        (self.theme.clone(), self.lang)
    }

    fn recorded(&self) -> Option<&History> {
        Some(self.player.stepper.timeline())
    }

    fn tell(&mut self, notice: Notice) {
        self.navigator.notice = Some(notice);
    }

    fn has_failed(&self) -> bool {
        self.trouble.is_some()
    }

    fn chapter(&self) -> Option<(usize, &str)> {
        self.player.moment().caption.map(|number| (number + 1, self.player.caption()))
    }

    fn leave(mut self: Box<Self>, _: &mut dyn FnMut(&Record)) -> Option<Session> {
        self.player.stepper.hand_over()
    }

    /// The demo continues with a server of its own: the one that was taken over may be in any state.
    fn come_back(&mut self, session: Option<Session>, each: &mut dyn FnMut(&Record)) -> Next {
        if let Some(mut session) = session {
            // It may have died, which is no failure of closing.
            let _ = session.close(each);
        }
        self.go(|player, now, each| player.come_back(now, each).map(|()| true));
        if self.has_failed() { Next::Quit } else { Next::Stay }
    }
}

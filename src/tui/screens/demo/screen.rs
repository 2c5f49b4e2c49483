//! The state of a demo, and what each key does to it. Nothing here draws.

use std::time::Duration;

use crossterm::event::{Event, KeyEvent};

use super::keys::{self, Action};
use crate::analysis::History;
use crate::demo::Player;
use crate::i18n::Lang;
use crate::lesson::Trouble;
use crate::record::Record;
use crate::session::{ClientId, Session};
use crate::trace::World;
use crate::trace::world::{File, FileId};
use crate::tui::keymap::{self, Move};
use crate::tui::moment::{Moment, Now, Playhead};
use crate::tui::navigator::Taken;
use crate::tui::screens::WorkbenchScreen;
use crate::tui::stack::{Next, Screen as _};
use crate::tui::widgets::View;
use crate::tui::{Navigator, Theme};

/// The shortest sleep that poll(2) can count.
pub(super) const SHORTEST: Duration = Duration::from_millis(1);
/// How long the end of an endless demo is shown.
pub(super) const LAST: Duration = Duration::from_secs(4);
/// The factor of the keys that change the speed.
const FASTER: f64 = 1.5;

/// A demo.
pub struct DemoScreen {
    pub(crate) player: Player,
    pub(crate) theme: Theme,
    pub(crate) lang: Lang,
    /// The time that has passed.
    pub(super) time: Duration,
    /// It starts over at its end.
    endless: bool,
    pub(super) ended: Duration,
    pub(crate) navigator: Navigator,
    pub(super) trouble: Option<Trouble>,
    /// Records that have not been passed on yet.
    pub(super) news: Vec<Record>,
}

impl DemoScreen {
    /// A demo played by `player`, at time zero.
    pub fn new(player: Player, theme: Theme, lang: Lang) -> Self {
        Self {
            player,
            theme,
            lang,
            time: Duration::ZERO,
            endless: false,
            ended: Duration::ZERO,
            navigator: Navigator::new(lang),
            trouble: None,
            news: Vec::new(),
        }
    }

    /// Makes it start over at its end.
    #[must_use]
    pub fn endless(self, endless: bool) -> Self {
        Self { endless, ..self }
    }

    /// The player.
    pub fn player(&self) -> &Player {
        &self.player
    }

    /// The theme.
    pub fn theme(&self) -> &Theme {
        &self.theme
    }

    /// Why it cannot go on, once.
    pub fn trouble(&mut self) -> Option<Trouble> {
        self.trouble.take()
    }

    /// The session, to be closed.
    pub fn close(&mut self) -> Option<Session> {
        self.player.hand_over()
    }

    /// Lets the player do something; returns whether there is anything new to show.
    pub(super) fn go(
        &mut self,
        what: impl FnOnce(&mut Player, Duration, &mut dyn FnMut(&Record)) -> Result<bool, Trouble>,
    ) -> bool {
        let (now, news) = (self.time, &mut self.news);
        match what(&mut self.player, now, &mut |record| news.push(*record)) {
            Ok(news) => {
                self.look();
                news
            }
            Err(trouble) => {
                self.trouble = Some(trouble);
                true
            }
        }
    }

    /// Moves the navigator to the moment that the player shows.
    fn look(&mut self) {
        let at = self.player.moment().at;
        let timeline = self.player.stepper().timeline();
        let cursor = &mut self.navigator.cursor;
        if cursor.at(timeline) != at || cursor.is_past() && at == timeline.len() {
            cursor.look_at(at, timeline);
        }
    }

    /// Starts over, with another server.
    pub(super) fn again(&mut self) -> bool {
        self.go(|player, now, each| player.again(now, each).map(|()| true))
    }

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
            Action::Back if self.is_between() => self.look(),
            Action::TakeOver => return self.take_over(key, event),
            Action::Projector => self.theme = self.theme.projected(!self.theme.projector),
            Action::Pause if self.player.is_over() => drop(self.again()),
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
                    Action::Quit | Action::TakeOver | Action::Projector => {}
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

    /// Lets the navigator do something, and makes the player show the moment that it has moved to.
    pub(super) fn looks_on(&mut self, does: impl FnOnce(&mut Navigator, &History) -> bool) -> bool {
        let timeline = self.player.stepper().timeline();
        let before = self.navigator.cursor.at(timeline);
        let done = does(&mut self.navigator, timeline);
        let at = self.navigator.cursor.at(timeline);
        if at != before {
            self.player.look_at(at);
        }
        done
    }

    /// Whether the moment shown lies between two moments of the demo.
    fn is_between(&self) -> bool {
        self.navigator.cursor.at(self.player.stepper().timeline()) != self.player.moment().at
    }

    /// Pushes the workbench with the live session, and passes the key on to it. If the server has ended and the key
    /// needs a live one, the session is a new one.
    fn take_over(&mut self, key: &KeyEvent, event: &Event) -> Next {
        let has_ended = self.player.stepper().session().is_some_and(Session::is_over);
        if has_ended && keymap::needs_server(key) {
            self.go(|player, _, each| player.replace_server(each).map(|()| true));
        }
        let Some(session) = self.player.hand_over() else { return Next::Stay };
        let mut workbench = WorkbenchScreen::new(session, self.theme.clone(), self.lang);
        let moment = self.player.moment();
        workbench.welcome_from_demo(moment.client, if self.player.is_now() { u64::MAX } else { moment.at });
        workbench.input(event);
        Next::Push(Box::new(workbench))
    }

    /// Whether it stands at its end, and is to start over.
    pub(super) fn ends(&self) -> bool {
        self.endless && self.player.is_over() && !self.player.is_paused()
    }

    /// Which moment of the demo is shown.
    fn playhead(&self, session: &Session) -> Playhead {
        let behind = self.navigator.cursor.behind(session.timeline());
        // Before the last caption was shown, the number of calls may have been the same.
        if self.player.is_paused() && behind > 0 {
            Playhead::Past { behind }
        } else {
            Playhead::Demo { plays: !self.player.is_paused() && !self.player.is_over() }
        }
    }

    /// The workbench at the moment shown; `None` while the session is given away.
    pub(crate) fn bench(&self) -> Option<View<'_>> {
        let session = self.player.stepper().session()?;
        let moment = self.player.moment();
        let playhead = self.playhead(session);
        let shown = self.navigator.cursor.shown(session.timeline(), Now { playhead, ..Now::of(session, None) });
        let (world, now) = (shown.world, shown.now);
        let now = if self.is_between() { now } else { Now { playhead, next: moment.next, ..now } };
        let shown = Moment { now, track: None, ..shown };
        Some(View {
            addr: Some(session.addr()),
            policy: Some(world.policy().copied().unwrap_or(*session.policy())),
            ordered: None,
            selected: moment.client.and_then(|client| connection(world, client)),
            ..View::of(shown, &self.navigator, &self.theme, self.lang)
        })
    }
}

/// The connection of `client` once it is accepted, also after the client has left.
fn connection(world: &World, client: ClientId) -> Option<FileId> {
    let its = |file: &File| file.stream().is_some_and(|end| end.client == Some(client.0));
    world.files().find(|(_, file)| its(file)).map(|(id, _)| id)
}

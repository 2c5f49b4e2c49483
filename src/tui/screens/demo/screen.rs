//! The state of a demo. Nothing here draws.

use std::time::Duration;

use crate::analysis::History;
use crate::demo::Player;
use crate::i18n::Lang;
use crate::lesson::Trouble;
use crate::record::Record;
use crate::session::{ClientId, Session};
use crate::trace::World;
use crate::trace::world::{File, FileId};
use crate::tui::moment::{Moment, Now, Playhead};
use crate::tui::widgets::{CallsView, View};
use crate::tui::{CodeLanguage, Navigator, Theme};

/// A demo on the screen.
pub struct DemoScreen {
    pub player: Player,
    pub(crate) theme: Theme,
    pub(crate) lang: Lang,
    pub(super) time: Duration,
    /// It starts over at its end.
    pub endless: bool,
    pub(super) ended: Duration,
    pub(crate) navigator: Navigator,
    /// Why it cannot go on.
    pub trouble: Option<Trouble>,
    pub(super) news: Vec<Record>,
    pub(super) calls: CallsView,
    pub language: CodeLanguage,
}

impl DemoScreen {
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
            calls: CallsView::default(),
            language: CodeLanguage::default(),
        }
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

    pub(super) fn look(&mut self) {
        let at = self.player.moment().at;
        let timeline = self.player.stepper.timeline();
        let cursor = &mut self.navigator.cursor;
        if cursor.at(timeline) != at || cursor.is_past() && at == timeline.len() {
            cursor.look_at(at, timeline);
        }
    }

    pub(super) fn again(&mut self) -> bool {
        self.go(|player, now, each| player.again(now, each).map(|()| true))
    }

    /// Lets the navigator do something, and makes the player show the moment that it has moved to.
    pub(super) fn looks_on(&mut self, does: impl FnOnce(&mut Navigator, &History) -> bool) -> bool {
        let timeline = self.player.stepper.timeline();
        let before = self.navigator.cursor.at(timeline);
        let done = does(&mut self.navigator, timeline);
        let at = self.navigator.cursor.at(timeline);
        if at != before {
            self.player.look_at(at);
        }
        done
    }

    pub(super) fn is_between(&self) -> bool {
        self.navigator.cursor.at(self.player.stepper.timeline()) != self.player.moment().at
    }

    /// Whether it stands at its end, and is to start over.
    pub(super) fn ends(&self) -> bool {
        self.endless && self.player.is_over() && !self.player.is_paused()
    }

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
        let session = self.player.stepper.session()?;
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
            calls: self.calls,
            language: self.language.language,
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

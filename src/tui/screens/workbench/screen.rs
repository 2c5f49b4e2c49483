//! The workbench: its state, and how it stands on the stack of screens. `view.rs` draws it.

use std::os::fd::BorrowedFd;
use std::time::Duration;

use crossterm::event::Event;
use nix::poll::PollTimeout;
use ratatui::prelude::{Buffer, Rect, Widget as _};

use super::focus::Focus;
use super::lead::Lead;
use super::source::{Beginning, Source, problems, trouble};
use super::tried::Tried;
use crate::analysis::{History, scope::Timebase};
use crate::i18n::Lang;
use crate::probe::{Mode as GateMode, ServerState};
use crate::record::{Annotation, Call, Policy, Record};
use crate::server::ServerError;
use crate::session::{ClientId, Session};
use crate::trace::{Playback, Timeline, World, world::FileId};
use crate::tui::keymap::binding::{Listed, listed};
use crate::tui::keymap::{KEYS, interrupts};
use crate::tui::linear::Linear;
use crate::tui::moment::{Now, Playhead};
use crate::tui::navigator::{Notice, Passed};
use crate::tui::widgets::{CallsView, View};
use crate::tui::{CodeLanguage, Navigator, Next, Screen, Theme};

/// The speeds of a running server, in calls a second; the last is as fast as it can.
pub const PACES: [Option<u64>; 6] = [Some(1), Some(2), Some(4), Some(10), Some(50), None];

/// The workbench on a live server or a recording.
pub struct WorkbenchScreen {
    pub(super) source: Source,
    pub(super) beginning: Beginning,
    /// What was last said to be wrong with the recording.
    trouble: Option<String>,
    pub(crate) theme: Theme,
    pub(super) lang: Lang,
    pub(super) navigator: Navigator,
    pub(super) focus: Focus,
    pub(super) pace: usize,
    pub(super) amount: usize,
    pub(super) timebase: Timebase,
    pub(super) calls: CallsView,
    /// Only the calls about the selected fd are shown and searched.
    pub(super) only: bool,
    pub(super) language: CodeLanguage,
    /// For how long nothing has happened, up to a second.
    pub(super) still: Duration,
    /// How the server stood at the last look, and the call that it was held before.
    pub(super) stood: (ServerState, Option<Call>),
    /// It was opened from a lesson or a demo, and leads back there; or it shows the recording of one.
    pub(super) taught: bool,
    /// The task of the lesson that it was opened from.
    pub(super) task: Option<Tried>,
    pub(super) lead: Lead,
    pub(super) next: Next,
}

impl WorkbenchScreen {
    pub fn new(session: Session, theme: Theme, lang: Lang) -> Self {
        Self::on(Source::Session(Box::new(session)), theme, lang)
    }

    pub fn replay((playback, timeline): (Playback, Timeline), theme: Theme, lang: Lang) -> Self {
        // `lesson 05-level-triggered`
        let taught = playback.header().source.starts_with("lesson");
        Self { taught, ..Self::on(Source::Recording(Box::new((playback, History::of(timeline)))), theme, lang) }
    }

    fn on(source: Source, theme: Theme, lang: Lang) -> Self {
        Self {
            beginning: Beginning::of(&source),
            trouble: None,
            source,
            theme,
            lang,
            navigator: Navigator::new(lang),
            focus: Focus::None,
            pace: PACES.len() - 1,
            amount: 3000,
            timebase: Timebase::Calls(1),
            calls: CallsView::default(),
            only: false,
            language: CodeLanguage::default(),
            still: Duration::ZERO,
            stood: (ServerState::Working, None),
            taught: false,
            task: None,
            lead: Lead::default(),
            next: Next::Stay,
        }
    }

    /// Starts at the beginning of the recording, as soon as its first records are there.
    pub fn begin_at_the_start(&mut self) {
        self.beginning.wanted = true;
    }

    /// The first message after a lesson. The youngest client is selected.
    pub fn welcome_from_lesson(&mut self) {
        self.taught = true;
        let youngest = self.source.session().and_then(|session| session.clients().clients().last()).map(|(id, _)| id);
        self.focus = youngest.map_or(Focus::None, Focus::Client);
        self.navigator.say(self.lang.of(
            "the lesson's server in its present state: drive it as you like; q goes back to the lesson",
            "这就是课程里的服务器，可以随意操作；q 回到课程",
        ));
    }

    /// The live session; `None` for a recording.
    pub fn session(&self) -> Option<&Session> {
        self.source.session()
    }

    pub fn session_mut(&mut self) -> Option<&mut Session> {
        self.source.session_mut()
    }

    pub fn view(&self) -> View<'_> {
        let shown = self.navigator.cursor.shown(self.source.timeline(), self.now());
        let world = shown.world;
        View {
            addr: self.beginning.addr,
            policy: self.policy_in(world),
            selected: self.focus.file(world),
            client: self.focused_client(world).map(|client| client.0),
            frozen: self.focus.is_frozen(world),
            process: self.source.session().map(|_| std::process::id()),
            amount: self.amount,
            timebase: self.timebase,
            taught: self.taught,
            by_hand: self.beginning.is_by_hand(),
            calls: self.calls,
            only: self.focus.file(world).filter(|_| self.only),
            sought: self.navigator.sought(),
            language: self.language.language,
            still: self.still,
            task: self.task.as_ref().map(Tried::view),
            guide: self.lead.guide(),
            ..View::of(shown, &self.navigator, &self.theme, self.lang)
        }
    }

    /// The built-in client that keys act for.
    pub(super) fn focused_client(&self, world: &World) -> Option<ClientId> {
        self.focus.client(world)
    }

    /// Says what is wrong with a recording: once when it turns out to begin midway, and once when it has been read.
    pub(super) fn tell_trouble(&mut self) {
        let Some(playback) = self.source.recording() else { return };
        let trouble = trouble(playback, self.lang);
        if trouble.is_some() && self.trouble != trouble && (playback.is_over() || self.trouble.is_none()) {
            self.trouble.clone_from(&trouble);
            self.navigator.say(trouble.unwrap_or_default());
        }
    }

    /// What is wrong with the recording, one line each, to print after the screen is closed.
    pub fn problems(&self) -> Vec<String> {
        self.source.recording().map_or_else(Vec::new, problems)
    }

    /// Moves to position `k` and selects this file.
    pub fn look_at(&mut self, k: u64, selected: Option<FileId>) {
        self.navigator.cursor.look_at(k, self.source.timeline());
        self.focus = selected.map_or(Focus::None, Focus::File);
        self.navigator.attend();
    }

    /// Whether a recording has been read to its end.
    pub fn is_read(&self) -> bool {
        self.source.recording().is_none_or(Playback::is_over)
    }
}

impl Screen for WorkbenchScreen {
    fn take_in(&mut self, each: &mut dyn FnMut(&Record)) -> bool {
        let news = self.source.pump(each);
        let timeline = self.source.timeline();
        self.beginning.read_on(timeline);
        self.navigator.cursor.keep_up(timeline);
        if self.beginning.wanted && !timeline.is_empty() {
            self.beginning.wanted = false;
            self.navigator.cursor.look_at(self.beginning.before_step_1, timeline);
            if self.navigator.notice.is_none() {
                self.navigator.say(self.lang.of(
                    "a recording, shown from the moment before step 1; → shows the next call, End the last",
                    "这是录制，从第 1 步之前的时刻显示；→ 看下一次调用，End 看最后一次",
                ));
            }
        }
        if let Some(session) = self.source.session() {
            self.navigator.tell_stop(session);
        }
        self.tell_trouble();
        // After its last record, the server may still be held or fall asleep in a call: that must be drawn too.
        let stands = |session: &Session| (session.state(), session.held_before());
        let stands = self.source.session().map_or(self.stood, stands);
        let news = self.look_what_is_done() || news;
        let news = std::mem::replace(&mut self.stood, stands) != stands || news;
        if news {
            self.still = Duration::ZERO;
            self.look_at_task();
        }
        news
    }

    fn render(&self, area: Rect, buf: &mut Buffer) {
        self.view().render(area, buf);
    }

    fn sleep(&self, also: &[BorrowedFd<'_>], timeout: PollTimeout) {
        self.source.sleep(also, timeout);
    }

    fn input(&mut self, event: &Event) -> Next {
        match event {
            Event::Key(key) if interrupts(key) => {
                self.leave_guide();
                return Next::Quit;
            }
            Event::Key(key) => self.key(key),
            Event::Paste(text) => self.navigator.paste(text),
            _ => {}
        }
        std::mem::take(&mut self.next)
    }

    fn pass(&mut self, passed: Duration) -> Passed {
        let searched = self.navigator.pass(passed, self.source.timeline());
        self.stand_still(passed, searched)
    }

    fn keys(&self) -> Vec<Listed> {
        listed(KEYS).collect()
    }

    fn looks(&self) -> (Theme, Lang) {
        (self.theme.clone(), self.lang)
    }

    /// Nobody would take in the records of a server that runs on.
    fn rest(&mut self) {
        if self.is_running() {
            self.run_or_pause();
        }
    }

    fn linear(&self, since: u64) -> Linear {
        self.in_lines(since)
    }

    fn recorded(&self) -> Option<&History> {
        Some(self.source.timeline())
    }

    fn tell(&mut self, notice: Notice) {
        self.navigator.notice = Some(notice);
    }

    fn leave(self: Box<Self>, _: &mut dyn FnMut(&Record)) -> Option<Session> {
        match self.source {
            Source::Session(session) => Some(*session),
            Source::Recording(_) => None,
        }
    }
}

impl WorkbenchScreen {
    /// The policy in `world`; before the first policy record, the first one to come. `None` if the records do not say.
    pub(super) fn policy_in(&self, world: &World) -> Option<Policy> {
        let told = || self.source.session().map(|session| *session.policy());
        world.policy().copied().or(self.beginning.policy).or_else(told)
    }

    pub(super) fn now(&self) -> Now {
        match self.source.session() {
            Some(session) => Now::of(session, PACES[self.pace]),
            None => self.at_the_end(),
        }
    }

    pub(super) fn is_running(&self) -> bool {
        self.source.session().is_some_and(|session| matches!(session.mode(), GateMode::Free | GateMode::Paced(_)))
    }

    fn at_the_end(&self) -> Now {
        let over = self.source.recording().is_none_or(crate::trace::Playback::is_over);
        let ending = self.source.timeline().now().ending();
        let ended = match ending {
            Some(&Annotation::Died { call, fd, ret }) => {
                Some(ServerError::Call { call, fd, errno: ret.errno().unwrap_or(crate::sys::Errno::UnknownErrno) })
            }
            _ => None,
        };
        let state = match ending {
            Some(Annotation::Died { .. }) if over => ServerState::Died,
            Some(_) if over => ServerState::Ended,
            _ => ServerState::Working,
        };
        let playhead = if over { Playhead::Ends } else { Playhead::Follows };
        Now { state, ended, recorded: true, ..Now::unknown(playhead) }
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    use super::*;
    use crate::i18n::Lang;
    use crate::probe::{Mode, ServerState, WhenFull};
    use crate::record::{Faults, Policy, Read};
    use crate::server::Setup;
    use crate::tui::Theme;
    use crate::tui::theme::{Depth, Ground};

    #[test]
    fn it_is_news_that_the_server_fell_asleep_in_a_call() {
        let policy = Policy { read: Read::Drain, faults: Faults::BLOCKING, ..Policy::default() };
        let listen = (std::net::Ipv4Addr::LOCALHOST, 0).into();
        let setup = Setup { listen, policy, gate: Mode::Free, capacity: 1 << 10, when_full: WhenFull::Wait };
        let session = Session::open(&setup).expect("a server");
        let mut app = WorkbenchScreen::new(session, Theme::new(Depth::True, Ground::Dark), Lang::En);
        let press = |app: &mut WorkbenchScreen, key| {
            app.input(&Event::Key(KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE)));
        };
        let hangs = |app: &WorkbenchScreen| matches!(app.session().map(Session::state), Some(ServerState::Hung(_)));
        press(&mut app, 'c');
        for _ in 0..200 {
            let waits = app.session().is_some_and(|session| session.state() == ServerState::Waiting);
            if waits {
                press(&mut app, 's');
            }
            app.sleep(&[], PollTimeout::from(10_u8));
            if !app.take_in(&mut |_| ()) && hangs(&app) {
                break;
            }
        }
        assert!(hangs(&app) && !app.take_in(&mut |_| ()));
        // As if that had happened just after the last look.
        app.stood.0 = ServerState::Working;
        assert!(app.take_in(&mut |_| ()), "nothing is drawn anew");
        assert!(!app.take_in(&mut |_| ()));
    }
}

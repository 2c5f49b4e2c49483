//! What the screen is about, and what each key does to it. Nothing here draws.

mod act;
mod drive;
mod moment;
mod policy;
mod stage;

use std::os::fd::BorrowedFd;
use std::time::Duration;

use crossterm::event::Event;
use nix::poll::PollTimeout;
use ratatui::Frame;

use crate::analysis::scope::Timebase;
use crate::i18n::Lang;
use crate::probe::ServerState;
use crate::record::{Call, Nanos, Record};
use crate::session::{ClientId, Session};
use crate::trace::world::{FileId, Stream};
use crate::trace::{Playback, World};
use crate::tui::cursor::{Move, Passed};
use crate::tui::widgets::view::View;
use crate::tui::{Action, Show, Theme};
use crate::tui::{Navigator, navigator::Mode};

pub use policy::CHOICES;
use stage::{Beginning, Source, trouble};

/// What is selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// Nothing.
    None,
    /// A built-in client, accepted or not.
    Client(ClientId),
    /// A registered file.
    File(FileId),
}

/// How fast the server runs when it runs.
const PACES: [Option<u64>; 6] = [Some(1), Some(2), Some(4), Some(10), Some(50), None];

/// The workbench.
pub struct WorkbenchScreen {
    stage: Source,
    beginning: Beginning,
    /// What was said to be wrong with the recording.
    trouble: Option<String>,
    pub(in crate::tui) theme: Theme,
    lang: Lang,
    navigator: Navigator,
    focus: Focus,
    pace: usize,
    amount: usize,
    timebase: Timebase,
    /// How the server stood when it was last looked at, and the call that it was held before.
    stood: (ServerState, Option<Call>),
    /// It was opened from a lesson, and leads back there; or it shows the recording of one.
    taught: bool,
    quit: bool,
    /// By Ctrl-C.
    interrupted: bool,
}

impl WorkbenchScreen {
    /// A workbench on a server that is held before its first call.
    pub fn new(session: Session, theme: Theme, lang: Lang) -> Self {
        Self::on(Source::Session(Box::new(session)), theme, lang)
    }

    /// The same screen on a recording.
    pub fn replay(playback: Playback, theme: Theme, lang: Lang) -> Self {
        // `lesson 05-level-triggered`
        let taught = playback.header().source.starts_with("lesson");
        Self { taught, ..Self::on(Source::Recording(Box::new(playback)), theme, lang) }
    }

    fn on(stage: Source, theme: Theme, lang: Lang) -> Self {
        Self {
            beginning: Beginning::of(&stage),
            trouble: None,
            stage,
            theme,
            lang,
            navigator: Navigator::new(lang),
            focus: Focus::None,
            pace: PACES.len() - 1,
            amount: 3000,
            timebase: Timebase::Calls(1),
            stood: (ServerState::Working, None),
            taught: false,
            quit: false,
            interrupted: false,
        }
    }

    /// The first word to the user: a warning, or which key to begin with.
    pub fn welcome(&mut self, warning: Option<String>) {
        match warning {
            Some(warning) => self.warn(warning),
            None => {
                self.say(self.lang.of(
                    "Space makes the next system call; c connects a client; the panels show what the kernel did",
                    "Space 执行下一个系统调用；c 连接一个客户端；各面板显示内核做了什么",
                ));
            }
        }
    }

    /// Begins at the beginning, not at the newest record, once there is one.
    pub fn begin_at_the_start(&mut self) {
        self.beginning.wanted = true;
    }

    /// The first word to one who comes from a lesson; and the youngest client is selected.
    pub fn welcome_from_lesson(&mut self) {
        self.taught = true;
        let youngest = self.stage.session().and_then(|session| session.clients().clients().last()).map(|(id, _)| id);
        self.focus = youngest.map_or(Focus::None, Focus::Client);
        self.say(self.lang.of(
            "the lesson's server, as it stands: do what you like; q goes back to the lesson",
            "这就是课程里的服务器：想做什么都行；q 回到课程",
        ));
    }

    /// The first word to one who takes a demo over: its client is selected, and the moment looked at that it showed.
    pub fn welcome_from_demo(&mut self, client: Option<ClientId>, at: u64) {
        self.taught = true;
        self.navigator.cursor.look_at(at, self.stage.timeline());
        self.focus = client.map_or(Focus::None, Focus::Client);
        self.say(
            self.lang.of(
                "you have taken over the demo's server; q goes back to the demo",
                "你已接管演示的服务器；q 回到演示",
            ),
        );
    }

    /// Whether the user left by Ctrl-C: all of it, the lesson too.
    pub fn is_interrupted(&self) -> bool {
        self.interrupted
    }

    /// The living server with its clients; none in a recording.
    pub fn session(&self) -> Option<&Session> {
        self.stage.session()
    }

    /// The living server alone.
    pub fn into_live(self) -> Option<Session> {
        match self.stage {
            Source::Session(session) => Some(*session),
            Source::Recording(_) => None,
        }
    }

    /// The same, to close it.
    pub fn live_mut(&mut self) -> Option<&mut Session> {
        self.stage.live_mut()
    }

    /// What is to be drawn.
    pub fn view(&self) -> View<'_> {
        let shown = self.navigator.cursor.shown(self.stage.timeline(), self.now());
        let world = shown.world;
        View {
            addr: self.beginning.addr,
            policy: self.policy_in(world),
            selected: self.selected(world),
            frozen: self.is_frozen(world),
            amount: self.amount,
            timebase: self.timebase,
            taught: self.taught,
            by_hand: self.beginning.is_by_hand(),
            ..View::of(shown, &self.navigator, &self.theme, self.lang)
        }
    }

    /// Whether the selected client does not read.
    fn is_frozen(&self, world: &World) -> bool {
        let stream = |id| world.file(id).and_then(|file| file.stream());
        let client = self.selected(world).and_then(stream).and_then(|end| stream(end.other?));
        client.is_some_and(|end| end.reads == Some(false))
    }

    /// The registered file that is selected, in `world`.
    fn selected(&self, world: &World) -> Option<FileId> {
        match self.focus {
            Focus::None => None,
            Focus::File(id) => world.file(id).map(|_| id),
            Focus::Client(client) => world.accepted_from_client(client.0),
        }
    }

    /// The built-in client that the keys act for.
    fn focused_client(&self, world: &World) -> Option<ClientId> {
        match self.focus {
            Focus::None => None,
            Focus::Client(id) => Some(id),
            Focus::File(id) => ordinal(world, world.file(id)?.stream()?),
        }
    }

    fn say(&mut self, text: impl Into<String>) {
        self.navigator.say(text);
    }

    fn warn(&mut self, text: impl Into<String>) {
        self.navigator.warn(text);
    }

    fn next_timebase(&mut self) {
        const MS: u64 = 1_000_000;
        self.timebase = match self.timebase {
            Timebase::Calls(1) => Timebase::Calls(10),
            Timebase::Calls(_) => Timebase::Time(Nanos(MS)),
            Timebase::Time(Nanos(MS)) => Timebase::Time(Nanos(100 * MS)),
            Timebase::Time(_) => Timebase::Calls(1),
        };
    }

    /// Says what is wrong with a recording when it has been read, and when it begins midway.
    fn tell_trouble(&mut self) {
        let Some(playback) = self.stage.recording() else { return };
        let trouble = trouble(playback, self.lang);
        if trouble.is_some() && self.trouble != trouble && (playback.is_over() || self.trouble.is_none()) {
            self.trouble.clone_from(&trouble);
            self.say(trouble.unwrap_or_default());
        }
    }

    /// What was wrong with the recording, a line each, to be told after the screen is closed.
    pub fn problems(&self) -> Vec<String> {
        let Some(problems) = self.stage.recording().map(Playback::problems) else { return Vec::new() };
        let mut told: Vec<String> = problems.lines.iter().chain(&problems.end).map(ToString::to_string).collect();
        let more = problems.count.saturating_sub(problems.lines.len() as u64);
        if more > 0 {
            told.push(format!("and {more} more lines that were wrong"));
        }
        if problems.missing > 0 {
            told.push(format!("{} records are missing, by their numbers", problems.missing));
        }
        told.extend(problems.unknown.iter().map(ToString::to_string));
        told
    }

    /// Looks at the moment at position `k`, with this file selected.
    pub fn look_at(&mut self, k: u64, selected: Option<FileId>) {
        self.navigator.cursor.look_at(k, self.stage.timeline());
        self.focus = selected.map_or(Focus::None, Focus::File);
        self.navigator.attend();
    }

    /// Whether all has come that will come: a recording is read to its end.
    pub fn is_read(&self) -> bool {
        self.stage.recording().is_none_or(Playback::is_over)
    }

    /// For callers that act for the user, such as tests.
    pub fn perform(&mut self, action: Action) {
        self.act(action);
    }
}

impl Show for WorkbenchScreen {
    fn take_in(&mut self, each: &mut dyn FnMut(&Record)) -> bool {
        let news = self.stage.pump(each);
        let timeline = self.stage.timeline();
        self.beginning.read_on(timeline);
        self.navigator.cursor.keep_up(timeline);
        if self.beginning.wanted && !timeline.is_empty() {
            self.beginning.wanted = false;
            self.navigator.cursor.look_at(self.beginning.before_step_1, timeline);
        }
        if let Some(session) = self.stage.session() {
            self.navigator.tell_stop(session);
        }
        self.tell_trouble();
        // The server is held, or falls asleep in a call, only after its last record has come: that is news too.
        let stands = |session: &Session| (session.state(), session.held_before());
        let stands = self.stage.session().map_or(self.stood, stands);
        std::mem::replace(&mut self.stood, stands) != stands || news
    }

    fn draw(&self, frame: &mut Frame<'_>) {
        self.view().draw(frame);
    }

    fn sleep(&self, also: &[BorrowedFd<'_>], timeout: PollTimeout) {
        self.stage.sleep(also, timeout);
    }

    fn input(&mut self, event: &Event) {
        self.take(event);
    }

    fn pass(&mut self, passed: Duration) -> Passed {
        self.navigator.pass(passed, self.stage.timeline())
    }

    fn is_left(&self) -> bool {
        self.quit
    }
}

/// The built-in client at the other end of `end`.
fn ordinal(world: &World, end: &Stream) -> Option<ClientId> {
    let other = world.file(end.other?)?.stream()?;
    other.ordinal.map(ClientId)
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    use super::*;
    use crate::probe::{Mode, WhenFull};
    use crate::record::{Faults, Policy, Read};
    use crate::server::Setup;
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
        // The last look came a moment before.
        app.stood.0 = ServerState::Working;
        assert!(app.take_in(&mut |_| ()), "nothing is drawn anew");
        assert!(!app.take_in(&mut |_| ()));
    }
}

//! What the screen is about, and what each key does to it. Nothing here draws.

mod act;
mod policy;

use std::os::fd::BorrowedFd;
use std::time::Duration;

use crossterm::event::Event;
use nix::poll::PollTimeout;
use ratatui::Frame;
use tui_input::Input;

use super::travel::Passed;
use super::view::{Standing, View, is_blocked};
use super::{Action, Show, Theme, Travel};
use crate::probe::{Mode as GateMode, Position};
use crate::record::{Call, Nanos, Policy, Record};
use crate::script::{ClientId, Live};
use crate::trace::scope::Timebase;
use crate::trace::world::{FileId, Stream};
use crate::trace::{Lang, World};

pub use policy::CHOICES;

/// What has the keys.
#[derive(Clone, Debug)]
pub enum Mode {
    /// The workbench itself.
    Workbench,
    /// The list of keys; scrolled down by so many lines.
    Help {
        /// Lines.
        scroll: u16,
    },
    /// The policy's choices, one of them selected.
    Policy {
        /// Its row.
        row: usize,
    },
    /// A question is being answered.
    Prompt {
        /// Which.
        question: Question,
        /// The answer so far.
        input: Input,
        /// The answer is a proposal: the first letter typed takes its place.
        proposed: bool,
    },
    /// One fd, whole; scrolled down by so many lines.
    Inspect {
        /// Lines.
        scroll: u16,
    },
}

/// What a prompt asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// How many bytes to send.
    Amount,
    /// A text to send.
    Text,
    /// A new value for the policy's choice in this row.
    Choice(usize),
}

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

/// A word to the user that stays until the next key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The word.
    pub text: String,
    /// It says that something did not work.
    pub alert: bool,
}

/// How fast the server runs when it runs.
const PACES: [Option<u64>; 6] = [Some(1), Some(2), Some(4), Some(10), Some(50), None];

/// The workbench.
pub struct App {
    pub(super) live: Live,
    pub(super) theme: Theme,
    lang: Lang,
    pub(super) mode: Mode,
    pub(super) focus: Focus,
    pub(super) notice: Option<Notice>,
    travel: Travel,
    pace: usize,
    amount: usize,
    timebase: Timebase,
    /// Where the server stood when it was last looked at.
    stood: Position,
    /// It was opened from a lesson, and leads back there.
    taught: bool,
    quit: bool,
    /// By Ctrl-C.
    interrupted: bool,
}

impl App {
    /// A workbench on a server that is held before its first call.
    pub fn new(live: Live, theme: Theme, lang: Lang) -> Self {
        Self {
            live,
            theme,
            lang,
            mode: Mode::Workbench,
            focus: Focus::None,
            notice: None,
            travel: Travel::default(),
            pace: PACES.len() - 1,
            amount: 3000,
            timebase: Timebase::Calls(1),
            stood: Position::Running,
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

    /// The first word to one who comes from a lesson; and the youngest client is selected.
    pub fn welcome_from_lesson(&mut self) {
        self.taught = true;
        let youngest = self.live.crew().clients().last().map(|(id, _)| id);
        self.focus = youngest.map_or(Focus::None, Focus::Client);
        self.say(self.lang.of(
            "the lesson's server, as it stands: do what you like; q goes back to the lesson",
            "这就是课程里的服务器：想做什么都行；q 回到课程",
        ));
    }

    /// The first word to one who takes a demo over: its client is selected, and the moment looked at that it showed.
    pub fn welcome_from_demo(&mut self, client: Option<ClientId>, at: u64) {
        self.taught = true;
        self.travel.look_at(at, self.live.timeline());
        self.focus = client.map_or(Focus::None, Focus::Client);
        self.say(self.lang.of(
            "you have taken over, with the demo's server as it stands; q goes back to the demo",
            "你已接管，服务器保持演示中的状态；q 回到演示",
        ));
    }

    /// Whether the user left by Ctrl-C: all of it, the lesson too.
    pub fn is_interrupted(&self) -> bool {
        self.interrupted
    }

    /// The stage.
    pub fn live(&self) -> &Live {
        &self.live
    }

    /// The stage alone.
    pub fn into_live(self) -> Live {
        self.live
    }

    /// The stage, to close it.
    pub fn live_mut(&mut self) -> &mut Live {
        &mut self.live
    }

    /// What is to be drawn.
    pub fn view(&self) -> View<'_> {
        let timeline = self.live.timeline();
        let (at, world) = (self.travel.at(timeline), self.travel.world(timeline));
        let standing = self.standing();
        View {
            theme: &self.theme,
            lang: self.lang,
            mode: &self.mode,
            notice: self.notice.as_ref(),
            timeline,
            at,
            world,
            standing,
            ended: self.live.ended().filter(|_| !self.travel.is_past()),
            next: self.next_call(at),
            addr: self.live.addr(),
            policy: self.policy_in(world),
            ordered: (!self.travel.is_past() && world.policy() != Some(self.live.policy()))
                .then_some(*self.live.policy()),
            selected: self.selected(world),
            frozen: self
                .focused_client(world)
                .and_then(|id| self.live.crew().client(id))
                .is_some_and(|c| !c.is_reading()),
            amount: self.amount,
            timebase: self.timebase,
            taught: self.taught,
        }
    }

    /// The policy in `world`; before the first was told, that first one.
    fn policy_in(&self, world: &World) -> Policy {
        let timeline = self.live.timeline();
        let first = || {
            timeline.range(timeline.first(), timeline.len()).find_map(|record| match record.call {
                Call::Policy(policy) => Some(policy),
                _ => None,
            })
        };
        world.policy().copied().or_else(first).unwrap_or(*self.live.policy())
    }

    fn standing(&self) -> Standing {
        if self.travel.is_past() {
            return Standing::Past { behind: self.travel.behind(self.live.timeline()) };
        }
        if self.live.is_over() {
            return Standing::Over;
        }
        if let Some(call) = self.live.hangs() {
            return Standing::Hangs(call);
        }
        let runs = match self.live.mode() {
            GateMode::Free | GateMode::Paced(_) => true,
            GateMode::Held
            | GateMode::Steps(_)
            | GateMode::NextWait
            | GateMode::Quiet
            | GateMode::Turn
            | GateMode::Return => false,
        };
        match self.live.position() {
            Position::Waiting if is_blocked(self.live.timeline().now()) => Standing::Blocked { runs },
            _ if runs => Standing::Runs { pace: PACES[self.pace] },
            _ => Standing::Paused,
        }
    }

    /// The server's next call: the next record of the past, or what the gate holds.
    fn next_call(&self, at: u64) -> Option<Call> {
        if !self.travel.is_past() {
            return match self.live.position() {
                Position::Before(call) => Some(call),
                Position::Running | Position::Waiting | Position::Inside(_) => None,
            };
        }
        let timeline = self.live.timeline();
        let world = timeline.now();
        let mut calls = timeline.range(at, timeline.len()).filter(|record| world.serves(record.tid));
        calls.find(|record| record.call.is_syscall()).map(|record| record.call)
    }

    /// The registered file that is selected, in `world`.
    fn selected(&self, world: &World) -> Option<FileId> {
        match self.focus {
            Focus::None => None,
            Focus::File(id) => world.file(id).map(|_| id),
            Focus::Client(client) => world
                .files()
                .find(|(_, file)| {
                    let end = file.stream().filter(|end| end.accepted);
                    end.and_then(|end| ordinal(world, end)) == Some(client)
                })
                .map(|(id, _)| id),
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
        self.notice = Some(Notice { text: text.into(), alert: false });
    }

    fn warn(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), alert: true });
    }

    fn gate_pace(&self) -> GateMode {
        match PACES[self.pace] {
            Some(per_second) => GateMode::Paced(Duration::from_millis(1000 / per_second)),
            None => GateMode::Free,
        }
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

    /// For callers that act for the user, such as tests.
    pub fn perform(&mut self, action: Action) {
        self.act(action);
    }
}

impl Show for App {
    fn take_in(&mut self, each: &mut dyn FnMut(&Record)) -> bool {
        let news = self.live.pump(each);
        self.travel.keep_up(self.live.timeline());
        // The server is held only after its last record has come: that is news too, and the bell has rung for it.
        let stands = self.live.position();
        std::mem::replace(&mut self.stood, stands) != stands || news
    }

    fn draw(&self, frame: &mut Frame<'_>) {
        self.view().draw(frame);
    }

    fn sleep(&self, also: &[BorrowedFd<'_>], timeout: PollTimeout) {
        // EINTR: the loop looks at everything anyway.
        let _ = self.live.sleep(also, timeout);
    }

    fn input(&mut self, event: &Event) {
        self.take(event);
    }

    fn pass(&mut self, passed: Duration) -> Passed {
        self.travel.pass(passed, self.live.timeline(), |_, _| false)
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

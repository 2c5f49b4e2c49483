//! A scene done on the real server, in the smallest steps there are: a caption, an act of a client, a system call.

use std::net::SocketAddr;
use std::rc::Rc;

use crate::analysis::History;
use crate::i18n::Lang;
use crate::lesson::{Scene, Trouble};
use crate::probe::ServerState;
use crate::record::{Call, Record};
use crate::script::{Caption, Does, Line, SceneLine, SceneRunner, ServerScene};
use crate::session::{ClientId, Session};
use crate::trace::world::Epoll;

/// The calls of a line that are shown one by one.
const SINGLE: u32 = 10;
/// The calls after those, which are shown faster. The rest comes at once.
const FURTHER: u32 = 24;

/// What one step of a scene did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beat {
    Caption,
    /// A client did something, or the policy was switched, or a server opened.
    Act,
    Call,
    /// It made one more of a long row, or all that were left of it.
    Further,
    /// Nothing: it has come to the end of a line.
    Rest,
}

/// The scene as far as it has been done.
pub struct SceneStepper {
    pub(crate) scene: Rc<Scene>,
    lang: Lang,
    listen: SocketAddr,
    play: SceneRunner,
    /// The line that is done next, or is being done.
    pub(super) line: usize,
    /// How many times that line has let the server make a call, and how many of its waits have returned.
    done: (u32, u32),
    /// The caption that was said last, by its number among the captions.
    pub(super) caption: Option<usize>,
    pub(super) client: Option<ClientId>,
}

impl SceneStepper {
    /// Opens the server of `scene` on `listen`, held before its first call; outcomes will be in `lang`.
    pub fn open(
        scene: Rc<Scene>,
        listen: SocketAddr,
        lang: Lang,
        each: &mut dyn FnMut(&Record),
    ) -> Result<Self, Trouble> {
        let play = SceneRunner::listening_on(listen, lang);
        let mut stepper = Self { scene, lang, listen, play, line: 0, done: (0, 0), caption: None, client: None };
        // The first line of a server scene.
        stepper.next(each)?;
        Ok(stepper)
    }

    pub fn timeline(&self) -> &History {
        self.play.timeline()
    }

    pub fn session(&self) -> Option<&Session> {
        self.play.server_scene().map(ServerScene::session)
    }

    pub fn next_call(&self) -> Option<Call> {
        self.session()?.held_before()
    }

    pub fn captions(&self) -> impl Iterator<Item = &Caption> {
        self.scene.lines.iter().filter_map(|line| match &line.does {
            Does::Caption(caption) => Some(caption),
            _ => None,
        })
    }

    /// Gives the server away; [`SceneStepper::again`] makes a new one.
    pub fn hand_over(&mut self) -> Option<Session> {
        self.play.server_scene()?;
        std::mem::replace(&mut self.play, SceneRunner::new(self.lang))
            .into_server_scene()
            .map(ServerScene::into_session)
    }

    /// Opens another server with nothing done to it, for the user to take over.
    pub fn replace_server(&mut self, each: &mut dyn FnMut(&Record)) -> Result<(), Trouble> {
        self.play = SceneRunner::listening_on(self.listen, self.lang);
        let scene = Rc::clone(&self.scene);
        scene.lines.first().map_or(Ok(()), |server| self.perform(server, &server.does, each))
    }

    /// Starts over with another server.
    pub fn again(&mut self, each: &mut dyn FnMut(&Record)) -> Result<(), Trouble> {
        // The old server is closed before the new one opens: it may listen on the same port.
        self.play = SceneRunner::new(self.lang);
        *self = Self::open(Rc::clone(&self.scene), self.listen, self.lang, each)?;
        Ok(())
    }

    /// Does what comes next; each record of it goes to `each`. `None` at the end of the scene. Fails if a claim of the
    /// scene does not come true, or if the system refuses what it needs.
    pub fn next(&mut self, each: &mut dyn FnMut(&Record)) -> Result<Option<Beat>, Trouble> {
        loop {
            let scene = Rc::clone(&self.scene);
            let Some(line) = scene.lines.get(self.line) else { return Ok(None) };
            let beat = match &line.does {
                Does::Caption(_) => {
                    self.caption = Some(self.caption.map_or(0, |number| number + 1));
                    Beat::Caption
                }
                Does::SceneLine(SceneLine::Step(n) | SceneLine::Wait(n)) => {
                    return self.let_run(line, *n, each).map(Some);
                }
                Does::SceneLine(SceneLine::Run) => return self.let_run(line, u32::MAX, each).map(Some),
                Does::SceneLine(_) | Does::Call(_) => {
                    self.perform(line, &line.does, each)?;
                    self.client = self.acted(&line.does).or(self.client);
                    Beat::Act
                }
                Does::Expect(_) | Does::Mark => {
                    self.perform(line, &line.does, each)?;
                    self.line += 1;
                    continue;
                }
            };
            self.line += 1;
            return Ok(Some(beat));
        }
    }

    /// The client that is the one to look at after this.
    fn acted(&self, does: &Does) -> Option<ClientId> {
        use SceneLine::{Close, Connect, Reading, Reset, Send, Shutdown};
        let Does::SceneLine(line) = does else { return None };
        match line {
            Connect(_) => self.session()?.clients().clients().last().map(|(id, _)| id),
            Send { client, .. } | Reading { client, .. } | Shutdown(client) | Reset(client) | Close(client) => {
                Some(*client)
            }
            _ => None,
        }
    }

    /// Lets the server make one more call of a line that lets it run, or what is left of them, or ends the line.
    fn let_run(&mut self, line: &Line, times: u32, each: &mut dyn FnMut(&Record)) -> Result<Beat, Trouble> {
        let (steps, waits) = self.done;
        let counted = if matches!(line.does, Does::SceneLine(SceneLine::Wait(_))) { waits } else { steps };
        let left = times.saturating_sub(counted);
        let (calls, returned) = self.counts();
        if left > 0 && steps < SINGLE + FURTHER {
            self.perform(line, &Does::SceneLine(SceneLine::Step(1)), each)?;
            let (now_calls, now_returned) = self.counts();
            self.done = (steps + 1, waits + (now_returned - returned));
            if now_calls > calls && self.made_one_more() {
                return Ok(if steps < SINGLE { Beat::Call } else { Beat::Further });
            }
        }
        // It is done; or has come to where it makes no further call; or there are too many to look at each. What the
        // line itself says about how the server stands now is kept for the claims that follow.
        let rest = match line.does {
            Does::SceneLine(SceneLine::Step(_)) => SceneLine::Step(left),
            Does::SceneLine(SceneLine::Wait(_)) => SceneLine::Wait(left),
            _ => SceneLine::Run,
        };
        if left > 0 {
            self.perform(line, &Does::SceneLine(rest), each)?;
        }
        (self.line, self.done) = (self.line + 1, (0, 0));
        Ok(if self.counts().0 > calls { Beat::Further } else { Beat::Rest })
    }

    /// How many calls the server has made, and how many of its waits have returned.
    fn counts(&self) -> (u64, u32) {
        let world = self.timeline().now();
        (world.counters().calls, world.last_epoll().map_or(0, Epoll::returned_count))
    }

    /// Whether the call that the server made was one more, or its last; not one that leads up to a wait that would
    /// block.
    fn made_one_more(&self) -> bool {
        let state = self.play.server_scene().map(ServerScene::state);
        matches!(state, Some(ServerState::Working | ServerState::Stopped(_) | ServerState::Died | ServerState::Ended))
    }

    fn perform(&mut self, line: &Line, does: &Does, each: &mut dyn FnMut(&Record)) -> Result<(), Trouble> {
        let outcome = self.play.run(&Line { does: does.clone(), ..line.clone() }, each);
        outcome.stop.map_or(Ok(()), |stop| Err(Trouble::of(stop, &self.scene.file, line)))
    }
}

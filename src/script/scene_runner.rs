//! A scene being played, line by line, and what can be measured of it.

use std::net::{Ipv4Addr, SocketAddr};

use super::Lab;
use super::Lists;
use super::ServerScene;
use super::measured::count;
use super::{Claim, Does, Line, Measure, Outcome, SceneLine, Stop, Value};
use crate::analysis::{History, Tally};
use crate::i18n::{Lang, grouped, words};
use crate::probe::Breakpoint;
use crate::record::Record;
use crate::session::SessionError;
use crate::sys::Errno;

/// Runs a scene of either kind, a line at a time.
pub struct SceneRunner {
    scene: Running,
    /// Where the server of a server scene listens.
    listen: SocketAddr,
    /// What outcomes are worded in.
    lang: Lang,
    /// The position that counts are taken from.
    mark: u64,
    /// The position up to which records were given out.
    seen: u64,
}

enum Running {
    Lab(Box<Lab>),
    Server(Box<ServerScene>),
}

impl SceneRunner {
    /// A scene before its first line, which says in `lang` what each line came to.
    pub fn new(lang: Lang) -> Self {
        Self::listening_on((Ipv4Addr::LOCALHOST, 0).into(), lang)
    }

    /// The same, with a server that will listen on `listen` and not on a free port of the loopback.
    pub fn listening_on(listen: SocketAddr, lang: Lang) -> Self {
        Self { scene: Running::Lab(Box::new(Lab::new(lang))), listen, lang, mark: 0, seen: 0 }
    }

    /// The language in which it says what each line came to.
    pub fn lang(&self) -> Lang {
        self.lang
    }

    pub fn timeline(&self) -> &History {
        match &self.scene {
            Running::Lab(lab) => lab.timeline(),
            Running::Server(server_scene) => server_scene.timeline(),
        }
    }

    pub fn lab(&self) -> Option<&Lab> {
        if let Running::Lab(lab) = &self.scene { Some(lab) } else { None }
    }

    /// The server and its clients, in a server scene.
    pub fn server_scene(&self) -> Option<&ServerScene> {
        if let Running::Server(server_scene) = &self.scene { Some(server_scene) } else { None }
    }

    /// The server scene, to go on with it by hand.
    pub fn into_server_scene(self) -> Option<ServerScene> {
        if let Running::Server(server_scene) = self.scene { Some(*server_scene) } else { None }
    }

    /// Has the server of a server scene stopped at these from now on, whatever line is done.
    pub fn break_at(&mut self, breakpoints: &[Breakpoint]) {
        if let Running::Server(server_scene) = &mut self.scene {
            server_scene.break_at(breakpoints);
        }
    }

    pub fn lists(&self) -> Vec<Lists> {
        match &self.scene {
            Running::Lab(lab) => lab.lists(),
            Running::Server(server_scene) => {
                let world = server_scene.timeline().now();
                let lists = |epoll| Lists::of(world, "server", epoll, |item| world.name(item.file, Lang::En));
                world.epoll().map(lists).into_iter().collect()
            }
        }
    }

    /// The position from which on measures count.
    pub fn marked(&self) -> u64 {
        self.mark
    }

    pub fn mark(&mut self) {
        self.mark = self.timeline().len();
        if let Running::Lab(lab) = &mut self.scene {
            lab.mark();
        }
    }

    /// Does one line; gives each record of it to `each`, numbered.
    pub fn run(&mut self, line: &Line, mut each: impl FnMut(&Record)) -> Outcome {
        let lang = self.lang;
        let outcome = match &line.does {
            Does::Expect(claim) => self.check(claim),
            Does::Mark => {
                self.mark();
                Outcome::done(lang.of("counting from here", "从这里开始计数"))
            }
            Does::Caption(_) => Outcome::done(""),
            Does::SceneLine(SceneLine::Server(policy)) => match ServerScene::open(self.listen, *policy, lang) {
                Ok(server_scene) => {
                    let addr = server_scene.session().addr();
                    self.scene = Running::Server(Box::new(server_scene));
                    Outcome::done(words!(lang, "a server on {addr}", "服务器位于 {addr}"))
                }
                Err(error) => Outcome::refused(error.words(lang)),
            },
            Does::SceneLine(line) => match &mut self.scene {
                Running::Server(server_scene) => server_scene.play(line),
                Running::Lab(_) => Outcome::refused(lang.of("there is no server", "这里没有服务器")),
            },
            Does::Call(verb) => match &mut self.scene {
                Running::Lab(lab) => lab.call(verb),
                Running::Server(_) => Outcome::refused(lang.of("this is a server scene", "这是服务器场景")),
            },
        };
        let (seen, now) = (self.seen, self.timeline().len());
        self.timeline().range(seen, now).for_each(|record| each(&record));
        self.seen = now;
        outcome
    }

    pub fn measure(&self, measure: &Measure) -> Value {
        match &self.scene {
            Running::Lab(lab) => {
                lab.measure(measure, self.mark).unwrap_or_else(|| count(lab.timeline(), measure, self.mark))
            }
            Running::Server(server_scene) => server_scene.measure(measure, self.mark),
        }
    }

    /// Ends the server of a server scene, which closes what it has open: step 7. Gives each record of that to `each`.
    ///
    /// # Errors
    /// What ended the server before, if anything did.
    pub fn close(&mut self, each: impl FnMut(&Record)) -> Result<(), SessionError> {
        match &mut self.scene {
            Running::Lab(_) => Ok(()),
            Running::Server(server_scene) => server_scene.close(each),
        }
    }

    fn check(&self, claim: &Claim) -> Outcome {
        let lang = self.lang;
        let came = self.measure(&claim.measure);
        if claim.measure.agrees(&claim.value, &came) {
            return Outcome::done(lang.of("ok", "成立"));
        }
        if !came.is_clear() {
            return Outcome::done(came.words(lang));
        }
        let came = match (&claim.measure, &came) {
            (_, Value::Events(events)) if events.is_empty() => lang.of("no event", "没有事件").to_owned(),
            (Measure::Result, Value::Result(0)) => lang.of("it succeeded", "调用成功了").to_owned(),
            (_, Value::Unmeasured) => came.words(lang),
            (Measure::Result, value) => words!(lang, "it failed with {value}", "调用失败：{value}"),
            (_, value) => value.words(lang),
        };
        let refused = grouped(Tally::since(self.timeline(), 0).errors(Errno::EMFILE as i32));
        let came = match &*refused {
            "0" => came,
            n => words!(
                lang,
                "{came}; {n} calls failed with EMFILE: no fd was free",
                "{came}；有 {n} 次调用因没有空闲的 fd 而失败（EMFILE）"
            ),
        };
        Outcome { stop: Some(Stop::Failed(came)), ..Outcome::done(lang.of("FAILED", "不成立")) }
    }
}

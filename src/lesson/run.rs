//! A lesson being taken: its scene played step by step, and each answer measured.

use std::rc::Rc;

use super::{Block, Lesson, Step, TaskRun};
use crate::analysis::search::{Search, Wanted, Way};
use crate::i18n::{Lang, words};
use crate::probe::Breakpoint;
use crate::record::{Annotation, Call, Record};
use crate::script::{Does, Line, SceneRunner, ServerScene, Stop, Value};
use crate::session::Session;
use crate::trace::text::{self, TextWriter};

/// Why a lesson can't go on: something in it is not as it claims, or the system refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words(Lang::En))]
pub struct Trouble {
    /// File, line, and what the line says.
    at: (String, usize, String),
    pub stop: Stop,
}

impl Trouble {
    /// What stopped the scene in `file` at `line`.
    pub fn of(stop: Stop, file: &str, line: &Line) -> Self {
        Self { at: (file.to_owned(), line.number, line.text.clone()), stop }
    }

    /// In a language; what came instead is in the language of the scene already.
    pub fn words(&self, lang: Lang) -> String {
        let (file, line, text) = &self.at;
        match &self.stop {
            Stop::Failed(came) => {
                let but = lang.of("but it was ", "实际结果：");
                format!("{file}:{line}: {text}\n{but}{came}")
            }
            Stop::Refused(why) => format!("{file}:{line}: {text}\n{why}"),
        }
    }
}

/// What a line of a script came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub line: String,
    pub said: String,
    /// The positions before the first and after the last of its records.
    pub from: u64,
    pub to: u64,
}

/// A line of the script that is played, with what it came to once it was done.
#[derive(Clone, Copy, Debug)]
pub struct Scripted<'a> {
    pub line: &'a str,
    pub said: Option<&'a Said>,
}

impl Scripted<'_> {
    /// Whether it was done at position `at`.
    pub fn is_done(&self, at: u64) -> bool {
        self.said.is_some_and(|said| said.to <= at)
    }
}

/// What the kernel answered to a step's question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    pub value: Value,
    /// The choice that says so, if one does.
    pub choice: Option<usize>,
    /// The calls that prove it, as text; all of them.
    pub proof: Vec<String>,
}

impl Answered {
    /// The first and the last of the calls that prove it, and between them how many there are more.
    pub fn shown(&self, lang: Lang) -> Vec<String> {
        const EACH: usize = 4;
        let more = self.proof.len().saturating_sub(2 * EACH);
        if more == 0 {
            return self.proof.clone();
        }
        let (first, last) = (&self.proof[..EACH], &self.proof[EACH + more..]);
        [first, &[words!(lang, "… {more} more", "… 另有 {more} 次")], last].concat()
    }
}

/// A step that is not played to its end.
#[derive(Clone, Copy, Debug)]
struct Midway {
    /// The line that goes on.
    line: usize,
    from: u64,
    by: Breakpoint,
}

/// A lesson while it is taken.
pub struct LessonRun {
    pub(super) lesson: Rc<Lesson>,
    lang: Lang,
    play: SceneRunner,
    played: usize,
    breakpoints: Vec<Breakpoint>,
    /// Set while a breakpoint holds the scene in the middle of a step.
    midway: Option<Midway>,
    /// The position up to which records were given out.
    told: u64,
    /// What the lines of the last step, or of the scene, came to; claims and marks do nothing, and are not among them.
    pub(crate) said: Vec<Said>,
    /// What the prose of the last step is filled with.
    filled: Vec<(String, String)>,
}

impl LessonRun {
    /// Plays the scene, up to before the first step, and says in `lang` what its lines came to.
    pub fn open(lesson: Rc<Lesson>, lang: Lang) -> Result<Self, Trouble> {
        let scene = Rc::clone(&lesson);
        let mut session = Self {
            lesson,
            lang,
            play: SceneRunner::new(lang),
            played: 0,
            breakpoints: Vec::new(),
            midway: None,
            told: 0,
            said: Vec::new(),
            filled: Vec::new(),
        };
        session.perform(&scene.scene, 0)?;
        session.play.mark();
        Ok(session)
    }

    pub fn play(&self) -> &SceneRunner {
        &self.play
    }

    /// The session of a server scene, for the user to drive; [`LessonRun::again`] opens another one.
    pub fn hand_over(&mut self) -> Option<Session> {
        self.play.server_scene()?;
        self.play.break_at(&[]);
        std::mem::replace(&mut self.play, SceneRunner::new(self.lang))
            .into_server_scene()
            .map(ServerScene::into_session)
    }

    /// The records since the last call, or since the scene was restarted, for a recording.
    pub fn news(&mut self) -> Vec<Record> {
        let timeline = self.play.timeline();
        let news = timeline.range(self.told, timeline.len()).collect();
        self.told = timeline.len();
        news
    }

    /// Ends the scene, and returns the last records: a recording tells how the server was held only if it goes on.
    pub fn end(&mut self) -> Vec<Record> {
        // One that has died is at its end.
        let _ = self.play.close(|_| ());
        self.news()
    }

    /// Plays what comes before the task, if the lesson has one; from then on it is the learner's. The steps have been
    /// played.
    pub fn begin_task(&mut self) -> Result<Option<TaskRun>, Trouble> {
        let Some(task) = self.lesson.task.clone() else { return Ok(None) };
        self.play.break_at(&[]);
        self.said.clear();
        self.perform(&task.begin, 0)?;
        self.play.mark();
        Ok(Some(TaskRun::new(task, self.play.timeline().len())))
    }

    pub fn played(&self) -> usize {
        self.played
    }

    pub fn next(&self) -> Option<&Step> {
        self.lesson.steps.get(self.played)
    }

    /// Holds the scene in the middle of a step when one of these is hit: a server before its next call or before the
    /// wait that would strand something, a lab before its next line. Steps that are replayed run without.
    pub fn break_at(&mut self, breakpoints: &[Breakpoint]) {
        self.breakpoints = breakpoints.to_vec();
        self.play.break_at(breakpoints);
    }

    /// The lines of the last step, or of the scene; of the next step if that comes now, or is played in part.
    pub fn script(&self, next: bool) -> Vec<Scripted<'_>> {
        let to_come = |from: usize| {
            let lines = self.next().map_or(&[][..], |step| &step.run).iter().skip(from);
            lines.filter(|line| is_told(line)).map(|line| Scripted { line: &line.text, said: None })
        };
        let done = self.said.iter().map(|said| Scripted { line: &said.line, said: Some(said) });
        match self.midway {
            Some(midway) => done.chain(to_come(midway.line)).collect(),
            None if next => to_come(0).collect(),
            None => done.collect(),
        }
    }

    /// The calls that a line has led to, of the program under the scope, as text.
    pub fn calls(&self, said: &Said) -> Vec<String> {
        let timeline = self.play.timeline();
        let own = timeline.range(said.from, said.to).filter(|record| timeline.now().serves(record.tid));
        text::calls(own, self.lang).into_iter().map(|(_, told)| told).collect()
    }

    /// The breakpoint that holds the scene in the middle of a step; [`LessonRun::advance`] continues it.
    pub fn held(&self) -> Option<Breakpoint> {
        self.midway.map(|midway| midway.by)
    }

    /// Plays the next step, and measures what its question asks for; or as far as a breakpoint [holds](LessonRun::held)
    /// it.
    pub fn advance(&mut self) -> Result<Option<Answered>, Trouble> {
        let lesson = Rc::clone(&self.lesson);
        let Some(step) = lesson.steps.get(self.played) else { return Ok(None) };
        let (line, from) = if let Some(midway) = self.midway.take() {
            (midway.line, midway.from)
        } else {
            self.play.mark();
            self.said.clear();
            (0, self.play.timeline().len())
        };
        if let Some((line, by)) = self.perform(&step.run, line)? {
            self.midway = Some(Midway { line, from, by });
            return Ok(None);
        }
        self.played += 1;
        self.filled = step
            .holes
            .iter()
            .map(|(hole, measure)| (hole.clone(), self.play.measure(measure).words(self.lang)))
            .collect();
        Ok(step.question.as_ref().map(|question| {
            let value = self.play.measure(&question.measure);
            let choice = question.choice_of(&value);
            // What was before the last mark is not counted. Where one of the calls is not among those since, the whole step
            // is the proof.
            let names = &question.proof;
            let mut proof = self.proof(self.play.marked(), names);
            if names.iter().any(|name| !proof.iter().any(|line| is_call(line, name))) {
                proof = self.proof(from, names);
            }
            Answered { value, choice, proof }
        }))
    }

    /// Restarts the scene and plays the first `steps` steps.
    pub fn again(&mut self, steps: usize) -> Result<(), Trouble> {
        // The old scene is closed before the new one opens.
        self.play = SceneRunner::new(self.lang);
        let breakpoints = std::mem::take(&mut self.breakpoints);
        *self = Self::open(Rc::clone(&self.lesson), self.lang)?;
        for _ in 0..steps {
            self.advance()?;
        }
        self.break_at(&breakpoints);
        Ok(())
    }

    /// `blocks` with the numbers of the last step put in.
    pub fn filled(&self, blocks: &[Block]) -> Vec<Block> {
        let fill = |hole: &str| {
            let found = self.filled.iter().find(|(name, _)| name == hole);
            found.map_or_else(|| format!("{{{hole}}}"), |(_, value)| value.clone())
        };
        blocks.iter().map(|block| block.filled(&fill)).collect()
    }

    /// Plays a line that is not of the lesson's steps. A claim that does not hold stops nothing.
    pub(super) fn try_line(&mut self, line: &Line) -> Result<(), Trouble> {
        match self.play.run(line, |_| ()).stop {
            Some(stop @ Stop::Refused(_)) => {
                Err(Trouble::of(stop, &format!("{}/lesson.toml", self.lesson.folder), line))
            }
            _ => Ok(()),
        }
    }

    /// Plays a line that was typed; returns its result.
    pub fn typed(&mut self, line: &Line) -> Said {
        let from = self.play.timeline().len();
        let outcome = self.play.run(line, |_| ());
        let said = match outcome.stop {
            Some(Stop::Failed(came)) => words!(self.lang, "no: {came}", "不成立：{came}"),
            _ => outcome.said,
        };
        Said { line: line.text.clone(), said, from, to: self.play.timeline().len() }
    }

    /// Does these lines from one on; where a breakpoint holds the scene, the line that is to be done then, and which it
    /// was.
    fn perform(&mut self, lines: &[Line], from: usize) -> Result<Option<(usize, Breakpoint)>, Trouble> {
        for (i, line) in lines.iter().enumerate().skip(from) {
            let before = self.play.timeline().len();
            let outcome = self.play.run(line, |_| ());
            match outcome.stop {
                Some(stop) => return Err(Trouble::of(stop, &format!("{}/lesson.toml", self.lesson.folder), line)),
                None if outcome.held.is_some() => return Ok(outcome.held.map(|by| (i, by))),
                None if is_told(line) => {
                    // What a breakpoint has cut in two began before.
                    let from = self.said.last().map_or(before, |last| last.to);
                    let to = self.play.timeline().len();
                    self.said.push(Said { line: line.text.clone(), said: outcome.said, from, to });
                }
                None => {}
            }
            if let Some(by) = self.hit_by_hand(before) {
                return Ok(Some((i + 1, by)));
            }
        }
        Ok(None)
    }

    /// The breakpoint that a line of a lab has hit, all of which is done since position `from`.
    fn hit_by_hand(&self, from: u64) -> Option<Breakpoint> {
        self.play.lab()?;
        let is_hit = |breakpoint: &&Breakpoint| {
            let mut search = Search::new(Wanted::Breakpoints(vec![**breakpoint]), Way::Forward, from);
            search.run(self.play.timeline()).is_some()
        };
        self.breakpoints.iter().find(is_hit).copied()
    }

    /// The calls of these names since position `from`, of the program under the scope.
    fn proof(&self, from: u64, names: &[String]) -> Vec<String> {
        let timeline = self.play.timeline();
        let world = timeline.now();
        let mut text = TextWriter::in_lang(Vec::new(), self.lang);
        let mut records = timeline.range(from, timeline.len()).filter(|record| world.serves(record.tid));
        let _ = records.try_for_each(|record: Record| text.write(&record));
        let text = text.finish().unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let returned = |line: &&str| !line.ends_with('…') && names.iter().any(|name| is_call(line, name));
        let mut proof: Vec<String> = text.lines().filter(returned).map(str::to_owned).collect();
        // A call that hangs has no record of its own yet: that it was found to hang is the proof.
        if world.hung().is_some_and(|call| names.iter().any(|name| name == call.name())) {
            let hung = |record: &Record| matches!(record.call, Call::Annotation(Annotation::Hung { .. }));
            proof.extend(timeline.range(from, timeline.len()).rfind(hung).map(|it| text::line(&it, self.lang)));
        }
        proof
    }
}

/// Whether a line does something; claims and marks do nothing.
fn is_told(line: &Line) -> bool {
    !matches!(line.does, Does::Expect(_) | Does::Mark | Does::Caption(_))
}

pub(super) fn is_call(line: &str, name: &str) -> bool {
    line.contains(&format!(" {name}("))
}

//! Server scenes by name: built-in ones, those of lessons, and files; and whether there are enough fds for one.

use std::path::Path;

use super::{Lesson, LessonSource, source};
use crate::folders::text;
use crate::i18n::{Both, Lang, Message, joined, shown, words};
use crate::script::{Diagnostic, Does, Line, SceneLine, parse};
use crate::sys;

const MAX_SCENE: u64 = 1 << 20;

/// The built-in scenes: name, title, script.
const BUILTIN: &[(&str, Both, &str)] = &[
    ("message", ("3,000 bytes in one message", "一条 3,000 字节的消息"), include_str!("scenes/message.scene")),
    ("drip", ("Drip: one byte at a time", "滴水：一次一个字节"), include_str!("scenes/drip.scene")),
    ("two-at-once", ("Two clients connect at once", "两个客户端同时连接"), include_str!("scenes/two-at-once.scene")),
    (
        "new-on-unread",
        ("New data on top of unread data", "旧数据未读，新数据又到"),
        include_str!("scenes/new-on-unread.scene"),
    ),
    (
        "flood",
        ("A busy client beside a quiet one", "大量发送的客户端与另一个客户端"),
        include_str!("scenes/flood.scene"),
    ),
    ("never-reads", ("A peer that never reads", "从不读取的对端"), include_str!("scenes/never-reads.scene")),
    ("half-close", ("A half-close after a message", "发送消息后半关闭"), include_str!("scenes/half-close.scene")),
    ("reset", ("A reset", "连接重置"), include_str!("scenes/reset.scene")),
    ("thousand", ("1,000 clients connect at once", "1,000 个客户端同时连接"), include_str!("scenes/thousand.scene")),
];

/// A server scene, read and not yet played.
#[derive(Clone, Debug)]
pub struct Scene {
    /// What it was asked for by; a lesson's is its id.
    pub name: String,
    /// The file of its lines, as it is named in mistakes.
    pub file: String,
    pub lines: Vec<Line>,
    title: [String; 2],
}

/// Why there is no such scene.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SceneError {
    #[error("{}", self.words(Lang::En))]
    Unknown { name: String },
    #[error("{}", self.words(Lang::En))]
    Wrong(Vec<Diagnostic>),
}

impl SceneError {
    pub fn words(&self, lang: Lang) -> String {
        match self {
            Self::Unknown { name } => {
                let (name, names) = (shown(name), names().join(", "));
                words!(
                    lang,
                    "there is no scene \"{name}\": no built-in one, no lesson, and no file; the built-in ones are {names}; \
                     `epollscope compare --list` and `epollscope lesson` list what there is",
                    "没有“{name}”这个场景，既没有这样的内置场景、课程，也没有这个文件；内置场景有 {names}；\
                     `epollscope compare --list` 和 `epollscope lesson` 列出全部"
                )
            }
            Self::Wrong(diagnostics) => {
                diagnostics.iter().map(|diagnostic| diagnostic.words(lang)).collect::<Vec<_>>().join("\n")
            }
        }
    }
}

impl Scene {
    /// The scene that `name` means: a built-in one, that in a file, or all of a lesson by its id, number or folder.
    pub fn find(name: &str) -> Result<Self, SceneError> {
        if let Some((name, (en, zh), script)) = BUILTIN.iter().find(|(builtin, ..)| *builtin == name) {
            return Self::read(name, &format!("{name}.scene"), script, [*en, *zh].map(str::to_owned));
        }
        let path = Path::new(name);
        if path.join("lesson.toml").exists() {
            return Self::of_lesson(&LessonSource::read(path).map_err(SceneError::Wrong)?);
        }
        if !path.exists() {
            let lesson = source::find(name).ok_or_else(|| SceneError::Unknown { name: name.to_owned() })?;
            return Self::of_lesson(&lesson);
        }
        let wrong = |what: Message| SceneError::Wrong(vec![Diagnostic::of_file(name, what)]);
        let script = text(path, MAX_SCENE).map_err(wrong)?;
        let stem = shown(path.file_stem().unwrap_or(name.as_ref()));
        Self::read(&stem, name, &script, [stem.clone(), stem.clone()])
    }

    /// The tour that `demo` gives: the whole story, in about three minutes.
    pub fn tour() -> Result<Self, SceneError> {
        let title = ["The scope for epoll: a tour", "epoll 示波器：导览"].map(str::to_owned);
        Self::read("tour", "tour.scene", include_str!("scenes/tour.scene"), title)
    }

    /// The most clients that are connected at a time.
    pub fn clients(&self) -> u64 {
        clients(self.lines.iter())
    }

    /// What it is about, in a few words; of a file its name.
    pub fn title(&self, lang: Lang) -> &str {
        let [en, zh] = &self.title;
        lang.of(en, zh)
    }

    fn read(name: &str, file: &str, script: &str, title: [String; 2]) -> Result<Self, SceneError> {
        let lines = parse(file, script).map_err(|diagnostic| SceneError::Wrong(vec![diagnostic]))?;
        let wrong = match lines.first() {
            Some(Line { does: Does::SceneLine(SceneLine::Server(_)), .. }) => None,
            Some(line) => {
                let what = (
                    "a server scene begins with \"server\"; this one drives epoll by hand: use `epollscope lab`",
                    "服务器场景以“server”开头；这个场景手动驱动 epoll，由 `epollscope lab` 执行",
                );
                Some(Diagnostic::of_line(file, script, line.number, what))
            }
            None => Some(Diagnostic::of_file(
                file,
                ("is empty: a server scene begins with \"server\"", "没有内容；服务器场景以“server”开头"),
            )),
        };
        match wrong {
            Some(diagnostic) => Err(SceneError::Wrong(vec![diagnostic])),
            None => Ok(Self { name: name.to_owned(), file: file.to_owned(), lines, title }),
        }
    }

    fn of_lesson(source: &LessonSource) -> Result<Self, SceneError> {
        let mut known = source::ids();
        known.push(source.id.clone());
        let lesson = Lesson::load(source, &known).map_err(SceneError::Wrong)?;
        let file = format!("{}/lesson.toml", source.folder);
        let title = [Lang::En, Lang::Zh].map(|lang| lesson.prose(lang).title.clone());
        let lines: Vec<Line> =
            lesson.scene.into_iter().chain(lesson.steps.into_iter().flat_map(|step| step.run)).collect();
        if !matches!(lines.first(), Some(Line { does: Does::SceneLine(SceneLine::Server(_)), .. })) {
            let what = (
                "this lesson drives epoll by hand and has no server; use `epollscope lesson`",
                "这一课手动驱动 epoll，没有服务器；用 `epollscope lesson` 来学",
            );
            return Err(SceneError::Wrong(vec![Diagnostic::of_file(&file, what)]));
        }
        Ok(Self { name: source.id.clone(), file, lines, title })
    }
}

/// The built-in scenes in their order: name and title.
pub fn scenes() -> impl Iterator<Item = (&'static str, Both)> {
    BUILTIN.iter().map(|(name, title, _)| (*name, *title))
}

fn names() -> Vec<&'static str> {
    scenes().map(|(name, _)| name).collect()
}

/// Fds needed beside the clients' own. (A server has a file table of its own for its ends of the connections.)
const SPARE: u64 = 64;

/// This process may not have as many fds as a scene takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words(Lang::En))]
pub struct TooFewFds {
    /// The most clients that a server has at a time.
    pub clients: u64,
    /// How many servers there are, each with clients of its own.
    pub servers: u64,
    pub needed: u64,
    pub limit: u64,
}

impl TooFewFds {
    pub fn words(&self, lang: Lang) -> String {
        let Self { clients, servers, needed, limit } = self;
        let (of_each, fewer) = match servers {
            1 => (String::new(), ""),
            n => (
                words!(lang, " for each of {n} servers", "{n} 个服务器各有"),
                lang.of(", or compare fewer variants with --against", "，或用 --against 少比较几个变体"),
            ),
        };
        let clients = match clients {
            0 => lang.of("a lesson needs", "一课").to_owned(),
            _ => lang.of(format!("{clients} clients{of_each} need"), joined(&of_each, &format!("{clients} 个客户端"))),
        };
        let enough = words!(
            lang,
            "{clients} about {needed} fds, but this process may have only {limit}\nRaise the limit with `ulimit -n {needed}`",
            "{clients}，大约需要 {needed} 个 fd，而这个进程最多 {limit} 个\n请用 `ulimit -n {needed}` 提高上限"
        );
        enough + fewer + lang.of(".", "。")
    }
}

/// Raises the soft limit to the hard one, and checks that it is enough. If the limit is unknown, it will show later.
pub fn enough_fds(clients: u64, servers: u64) -> Result<(), TooFewFds> {
    let needed = clients * servers + SPARE;
    match sys::raise_nofile_limit() {
        Ok(limit) if limit < needed => Err(TooFewFds { clients, servers, needed, limit }),
        _ => Ok(()),
    }
}

/// The same for each of these lessons.
pub fn enough_fds_for<'a>(lessons: impl IntoIterator<Item = &'a Lesson>) -> Result<(), TooFewFds> {
    let lines = |lesson: &'a Lesson| lesson.scene.iter().chain(lesson.steps.iter().flat_map(|step| &step.run));
    enough_fds(lessons.into_iter().map(|lesson| clients(lines(lesson))).max().unwrap_or(0), 1)
}

/// The most clients that are connected at a time while these lines are played.
fn clients<'a>(lines: impl Iterator<Item = &'a Line>) -> u64 {
    let (mut now, mut most) = (0_u64, 0);
    for line in lines {
        match line.does {
            Does::SceneLine(SceneLine::Connect(count)) => now += u64::from(count),
            Does::SceneLine(SceneLine::Reset(_) | SceneLine::Close(_)) => now = now.saturating_sub(1),
            _ => {}
        }
        most = most.max(now);
    }
    most
}

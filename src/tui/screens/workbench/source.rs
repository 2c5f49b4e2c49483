//! Where the records come from: a live server, or a recording.

use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::screen::WorkbenchScreen;
use crate::analysis::History;
use crate::i18n::{Lang, grouped, words};
use crate::record::{Call, Fd, Policy, Record, Seq, Tid};
use crate::session::Session;
use crate::trace::{Playback, Timeline, TraceError};

pub(super) enum Source {
    Session(Box<Session>),
    Recording(Box<(Playback, History)>),
}

impl Source {
    pub(super) fn timeline(&self) -> &History {
        match self {
            Self::Session(session) => session.timeline(),
            Self::Recording(recording) => &recording.1,
        }
    }

    pub(super) fn session(&self) -> Option<&Session> {
        if let Self::Session(session) = self { Some(session) } else { None }
    }

    pub(super) fn session_mut(&mut self) -> Option<&mut Session> {
        if let Self::Session(session) = self { Some(session) } else { None }
    }

    pub(super) fn recording(&self) -> Option<&Playback> {
        if let Self::Recording(recording) = self { Some(&recording.0) } else { None }
    }

    pub(super) fn pump(&mut self, each: &mut dyn FnMut(&Record)) -> bool {
        match self {
            Self::Session(session) => session.pump(each),
            Self::Recording(recording) => recording.1.pump(&mut recording.0),
        }
    }

    pub(super) fn sleep(&self, also: &[BorrowedFd<'_>], timeout: PollTimeout) {
        // EINTR is no error here: the loop looks at everything after each sleep.
        let _ = match self {
            Self::Session(session) => session.sleep(also, timeout),
            Self::Recording(recording) => {
                let playback = &recording.0;
                let news = (!playback.is_over()).then(|| playback.as_fd());
                let mut fds: Vec<PollFd<'_>> =
                    news.iter().chain(also).map(|fd| PollFd::new(*fd, PollFlags::POLLIN)).collect();
                poll(&mut fds, timeout).map(drop)
            }
        };
    }
}

impl WorkbenchScreen {
    /// How many lines of a recording could not be read.
    pub fn wrong_lines(&self) -> u64 {
        self.source.recording().map_or(0, |playback| playback.problems().count)
    }
}

pub(super) fn trouble(playback: &Playback, lang: Lang) -> Option<String> {
    let problems = playback.problems();
    let mut said = Vec::new();
    if let Some(Seq(first)) = playback.begins_at().filter(|first| first.0 > 1) {
        let first = grouped(first);
        said.push(words!(
            lang,
            "it begins at record {first}, so fds that were opened earlier are unknown",
            "从第 {first} 条记录开始，更早打开的 fd 未知"
        ));
    }
    if let Some(TraceError::Line { line, .. } | TraceError::TooLong { line, .. }) = problems.lines.first() {
        let (s, count, line) = (plural(problems.count), grouped(problems.count), grouped(*line));
        said.push(words!(
            lang,
            "{count} wrong line{s} skipped, the first is line {line}",
            "略过 {count} 个有误的行，第一个是第 {line} 行"
        ));
    }
    if problems.missing > 0 {
        let count = grouped(problems.missing);
        let are = if problems.missing == 1 { " is" } else { "s are" };
        said.push(words!(lang, "{count} record{are} missing", "缺少 {count} 条记录"));
    }
    if let Some(unknown) = &problems.unknown {
        let (s, count) = (plural(unknown.count), grouped(unknown.count));
        said.push(words!(
            lang,
            "{count} line{s} skipped, with calls that only a newer epollscope knows",
            "略过 {count} 行，其调用只有更新版本的 epollscope 认识"
        ));
    }
    match &problems.end {
        Some(TraceError::Cut { line, .. }) => {
            let line = grouped(*line);
            said.push(words!(lang, "it was cut off in line {line}", "在第 {line} 行被截断"));
        }
        Some(_) => said.push(lang.of("it could not be read to the end", "未能读到末尾").to_owned()),
        None => {}
    }
    let all = said.join(lang.of("; ", "；"));
    (!all.is_empty()).then(|| words!(lang, "this recording: {all}", "这个录制文件：{all}"))
}

/// All that is wrong with the recording, one line each.
pub(super) fn problems(playback: &Playback) -> Vec<String> {
    let problems = playback.problems();
    let mut told: Vec<String> = problems.lines.iter().chain(&problems.end).map(ToString::to_string).collect();
    let more = problems.count.saturating_sub(problems.lines.len() as u64);
    if more > 0 {
        told.push(format!("and {more} more wrong lines"));
    }
    if problems.missing > 0 {
        let are = if problems.missing == 1 { " is" } else { "s are" };
        told.push(format!("{} record{are} missing, according to their numbers", problems.missing));
    }
    told.extend(problems.unknown.iter().map(ToString::to_string));
    told
}

fn plural(count: u64) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// What the first records say about the whole: the server's address, and its first policy.
#[derive(Debug, Default)]
pub(super) struct Beginning {
    pub(super) addr: Option<SocketAddr>,
    pub(super) policy: Option<Policy>,
    named: bool,
    /// The position before the first epoll_create1; 0 if there is none.
    pub(super) before_step_1: u64,
    /// The cursor is to move there as soon as there are records.
    pub(super) wanted: bool,
    listener: Option<(Tid, Fd)>,
    read: u64,
}

impl Beginning {
    const FAR: u64 = 10_000;

    pub(super) fn of(source: &Source) -> Self {
        let addr = match source {
            Source::Session(session) => Some(session.addr()),
            // `serve 127.0.0.1:9292`
            Source::Recording(recording) => {
                recording.0.header().source.rsplit(' ').next().and_then(|addr| addr.parse().ok())
            }
        };
        let mut beginning = Self { addr, ..Self::default() };
        beginning.read_on(source.timeline());
        beginning
    }

    /// Whether the calls are those of a lab: a script has named something, and no server follows a policy.
    pub(super) fn is_by_hand(&self) -> bool {
        self.named && self.policy.is_none()
    }

    pub(super) fn read_on(&mut self, timeline: &Timeline) {
        let to = timeline.len().min(Self::FAR);
        if self.read >= to {
            return;
        }
        for record in timeline.range(self.read, to) {
            self.take(&record);
        }
        self.read = to;
    }

    fn take(&mut self, record: &Record) {
        match record.call {
            Call::Policy { policy } => self.policy = self.policy.or(Some(policy)),
            Call::Name { .. } => self.named = true,
            Call::Listen { fd, ret, .. } if ret.ok().is_some() => {
                self.listener = self.listener.or(Some((record.tid, fd)));
            }
            Call::Getsockname { fd, addr, .. } | Call::Local { fd, addr }
                if self.listener == Some((record.tid, fd)) =>
            {
                self.addr = addr.socket_addr().or(self.addr);
            }
            Call::EpollCreate1 { .. } if self.before_step_1 == 0 => self.before_step_1 = record.seq.0 - 1,
            _ => {}
        }
    }
}

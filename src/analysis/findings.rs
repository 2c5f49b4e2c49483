//! What is worth a look in a trace: small named lints, each found as the records come.
//!
//! A finding begins at the record at which it is known. While the same condition comes again with each wait it stays one
//! finding, with a count: a spin of a million turns is one. What is the case is decided in `lints`, once; `en` and `zh`
//! only put it into words.

mod en;
mod lints;
mod zh;

use std::collections::{HashMap, VecDeque};

use crate::analysis::findings::lints::Watch;
use crate::i18n::{Both, Lang};
use crate::record::{Fd, Record, errno_name};
use crate::trace::{
    World,
    world::{FileId, Who},
};

/// One finding: what was wrong or wasted, at which records, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The number of the record at which it was known.
    pub seq: u64,
    /// The number of the record at which it came last.
    pub last: u64,
    pub count: u64,
    pub fd: Option<Fd>,
    /// Who is behind that.
    pub who: Who,
    fact: Fact,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fact {
    /// So many bytes lie unread, or the end of the stream (0), and no report will tell of it.
    Stranded {
        bytes: u64,
    },
    /// So many connections wait at an edge-triggered listener, and no report will tell of them.
    Waiting {
        clients: u64,
    },
    /// Waits with reports of which nothing comes.
    Spin,
    /// Level-triggered, EPOLLOUT was reported and nothing was sent.
    OutArmed,
    /// epoll_wait returned without an event, after so many milliseconds of timeout.
    Empty {
        timeout: i32,
    },
    Interrupted {
        call: &'static str,
    },
    /// A recv slept on a blocking fd, for so many milliseconds.
    Hung {
        ms: u64,
    },
    /// The fd was closed, and its registration reports: a duplicate lives.
    Ghost,
    NoFd {
        raw: i32,
    },
    DelAfterClose,
    /// So many calls in a row were about one fd, while this one is ready.
    Starved {
        busy: Fd,
        calls: u32,
    },
    /// The event list was full, and some were left for the next wait.
    Full {
        max_events: u32,
    },
    Lost {
        count: u64,
    },
}

/// What is looked for in a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lint {
    Stranded,
    /// Connections stranded at an edge-triggered listener.
    Waiting,
    Spin,
    /// EPOLLOUT armed with nothing to send.
    OutArmed,
    Empty,
    Interrupted,
    Hung,
    Ghost,
    NoFd,
    DelAfterClose,
    Starved,
    Full,
    Lost,
}

impl Lint {
    pub const ALL: [Self; 13] = [
        Self::Stranded,
        Self::Waiting,
        Self::Spin,
        Self::OutArmed,
        Self::Empty,
        Self::Interrupted,
        Self::Hung,
        Self::Ghost,
        Self::NoFd,
        Self::DelAfterClose,
        Self::Starved,
        Self::Full,
        Self::Lost,
    ];

    pub fn name(self, lang: Lang) -> &'static str {
        let name: Both = match self {
            Self::Stranded => ("stranded", "滞留"),
            Self::Waiting => ("waits to be accepted", "等待接受"),
            Self::Spin => ("spin", "空转"),
            Self::OutArmed => ("EPOLLOUT armed", "始终关注 EPOLLOUT"),
            Self::Empty => ("empty return", "空返回"),
            Self::Interrupted => ("interrupted", "被信号中断"),
            Self::Hung => ("hang", "卡住"),
            Self::Ghost => ("ghost", "幽灵"),
            Self::NoFd => ("no fd left", "fd 用尽"),
            Self::DelAfterClose => ("DEL after close", "先关闭后 DEL"),
            Self::Starved => ("starvation", "饥饿"),
            Self::Full => ("maxevents reached", "达到 maxevents"),
            Self::Lost => ("records lost", "记录缺失"),
        };
        lang.pick(name)
    }
}

impl Finding {
    pub fn lint(&self) -> Lint {
        match self.fact {
            Fact::Stranded { .. } => Lint::Stranded,
            Fact::Waiting { .. } => Lint::Waiting,
            Fact::Spin => Lint::Spin,
            Fact::OutArmed => Lint::OutArmed,
            Fact::Empty { .. } => Lint::Empty,
            Fact::Interrupted { .. } => Lint::Interrupted,
            Fact::Hung { .. } => Lint::Hung,
            Fact::Ghost => Lint::Ghost,
            Fact::NoFd { .. } => Lint::NoFd,
            Fact::DelAfterClose => Lint::DelAfterClose,
            Fact::Starved { .. } => Lint::Starved,
            Fact::Full { .. } => Lint::Full,
            Fact::Lost { .. } => Lint::Lost,
        }
    }

    /// The position at which it is seen: right after the record at which it was known.
    pub fn position(&self) -> u64 {
        self.seq
    }

    /// The sentence on it: how things stood when it was first known.
    pub fn sentence(&self, lang: Lang) -> String {
        let said = match lang {
            Lang::En => en::say(self.fact),
            Lang::Zh => zh::say(self.fact),
        };
        match self.fd {
            None => said,
            Some(fd) if self.who == Who::Unknown => lang.of(format!("fd {fd}: {said}"), format!("fd {fd}：{said}")),
            Some(fd) => {
                let who = self.who.name(lang);
                lang.of(format!("fd {fd} ({who}): {said}"), format!("fd {fd}（{who}）：{said}"))
            }
        }
    }
}

/// The findings over a stream of records.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    watch: Watch,
    found: Found,
}

#[derive(Clone, Debug, Default)]
struct Found {
    /// By [`Finding::seq`].
    list: VecDeque<Finding>,
    /// How many were dropped from the front.
    dropped: u64,
    /// Those that may come again: their place, counted from the first there ever was, and the wait that they came with.
    open: HashMap<(Lint, Subject), (u64, u32)>,
}

/// What a repetition has to be about to be one: a file, or where it is not known an fd.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Subject {
    File(FileId),
    Fd(Option<Fd>),
}

impl Findings {
    /// The most findings that are kept; the oldest go first.
    pub const KEPT: usize = 1 << 14;

    /// Takes in the next record, that led to `world`.
    #[inline]
    pub fn apply(&mut self, record: &Record, world: &World) {
        self.watch.look(record, world, &mut self.found);
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Finding> + ExactSizeIterator + '_ {
        self.found.list.iter()
    }

    pub fn len(&self) -> usize {
        self.found.list.len()
    }

    pub fn is_empty(&self) -> bool {
        self.found.list.is_empty()
    }

    /// How many were dropped, since there were too many.
    pub fn dropped(&self) -> u64 {
        self.found.dropped
    }

    pub fn after(&self, k: u64) -> Option<&Finding> {
        self.found.list.get(self.known_at(k))
    }

    pub fn before(&self, k: u64) -> Option<&Finding> {
        self.found.list.get(self.found.list.partition_point(|finding| finding.position() < k).checked_sub(1)?)
    }

    /// How many of those that are kept are known at position `k`.
    pub fn known_at(&self, k: u64) -> usize {
        self.found.list.partition_point(|finding| finding.position() <= k)
    }

    /// Those that are known at position `k`, in order.
    pub fn until(&self, k: u64) -> impl DoubleEndedIterator<Item = &Finding> + ExactSizeIterator + '_ {
        self.found.list.range(..self.known_at(k))
    }
}

impl Found {
    /// The most that are watched for coming again.
    const OPEN: usize = 1 << 12;

    fn found(&mut self, fact: Fact, fd: Option<Fd>, file: Option<FileId>, world: &World, wait: u32) {
        let seq = world.seq().0;
        let who = file.and_then(|id| world.file(id)).map_or(Who::Unknown, crate::trace::world::File::who);
        let finding = Finding { seq, last: seq, count: 1, fd, who, fact };
        let subject = match fact {
            // It is the epoll's, whoever has to wait this time.
            Fact::Full { .. } => Subject::Fd(None),
            _ => file.map_or(Subject::Fd(fd), Subject::File),
        };
        let key = (finding.lint(), subject);
        if let Some((place, last)) = self.open.get_mut(&key) {
            // Again with the same wait, or with the next one.
            let again = wait.wrapping_sub(*last) <= 1;
            *last = wait;
            let index = place.checked_sub(self.dropped).and_then(|index| usize::try_from(index).ok());
            if let Some(earlier) = index.filter(|_| again).and_then(|index| self.list.get_mut(index)) {
                earlier.last = seq;
                earlier.count += 1;
                if let (Fact::Lost { count }, Fact::Lost { count: more }) = (&mut earlier.fact, fact) {
                    *count = count.saturating_add(more);
                }
                return;
            }
        }
        if self.open.len() >= Self::OPEN {
            self.open.retain(|_, (_, last)| wait.wrapping_sub(*last) <= 1);
            if self.open.len() >= Self::OPEN {
                self.open.clear();
            }
        }
        self.open.insert(key, (self.dropped + self.list.len() as u64, wait));
        if self.list.len() == Findings::KEPT {
            self.list.pop_front();
            self.dropped += 1;
        }
        self.list.push_back(finding);
    }
}

fn errno(raw: i32) -> String {
    errno_name(raw)
}

#[cfg(test)]
mod tests;

//! A finding, and its sentence.

use super::fact::{Fact, Lint};
use super::{en, zh};
use crate::i18n::Lang;
use crate::record::Fd;
use crate::trace::world::Who;

/// One finding: what was wrong or wasted, at which records, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The number of the record at which it was known.
    pub seq: u64,
    /// The number of the record at which it came last.
    pub last: u64,
    pub count: u64,
    pub fd: Option<Fd>,
    pub who: Who,
    pub(super) fact: Fact,
}

impl Finding {
    pub fn lint(&self) -> Lint {
        self.fact.lint()
    }

    /// The position at which it is seen: right after the record at which it was known.
    pub fn position(&self) -> u64 {
        self.seq
    }

    /// The position to look at it where the records before `first` are gone: where it came last, if not where it was first
    /// known.
    pub fn shown_at(&self, first: u64) -> Option<u64> {
        [self.seq, self.last].into_iter().find(|position| *position >= first)
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

//! What is written of a screen: what has happened, and of how it stands only what is new.

use super::panel::SELECTED;
use crate::i18n::{Lang, grouped, words};

/// The most lines that are written at once: about a page.
const MOST: usize = 40;
/// Where there are more, only so many: a server that runs freely has them every second, and they are read aloud.
const LAST: usize = 8;

/// How a screen stands, in lines.
#[derive(Clone, Debug, Default)]
pub struct Linear {
    /// The place on the timeline; what happened is given up to there.
    pub at: u64,
    /// Nothing more happens until somebody acts.
    pub settled: bool,
    /// The question that the next line answers.
    pub asks: Option<String>,
    /// What has happened since, in its order.
    pub happened: Vec<String>,
    /// What became of the last key.
    pub said: Option<String>,
    /// How everything stands, what comes next last.
    pub stands: Vec<String>,
}

/// What was written last.
#[derive(Default)]
pub(super) struct Written {
    pub(super) at: u64,
    pub(super) said: Option<String>,
    asks: Option<String>,
    stands: Vec<String>,
}

impl Written {
    /// The lines that are new.
    pub(super) fn news(&mut self, now: Linear, lang: Lang) -> Vec<String> {
        let mut lines = now.happened;
        if lines.len() > MOST {
            let more = lines.len() - LAST;
            let n = grouped(more as u64);
            lines.splice(..more, [words!(lang, "… {n} earlier lines are left out", "… 略去更早的 {n} 行")]);
        }
        // What a client was told to do comes before what that led to.
        lines.splice(..0, now.said.iter().filter(|said| self.said.as_ref() != Some(said)).cloned());
        // A row that is no longer selected is no news.
        let is_known = |line: &String| {
            self.stands.iter().any(|known| known == line || known.strip_prefix(SELECTED) == Some(line.as_str()))
        };
        let stands = now.stands.iter().filter(|line| !is_known(line) && !lines.contains(line)).cloned();
        let stands: Vec<String> = stands.collect();
        lines.extend(stands);
        lines.extend(now.asks.iter().filter(|asks| self.asks.as_ref() != Some(asks)).cloned());
        *self = Self { at: now.at, said: now.said, asks: now.asks, stands: now.stands };
        lines
    }

    /// The next key comes: the same word may be said again, and the same question asked.
    pub(super) fn attend(&mut self) {
        (self.said, self.asks) = (None, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_new_is_written_and_a_flood_is_a_number() {
        let stands = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        let mut written = Written::default();
        let first = Linear { stands: stands(&["> a", "b", "next: c"]), ..Linear::default() };
        assert_eq!(written.news(first.clone(), Lang::En), ["> a", "b", "next: c"]);
        assert!(written.news(first, Lang::En).is_empty());
        let moved = Linear { stands: stands(&["a", "> b", "next: c"]), ..Linear::default() };
        assert_eq!(written.news(moved, Lang::En), ["> b"]);
        let happened = (0..100).map(|n| n.to_string()).collect();
        let flood = written.news(Linear { happened, ..Linear::default() }, Lang::En);
        assert_eq!((flood.len(), &*flood[0], &*flood[8]), (9, "… 92 earlier lines are left out", "99"));
    }
}

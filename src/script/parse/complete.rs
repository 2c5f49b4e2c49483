//! What a word that has been begun may become, for a prompt.

use super::super::{CLAIMS, MEASURES, POLICY, SCENE_VERBS, VERBS};
use super::{Scene, verbs};
use crate::record::{Interest, errno_names};
use crate::script::Reader;
use crate::trace::world::client_name;

type Table = &'static [(&'static str, &'static str)];

/// Words of the tables in capitals that stand for themselves.
const OPTIONS: [&str; 7] = ["SNDBUF", "RCVBUF", "RCVLOWAT", "NOTSENT_LOWAT", "OOBINLINE", "RECVERR", "ERROR"];
/// What a claim may begin with besides a measure.
const CLAIMED: [&str; 5] = ["nothing", "ok", "error", "not", "different"];

impl Reader {
    /// What the last word of `text` may become: where it begins, in bytes, and the words in order.
    pub fn complete(&self, text: &str) -> (usize, Vec<String>) {
        let start = text.rfind([' ', '\t', ',', '=', '|']).map_or(0, |at| at + 1);
        let (before, begun) = text.split_at(start);
        let said: Vec<&str> = before.rsplit('=').next().unwrap_or(before).split_whitespace().collect();
        let mut words = match said[..] {
            [] => self.verbs_here(before.contains('=')),
            ["help", ..] => [VERBS, SCENE_VERBS, MEASURES, POLICY].into_iter().flat_map(firsts).collect(),
            ["expect"] => firsts(MEASURES).chain(CLAIMED.map(str::to_owned)).collect(),
            ["expect", "error" | "result" | "errors", ..] => errno_names().collect(),
            ["expect", measure, ..] => self.arguments(MEASURES, measure),
            ["server" | "policy", ..] => POLICY.iter().flat_map(|(usage, _)| plain(usage)).collect(),
            [verb, ..] => {
                self.arguments(if self.known.scene == Some(Scene::Server) { SCENE_VERBS } else { VERBS }, verb)
            }
        };
        words.retain(|word| word.starts_with(begun));
        words.sort_unstable();
        words.dedup();
        (start, words)
    }

    fn verbs_here(&self, makes: bool) -> Vec<String> {
        let tables: &[Table] = match self.known.scene {
            None => &[VERBS, SCENE_VERBS, CLAIMS],
            Some(Scene::Lab) => &[VERBS, CLAIMS],
            Some(Scene::Server) => &[SCENE_VERBS, CLAIMS],
        };
        let of_kind = tables.iter().flat_map(|table| verbs(table)).filter(|(_, names)| *names == makes);
        of_kind.map(|(verb, _)| verb.to_owned()).collect()
    }

    /// Names, and what the usage of `word` says.
    fn arguments(&self, table: Table, word: &str) -> Vec<String> {
        let mut words: Vec<String> = self.known.named.iter().map(|(name, _)| name.clone()).collect();
        words.extend((0..self.known.clients).map(client_name));
        for (usage, _) in table.iter().filter(|row| verbs(std::slice::from_ref(*row)).any(|(verb, _)| verb == word)) {
            words.extend(plain(usage).filter(|argument| argument != word));
            if usage.contains("EVENTS") {
                let flags = <Interest as bitflags::Flags>::FLAGS.iter().map(bitflags::Flag::name);
                words.extend(flags.map(str::to_owned));
            }
        }
        words
    }
}

fn firsts(table: Table) -> impl Iterator<Item = String> {
    verbs(table).map(|(word, _)| word.to_owned())
}

/// The words of a usage that are to be written as they stand there.
fn plain(usage: &'static str) -> impl Iterator<Item = String> {
    let words = usage.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let stands = |word: &&str| word.starts_with(|c: char| c.is_ascii_lowercase()) || OPTIONS.contains(word);
    words.filter(stands).map(str::to_owned)
}

//! Whether this process may have as many fds as a scene takes.

use std::fmt;

use crate::i18n::{Lang, joined, words};
use crate::sys;

/// Fds that the program and the servers need beside the clients' own. A server has a file table of its own, with its
/// ends of the connections.
const SPARE: u64 = 64;

/// It may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub struct TooFewFds {
    /// The most clients that a server has at a time.
    pub clients: u64,
    /// How many servers there are, each with clients of its own.
    pub servers: u64,
    /// How many fds that takes.
    pub needed: u64,
    /// How many there may be.
    pub limit: u64,
}

impl TooFewFds {
    /// Why, in a language.
    pub fn words(&self, lang: Lang) -> String {
        let Self { clients, servers, needed, limit } = self;
        let (of_each, fewer) = match servers {
            1 => (String::new(), ""),
            n => (
                words!(lang, " for each of {n} servers", "{n} 个服务器各有"),
                lang.of(", or compare fewer variants with --against", "，或用 --against 少比较几个变体"),
            ),
        };
        let clients =
            lang.of(format!("{clients} clients{of_each} need"), joined(&of_each, &format!("{clients} 个客户端")));
        let enough = words!(
            lang,
            "{clients} about {needed} fds, but this process may have only {limit}\nRaise the limit with `ulimit -n {needed}`",
            "{clients}，大约需要 {needed} 个 fd，而这个进程最多 {limit} 个\n请用 `ulimit -n {needed}` 提高上限"
        );
        enough + fewer + lang.of(".", "。")
    }
}

impl fmt::Display for TooFewFds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words(Lang::En))
    }
}

/// Says so before anything begins. Where nobody knows the limit it will show.
///
/// # Errors
/// [`TooFewFds`], once the soft limit is as high as the hard one.
pub fn enough_fds(clients: u64, servers: u64) -> Result<(), TooFewFds> {
    let needed = clients * servers + SPARE;
    match sys::raise_nofile_limit() {
        Ok(limit) if limit < needed => Err(TooFewFds { clients, servers, needed, limit }),
        _ => Ok(()),
    }
}

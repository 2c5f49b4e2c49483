//! A listing: its lines, and which of them a policy has changed.

use std::collections::HashSet;
use std::net::SocketAddr;

use super::{Line, Place, c, python};
use crate::record::{Policy, choices};

choices! {
    /// The language that the server's program is shown in.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
    pub enum Language {
        #[default]
        Python = "python": "As the tutorial",
        C = "c": "As the man pages",
    }
}

/// A program that serves as the built-in server does: under the same policy and for the same traffic it makes the same
/// calls of epoll, accept, recv, send and close, in the same order.
///
/// ```
/// use epollscope::record::{Policy, Trigger};
/// use epollscope::server::listing::{Language, Listing, Place};
///
/// let policy = Policy { trigger: Trigger::Edge, ..Policy::default() };
/// let listing = Listing::of(&policy, Language::Python, ([127, 0, 0, 1], 9292).into());
/// let changed: Vec<&str> = listing.lines.iter().filter(|line| line.changed).map(|line| line.text.trim()).collect();
/// assert_eq!(changed, [
///     "return mask | EPOLLET",
///     "poller.modify(server, EPOLLIN | EPOLLET)",
///     "poller.register(server, EPOLLIN | EPOLLET)",
/// ]);
/// assert!(listing.line_of(Place::Accept).is_some());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    pub lines: Vec<Line>,
}

impl Listing {
    /// The program of `policy`, which listens on `addr`.
    pub fn of(policy: &Policy, language: Language, addr: SocketAddr) -> Self {
        let write = match language {
            Language::Python => python::write,
            Language::C => c::write,
        };
        let mut lines = write(policy, addr);
        let usual = write(&Policy::default(), addr);
        let usual: HashSet<&str> = usual.iter().map(|line| line.text.trim()).collect();
        for line in &mut lines {
            line.changed = !usual.contains(line.text.trim());
        }
        Self { lines }
    }

    /// The line that makes the call of `place`.
    pub fn line_of(&self, place: Place) -> Option<usize> {
        self.lines.iter().position(|line| line.place == Some(place))
    }

    /// All of it, to be saved or run.
    pub fn text(&self) -> String {
        self.lines.iter().flat_map(|line| [line.text.as_str(), "\n"]).collect()
    }
}

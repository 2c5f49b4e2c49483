//! The faults of the tutorial server (lesson 30). Each can be switched on by itself.

use std::fmt;

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::choice::Choice;

bitflags::bitflags! {
    /// Mistakes that the server makes on purpose: none by default, all of them ([`Faults::TUTORIAL`]) in the tutorial server.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
    pub struct Faults: u8 {
        /// A connection's report is acted on only where it is EPOLLIN and nothing else, and it is registered for that
        /// alone. After a reset the report is IN, ERR and HUP: nobody acts, and a level-triggered server spins.
        const EXACT_MATCH = 1;
        /// close(2) comes before `EPOLL_CTL_DEL`, which then is `EBADF`; as in Python, that ends the server.
        const CLOSE_FIRST = 1 << 1;
        /// What one recv brought is decoded as UTF-8, and what can't be is dropped; a chunk of which nothing is left is
        /// taken for the end of the stream. A character that lies across two chunks is lost.
        const DECODE_TEXT = 1 << 2;
        /// Accepted sockets block: a drain hangs in recv, and a peer that doesn't read hangs the server in send. When it
        /// is switched while the server runs, each connection follows by fcntl(2); a call that hangs is interrupted.
        const BLOCKING = 1 << 3;
        /// What send did not take is lost.
        const UNCHECKED_SEND = 1 << 4;
    }
}

impl Faults {
    /// All of them: the tutorial server as it is written.
    pub const TUTORIAL: Self = Self::all();

    /// The names of those that are in it, such as `close-first`.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::CHOICES
            .iter()
            .filter(move |(fault, ..)| self.contains(*fault) && *fault != Self::TUTORIAL)
            .map(|(_, name, _)| *name)
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names().collect::<Vec<_>>().join(", "))
    }
}

/// Each by itself, then all together.
impl Choice for Faults {
    const CHOICES: &'static [(Self, &'static str, &'static str)] = &[
        (Self::EXACT_MATCH, "exact-match", "Act on a report only if it equals EPOLLIN: a reset is never handled"),
        (
            Self::CLOSE_FIRST,
            "close-first",
            "Close before EPOLL_CTL_DEL: EBADF ends the server when the first client leaves",
        ),
        (Self::DECODE_TEXT, "decode-text", "Decode each chunk as UTF-8: a character that straddles two chunks is lost"),
        (Self::BLOCKING, "blocking", "Leave accepted sockets blocking: one peer can hang the server in recv or send"),
        (Self::UNCHECKED_SEND, "unchecked-send", "Ignore the result of send: bytes that did not fit are lost"),
        (Self::TUTORIAL, "tutorial", "All of these: the tutorial server of lesson 30"),
    ];
}

impl Serialize for Faults {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(self.names())
    }
}

impl<'de> Deserialize<'de> for Faults {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Names;
        impl<'de> Visitor<'de> for Names {
            type Value = Faults;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of faults")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut names: A) -> Result<Faults, A::Error> {
                let mut faults = Faults::empty();
                while let Some(name) = names.next_element::<String>()? {
                    let unknown = || A::Error::custom(format_args!("unknown fault `{}`", name.escape_debug()));
                    faults |= Faults::by_name(&name).ok_or_else(unknown)?;
                }
                Ok(faults)
            }
        }
        d.deserialize_seq(Names)
    }
}

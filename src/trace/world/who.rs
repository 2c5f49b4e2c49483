//! Names for the two ends of a connection and what else is registered.

use std::fmt;

use crate::i18n::Lang;
use crate::record::{Chunk, FdKind};

/// Who is behind an fd. It is small enough to be kept with every report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Who {
    /// The trace does not say.
    #[default]
    Unknown,
    /// What the program itself calls it.
    Named(Chunk),
    /// An epoll object.
    Epoll,
    /// The listening socket.
    Listener,
    /// What this call made: a pipe's end, an eventfd, a timer.
    Made(FdKind),
    /// The connection of a built-in client, by the order of connecting.
    Client(u32),
    /// The connection of a client from outside, by its port.
    Port(u16),
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.pad("?"),
            Self::Named(name) => name.fmt(f),
            Self::Epoll => f.pad("epoll"),
            Self::Listener => f.pad("listener"),
            Self::Made(by) => f.pad(by.noun()),
            Self::Client(ordinal) => f.pad(&client_name(*ordinal)),
            Self::Port(port) => f.pad(&format!(":{port}")),
        }
    }
}

impl Who {
    /// Its name in a language.
    pub fn name(self, lang: Lang) -> String {
        match self {
            Self::Listener => lang.of("listener", "监听").to_owned(),
            _ => self.to_string(),
        }
    }
}

/// The name of a client by its place in the order of connecting, from 0: `a` to `z`, then `aa`, `ab`, …
pub fn client_name(ordinal: u32) -> String {
    let mut n = u64::from(ordinal) + 1;
    let mut name = Vec::new();
    while n > 0 {
        n -= 1;
        name.push(char::from(b'a' + u8::try_from(n % 26).unwrap_or(0)));
        n /= 26;
    }
    name.iter().rev().collect()
}

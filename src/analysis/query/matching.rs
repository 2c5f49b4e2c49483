//! Whether a call, with its events and bytes, is what was asked for.

use super::{Query, Term};
use crate::i18n::Lang;
use crate::record::{Call, Fd, Record, Ret};
use crate::trace::World;

impl Query {
    /// Whether the names of connections are asked for, which the world tells and not the record.
    pub(crate) fn asks_for_names(&self) -> bool {
        self.terms.iter().any(|term| matches!(term, Term::Who(_)))
    }

    /// Whether the call and its parts are what was asked for, the names left aside.
    #[inline]
    pub(crate) fn fits(&self, call: &[Record]) -> bool {
        self.terms.iter().all(|term| match term {
            Term::Who(_) => true,
            Term::Text(text) => contains(&bytes(call), text),
            term => call.iter().any(|record| term.fits(&record.call)),
        })
    }

    /// Whether the names that were asked for are those of who the call is about, in `world`.
    pub(crate) fn names(&self, call: &[Record], world: &World) -> bool {
        self.terms.iter().all(|term| {
            let Term::Who(name) = term else { return true };
            call.iter().any(|record| {
                let files = fds(&record.call).filter_map(|fd| world.file_of(record.tid, fd));
                files.into_iter().any(|(_, file)| file.who().name(Lang::En) == *name)
            })
        })
    }
}

impl Term {
    #[inline]
    fn fits(&self, call: &Call) -> bool {
        match self {
            Self::Fd(fd) => fds(call).any(|named| named == *fd),
            Self::Call(name) => call.name().starts_with(name.as_str()),
            Self::Errno(raw) => call.ret().is_some_and(|ret| ret.raw() == -raw),
            Self::Op(op) => matches!(call, Call::EpollCtl { op: made, .. } if made == op),
            Self::Event(bits) => match call {
                Call::Event { ready, .. } | Call::Sample { ready, .. } => ready.bits() & bits != 0,
                Call::EpollCtl { interest, .. } | Call::Fdinfo { interest, .. } => interest.bits() & bits != 0,
                _ => false,
            },
            Self::Text(_) | Self::Who(_) => false,
        }
    }
}

/// The fds that a record names.
#[inline]
fn fds(call: &Call) -> impl Iterator<Item = Fd> {
    let of_epoll = match *call {
        Call::EpollCtl { epfd, .. } | Call::Event { epfd, .. } | Call::Fdinfo { epfd, .. } => Some(epfd),
        _ => None,
    };
    let made = match *call {
        Call::Accept4 { ret, .. } | Call::Dup { ret, .. } => ret.fd(),
        Call::Make { other, by, ret, .. } if by.makes_two() => ret.ok().map(|_| other),
        _ => None,
    };
    // What a call that failed would have brought into being is no fd.
    let failed_to_make = matches!(call, Call::Make { ret, .. } if ret.ok().is_none());
    let about = call.fd().filter(|_| !failed_to_make);
    about.into_iter().chain(of_epoll).chain(made)
}

/// The bytes that went through a call, as far as they were recorded.
fn bytes(call: &[Record]) -> Vec<u8> {
    let chunks = call.iter().filter_map(|record| match &record.call {
        Call::Data { chunk, .. } => Some(chunk.bytes()),
        _ => None,
    });
    chunks.flatten().copied().collect()
}

fn contains(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len().max(1)).any(|window| window == text)
}

/// Whether `part` belongs to the same call as the record before it.
pub(crate) fn continues(before: &Record, part: &Record) -> bool {
    let of_call = match (&before.call, &part.call) {
        (Call::EpollWait { epfd: of, ret }, Call::Event { epfd, .. }) => of == epfd && ret.ok() > Some(0),
        (Call::Event { epfd: of, .. }, Call::Event { epfd, .. }) => of == epfd,
        (Call::Recvfrom { fd: of, ret, .. } | Call::Sendto { fd: of, ret, .. }, Call::Data { fd, .. }) => {
            of == fd && *ret != Ret::OK
        }
        (Call::Data { fd: of, dir: way, .. }, Call::Data { fd, dir, .. }) => of == fd && way == dir,
        _ => false,
    };
    of_call && before.tid == part.tid
}

//! Whether a call, with its events and bytes, is what was asked for.

use super::language::{Query, Term};
use crate::i18n::Lang;
use crate::record::{Annotation, Call, Each, Fd, Interest, Ready, Record, Returns, Row as _};
use crate::trace::World;

impl Query {
    /// Whether it asks for names of connections, which are in the world and not in the record.
    pub(crate) fn asks_for_names(&self) -> bool {
        self.terms.iter().any(|term| matches!(term, Term::Who(_)))
    }

    /// Whether the call and its parts are what was asked for, apart from names.
    #[inline]
    pub(crate) fn fits(&self, call: &[Record]) -> bool {
        self.terms.iter().all(|term| match term {
            Term::Who(_) => true,
            Term::Text(text) => contains(&bytes(call), text),
            term => call.iter().any(|record| term.fits(&record.call)),
        })
    }

    /// Whether the files that the call is about have the names that were asked for, in `world`.
    pub(crate) fn names(&self, call: &[Record], world: &World) -> bool {
        self.terms.iter().all(|term| {
            let Term::Who(name) = term else { return true };
            call.iter().any(|record| {
                let files = Named::by(&record.call).fds().filter_map(|fd| world.file_of(record.tid, fd));
                files.into_iter().any(|(_, file)| file.who().name(Lang::En) == *name)
            })
        })
    }
}

impl Term {
    #[inline]
    fn fits(&self, call: &Call) -> bool {
        match self {
            Self::Fd(fd) => Named::by(call).fds().any(|named| named == *fd),
            Self::Call(name) => call.name().starts_with(name.as_str()),
            Self::Errno(raw) => call.ret().is_some_and(|ret| ret.raw() == -raw),
            Self::Op(op) => matches!(call, Call::EpollCtl { op: made, .. } if made == op),
            Self::Event(bits) => Named::by(call).events & bits != 0,
            Self::Text(_) | Self::Who(_) => false,
        }
    }
}

/// The fds and events that a record names.
#[derive(Default)]
pub(crate) struct Named {
    /// No call has more than three.
    fds: [Option<Fd>; 3],
    events: u32,
}

impl Named {
    #[inline]
    pub(crate) fn by(call: &Call) -> Self {
        let mut named = Self::default();
        match *call {
            // Its epoll is that of another thread.
            Call::Annotation(Annotation::Rest { .. }) => {}
            mut call => call.visit(&mut named),
        }
        named
    }

    pub(crate) fn fds(self) -> impl Iterator<Item = Fd> {
        self.fds.into_iter().flatten()
    }
}

impl Each for Named {
    #[inline]
    fn fd(&mut self, fd: &mut Fd) {
        if let Some(free) = self.fds.iter_mut().find(|free| free.is_none()) {
            *free = Some(*fd);
        }
    }

    #[inline]
    fn new_fd(&mut self, fd: &mut Fd) {
        self.fd(fd);
    }

    #[inline]
    fn interest(&mut self, interest: &mut Interest) {
        self.events = interest.bits();
    }

    #[inline]
    fn ready(&mut self, ready: &mut Ready) {
        self.events = ready.bits();
    }
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
    let of_call = match (before.call, part.call) {
        (Call::Event { epfd: of, .. }, Call::Event { epfd, .. }) => of == epfd,
        (Call::Data { fd: of, dir: way, .. }, Call::Data { fd, dir, .. }) => of == fd && way == dir,
        (call, Call::Event { epfd: of, .. }) => returned(&call, Returns::Events, of),
        (call, Call::Data { fd: of, .. }) => {
            returned(&call, Returns::Received, of) || returned(&call, Returns::Sent, of)
        }
        _ => false,
    };
    of_call && before.tid == part.tid
}

/// Whether something follows `call`, which returned how much, on this fd.
fn returned(call: &Call, what: Returns, on: Fd) -> bool {
    call.returned().is_some_and(|(returns, ret)| returns == what && ret.ok() > Some(0)) && call.fd() == Some(on)
}

//! The trace file: a recording as JSON Lines, for people with `less` and `jq` as much as for `epollscope replay`.
//!
//! The first line is the [`Header`]. Then every line is one call, in the order of `seq`:
//!
//! ```text
//! {"format":"epollscope-trace","version":1,"kernel":"6.18.44","started":"2026-03-01T09:30:00Z","source":"serve 127.0.0.1:9292","sampled_after_wait":16}
//! {"seq":1,"t_ns":90210,"tid":77,"call":"epoll_create1","ret":4}
//! {"seq":2,"t_ns":95107,"tid":77,"call":"epoll_ctl","epfd":4,"op":"EPOLL_CTL_ADD","fd":5,"events":["EPOLLIN","EPOLLET"],"ret":0}
//! {"seq":3,"t_ns":97332,"tid":77,"call":"epoll_wait","phase":"enter","epfd":4,"maxevents":64,"timeout":-1}
//! {"seq":4,"t_ns":1203381,"tid":77,"call":"epoll_wait","epfd":4,"ret":1,"events":[{"fd":5,"events":["EPOLLIN"]}]}
//! {"seq":6,"t_ns":1203402,"tid":77,"call":"recvfrom","fd":5,"len":1024,"ret":4,"data":"abc\\n"}
//! {"seq":8,"t_ns":1203420,"tid":77,"call":"recvfrom","fd":5,"len":1024,"errno":"EAGAIN"}
//! ```
//!
//! `docs/recordings.md` describes the format, with the fields of each call; they come from the tables in
//! [`record`](crate::record).
//!
//! # Records and lines
//! An [`Event`](crate::record::Call::Event) is a record of its own, and so is a [`Chunk`](crate::record::Chunk) of
//! data, but for a reader they belong to their call. So they are written into its line, if they follow it without a gap
//! in `seq` and in the same thread: part number *i* of a line, from 0, is the record `seq` + 1 + *i*, and the next line's
//! `seq` jumps over them. Data is cut into chunks of [`Chunk::MAX`](crate::record::Chunk::MAX) bytes, only the last of
//! which may be shorter. Parts take over the `t_ns` and `tid` of their call; nothing else is lost in a file. Parts without
//! their call, and those that would make a line longer than 1 MiB, have lines of their own.
//!
//! # Several servers in one file
//! `epollscope compare` writes the records of several servers into one file. Each line then begins with `twin`, the name
//! of its server, `{"twin":"edge","seq":7,…}`, and `seq` counts for each server by itself, so the lines of one server are
//! a recording of their own. A reader takes those of one server, the first unless told otherwise ([`Reader::pick`]).
//!
//! # Untrusted files
//! A file may hold anything. No line is held in memory beyond 1 MiB (which also bounds an event list to fewer than
//! [`Policy::MAX_EVENTS`](crate::record::Policy::MAX_EVENTS)), and a line that is wrong costs that line only. Fields
//! without a meaning here are skipped, and so are lines with an unknown `call`, as long as they have `seq` and `call`: a
//! later minor version may add calls, if the others keep their meaning. Such lines are counted ([`Reader::unknown`]), and
//! whoever reads says so. Another `version` is refused.

mod batch;
mod error;
mod header;
pub(crate) mod lines;
mod parse;
mod read;
mod turns;
mod variant;
mod write;

pub(crate) use batch::{Batch, Batches, RecordingFile, Start};
pub use error::{TraceError, Unknown};
pub use header::Header;
pub(crate) use header::rfc3339;
pub use read::Reader;
pub use turns::Turns;
pub use write::Writer;

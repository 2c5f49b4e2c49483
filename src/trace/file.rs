//! The trace file: a recording as JSON Lines, for people with `less` and `jq` as much as for `epollscope replay`.
//!
//! The first line is the [`Header`]. Then every line is one call, in the order of `seq`:
//!
//! ```text
//! {"format":"epollscope-trace","version":1,"kernel":"6.18.44","started":"2026-03-01T09:30:00Z","source":"serve 127.0.0.1:9292"}
//! {"seq":1,"t_ns":90210,"tid":77,"call":"epoll_create1","ret":4}
//! {"seq":2,"t_ns":95107,"tid":77,"call":"epoll_ctl","epfd":4,"op":"EPOLL_CTL_ADD","fd":5,"events":["EPOLLIN","EPOLLET"],"ret":0}
//! {"seq":3,"t_ns":97332,"tid":77,"call":"epoll_wait","phase":"enter","epfd":4,"maxevents":64,"timeout":-1}
//! {"seq":4,"t_ns":1203381,"tid":77,"call":"epoll_wait","epfd":4,"ret":1,"events":[{"fd":5,"events":["EPOLLIN"]}]}
//! {"seq":6,"t_ns":1203402,"tid":77,"call":"recvfrom","fd":5,"len":1024,"ret":4,"data":"abc\\n"}
//! {"seq":8,"t_ns":1203420,"tid":77,"call":"recvfrom","fd":5,"len":1024,"errno":"EAGAIN"}
//! ```
//!
//! Every line has `seq`, `t_ns` (nanoseconds since the start), `tid` and `call`. A system call has `ret`, or `errno` by
//! name, as a number where it has no name. `fd` is always the fd that was acted on; the other arguments stand under
//! their man-page names. What is the same in every call (`EPOLL_CLOEXEC`, `MSG_NOSIGNAL`) is not written.
//!
//! | `call` | its own fields |
//! |---|---|
//! | `epoll_create1`, `socket` | |
//! | `epoll_ctl` | `epfd`, `op`, `fd`, `events` (may be missing for `EPOLL_CTL_DEL`) |
//! | `epoll_wait`, entered | `phase` `"enter"`, `epfd`, `maxevents`, `timeout` in milliseconds; no `ret` |
//! | `epoll_wait`, returned | `epfd`, `events`: a list of `fd` with `events` |
//! | `setsockopt` | `fd`, `option`, `value` |
//! | `bind`, `connect`, `getsockname`, `accept4` | `fd`, `addr`: `"127.0.0.1:9292"`, or `null` where it is not known |
//! | `listen` | `fd`, `backlog` |
//! | `recvfrom` | `fd`, `len`, `flags` (`["MSG_OOB"]`, else missing), `data` (where bytes were recorded) |
//! | `sendto` | `fd`, `len`, `data` (where bytes were recorded) |
//! | `shutdown` | `fd`, `how` |
//! | `dup`, `close` | `fd` |
//! | `fcntl` | `fd`, `op` (`"F_SETFL"`), `flags` (`["O_NONBLOCK"]` or `[]`) |
//! | `close_range` | `first` |
//! | `sample` | `fd`, `unread`, `unsent`, `ready`; no `ret`, as none of those below |
//! | `backlog` | `fd`, `pending`, `limit` |
//! | `fdinfo` | `epfd`, `fd`, `events` |
//! | `poll` | `epfd`, `ready`: whether a wait would report anything |
//! | `policy` | the fields of [`Policy`](crate::record::Policy) |
//! | `follow` | the policy's fields: what the server was told to follow; it does so at the next `policy` |
//! | `reading` | `fd`, `on`: whether this client receives what comes |
//! | `inside` | `fd`, `dir`, `len`: a recv or send on a blocking fd is about to be entered |
//! | `rest` | `server`, `epfd`, `maxevents`, `timeout`: this thread is held before that epoll_wait, which would leave something stranded |
//! | `fin_acked` | `fd`: the peer has acknowledged the FIN that shutdown sent on it |
//! | `stop` | the server was told to stop |
//! | `died` | `of`: the call that it can't do without, `fd`, `errno` |
//! | `name` | `fd`, `name`: what the program calls this fd from here on, until it is closed; escaped as `data` is |
//! | `lost` | `count` |
//! | `event` | `epfd`, `fd`, `events`: an event whose epoll_wait is not the line before |
//! | `data` | `fd`, `dir` (`"in"` or `"out"`), `data`: bytes whose call is not the line before |
//!
//! A mask is a list of kernel names; bits without a name stand in it as one hexadecimal string, `"0x40"`. `data` has the
//! bytes as [`escape_ascii`](slice::escape_ascii) writes them, `\n`, `\x1b`, so a trace is plain ASCII whatever a peer
//! sent. They are the first bytes of the call, not always all that `ret` counts.
//!
//! # Records and lines
//! An [`Event`](crate::record::Call::Event) is a record of its own, and so is a [`Chunk`](crate::record::Chunk) of
//! data, but on paper they belong to their call. So they are folded into its line, if they follow it without a gap in
//! `seq` and in the same thread: part number *i* of a line, from 0, is the record `seq` + 1 + *i*, and the next line's
//! `seq` jumps over them. Data is cut into chunks of [`Chunk::MAX`](crate::record::Chunk::MAX) bytes, only the last of
//! which may be shorter. Parts take over their call's `t_ns` and `tid`; this is all that a file does not keep. Parts
//! that have lost their call, and those that would make a line longer than 1 MiB, have lines of their own.
//!
//! # Comparison
//! `epollscope compare` writes the records of several servers into one file. Each line then begins with `twin`, the name
//! of the one that it is of, `{"twin":"edge","seq":7,…}`, and `seq` counts for each twin by itself, so that the lines of
//! one are a recording of their own. A reader takes those of one twin, the first unless told otherwise
//! ([`Reader::pick`]). What must differ from run to run is given by order there: the server is thread 1 on port 9292, its
//! clients are thread 2 on ports 1, 2, …, with the fds that they would have in a program of their own; `t_ns` has a
//! second for each step of the scene and within it a microsecond for each call; and there is no `started`.
//!
//! # Reading what others wrote
//! Fields without a meaning here are passed over, so that a later minor version stays readable, and so are lines with a
//! `call` that is not known here, as long as they have `seq` and `call`: such a version may add calls if they leave the
//! meaning of all others as it is. They are counted ([`Reader::unknown`]), and whoever reads says so. Another `version`
//! is refused. A file is not trusted: no line is held in memory beyond 1 MiB (which bounds an event list, too, to fewer
//! than [`Policy::MAX_EVENTS`](crate::record::Policy::MAX_EVENTS)), and a line that is wrong costs that line only.

mod error;
mod header;
pub(crate) mod lines;
mod parse;
mod read;
mod twin;
mod write;

pub use error::{TraceError, Unknown};
pub use header::Header;
pub(super) use read::Place;
pub use read::Reader;
pub use write::Writer;

/// The format's name, in the header.
const FORMAT: &str = "epollscope-trace";

/// The version of the format that is written and read.
const VERSION: u64 = 1;

/// The longest line that is written or read, in bytes, its newline not counted.
const MAX_LINE: usize = 1 << 20;

// The shortest event with its comma bounds what a line can hold.
const _: () = assert!(MAX_LINE / r#"{"fd":0,"events":[]},"#.len() < crate::record::Policy::MAX_EVENTS as usize);

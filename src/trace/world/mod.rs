//! The state that the records add up to: a fold.
//!
//! [`World::apply`] takes any stream of records, also one with gaps or one that starts midway. It never panics, and says
//! `None` or [`Cause::Unseen`] where it cannot know. It is the only place where records get a meaning; the screen, the
//! sentences of why and the tests all read it.
//!
//! What the kernel keeps and does not show, the ready list and what is unread, is inferred: from the calls (`traffic`,
//! `watching`, `other`, `process`), from what the kernel said when it was asked (`samples`), and where it was not asked
//! from what a report says by itself (`uncounted`).

mod annotations;
mod apply;
mod ask;
mod bands;
mod connecting;
mod epoll;
mod explain;
mod file;
mod file_id;
mod foreign;
mod midway;
mod nested;
mod order;
mod other;
mod others;
mod process;
mod repeated;
mod report;
mod rest;
mod samples;
mod shared;
mod silent;
mod stance;
mod state;
mod tables;
mod tasks;
mod traffic;
mod uncounted;
mod wakes;
mod waking;
mod watching;
mod who;

pub use epoll::Epoll;
pub use file::{File, FileId, Kind, Listener, Stream, Table};
pub use other::Other;
pub use report::{Cause, Item, Report, Wait};
pub use stance::{Found, Ghost, Nature, Stance};
pub use state::{Counters, World};
pub use tasks::Task;
pub use who::{Who, client_name};

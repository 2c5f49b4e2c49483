//! Who is watched: any program, launched under ptrace(2), with its calls as the same records as the built-in server's.
//!
//! A seccomp filter has the program stop at the calls that matter and at no other. At each stop the [`Watched`] program's
//! call is read from its registers and its memory, and the depths of its queues through copies of its fds that are closed
//! at once. The tracer never stops a program for longer than that, passes on every signal, and takes the program along
//! where it dies itself.

mod attach;
mod calls;
mod decode;
mod error;
mod fds;
mod filter;
mod hold;
mod holds;
mod launch;
mod lines;
mod live;
mod memory;
mod modules;
mod numbers;
mod orders;
mod peek;
mod rest;
mod snapshot;
mod source;
mod stacks;
mod stops;
mod terminal;
mod threads;
mod tracer;

pub use error::WatchError;
pub use holds::{Going, HeldCall, HoldAt, Holds};
pub use launch::{Watched, find};
pub use live::{Ended, Live, PROGRAM, Start, ending};
pub use orders::Orders;
pub use peek::{PeekError, Peeked, PeekedEpoll, PeekedItem, Peeker, Registered, Waiting, process_named, refusal};
pub use rest::{Sleeper, rests};
pub use terminal::ProgramTerminal;
pub use tracer::{Status, Tracer};

//! Who asks: an epoll echo server, and nothing else.
//!
//! The seven steps of epoll are its outline and the names of its functions: create, register, wait, act, modify,
//! repeat, destroy. It echoes bytes, follows a [`Policy`](crate::record::Policy) that can be switched while it runs, and
//! knows nothing of who watches: it makes its calls through a [`Tap`](crate::probe::Tap).

mod buffers;
mod connection;
mod connections;
mod error;
mod handler;
pub mod listing;
mod orders;
mod out_of_fds;
mod steps;
mod thread;

pub use buffers::Buffers;
pub use connection::UNSENT_BOUND;
pub use error::ServerError;
pub use orders::{Order, Orders};
pub use steps::Server;
pub use thread::{Running, Setup, spawn, spawn_unwatched};

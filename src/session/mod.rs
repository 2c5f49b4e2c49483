//! A server with its clients and their timeline, driven from one thread.
//!
//! [`Live`] starts a server and its built-in clients ([`Crew`]), merges what both record, and knows when the world is
//! quiet. With [`Turns`] server and clients take turns, so that two runs of one scene record the same calls.

mod breakpoints;
mod clients;
mod lockstep;
mod quiescence;
mod server_and_clients;

pub use clients::{Client, ClientId, Crew, CrewError, Payload};
pub use lockstep::{Go, Turns};
pub use quiescence::Rest;
pub use server_and_clients::{Live, LiveError};

//! A server with its clients and their timeline, driven from one thread.
//!
//! [`Session`] starts a server and its built-in clients ([`Clients`]), merges what both record, and knows when the world is
//! quiet. With [`Lockstep`] server and clients take turns, so that two runs of one scene record the same calls.

mod breakpoints;
mod clients;
mod hang;
mod lockstep;
mod quiescence;
mod server_and_clients;

pub use clients::{Client, ClientError, ClientId, Clients, Payload};
pub use lockstep::{Go, Lockstep};
pub use server_and_clients::{Session, SessionError};

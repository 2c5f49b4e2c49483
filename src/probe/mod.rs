//! What is noted: the place between the server and the kernel where calls are recorded and can be held.
//!
//! The server makes its calls through a [`Tap`]. The tap tells its [`Sink`] of a call before it is made and after it has
//! returned, and that is all that the server knows of being watched. Sinks are stacked: a [`Ring`] carries records to
//! another thread, a [`Sampler`] adds what the kernel says of the queues, a [`Gated`] sink holds the thread before a
//! call until the [`Gate`] lets it go, also at a [`Breakpoint`]. With [`Null`] all of it compiles to nothing.
#![allow(
    clippy::inline_always,
    reason = "measured: inlined, what a sink looks for in a call is known where it is made"
)]

mod backlog;
mod breakpoint;
mod clock;
mod gate;
mod gated;
mod objects;
mod overhead_budget;
mod ring;
mod sampler;
mod server_state;
mod sink;
mod tap;
mod vec_sink;

pub use breakpoint::Breakpoint;
pub use clock::Clock;
pub use gate::{Gate, Mode};
pub use gated::Gated;
pub use ring::{Incoming, Ring, WhenFull, ring};
pub use sampler::{SURVEYED, Sampler};
pub use server_state::ServerState;
pub use sink::{CAPTURE, Hint, Hinted, Holder, Null, Recorder, Sink, Turn, note_events, note_payload};
pub use tap::{Tap, Waited};
pub use vec_sink::VecSink;

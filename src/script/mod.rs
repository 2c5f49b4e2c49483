//! Who acts: the clients, and the stage on which they meet the server.

mod crew;
mod live;

pub use crew::{Client, ClientId, Crew, CrewError, Payload};
pub use live::{Live, LiveError};

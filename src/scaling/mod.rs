//! What it costs to wait for one of many fds, measured: select, poll and epoll at growing numbers of connections.

mod crowd;
mod growth;
mod measure;
mod reports;
mod waiter;

pub use crowd::{Cost, MESSAGE};
pub use growth::slope;
pub(crate) use measure::in_turn;
pub use measure::{Effort, Found, Measured, measure};
pub use reports::{Counted, Reading, SENT, count};
pub use waiter::Method;

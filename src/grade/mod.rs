//! How good a server of one's own is: adversarial clients against it, and verdicts with proof.
//!
//! Each case starts the server anew under watch, so that nothing of one case is left for the next: no fd, no registration,
//! no spin. Its clients act, and it is over once the world is quiet: every thread of the server sleeps, its epoll would
//! report nothing, and nothing is on its way. The verdict follows from the bytes that came back and from the calls.

mod case;
mod client;
mod diagnosis;
mod judge;
mod plays;
mod proof;
mod server;
mod sockets;
mod stage;
mod tally;
mod verdict;

pub use case::{CASES, Case};
pub use judge::{Options, grade};
pub use verdict::{Graded, Mistake, Said, Uses, Verdict};

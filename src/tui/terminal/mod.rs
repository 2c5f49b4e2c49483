//! The terminal, borrowed and given back; its keys and its signals.

mod decode;
mod handle;
mod keyboard;
mod signals;

pub use handle::{Terminal, TerminalError};
pub use keyboard::Keyboard;
pub use signals::{Caught, Signals};

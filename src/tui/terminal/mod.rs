//! The terminal, borrowed and given back; its keys and its signals.

mod clipboard;
mod decode;
mod handle;
mod keyboard;
mod signals;

pub(crate) use clipboard::base64;
pub use clipboard::copying;
pub use decode::{Decoder, PASTE_ENDS, PASTE_MAX};
pub use handle::{Terminal, TerminalError, require};
pub use keyboard::{Keyboard, read_keys};
pub use signals::{Caught, Signals};

//! What people type to find a call, or to say where the server is to stop: `fd 5 EAGAIN`, `recv "hello"`, `a IN`.

mod language;
mod matching;
mod misread;

pub use language::{Query, breakpoint};
pub(super) use matching::{Named, continues};
pub use misread::Misread;

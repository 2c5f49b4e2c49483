//! The workbench: a live server that is driven by keys, or the recording of one.

mod act;
mod drive;
mod focus;
mod lead;
mod linear;
mod screen;
mod source;
mod tried;
mod view;

pub use focus::Focus;
pub use screen::{PACES, WorkbenchScreen};

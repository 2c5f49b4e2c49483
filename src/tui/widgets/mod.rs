//! The panels: pure functions of a [`View`].
//!
//! No panel reads a clock, asks the kernel, or remembers anything. Time comes from records, and only visible rows are
//! built.

pub(crate) mod bar;
pub(crate) mod breakpoints;
pub(crate) mod bytes;
pub(crate) mod calls;
mod cells;
pub(crate) mod code;
pub(crate) mod footer;
pub(crate) mod guide;
pub(crate) mod header;
pub(crate) mod help;
pub(crate) mod inspect;
pub(crate) mod interest;
pub(crate) mod layout;
pub(crate) mod next;
pub(crate) mod policy;
mod prompt;
pub(crate) mod ready;
pub(crate) mod scope;
pub(crate) mod script;
pub(crate) mod task;
mod text;
mod typed;
mod view;
mod waits;

pub use cells::{fill, mark, put};
pub use layout::MINIMUM;
pub use text::{padded, wrap};
pub use view::{CallsView, TaskView, View};

pub(crate) use cells::{ground, rule, title};
pub(crate) use layout::is_too_small;
pub(crate) use text::patched;
pub(crate) use typed::typed;
pub(crate) use view::hanging;

//! The screen to be handed out: one moment as a picture, or a run as a film or as a page.
//!
//! All are made from the cells that the terminal would show, after all that is untrusted has been escaped. Pictures and
//! films add no text of their own.

mod film;
mod page;
mod svg;

pub use film::Film;
pub use page::{About, compare_page, lesson_page, plain_page, run_page};
pub use svg::{Escaped, svg};

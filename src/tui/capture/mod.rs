//! The screen to be handed out: one moment as a picture, or a run as a film.
//!
//! Both are made from the cells that the terminal would show, after all that is untrusted has been escaped; they add no
//! text of their own.

mod film;
mod svg;

pub use film::Film;
pub use svg::svg;

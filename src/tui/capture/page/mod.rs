//! A run as a page: one HTML file that needs nothing from anywhere.
//!
//! It has the screen of each moment, as the terminal showed it, the keys of the past, and all of it in words, as a list
//! that is there without a script too. The page's own policy forbids it every request.

mod compared;
mod document;
mod frames;
mod lesson;
mod moments;
mod prose;
mod run;
mod telling;

pub use compared::compare_page;
pub use document::{About, plain_page};
pub use lesson::lesson_page;
pub use run::run_page;

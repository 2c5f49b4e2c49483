//! A program that is watched: the workbench's panels on any program, held and stepped by keys.

mod act;
mod clients;
mod drive;
pub mod keys;
mod layout;
mod next;
mod output;
mod screen;
mod source;
mod threads;
mod view;

pub use screen::WatchScreen;

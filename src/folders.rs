//! The user's own files: their folders, as the XDG base directory specification has them, and how they are read and changed.

mod kept;
mod text;

use std::env;
use std::path::PathBuf;

pub use kept::{change, kept};
pub use text::text;

/// What the program keeps from one run to the next: `$XDG_STATE_HOME/epollscope` or `~/.local/state/epollscope`.
pub fn state() -> Option<PathBuf> {
    below("XDG_STATE_HOME", ".local/state")
}

/// What the user has chosen: `$XDG_CONFIG_HOME/epollscope` or `~/.config/epollscope`.
pub fn config() -> Option<PathBuf> {
    below("XDG_CONFIG_HOME", ".config")
}

fn below(name: &str, at_home: &str) -> Option<PathBuf> {
    let home = || Some(PathBuf::from(env::var_os("HOME")?).join(at_home));
    let told = env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    Some(told.or_else(home)?.join("epollscope"))
}

//! The folder of a scene's own.

use std::fs;
use std::path::{Path, PathBuf};

use crate::script::Name;
use crate::sys::Errno;

/// The scene's folder, which is made when a line needs it and removed with the scene.
#[derive(Debug, Default)]
pub(super) struct Folder {
    path: Option<PathBuf>,
    /// The FIFOs in it, by the names of the fds that have opened them.
    pub(super) fifos: Vec<(Name, PathBuf)>,
}

impl Folder {
    pub(super) fn path(&mut self) -> Result<PathBuf, Errno> {
        if let Some(path) = &self.path {
            return Ok(path.clone());
        }
        let path = nix::unistd::mkdtemp(&std::env::temp_dir().join("epollscope-lab-XXXXXX"))?;
        self.path = Some(path.clone());
        Ok(path)
    }

    pub(super) fn fifo(&self, name: &Name) -> Option<&Path> {
        self.fifos.iter().rev().find(|(known, _)| known == name).map(|(_, path)| path.as_path())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Errors in Drop are ignored.
        let _ = self.path.take().map(fs::remove_dir_all);
    }
}

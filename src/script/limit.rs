//! `RLIMIT_NOFILE`, lowered for a scene.

use crate::sys::{self, Errno};

/// The limit of the process, put back when this is dropped.
#[derive(Debug, Default)]
pub(super) struct FdLimit {
    /// The limit before it was lowered.
    before: Option<u64>,
}

impl FdLimit {
    /// From here on no fd number from `limit` on can be had. setrlimit(2)
    pub(super) fn lower(&mut self, limit: u32) -> Result<(), Errno> {
        let before = sys::set_nofile_limit(u64::from(limit))?;
        self.before.get_or_insert(before);
        Ok(())
    }

    pub(super) fn is_lowered(&self) -> bool {
        self.before.is_some()
    }
}

impl Drop for FdLimit {
    fn drop(&mut self) {
        if let Some(limit) = self.before {
            // It was this before, so it may be this again.
            let _: Result<u64, Errno> = sys::set_nofile_limit(limit);
        }
    }
}

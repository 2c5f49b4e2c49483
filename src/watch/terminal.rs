//! The pseudo-terminal of a program whose watcher has the screen. pty(7)

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
use nix::pty::{Winsize, openpty};

/// The size that the program is told, in characters.
const SIZE: Winsize = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };

/// The most that is read at once; the rest comes with the next look.
const AT_ONCE: usize = 1 << 16;

/// Our end: what the program writes is read here, and what is written here the program reads.
#[derive(Debug)]
pub struct ProgramTerminal {
    /// `None` once nobody has the other end.
    ours: Option<File>,
}

impl ProgramTerminal {
    /// Our end, and the program's.
    pub(super) fn open() -> Result<(Self, OwnedFd), io::Error> {
        let ends = openpty(Some(&SIZE), None)?;
        // The program must not inherit them: it gets copies.
        for end in [&ends.master, &ends.slave] {
            fcntl(end, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
        }
        fcntl(&ends.master, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        Ok((Self { ours: Some(ends.master.into()) }, ends.slave))
    }

    /// None: the program has a terminal of its own.
    pub(super) fn none() -> Self {
        Self { ours: None }
    }

    /// What the program has written since the last look; nothing where it has not.
    pub fn read(&mut self) -> Vec<u8> {
        let mut all = Vec::new();
        let mut bytes = [0; 4096];
        while let Some(ours) = &mut self.ours
            && all.len() < AT_ONCE
        {
            match ours.read(&mut bytes) {
                Ok(n @ 1..) => all.extend_from_slice(&bytes[..n]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // EIO: the last copy of the other end was closed.
                Ok(_) | Err(_) => self.ours = None,
            }
        }
        all
    }

    /// Types something at the program; returns whether it was taken.
    pub fn write(&mut self, bytes: &[u8]) -> bool {
        self.ours.as_mut().is_some_and(|ours| ours.write_all(bytes).is_ok())
    }

    /// Readable while there is something to read; `None` once the program has closed it.
    pub fn news(&self) -> Option<BorrowedFd<'_>> {
        self.ours.as_ref().map(AsFd::as_fd)
    }
}

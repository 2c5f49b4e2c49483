//! Whether this process may have as many fds as a scene takes.

use std::fmt;

use crate::sys;

/// Fds that the program and the servers need beside the clients' own. A server has a file table of its own, with its
/// ends of the connections.
const SPARE: u64 = 64;

/// It may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub struct TooFewFds {
    /// The most clients that a server has at a time.
    pub clients: u64,
    /// How many servers there are, each with clients of its own.
    pub servers: u64,
    /// How many fds that takes.
    pub needed: u64,
    /// How many there may be.
    pub limit: u64,
}

impl fmt::Display for TooFewFds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { clients, servers, needed, limit } = self;
        let (of_each, fewer) = match servers {
            1 => (String::new(), ""),
            n => (format!(" for each of {n} servers"), ", or compare fewer twins with --against"),
        };
        write!(
            f,
            "{clients} clients{of_each} take some {needed} fds, and this process may have {limit}\n\
             Raise the limit with `ulimit -n {needed}`{fewer}."
        )
    }
}

/// Says so before anything begins. Where nobody knows the limit it will show.
///
/// # Errors
/// [`TooFewFds`], once the soft limit is as high as the hard one.
pub fn enough_fds(clients: u64, servers: u64) -> Result<(), TooFewFds> {
    let needed = clients * servers + SPARE;
    match sys::raise_nofile_limit() {
        Ok(limit) if limit < needed => Err(TooFewFds { clients, servers, needed, limit }),
        _ => Ok(()),
    }
}

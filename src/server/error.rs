//! What can end a server.

use std::net::SocketAddr;

use crate::record::{FatalCall, Fd};
use crate::sys::{Errno, describe};

/// Why the server could not start or go on. Each names the call, what it was made on, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServerError {
    #[error("cannot listen on {addr}: {} ({errno:?})\n{}", describe(*errno), bind_advice(*errno, *addr))]
    Bind { addr: SocketAddr, errno: Errno },
    /// A call that the server can't do without failed.
    #[error("{call} on fd {fd} failed: {} ({errno:?}); see its man page", describe(*errno))]
    Call { call: FatalCall, fd: Fd, errno: Errno },
    /// The thread or one of its own fds could not be made.
    #[error("cannot start the server: {} ({errno:?})\n{}", describe(*errno), start_advice(*errno))]
    Start { errno: Errno },
    /// The server's thread panicked: a fault of the program.
    #[error("the server's thread panicked; this is a bug in epollscope, please report it")]
    Panicked,
}

fn bind_advice(errno: Errno, addr: SocketAddr) -> String {
    let port = addr.port();
    match errno {
        Errno::EADDRINUSE => format!(
            "Another program listens on that port, perhaps another epollscope: `ss -ltnpT 'sport = :{port}'` names it.\n\
             Stop it, or choose another port: --listen {}:{}, or port 0 for any free one.",
            addr.ip(),
            port.checked_add(1).unwrap_or(0),
        ),
        Errno::EACCES => "This user may not use ports below 1024: choose a higher port with --listen.".into(),
        Errno::EADDRNOTAVAIL => {
            "No interface of this machine has that address: `ip address` lists them. The default is 127.0.0.1:9292."
                .into()
        }
        Errno::EAFNOSUPPORT => "This kernel has no such address family: try --listen 127.0.0.1:9292.".into(),
        _ => "See bind(2) and listen(2).".into(),
    }
}

fn start_advice(errno: Errno) -> &'static str {
    match errno {
        Errno::EMFILE | Errno::ENFILE => "No fd is free: close some, or raise the limit with `ulimit -n`.",
        Errno::EAGAIN => "No thread could be started: `ulimit -u` shows the limit.",
        _ => "See the man page of the call.",
    }
}

//! Where in its source a program makes a call: for Python, whose interpreter is asked to say so.
//!
//! Each Python process under watch first reads a `sitecustomize.py` from a folder of ours, which has the interpreter write
//! a marker before each call of interest. The write goes to fd -1, so that the kernel refuses it and nobody but the tracer
//! sees it.

use std::ffi::OsString;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use super::numbers::old;
use crate::record::Chunk;

const HOOK: &str = include_str!("source/sitecustomize.py");

/// How a marker begins.
const MARKER: &[u8] = b"\x1eepollscope ";

/// The longest marker that is read, in bytes.
pub(super) const LONGEST: usize = 4608;

/// The folder with the hook, for the time of one run.
#[derive(Debug)]
pub(super) struct Hook(PathBuf);

impl Hook {
    pub(super) fn new() -> io::Result<Self> {
        let hook = Self(nix::unistd::mkdtemp(&env::temp_dir().join("epollscope-watch-XXXXXX"))?);
        // A program that gives up its rights reads it too.
        fs::set_permissions(&hook.0, Permissions::from_mode(0o755))?;
        fs::write(hook.0.join("sitecustomize.py"), HOOK)?;
        Ok(hook)
    }

    /// `PYTHONPATH`, with the folder before what the user has set.
    pub(super) fn path(&self) -> OsString {
        let own = env::var_os("PYTHONPATH").filter(|own| !own.is_empty());
        let folders = [self.0.as_os_str()].into_iter().chain(own.as_deref()).collect::<Vec<_>>();
        folders.join(":".as_ref())
    }
}

impl Drop for Hook {
    fn drop(&mut self) {
        // The interpreter may have put compiled files beside it.
        let _ = fs::remove_dir_all::<&Path>(&self.0);
    }
}

/// A place in the source as it is recorded: of a long name the end, which says more, and has the line.
pub(super) fn place(at: &str) -> Chunk {
    let from = (at.len().saturating_sub(Chunk::MAX)..=at.len()).find(|from| at.is_char_boundary(*from));
    Chunk::of_text(&at[from.unwrap_or(at.len())..])
}

/// A place in the source, and the function that is called there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Marker {
    pub(super) at: Chunk,
    /// The file's whole path, and the line.
    whole: String,
    is_own: bool,
    callee: String,
}

impl Marker {
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes.strip_prefix(MARKER)?);
        let (at, callee) = text.rsplit_once(' ')?;
        let (is_own, at) = at.strip_prefix('~').map_or((true, at), |at| (false, at));
        let name = at.rsplit('/').next().unwrap_or(at);
        Some(Self { at: place(name), whole: at.to_owned(), is_own, callee: callee.to_owned() })
    }

    /// Whether it is in a file of the program, and not of the library, nor only says that the interpreter has begun.
    pub(super) fn is_own(&self) -> bool {
        self.is_own
    }

    /// The file that it is in.
    pub(super) fn path(&self) -> Option<PathBuf> {
        self.whole.rsplit_once(':').map(|(path, _)| PathBuf::from(path)).filter(|path| path.is_absolute())
    }

    /// Whether the function makes this call. A function such as sendall may make several; what is called in between, and
    /// by no function that has a marker, such as a close when an object is no longer used, has no line.
    pub(super) fn makes(&self, number: i64) -> bool {
        let calls: &[i64] = match &*self.callee {
            "epoll" => &[libc::SYS_epoll_create1],
            "register" | "modify" | "unregister" => &[libc::SYS_epoll_ctl],
            "poll" => &[old::EPOLL_WAIT, libc::SYS_epoll_pwait],
            "accept" | "_accept" => &[libc::SYS_accept4, libc::SYS_accept],
            "recv" | "recv_into" | "recvfrom" | "recvfrom_into" => &[libc::SYS_recvfrom],
            "recvmsg" => &[libc::SYS_recvmsg],
            "send" | "sendall" | "sendto" => &[libc::SYS_sendto],
            "sendmsg" => &[libc::SYS_sendmsg],
            "sendfile" => &[libc::SYS_sendfile],
            "splice" => &[libc::SYS_splice],
            "read" => &[libc::SYS_read],
            "readv" => &[libc::SYS_readv],
            "write" => &[libc::SYS_write],
            "writev" => &[libc::SYS_writev],
            "connect" | "connect_ex" => &[libc::SYS_connect],
            "listen" => &[libc::SYS_listen],
            "bind" => &[libc::SYS_bind],
            "shutdown" => &[libc::SYS_shutdown],
            "setblocking" | "settimeout" => &[libc::SYS_ioctl, libc::SYS_fcntl],
            "dup" => &[libc::SYS_fcntl],
            "dup2" => &[libc::SYS_dup3, old::DUP2],
            "socketpair" => &[libc::SYS_socketpair],
            "pipe" | "pipe2" => &[libc::SYS_pipe2],
            "eventfd" => &[libc::SYS_eventfd2],
            "close" => &[libc::SYS_close],
            _ => &[],
        };
        calls.contains(&number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_a_place_and_a_function() {
        let marker = Marker::read(b"\x1eepollscope /a/server.py:31 recv").expect("a marker");
        assert_eq!(marker.at, Chunk::of_text("server.py:31"));
        assert_eq!(marker.path(), Some(PathBuf::from("/a/server.py")));
        assert!(marker.makes(libc::SYS_recvfrom) && !marker.makes(libc::SYS_close));
        assert_eq!(Marker::read(b"server.py:31 recv"), None);
    }

    #[test]
    fn of_a_long_name_the_end_is_kept() {
        let marker = Marker::read("\x1eepollscope 一个名字很长的服务器程序.py:1234 recv".as_bytes()).expect("a marker");
        assert_eq!(marker.at.to_string(), "服务器程序.py:1234");
    }
}

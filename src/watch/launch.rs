//! Starts a program under ptrace, in the order that works: held, taken over, filtered, executed.

use std::ffi::{CString, OsStr, OsString};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use nix::fcntl::OFlag;
use nix::unistd::{pipe2, write};

use super::attach::{Seized, seize};
use super::error::WatchError;
use super::filter::filter;
use super::source::Hook;
use super::threads::status_of;
use crate::i18n::shown;
use crate::record::Tid;
use crate::sys::Errno;
use crate::sys::ptrace::{Request, fork_held, trace};

/// Where to look for a command where PATH is not set, as execvp(3) does.
const USUAL_PATH: &str = "/usr/local/bin:/bin:/usr/bin";

/// All stops that are wanted: forks, threads, exec, the filter's; and the program ends with its tracer.
const OPTIONS: i32 = libc::PTRACE_O_TRACESYSGOOD
    | libc::PTRACE_O_TRACEFORK
    | libc::PTRACE_O_TRACEVFORK
    | libc::PTRACE_O_TRACECLONE
    | libc::PTRACE_O_TRACEEXEC
    | libc::PTRACE_O_TRACESECCOMP
    | libc::PTRACE_O_EXITKILL;

/// A program that was started and stands before its first call, execve(2) itself.
#[derive(Debug)]
pub struct Watched {
    pub(super) pid: Tid,
    pub(super) path: PathBuf,
    /// Whether it is asked where in its source it makes its calls.
    pub(super) source: bool,
    /// Kept until the end, when its folder is removed.
    _hook: Option<Hook>,
    /// What was taken over, where it ran already.
    pub(super) seized: Option<Seized>,
}

impl Watched {
    /// Starts `command`, the first of which is the program: a path, or a name that is looked for in PATH. The calling
    /// thread traces it, and no other can. With `source` it is told where in its source it makes its calls. Its terminal
    /// is `terminal`, or else ours.
    ///
    /// # Errors
    /// Where there is no such file, or the kernel does not let this process trace.
    pub fn launch(command: &[OsString], source: bool, terminal: Option<BorrowedFd<'_>>) -> Result<Self, WatchError> {
        let name = command.first().map(OsString::as_os_str).unwrap_or_default();
        let path = find(name)?;
        let string =
            |bytes: &[u8]| CString::new(bytes).map_err(|_| WatchError::System { what: "execve", errno: Errno::EINVAL });
        let file = string(path.as_os_str().as_bytes())?;
        let arguments: Vec<CString> = command.iter().map(|word| string(word.as_bytes())).collect::<Result<_, _>>()?;
        // Without it there are no lines, and nothing else is missing.
        let hook = if source { Hook::new().ok() } else { None };
        let mut environment = environment(hook.as_ref());
        if terminal.is_some() {
            // What it writes is shown as plain lines.
            environment.retain(|entry| !entry.starts_with(b"TERM="));
            environment.push(b"TERM=dumb".to_vec());
        }
        let environment: Vec<CString> =
            environment.into_iter().map(|entry| string(&entry)).collect::<Result<_, _>>()?;
        let system = |what| move |errno| WatchError::System { what, errno };
        let (held, go) = pipe2(OFlag::O_CLOEXEC).map_err(system("pipe2"))?;
        let pid = fork_held((held.as_fd(), go.as_fd()), terminal, &file, &arguments, &environment, &filter())
            .map_err(system("fork"))?;
        // Where it can't be taken over, the end of the pipe has the child end by itself.
        trace(pid, Request::Seize(OPTIONS)).map_err(|errno| WatchError::Forbidden { errno, tracer: tracer_of(pid) })?;
        write(&go, &[1]).map_err(system("write"))?;
        Ok(Self { pid, path, source, _hook: hook, seized: None })
    }

    /// Takes over a process that runs already, and its children. It is let go of when its [`Tracer`](super::Tracer) ends,
    /// and runs on where this process is killed. With `source` its stack is asked where it makes its calls.
    ///
    /// # Errors
    /// Where there is no such process, or the kernel does not let this one trace it; each says what to do.
    pub fn attach(pid: Tid, source: bool) -> Result<Self, WatchError> {
        let seized = Some(seize(pid)?);
        // The stack of an interpreter shows its own source, and not the program's.
        let exe = fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
        let is_python = exe.file_name().is_some_and(|name| name.as_bytes().starts_with(b"python"));
        let source = source && !is_python;
        Ok(Self { pid, path: format!("/proc/{pid}/exe").into(), source, _hook: None, seized })
    }

    pub fn pid(&self) -> Tid {
        self.pid
    }
}

/// The environment, in which LeakSanitizer is switched off: it gives up under ptrace. And Python finds the hook.
fn environment(hook: Option<&Hook>) -> Vec<Vec<u8>> {
    let variable = |(name, value): (OsString, OsString)| [name.into_vec(), value.into_vec()].join(&b'=');
    let stays = |name: &OsStr| name != "ASAN_OPTIONS" && (hook.is_none() || name != "PYTHONPATH");
    let mut all: Vec<Vec<u8>> = env::vars_os().filter(|(name, _)| stays(name)).map(variable).collect();
    all.extend(hook.map(|hook| variable(("PYTHONPATH".into(), hook.path()))));
    let options = env::var_os("ASAN_OPTIONS").map(|options| [options.as_bytes(), b":"].concat()).unwrap_or_default();
    all.push([b"ASAN_OPTIONS=", &*options, b"detect_leaks=0"].concat());
    all
}

/// The process that traces `pid`, if there is one.
pub(super) fn tracer_of(pid: Tid) -> Option<u32> {
    status_of(pid, "TracerPid:").map(|Tid(tracer)| tracer).filter(|tracer| *tracer != 0)
}

/// The file that a command means. Executing it by its name would show an execve for each directory of PATH.
pub fn find(name: &OsStr) -> Result<PathBuf, WatchError> {
    let no_such = || WatchError::NoSuchCommand { command: shown(name) };
    let refused = |path: &Path, errno| WatchError::NotExecutable { path: shown(path), errno };
    if name.as_bytes().contains(&b'/') {
        let path = PathBuf::from(name);
        let found = fs::metadata(&path).map_err(|error| match error.raw_os_error() {
            Some(libc::ENOENT | libc::ENOTDIR) | None => no_such(),
            Some(errno) => refused(&path, Errno::from_raw(errno)),
        })?;
        if found.is_file() && found.mode() & 0o111 != 0 {
            return Ok(path);
        }
        let errno = if found.is_dir() { Errno::EISDIR } else { Errno::EACCES };
        return Err(refused(&path, errno));
    }
    let directories = env::var_os("PATH").unwrap_or_else(|| USUAL_PATH.into());
    let files = env::split_paths(&directories).map(|directory| directory.join(name));
    let mut unusable = None;
    for path in files.filter(|_| !name.is_empty()) {
        match fs::metadata(&path) {
            Ok(found) if found.is_file() && found.mode() & 0o111 != 0 => return Ok(path),
            Ok(found) if found.is_file() => unusable = unusable.or(Some(path)),
            _ => {}
        }
    }
    Err(unusable.map_or_else(no_such, |path| refused(&path, Errno::EACCES)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_found_or_it_is_said_why_not() {
        assert!(find(OsStr::new("sh")).is_ok_and(|path| path.ends_with("sh")));
        assert!(matches!(find(OsStr::new("no-such-command")), Err(WatchError::NoSuchCommand { .. })));
        assert!(matches!(find(OsStr::new("/etc/passwd")), Err(WatchError::NotExecutable { .. })));
        assert!(matches!(find(OsStr::new("/")), Err(WatchError::NotExecutable { .. })));
        assert!(matches!(find(OsStr::new("")), Err(WatchError::NoSuchCommand { .. })));
    }
}

//! Why a process can't be looked at, and which one is meant by a name.

use std::fmt;
use std::fs;

use crate::i18n::{Lang, words};
use crate::record::{Ret, Tid, errno_name};
use crate::sys::{Errno, gettid};
use crate::watch::threads::{name_of, status_of};

/// Where Yama says whom a process may trace. kernel.org, admin-guide/LSM/Yama
pub(super) const YAMA: &str = "/proc/sys/kernel/yama/ptrace_scope";

/// Whether Yama lets a process trace none but its descendants.
pub(super) fn has_yama() -> bool {
    fs::read_to_string(YAMA).is_ok_and(|scope| scope.trim() != "0")
}

/// Why a process can't be looked at; each says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeekError {
    /// No process is called so.
    NobodyNamed {
        name: String,
    },
    /// Several are, and none is the parent of the others.
    SeveralNamed {
        name: String,
        pids: Vec<Tid>,
    },
    NoSuchProcess {
        pid: Tid,
    },
    /// It belongs to this other user.
    OtherUser {
        pid: Tid,
        user: u32,
    },
    /// It has changed its user since it began, or has capabilities that this process has not.
    OtherRights {
        pid: Tid,
    },
    /// Another process traces it.
    Traced {
        pid: Tid,
        tracer: u32,
    },
    /// It is this process itself.
    Itself,
    /// The kernel lets a process be traced by its ancestors alone, or by nobody.
    Yama {
        pid: Tid,
    },
    Other {
        pid: Tid,
        errno: Errno,
    },
}

impl PeekError {
    /// The sentence, in a language.
    pub fn words(&self, lang: Lang) -> String {
        match self {
            Self::NobodyNamed { name } => words!(
                lang,
                "no process is called {name}; `ps -e` lists all, and their names are cut after 15 letters",
                "没有叫 {name} 的进程；`ps -e` 列出全部进程，名字只保留前 15 个字母"
            ),
            Self::SeveralNamed { name, pids } => {
                let list: Vec<String> = pids.iter().map(Tid::to_string).collect();
                let list = list.join(", ");
                words!(
                    lang,
                    "several processes are called {name}: {list}; choose one with -p",
                    "有几个进程都叫 {name}：{list}；请用 -p 选择一个"
                )
            }
            Self::NoSuchProcess { pid } => {
                words!(lang, "there is no process {pid}; `ps -e` lists all", "没有进程 {pid}；`ps -e` 列出全部进程")
            }
            Self::OtherUser { pid, user } => words!(
                lang,
                "process {pid} belongs to user {user}, and may not be looked at; try with sudo, and in a container with --cap-add=SYS_PTRACE",
                "进程 {pid} 属于用户 {user}，不允许查看；请用 sudo，在容器里还要 --cap-add=SYS_PTRACE"
            ),
            Self::OtherRights { pid } => words!(
                lang,
                "process {pid} may not be looked at: it has changed its user or rights since it began, or has more rights than this one; try with sudo, and in a container with --cap-add=SYS_PTRACE",
                "不允许查看进程 {pid}：它启动后换过用户或权限，或权限比这里更多；请用 sudo，在容器里还要 --cap-add=SYS_PTRACE"
            ),
            Self::Traced { pid, tracer } => words!(
                lang,
                "process {tracer} (strace, gdb or the like) already traces process {pid}, and only one may; end that first; without --trace it can be looked at all the same",
                "进程 {tracer}（strace、gdb 之类）已在跟踪进程 {pid}，而跟踪者只能有一个；请先结束它；不加 --trace 仍可查看"
            ),
            Self::Itself => {
                lang.of("that is this process itself; choose another", "那就是这个进程自己；请选别的").to_owned()
            }
            Self::Yama { pid } => words!(
                lang,
                "process {pid} may not be traced: {YAMA} is not 0; try with sudo, or `sysctl kernel.yama.ptrace_scope=0`",
                "不允许跟踪进程 {pid}：{YAMA} 不是 0；请用 sudo，或 `sysctl kernel.yama.ptrace_scope=0`"
            ),
            Self::Other { pid, errno } => {
                let errno = errno_name(-Ret::error(*errno).raw());
                words!(lang, "cannot read /proc/{pid}/fd: {errno}", "无法读取 /proc/{pid}/fd：{errno}")
            }
        }
    }
}

impl PeekError {
    /// Why the kernel does not let this process look at `pid`.
    pub(super) fn denied(pid: Tid) -> Self {
        let own = status_of(gettid(), "Uid:");
        match status_of(pid, "Uid:") {
            Some(Tid(user)) if own != Some(Tid(user)) => Self::OtherUser { pid, user },
            _ => Self::OtherRights { pid },
        }
    }

    /// Why the kernel does not let this process trace `pid`.
    pub(in crate::watch) fn untraceable(pid: Tid) -> Self {
        match Self::denied(pid) {
            Self::OtherRights { pid } if has_yama() => Self::Yama { pid },
            other => other,
        }
    }
}

impl fmt::Display for PeekError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words(Lang::En))
    }
}

impl std::error::Error for PeekError {}

/// The process that is called `name`; of several that are each other's children the first parent.
///
/// # Errors
/// Where there is none, or several.
pub fn process_named(name: &str) -> Result<Tid, PeekError> {
    let own = std::process::id();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let all = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok().map(Tid));
    let called: Vec<Tid> = all.filter(|pid| pid.0 != own && name_of(*pid).to_string() == name).collect();
    let is_child = |pid: &&Tid| status_of(**pid, "PPid:").is_some_and(|parent| called.contains(&parent));
    let mut first: Vec<Tid> = called.iter().filter(|pid| !is_child(pid)).copied().collect();
    first.sort_unstable();
    match &first[..] {
        [one] => Ok(*one),
        [] => Err(PeekError::NobodyNamed { name: name.to_owned() }),
        several => Err(PeekError::SeveralNamed { name: name.to_owned(), pids: several.to_vec() }),
    }
}

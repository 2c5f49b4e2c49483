//! Why a program can't be watched; each says what to do.

use std::fmt;

use super::peek::PeekError;
use crate::i18n::{Lang, words};
use crate::sys::{Errno, describe};

/// Why a program could not be started under watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WatchError {
    /// No file of this name in the directories of PATH, or at this path.
    NoSuchCommand { command: String },
    /// The file can't be executed.
    NotExecutable { path: String, errno: Errno },
    /// It is a 32-bit program, or one for another architecture: the filter does not see its calls.
    OtherArchitecture { path: String },
    /// The kernel does not let this process trace a child of its own; who traces it already, if somebody does.
    Forbidden { errno: Errno, tracer: Option<u32> },
    /// The filter could not be installed.
    NoFilter,
    /// The kernel is older than Linux 5.3.
    OldKernel,
    /// A running process can't be taken over.
    Refused(PeekError),
    /// On this kind of processor a running process can't be taken over.
    OnlyLaunched,
    /// Something else failed.
    System { what: &'static str, errno: Errno },
}

impl WatchError {
    /// The sentence, in a language.
    pub fn words(&self, lang: Lang) -> String {
        match self {
            Self::NoSuchCommand { command } if command.contains('/') => {
                words!(lang, "there is no file {command}; check the path", "没有 {command} 这个文件；请检查路径")
            }
            Self::NoSuchCommand { command } => words!(
                lang,
                "there is no command {command} in the directories of PATH; check its name, or give its path",
                "PATH 的目录里没有 {command} 这个命令；请检查名字，或写出路径"
            ),
            Self::NotExecutable { path, errno: Errno::EACCES } => words!(
                lang,
                "{path} may not be executed: EACCES; `chmod +x` allows it, or name the interpreter first, as in `python3 FILE`",
                "{path} 没有执行权限：EACCES；可用 `chmod +x` 允许，或先写解释器，如 `python3 FILE`"
            ),
            Self::NotExecutable { path, errno: Errno::ENOEXEC } => words!(
                lang,
                "{path} is not in a format that the kernel executes: ENOEXEC; a script needs a first line such as `#!/bin/sh`, or its interpreter named first",
                "内核不能执行 {path} 这种格式：ENOEXEC；脚本需要 `#!/bin/sh` 这样的首行，或先写解释器"
            ),
            Self::NotExecutable { path, errno: Errno::EISDIR } => {
                words!(lang, "{path} is a directory; name the program in it", "{path} 是目录；请写出其中的程序")
            }
            Self::NotExecutable { path, errno: Errno::ENOENT } => words!(
                lang,
                "{path} names an interpreter or a loader that is not there: ENOENT; check its first line, or `readelf -l {path}`",
                "{path} 所用的解释器或加载器不存在：ENOENT；请检查它的首行，或 `readelf -l {path}` 的输出"
            ),
            Self::NotExecutable { path, errno } => {
                let what = describe(*errno);
                lang.of(
                    format!("cannot execute {path}: {what} ({errno:?}); see execve(2)"),
                    format!("无法执行 {path}：{errno:?}；见 execve(2)"),
                )
            }
            Self::OtherArchitecture { path } => words!(
                lang,
                "{path} is a 32-bit program, or one for another processor, whose calls are not seen; build it for this machine",
                "{path} 是 32 位程序，或面向别的处理器，看不到它的调用；请为本机重新编译"
            ),
            Self::Forbidden { tracer: Some(tracer), .. } => words!(
                lang,
                "process {tracer} (strace, gdb or the like) already traces what this one starts, and only one may; end it, or start without it",
                "进程 {tracer}（strace、gdb 之类）已在跟踪这里启动的程序，而跟踪者只能有一个；请结束它，或不经它启动"
            ),
            Self::Forbidden { errno, .. } => words!(
                lang,
                "ptrace is not allowed here: {errno:?}; a container needs --cap-add=SYS_PTRACE, and /proc/sys/kernel/yama/ptrace_scope must not be 3",
                "这里不允许 ptrace：{errno:?}；容器需要 --cap-add=SYS_PTRACE，/proc/sys/kernel/yama/ptrace_scope 不能是 3"
            ),
            Self::NoFilter => words!(
                lang,
                "the seccomp filter could not be installed; a container or sandbox may forbid seccomp(2): allow it there",
                "无法安装 seccomp 过滤器；可能是容器或沙箱禁止了 seccomp(2)，请在那里放行"
            ),
            Self::OldKernel => words!(
                lang,
                "PTRACE_GET_SYSCALL_INFO is missing: this needs Linux 5.3 or later",
                "缺少 PTRACE_GET_SYSCALL_INFO，需要 Linux 5.3 或更高版本"
            ),
            Self::Refused(why) => why.words(lang),
            Self::OnlyLaunched => words!(
                lang,
                "on this processor a running process can't be traced, only looked at: leave --trace away, or start it with `watch -- COMMAND`",
                "在这种处理器上不能跟踪已运行的进程，只能查看：请去掉 --trace，或用 `watch --` 加命令启动它"
            ),
            Self::System { what, errno } => {
                words!(lang, "{what} failed: {errno:?}; see its man page", "{what} 失败：{errno:?}；请看它的手册页")
            }
        }
    }
}

impl fmt::Display for WatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words(Lang::En))
    }
}

impl std::error::Error for WatchError {}

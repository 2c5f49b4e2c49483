//! A server in a process of its own, and what the kernel says it has used.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Where the server runs, and where the load.
pub(crate) const SERVER_CORE: usize = 0;
pub(crate) const LOAD_CORE: usize = 1;

/// Binds the calling thread, and what it starts from now on, to these cores.
pub(crate) fn pin(cores: &[usize]) -> anyhow::Result<()> {
    pin_thread(Pid::from_raw(0), cores)
}

/// Binds a thread, by the kernel's number.
pub(crate) fn pin_thread(tid: Pid, cores: &[usize]) -> anyhow::Result<()> {
    let mut set = CpuSet::new();
    for core in cores {
        set.set(*core)?;
    }
    sched_setaffinity(tid, &set).context("two cores are needed, one for the server and one for the load")
}

/// A running server.
pub(crate) struct Process {
    child: Child,
    /// The server itself, where `child` only runs it.
    pid: Pid,
    pub(crate) addr: SocketAddr,
    stderr: BufReader<ChildStderr>,
}

impl Process {
    /// Starts `command` on the server's core and reads from its standard error where it listens.
    pub(crate) fn start(command: &mut Command) -> anyhow::Result<Self> {
        let mut child = {
            pin(&[SERVER_CORE])?;
            let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
            pin(&[LOAD_CORE])?;
            child.with_context(|| format!("cannot start {command:?}"))?
        };
        let pid = Pid::from_raw(i32::try_from(child.id())?);
        let mut stderr = BufReader::new(child.stderr.take().context("no standard error")?);
        let mut line = String::new();
        while stderr.read_line(&mut line)? > 0 {
            if let Some((_, addr)) = line.trim_end().split_once("listening on ") {
                return Ok(Self { child, pid, addr: addr.parse()?, stderr });
            }
            line.clear();
        }
        bail!("{command:?} ended before it listened: {:?}", child.wait()?)
    }

    /// The server was started by a tracer, whose only child it is.
    pub(crate) fn traced(mut self) -> anyhow::Result<Self> {
        let pid = self.pid;
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))?;
        self.pid = Pid::from_raw(children.trim().parse()?);
        Ok(self)
    }

    /// CPU time so far, in nanoseconds: of the thread that serves, which is that called `server` or the only one; and of
    /// all its threads.
    pub(crate) fn cpu(&self) -> anyhow::Result<(u64, u64)> {
        let threads = self.threads()?;
        let serving = threads.iter().filter(|(serves, _)| *serves).map(|(_, time)| time).sum();
        Ok((serving, threads.iter().map(|(_, time)| time).sum()))
    }

    /// Each thread: whether it serves, and its time on a core. proc_pid_schedstat: the first number, in nanoseconds.
    fn threads(&self) -> anyhow::Result<Vec<(bool, u64)>> {
        let mut threads = Vec::new();
        for task in fs::read_dir(format!("/proc/{}/task", self.pid))? {
            let task = task?.path();
            let name = fs::read_to_string(task.join("comm"))?;
            let ran = fs::read_to_string(task.join("schedstat")).context("CONFIG_SCHED_INFO is needed")?;
            let ran = ran.split(' ').next().unwrap_or_default().parse()?;
            threads.push((name.trim() == "server", ran));
        }
        if let [only] = &mut threads[..] {
            only.0 = true;
        }
        Ok(threads)
    }

    /// Waits until all its threads sleep.
    pub(crate) fn until_asleep(&self) -> anyhow::Result<()> {
        until(|| {
            for task in fs::read_dir(format!("/proc/{}/task", self.pid))? {
                // proc_pid_stat: the state comes after the name, which is in parentheses.
                let stat = fs::read_to_string(task?.path().join("stat"))?;
                let state = stat.rsplit_once(") ").and_then(|(_, after)| after.chars().next());
                if state != Some('S') {
                    return Ok(false);
                }
            }
            Ok(true)
        })
        .context("it does not come to rest")
    }

    /// Sends it SIGWINCH, which means nothing to a server.
    pub(crate) fn say_resized(&self) -> anyhow::Result<()> {
        kill(self.pid, Signal::SIGWINCH).context("it is gone")
    }

    /// Its own memory that is in use, in bytes: what the kernel holds for its sockets is not in it.
    pub(crate) fn memory(&self) -> anyhow::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid))?;
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).context("no RssAnon")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
    }

    /// How many sockets it has open, over all file tables of its threads.
    pub(crate) fn sockets(&self) -> anyhow::Result<usize> {
        let mut most = 0;
        for task in fs::read_dir(format!("/proc/{}/task", self.pid))? {
            let links = fs::read_dir(task?.path().join("fd"))?.flatten().filter_map(|fd| fs::read_link(fd.path()).ok());
            most = most.max(links.filter(|to| to.to_string_lossy().starts_with("socket:")).count());
        }
        Ok(most)
    }

    /// Waits until it has at most so many sockets.
    pub(crate) fn until_sockets(&self, most: usize) -> anyhow::Result<()> {
        until(|| Ok(self.sockets()? <= most)).with_context(|| format!("more than {most} sockets are still open"))
    }

    /// Has it end, and gives what it said meanwhile on standard error.
    pub(crate) fn stop(mut self) -> anyhow::Result<String> {
        kill(self.pid, Signal::SIGTERM)?;
        let mut said = String::new();
        std::io::Read::read_to_string(&mut self.stderr, &mut said)?;
        self.child.wait()?;
        Ok(said)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Looks again and again until it is so, ten seconds at most.
fn until(mut is_so: impl FnMut() -> anyhow::Result<bool>) -> anyhow::Result<()> {
    let begun = Instant::now();
    while !is_so()? {
        anyhow::ensure!(begun.elapsed() < Duration::from_secs(10), "ten seconds have passed");
        std::thread::yield_now();
    }
    Ok(())
}

/// A file that is gone when this is.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    pub(crate) fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("epollscope-bench-{}-{name}", std::process::id())))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

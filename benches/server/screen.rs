//! The workbench on a pseudo-terminal, its server running freely.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use nix::fcntl::OFlag;
use nix::pty::{grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::unistd::Pid;

use super::contenders::{COMMON_FLAGS, EPOLLSCOPE, LEVEL_FLAGS};
use super::process::{LOAD_CORE, SERVER_CORE, pin, pin_thread};

/// The workbench. Dropped, it is gone.
pub(crate) struct Workbench {
    child: Child,
    drawn: Arc<Mutex<Vec<u8>>>,
    keys: File,
    /// Where its server listens.
    pub(crate) addr: SocketAddr,
}

impl Workbench {
    /// Starts it, and lets its server run freely.
    pub(crate) fn run() -> anyhow::Result<Self> {
        let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
        let master = posix_openpt(flags)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let path = ptsname_r(&master)?;
        let slave = OpenOptions::new().read(true).write(true).custom_flags(flags.bits()).open(&path)?;
        let resized = Command::new("stty").args(["-F", &path, "cols", "120", "rows", "40"]).status()?;
        anyhow::ensure!(resized.success(), "stty could not size the terminal");
        let mut command = Command::new("setsid");
        command.args(["-c", EPOLLSCOPE].into_iter().chain(COMMON_FLAGS.iter().chain(LEVEL_FLAGS).copied()));
        command.env("TERM", "xterm-256color").env("LC_ALL", "C");
        command
            .stdin(Stdio::from(slave.try_clone()?))
            .stdout(Stdio::from(slave.try_clone()?))
            .stderr(Stdio::from(slave));
        // Its screen goes where the system puts it.
        pin(&[SERVER_CORE, LOAD_CORE])?;
        let child = command.spawn().context("setsid is needed, which util-linux and busybox have");
        pin(&[LOAD_CORE])?;
        drop(command);
        let drawn = Arc::new(Mutex::new(Vec::new()));
        let (screen, mut terminal) = (Arc::clone(&drawn), master);
        let nowhere = SocketAddr::from(([0; 4], 0));
        let mut bench = Self { child: child?, drawn, keys: File::from(nix::unistd::dup(&terminal)?), addr: nowhere };
        // A terminal that shows nothing, and is as fast as one can be.
        std::thread::spawn(move || {
            let mut bytes = vec![0; 65_536];
            while let Ok(n @ 1..) = terminal.read(&mut bytes) {
                screen.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&bytes[..n]);
            }
        });
        bench.addr = bench.until(|screen| {
            let (_, after) = screen.split_once("127.0.0.1:")?;
            let port = after.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
            screen.contains("Interest list").then_some(SocketAddr::from(([127, 0, 0, 1], port)))
        })?;
        bench.pin_server()?;
        bench.keys.write_all(b"r")?;
        Ok(bench)
    }

    /// Puts its server where every server of this bench is.
    fn pin_server(&self) -> anyhow::Result<()> {
        for task in std::fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let task = task?.path();
            if std::fs::read_to_string(task.join("comm"))?.trim() == "server" {
                let tid =
                    task.file_name().and_then(|name| name.to_str()?.parse().ok()).context("no thread's number")?;
                return pin_thread(Pid::from_raw(tid), &[SERVER_CORE]);
            }
        }
        bail!("the workbench has no server")
    }

    /// How much has been drawn, in bytes.
    pub(crate) fn drawn(&self) -> usize {
        self.drawn.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn until<T>(&self, seen: impl Fn(&str) -> Option<T>) -> anyhow::Result<T> {
        let begun = Instant::now();
        loop {
            let drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let screen = String::from_utf8_lossy(&drawn);
            if let Some(found) = seen(&screen) {
                return Ok(found);
            }
            if begun.elapsed() > Duration::from_secs(10) {
                bail!("the workbench never came:\n{screen}");
            }
            std::thread::yield_now();
        }
    }
}

impl Drop for Workbench {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

//! `epollscope serve`, the real binary, as a child process: started, its records read, and stopped.
//!
//! It waits for what is said, never for time.

use std::ffi::OsStr;
use std::io::{BufReader, Read};
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use epollscope::record::{Choice as _, Fairness, Policy, Record};
use epollscope::trace::Reader;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::loopback::{Loopback, loopback};

pub(crate) const EPOLLSCOPE: &str = env!("CARGO_BIN_EXE_epollscope");

/// Long enough for the slowest machine; only a failing test waits for it.
pub(crate) const LONG: Duration = Duration::from_mins(1);

/// A running `serve`. Dropped, it is killed.
pub(crate) struct Serving {
    child: Child,
    pub(crate) addr: SocketAddr,
    stderr: ChildStderr,
    /// What it has said on standard error.
    said: String,
    /// What it does, where it writes the trace format to a pipe.
    records: Receiver<Record>,
    _loopback: Loopback,
}

/// The arguments of `serve` for a policy, on any free port of the loopback.
pub(crate) fn arguments(format: &str, policy: &Policy) -> Vec<String> {
    let mut arguments: Vec<String> = ["serve", "--listen", "127.0.0.1:0", "--format", format].map(Into::into).into();
    let mut flag = |name: &str, value: String| arguments.extend([name.to_owned(), value]);
    flag("--trigger", policy.trigger.name().to_owned());
    flag("--read", policy.read.name().to_owned());
    flag("--read-size", policy.read_size.to_string());
    flag("--accept", policy.accept.name().to_owned());
    flag("--write", policy.write.name().to_owned());
    flag("--max-events", policy.max_events.to_string());
    flag("--timeout", policy.timeout.to_string());
    if let Fairness::RoundRobin(budget) = policy.fairness {
        flag("--budget", budget.to_string());
    }
    flag("--out-of-fds", policy.out_of_fds.name().to_owned());
    flag("--half-close", policy.half_close.name().to_owned());
    policy.faults.names().for_each(|name| flag("--fault", name.to_owned()));
    if policy.oneshot {
        arguments.push("--oneshot".to_owned());
    }
    arguments
}

impl Serving {
    /// Starts it with a policy. What it writes to standard output is thrown away.
    pub(crate) fn quietly(format: &str, policy: &Policy) -> Self {
        let mut command = Command::new(EPOLLSCOPE);
        command.args(arguments(format, policy)).stdout(Stdio::null());
        Self::start(command)
    }

    /// Starts `command`, which comes down to `serve`; where its standard output is a pipe it is read as a trace.
    pub(crate) fn start(command: Command) -> Self {
        Self::try_start(command).unwrap_or_else(|said| panic!("no address in its first words: {said:?}"))
    }

    /// As [`Serving::start`]; what it said instead, where it names no address.
    pub(crate) fn try_start(mut command: Command) -> Result<Self, String> {
        let loopback = loopback();
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().expect("a child");
        let (tell, records) = channel();
        if let Some(stdout) = child.stdout.take() {
            std::thread::spawn(move || {
                let reader = Reader::new("standard output", BufReader::new(stdout)).expect("a header");
                // A record that is not one ends the channel, and with it the test that waits for more.
                reader.map_while(Result::ok).try_for_each(|record| tell.send(record))
            });
        }
        let stderr = child.stderr.take().expect("a pipe");
        let addr = SocketAddr::from(([0; 4], 0));
        let mut serving = Self { child, addr, stderr, said: String::new(), records, _loopback: loopback };
        serving.hear(|said| said.contains('\n'));
        let line = serving.said.lines().next().unwrap_or_default();
        let addr = line.strip_prefix("epollscope: listening on ").and_then(|addr| addr.parse().ok());
        match addr {
            Some(addr) => {
                serving.addr = addr;
                Ok(serving)
            }
            None => Err(std::mem::take(&mut serving.said)),
        }
    }

    /// Listens to its standard error until enough is said, or it is closed.
    #[track_caller]
    pub(crate) fn hear(&mut self, enough: impl Fn(&str) -> bool) {
        assert!(self.hears(LONG, enough), "it says nothing more than {:?}", self.said);
    }

    /// As [`Serving::hear`]; whether it was so in time.
    pub(crate) fn hears(&mut self, within: Duration, enough: impl Fn(&str) -> bool) -> bool {
        let end = Instant::now() + within;
        let mut buffer = [0; 4096];
        while !enough(&self.said) {
            let left = end.saturating_duration_since(Instant::now());
            let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
            let mut fds = [PollFd::new(self.stderr.as_fd(), PollFlags::POLLIN)];
            match poll(&mut fds, timeout) {
                Ok(0) => return false,
                Ok(_) => {}
                // EINTR: look again.
                Err(_) => continue,
            }
            match self.stderr.read(&mut buffer) {
                Ok(0) | Err(_) => return true,
                Ok(n) => self.said.push_str(&String::from_utf8_lossy(&buffer[..n])),
            }
        }
        true
    }

    /// Its next record.
    pub(crate) fn record(&self) -> Record {
        self.records.recv_timeout(LONG).unwrap_or_else(|error| panic!("no further record: {error}"))
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).expect("a process");
        kill(Pid::from_raw(pid), signal).expect("it runs");
    }

    /// Sends it a signal that ends it, waits for the end, and gives what it said on standard error.
    pub(crate) fn stop(self, signal: Signal) -> (ExitStatus, String) {
        self.signal(signal);
        self.ends()
    }

    /// Waits for its end, and gives what it said on standard error.
    pub(crate) fn ends(mut self) -> (ExitStatus, String) {
        self.hear(|_| false);
        (self.child.wait().expect("its end"), std::mem::take(&mut self.said))
    }

    /// Stops it, and sees to it that it ends well.
    #[track_caller]
    pub(crate) fn stop_well(self) -> String {
        let (status, said) = self.stop(Signal::SIGTERM);
        assert!(status.success(), "{status}, after {said:?}");
        said
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended; then there is nothing to be done. A strace(1) passes on the first signal and not the second.
        if let (Ok(None), Ok(pid)) = (self.child.try_wait(), i32::try_from(self.child.id())) {
            let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
            self.hears(Duration::from_secs(5), |_| false);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program `name`, if it can be run here; otherwise the test says that it was left out, and why.
pub(crate) fn installed(name: impl AsRef<OsStr>, probe: &[&str]) -> bool {
    let name = name.as_ref();
    let tried =
        Command::new(name).args(probe).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    match tried {
        Ok(_) => true,
        Err(error) => {
            eprintln!("left out: there is no {}: {error}", name.display());
            false
        }
    }
}

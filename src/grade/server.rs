//! The server that is graded: started under watch, its calls taken in as they come, and ended with all that it has started.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::Pid;

use super::sockets;
use super::tally::Tally;
use crate::analysis::findings::Findings;
use crate::i18n::{Lang, words};
use crate::record::{Annotation, Call, Dir, Fd, Record, Tid};
use crate::trace::World;
use crate::watch::{self, HoldAt, Orders, Sleeper, Tracer, WatchError, Watched, ending};

/// Puts the server's output into a file, tells it its port, and limits its fds; then it is the server.
const START: &str = r#"log=$1 limit=$2; export PORT="$3"; shift 3
[ "$limit" = 0 ] || ulimit -n "$limit"
exec "$@" >"$log" 2>&1 </dev/null"#;

/// Once the last process of a program has ended, its tracer ends within this time.
const LEFT: Duration = Duration::from_millis(500);

/// Those that are left may go on making calls: so often is looked.
const LOOKS: u32 = 100;

/// How a server is started.
#[derive(Clone, Debug)]
pub(super) struct Start {
    pub(super) command: Vec<OsString>,
    /// Where the server listens whatever it is told.
    pub(super) port: Option<u16>,
    /// Its `RLIMIT_NOFILE`; 0 for as many as there are.
    pub(super) limit: u32,
    pub(super) source: bool,
}

#[derive(Debug)]
pub(super) struct Server {
    pub(super) pid: Tid,
    pub(super) port: u16,
    /// `None` of one that ran already: of it nothing is known but what its clients see.
    traced: Option<Traced>,
    pub(super) records: Vec<Record>,
    pub(super) world: World,
    pub(super) findings: Findings,
    pub(super) tally: Tally,
    pub(super) ended: Option<u32>,
    /// In which recv or send a thread hangs.
    pub(super) hung: Option<(Tid, Fd, Dir)>,
}

/// A server that was started here.
#[derive(Debug)]
struct Traced {
    orders: Orders,
    records_come: Receiver<Vec<Record>>,
    tracer: Option<JoinHandle<()>>,
    log: PathBuf,
}

impl Server {
    fn new(pid: Tid, port: u16, traced: Option<Traced>) -> Self {
        Self {
            pid,
            port,
            traced,
            records: Vec::new(),
            world: World::default(),
            findings: Findings::default(),
            tally: Tally::default(),
            ended: None,
            hung: None,
        }
    }

    /// One that runs already.
    pub(super) fn running(port: u16) -> Self {
        Self::new(Tid(0), port, None)
    }

    /// Whether it was started here, so that its calls are seen.
    pub(super) fn is_traced(&self) -> bool {
        self.traced.is_some()
    }

    /// Starts it. It does not listen yet.
    pub(super) fn start(start: &Start) -> io::Result<Result<Self, WatchError>> {
        // The shell would say it in words of its own.
        if let Some(Err(error)) = start.command.first().map(|name| watch::find(name)) {
            return Ok(Err(error));
        }
        let port = start.port.map_or_else(free_port, Ok)?;
        let log = log_file()?;
        let number = port.to_string();
        let with_port = |word: &OsString| match word.to_str() {
            Some(text) if text.contains("{port}") => text.replace("{port}", &number).into(),
            _ => word.clone(),
        };
        let mut command: Vec<OsString> = ["/bin/sh", "-c", START, "sh"].map(OsString::from).to_vec();
        command.extend([log.clone().into_os_string(), start.limit.to_string().into(), number.clone().into()]);
        command.extend(start.command.iter().map(with_port));
        let source = start.source;
        let (records_go, records_come) = sync_channel(1024);
        let (begun, begins) = sync_channel(1);
        // Only the thread that launches a program can trace it.
        let tracer = thread::Builder::new()
            .name("grade".to_owned())
            .spawn(move || trace(&command, source, &begun, &records_go))?;
        let begun = begins.recv().map_err(io::Error::other)?;
        if begun.is_err() {
            // No server is made whose end would remove it.
            let _ = fs::remove_file(&log);
        }
        Ok(begun.map(|(pid, orders)| {
            Self::new(pid, port, Some(Traced { orders, records_come, tracer: Some(tracer), log }))
        }))
    }

    /// Takes in what has come. Whether anything has.
    pub(super) fn pump(&mut self) -> bool {
        let mut any = false;
        self.traced.iter().for_each(|traced| _ = traced.orders.wake_again());
        while let Some(traced) = &self.traced {
            match traced.records_come.try_recv() {
                Ok(records) => records.into_iter().for_each(|record| self.take(record)),
                Err(TryRecvError::Empty) => return any,
                Err(TryRecvError::Disconnected) => {
                    self.ended = self.ended.or(Some(0));
                    return any;
                }
            }
            any = true;
        }
        any
    }

    fn take(&mut self, record: Record) {
        self.tally.before(&record, &self.world);
        self.world.apply(&record);
        self.findings.apply(&record, &self.world);
        self.tally.after(&record, &self.world);
        match record.call {
            Call::Annotation(Annotation::Exited { status }) if record.tid == self.pid => self.ended = Some(status),
            Call::Annotation(Annotation::Hung { fd, dir, .. }) => self.hung = Some((record.tid, fd, dir)),
            call if call.is_syscall() && self.hung.is_some_and(|(tid, ..)| tid == record.tid) => self.hung = None,
            _ => {}
        }
        self.records.push(record);
    }

    /// Its threads, if all of them sleep and the calls up to there are taken in.
    pub(super) fn rests(&mut self) -> Option<Vec<Sleeper>> {
        let sleepers = watch::rests(self.pid)?;
        // What it did before it slept may be on the way from the tracer's thread.
        let is_known = |sleeper: &Sleeper| {
            let last = self.tally.last_call.get(&sleeper.tid);
            sleeper.waits_on.is_none() || last.is_some_and(|last| matches!(last.call, Call::EpollWaitEnter { .. }))
        };
        // Before its first wait, and in a call that is none, it is not known what it sleeps for.
        let all = sleepers.iter().all(is_known) && sleepers.iter().any(|sleeper| sleeper.waits_on.is_some());
        (all && !self.pump()).then_some(sleepers)
    }

    /// Whether a wait that it is in will return by its timeout.
    pub(super) fn wakes_by_itself(&self) -> bool {
        let waits = |record: &Record| match record.call {
            Call::EpollWaitEnter { timeout, .. } => timeout.0 > 0,
            _ => false,
        };
        self.tally.last_call.values().any(waits)
    }

    /// All its threads sleep, and none of them in a wait on an epoll.
    pub(super) fn sleeps_elsewhere(&self) -> bool {
        watch::rests(self.pid).is_some_and(|sleepers| sleepers.iter().all(|sleeper| sleeper.waits_on.is_none()))
    }

    /// It has ended itself, and others that it has started are left.
    pub(super) fn has_left_others(&mut self) -> bool {
        for _ in 0..LOOKS {
            let Some(traced) = &self.traced else { return false };
            match traced.records_come.recv_timeout(LEFT) {
                Ok(records) => records.into_iter().for_each(|record| self.take(record)),
                Err(RecvTimeoutError::Timeout) => return true,
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
        true
    }

    /// Holds it before its next call.
    pub(super) fn hold(&self) {
        self.traced.iter().for_each(|traced| traced.orders.hold());
    }

    pub(super) fn is_held(&self) -> bool {
        self.traced.as_ref().is_some_and(|traced| !traced.orders.holds().held().is_empty())
    }

    pub(super) fn free(&self) {
        self.traced.iter().for_each(|traced| traced.orders.free());
    }

    /// Where it listens, if it does: the addresses, as a client connects to them.
    pub(super) fn listens(&self) -> Vec<SocketAddr> {
        sockets::listening(self.pid)
    }

    /// Fds of sockets that the process has open.
    pub(super) fn sockets(&self) -> usize {
        sockets::inodes(self.pid).len()
    }

    /// The processor time of all its threads. proc_pid_schedstat(5)
    pub(super) fn cpu(&self) -> Duration {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.pid)).into_iter().flatten().flatten();
        let spent = tasks.filter_map(|task| {
            let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
            text.split_whitespace().next()?.parse::<u64>().ok()
        });
        Duration::from_nanos(spent.sum())
    }

    /// The state letter of its first thread. proc_pid_stat(5)
    pub(super) fn state(&self) -> Option<char> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid)).ok()?;
        stat.rsplit_once(')')?.1.trim_start().chars().next()
    }

    pub(super) fn signal(&self, signal: Signal) {
        if self.traced.as_ref().is_some_and(|traced| !traced.orders.has_ended()) {
            // It may have ended just now.
            let _ = kill(Pid::from_raw(self.pid.0.cast_signed()), signal);
        }
    }

    /// The end of what it has printed.
    pub(super) fn printed(&self) -> String {
        let mut end = Vec::new();
        if let Some(Ok(mut file)) = self.traced.as_ref().map(|traced| File::open(&traced.log)) {
            let size = file.seek(SeekFrom::End(0)).unwrap_or(0);
            let _ = file.seek(SeekFrom::Start(size.saturating_sub(2000)));
            let _ = file.read_to_end(&mut end);
        }
        let text = String::from_utf8_lossy(&end);
        text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned()
    }

    /// How it has ended, as a sentence.
    pub(super) fn ending(&self, status: u32, lang: Lang) -> String {
        let how = ending(("the server", "服务器"), status, lang);
        match self.printed() {
            last if last.is_empty() => how,
            last => words!(lang, "{how}; its last line: {last}", "{how}；它的最后一行输出：{last}"),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.signal(Signal::SIGKILL);
        let Some(traced) = &mut self.traced else { return };
        // The end of the tracer's thread is the end of everything that it traces.
        loop {
            traced.orders.end();
            if traced.records_come.recv_timeout(Duration::from_millis(1)) == Err(RecvTimeoutError::Disconnected) {
                break;
            }
        }
        if let Some(tracer) = traced.tracer.take() {
            let _ = tracer.join();
        }
        // ECHILD where the tracer has seen its end.
        let _ = waitpid(Pid::from_raw(self.pid.0.cast_signed()), None);
        let _ = fs::remove_file(&traced.log);
    }
}

type Begun = Result<(Tid, Orders), WatchError>;

fn trace(command: &[OsString], source: bool, begun: &SyncSender<Begun>, records: &SyncSender<Vec<Record>>) {
    let launched = Watched::launch(command, source, None).and_then(|watched| {
        let pid = watched.pid();
        Tracer::new(watched, HoldAt::No).map(|(tracer, orders)| (pid, tracer, orders))
    });
    let mut tracer = match launched {
        Ok((pid, tracer, orders)) => {
            let _ = begun.send(Ok((pid, orders)));
            tracer
        }
        Err(error) => return drop(begun.send(Err(error))),
    };
    let _ = tracer.run(|some| {
        if some.is_empty() {
            return Ok(());
        }
        records.send(some.to_vec()).map_err(io::Error::other)
    });
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// A new file of one's own for what the server prints.
fn log_file() -> io::Result<PathBuf> {
    let folder = std::env::temp_dir();
    for n in 0.. {
        let path = folder.join(format!("epollscope-grade-{}-{n}.log", std::process::id()));
        match File::create_new(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            created => return created.map(|_| path),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

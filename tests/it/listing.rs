//! The programs that show the server's code are programs: each runs, and under strace it makes the same calls for the same
//! traffic as the built-in server does.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::num::NonZeroU32;
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};

use epollscope::record::{
    Accept, Choice as _, Fairness, Faults, HalfClose, OutOfFds, Policy, Read, SockOpt, Trigger, WriteInterest,
};
use epollscope::server::listing::{Language, Listing, Place};
use epollscope::sys::set_option;
use nix::sys::signal::{Signal, kill};
use nix::sys::socket::{MsgFlags, send};
use nix::unistd::Pid;

use crate::support::crowd::crowd;
use crate::support::loopback::{loopback, whole_loopback};
use crate::support::serving::{EPOLLSCOPE, arguments, installed};

const CALLS: &str = "trace=epoll_create1,epoll_ctl,epoll_wait,epoll_pwait,accept4,recvfrom,sendto,openat,close";

/// Each choice of the policy by itself (EPOLLOUT always asked for only under an edge: a level would spin), those of an edge-triggered server together, and the faults.
fn policies() -> Vec<Policy> {
    let usual = Policy::default();
    let edge = Policy { trigger: Trigger::Edge, read: Read::Drain, accept: Accept::Drain, ..usual };
    let turns = Fairness::RoundRobin(NonZeroU32::new(1500).expect("not 0"));
    let mut all = vec![
        usual,
        Policy { trigger: Trigger::Edge, ..usual },
        Policy { oneshot: true, ..usual },
        Policy { read: Read::Drain, ..usual },
        Policy { read: Read::DrainShort, ..usual },
        Policy { read_size: 700, ..usual },
        Policy { accept: Accept::Drain, ..usual },
        Policy { max_events: 1, ..usual },
        edge,
        Policy { oneshot: true, ..edge },
        Policy { read: Read::DrainShort, ..edge },
        Policy { fairness: turns, ..edge },
        Policy { fairness: turns, trigger: Trigger::Level, ..edge },
        Policy { write: WriteInterest::Always, ..edge },
        Policy { half_close: HalfClose::Close, ..usual },
        Policy { half_close: HalfClose::Close, ..edge },
    ];
    all.extend(Faults::CHOICES.iter().map(|(faults, ..)| Policy { faults: *faults, ..usual }));
    all
}

/// A folder for a program and its trace, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("epollscope-listing-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    /// The program of `policy`, as a command that runs it.
    fn program(&self, policy: &Policy, language: Language, addr: SocketAddr) -> Command {
        let text = Listing::of(policy, language, addr).text();
        match language {
            Language::Python => {
                let path = self.0.join("server.py");
                fs::write(&path, text).expect("written");
                // Not the wrapper that some systems have for it, which starts a shell first.
                let real = ["-c", "import sys; print(sys.executable)"];
                let real = Command::new("python3").args(real).output().expect("python3").stdout;
                let mut command = Command::new(String::from_utf8(real).expect("a path").trim());
                command.arg(path);
                command
            }
            Language::C => {
                let (path, binary) = (self.0.join("server.c"), self.0.join("server"));
                fs::write(&path, &text).expect("written");
                let mut cc = Command::new("cc");
                cc.args(["-O1", "-Wall", "-Wextra", "-Werror", "-o"]).args([&binary, &path]);
                let compiled = cc.output().expect("cc");
                let said = String::from_utf8_lossy(&compiled.stderr);
                assert!(compiled.status.success() && said.is_empty(), "{policy}: {said}\n{text}");
                Command::new(binary)
            }
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// An address that was free a moment ago. The kernel gives none of these ports to the connections of other tests.
fn free() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(20_000);
    let mut ports = std::iter::repeat_with(|| NEXT.fetch_add(1, Ordering::Relaxed)).take_while(|port| *port < 32_768);
    ports.find_map(|port| TcpListener::bind(("127.0.0.1", port)).and_then(|it| it.local_addr()).ok()).expect("a port")
}

/// A server that runs under strace.
struct Traced {
    strace: Child,
    log: PathBuf,
}

impl Traced {
    fn start(program: &Command, log: &Path) -> Self {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-s", "0", "-e", CALLS, "-e", "signal=none", "-o"]).arg(log);
        // SIGINT ends it, which the shell has ignored where the tests run in the background.
        strace.args(["env", "--default-signal"]).arg(program.get_program()).args(program.get_args());
        let strace = strace.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("strace");
        Self { strace, log: log.to_owned() }
    }

    fn pid(&self) -> Option<i32> {
        let strace = self.strace.id();
        let children = fs::read_to_string(format!("/proc/{strace}/task/{strace}/children")).ok()?;
        children.split_whitespace().next()?.parse().ok()
    }

    /// Waits until a thread of it sleeps in epoll_wait. False once it has ended.
    fn rests(&mut self) -> bool {
        while self.strace.try_wait().expect("a child").is_none() {
            let sleeps = |task: fs::DirEntry| {
                let read = |name| fs::read_to_string(task.path().join(name)).unwrap_or_default();
                ["ep_poll", "epoll_wait"].iter().any(|at| read("wchan").contains(at))
                    && read("stat").rsplit(") ").next().is_some_and(|s| s.starts_with('S'))
            };
            let tasks = self.pid().and_then(|pid| fs::read_dir(format!("/proc/{pid}/task")).ok());
            if tasks.is_some_and(|tasks| tasks.flatten().any(sleeps)) {
                return true;
            }
            std::thread::yield_now();
        }
        false
    }

    /// Waits until its calls are such.
    fn has_made(&self, such: impl Fn(&[String]) -> bool) {
        while !such(&calls(&fs::read_to_string(&self.log).expect("a trace"))) {
            std::thread::yield_now();
        }
    }

    /// Ends it, and gives its calls.
    fn calls(mut self) -> Vec<String> {
        if let Some(pid) = self.pid() {
            let _ = kill(Pid::from_raw(pid), Signal::SIGINT);
        }
        let _ = self.strace.wait();
        calls(&fs::read_to_string(&self.log).expect("a trace"))
    }
}

/// The calls of the server's thread from the last epoll_create1 on (Python makes one to try it) that concern the epoll, the
/// listener and the connections, with fds numbered as they come.
fn calls(trace: &str) -> Vec<String> {
    let start = trace.rfind("epoll_create1").expect("an epoll");
    let start = trace[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let trace = &trace[start..];
    let server = trace.split(' ').next().unwrap_or_default();
    let mut open = String::new();
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut calls = Vec::new();
    for line in trace.lines() {
        let Some((_, line)) = line.split_once(' ').filter(|(thread, _)| *thread == server) else { continue };
        let line = line.trim_start();
        if let Some(start) = line.strip_suffix(" <unfinished ...>") {
            start.clone_into(&mut open);
            continue;
        }
        let line = match line.split_once(" resumed>") {
            Some((_, rest)) => std::mem::take(&mut open) + rest,
            None => line.to_owned(),
        };
        let Some(((name, arguments), result)) =
            line.rsplit_once(" = ").and_then(|(call, result)| Some((call.split_once('(')?, result)))
        else {
            continue;
        };
        let result = result.split(" (").next().unwrap_or_default().trim();
        let first = arguments.split([',', ')']).next().unwrap_or_default().trim().to_owned();
        if name == "epoll_create1" {
            numbers.insert(result.to_owned(), 0);
            calls.push("epoll_create1".to_owned());
            continue;
        }
        if numbers.is_empty() {
            continue;
        }
        let count = numbers.len();
        let mut number = |fd: &str| *numbers.entry(fd.to_owned()).or_insert(count);
        let words: Vec<&str> = arguments.split(", ").collect();
        calls.push(match name {
            "epoll_ctl" => {
                let mask = arguments.split("events=").nth(1).and_then(|rest| rest.split(',').next()).unwrap_or("");
                let mask = if words[1] == "EPOLL_CTL_DEL" { "" } else { mask };
                format!("epoll_ctl {} {} {mask} = {result}", words[1], number(words[2].trim_end_matches(')')))
            }
            "epoll_wait" | "epoll_pwait" => {
                let events: Vec<&str> =
                    arguments.split("events=").skip(1).filter_map(|event| event.split(", data").next()).collect();
                format!("epoll_wait = {result} {}", events.join(" "))
            }
            "accept4" => format!(
                "accept4 = {}",
                if result.starts_with('-') { result.to_owned() } else { number(result).to_string() }
            ),
            "recvfrom" => {
                let oob = if arguments.contains("MSG_OOB") { " OOB" } else { "" };
                format!("recvfrom {}{oob} {} = {result}", number(&first), words.get(2).unwrap_or(&""))
            }
            "openat" if arguments.contains("\"/dev/null\"") => format!("openat = {}", number(result)),
            "sendto" => format!("sendto {} {} = {result}", number(&first), words.get(2).unwrap_or(&"")),
            "close" if numbers.contains_key(&first) => format!("close {} = {result}", numbers[&first]),
            _ => continue,
        });
    }
    // The last wait is interrupted by what ends the server. What comes after the error that ends it is not its own doing.
    calls.retain(|call| !call.contains("EINTR"));
    let dies = calls.iter().position(|call| call.ends_with("EBADF"));
    calls.truncate(dies.map_or(calls.len(), |at| at + 1));
    calls
}

/// Something that the clients do.
type Step<'a> = &'a dyn Fn(&mut Vec<TcpStream>);

/// What the clients do, each thing once the server rests. Those that are left stay until the server has ended.
fn traffic(addr: SocketAddr, policy: &Policy, server: &mut Traced) -> Vec<TcpStream> {
    let connect = || {
        let client = TcpStream::connect(addr).expect("connected");
        client.set_nonblocking(true).expect("non-blocking");
        client
    };
    let mut clients: Vec<TcpStream> = Vec::new();
    let exact = policy.has(Faults::EXACT_MATCH);
    let steps: [Step<'_>; 11] = [
        &|clients| clients.push(connect()),
        &|clients| (&clients[0]).write_all(&[b'x'; 3000]).expect("sent"),
        &|clients| clients.push(connect()),
        &|clients| (&clients[1]).write_all("x".repeat(1023).as_bytes()).expect("sent"),
        &|clients| (&clients[1]).write_all("éé".as_bytes()).expect("sent"),
        &|clients| clients.push(connect()),
        // With the fault, nobody handles these reports, and the server would spin.
        &|clients| {
            if !exact {
                send(clients[1].as_raw_fd(), b"!", MsgFlags::MSG_OOB).expect("sent");
            }
        },
        &|clients| clients.push(connect()),
        &|clients| {
            let reset = clients.remove(2);
            if exact {
                clients.push(reset);
            } else {
                set_option(reset.as_fd(), SockOpt::Linger, 0).expect("linger");
            }
        },
        &|clients| clients[1].shutdown(Shutdown::Write).expect("shut down"),
        &|clients| drop((!policy.has(Faults::CLOSE_FIRST)).then(|| clients.remove(0))),
    ];
    for step in steps {
        if !server.rests() {
            break;
        }
        step(&mut clients);
        for client in &mut clients {
            if server.rests() {
                let _ = client.read(&mut [0; 8192]);
            }
        }
    }
    server.rests();
    clients
}

/// The built-in server, as a command that runs it.
fn built_in(policy: &Policy, addr: SocketAddr) -> Command {
    let mut command = Command::new(EPOLLSCOPE);
    let addr_text = addr.to_string();
    let arguments = arguments("none", policy).into_iter();
    command.args(arguments.map(|argument| if argument == "127.0.0.1:0" { addr_text.clone() } else { argument }));
    command
}

fn run(command: &Command, addr: SocketAddr, policy: &Policy, folder: &Folder) -> Vec<String> {
    let mut traced = Traced::start(command, &folder.0.join("trace"));
    let clients = traffic(addr, policy, &mut traced);
    let calls = traced.calls();
    drop(clients);
    calls
}

/// Policies for when no fd is free.
fn policies_out_of_fds() -> Vec<Policy> {
    let usual = Policy::default();
    let edge = Policy { trigger: Trigger::Edge, read: Read::Drain, accept: Accept::Drain, ..usual };
    let each =
        |out_of_fds| [usual, edge, Policy { oneshot: true, ..usual }].map(|policy| Policy { out_of_fds, ..policy });
    let all = [OutOfFds::Mute, OutOfFds::BackOff, OutOfFds::Spare, OutOfFds::Spin].into_iter().flat_map(each);
    // Which of two fds comes first is the clock's business where MOD puts the listener on the list again and again.
    all.filter(|policy| policy.out_of_fds != OutOfFds::Spin || !policy.oneshot).collect()
}

/// Two fds are left for clients, or one beside a spare: three come, then the first leaves.
fn crowded(command: &Command, addr: SocketAddr, policy: &Policy, folder: &Folder) -> Vec<String> {
    let mut traced = Traced::start(command, &folder.0.join("trace"));
    assert!(traced.rests());
    let pid = traced.pid().expect("a server").to_string();
    let limited = Command::new("prlimit").args(["--pid", &pid, "--nofile=7:7"]).status().expect("prlimit");
    assert!(limited.success());
    let strands = policy.out_of_fds == OutOfFds::Spin && policy.trigger == Trigger::Edge;
    let mut clients: Vec<TcpStream> = Vec::new();
    for count in 1..=3 {
        clients.push(TcpStream::connect(addr).expect("connected"));
        traced.has_made(|calls| accepted(calls) == count || full(calls) && count == 3);
        if policy.out_of_fds != OutOfFds::Spin || strands || count < 3 {
            traced.rests();
        }
    }
    clients.remove(0);
    traced.has_made(|calls| calls.iter().any(|call| call.starts_with("close ")) && (strands || accepted(calls) == 3));
    traced.rests();
    // With one connection left, it does not matter in which order the program closes them.
    clients.remove(0);
    let two = |calls: &[String]| calls.iter().filter(|call| call.starts_with("close ")).count() >= 2;
    traced.has_made(two);
    traced.rests();
    let mut calls = traced.calls();
    drop(clients);
    fold(&mut calls);
    calls
}

fn accepted(calls: &[String]) -> usize {
    calls.iter().filter(|call| call.starts_with("accept4") && !call.contains("= -1")).count()
}

/// Whether no fd was free for the client that came last.
fn full(calls: &[String]) -> bool {
    calls.iter().rev().find(|call| call.starts_with("accept4")).is_some_and(|call| call.contains("EMFILE"))
}

/// Leaves one of each run of calls that comes again and again: how often that is so is the clock's business.
fn fold(calls: &mut Vec<String>) {
    for length in 1..=8 {
        let mut at = 0;
        while at + 2 * length <= calls.len() {
            if calls[at..at + length] == calls[at + length..at + 2 * length] {
                calls.drain(at..at + length);
            } else {
                at += 1;
            }
        }
    }
}

fn makes_the_same_calls(language: Language, compiler: &str) {
    let _loopback = loopback();
    if !installed("strace", &["-V"]) || !installed(compiler, &["--version"]) {
        return;
    }
    let folder = Folder::new(language.name());
    let mut differences = String::new();
    for policy in policies() {
        let addr = free();
        let expected = run(&built_in(&policy, addr), addr, &policy, &folder);
        assert!(expected.len() > 12, "{policy}: {expected:#?}");
        let addr = free();
        let made = run(&folder.program(&policy, language, addr), addr, &policy, &folder);
        differences += &difference(&policy, &expected, &made);
    }
    assert!(differences.is_empty(), "{differences}");
}

/// Where the calls differ; nothing where they are the same.
fn difference(policy: &Policy, expected: &[String], made: &[String]) -> String {
    if made == expected {
        return String::new();
    }
    let at = made.iter().zip(expected).take_while(|(one, other)| one == other).count();
    let around = |calls: &[String]| calls[at.saturating_sub(3)..calls.len().min(at + 4)].join("\n    ");
    let [expected, made] = [expected, made].map(around);
    format!("{policy}: call {at}\n  built in:\n    {expected}\n  listing:\n    {made}\n")
}

fn runs_out_of_fds_in_the_same_way(language: Language, compiler: &str) {
    let _loopback = loopback();
    if !installed("strace", &["-V"]) || !installed("prlimit", &["-V"]) || !installed(compiler, &["--version"]) {
        return;
    }
    let folder = Folder::new(&format!("{}-fds", language.name()));
    for policy in policies_out_of_fds() {
        // The listener is tried again twice a second: where the clock came in between, the calls are others.
        let mut difference = String::new();
        let is_same = (0..4).any(|_| {
            let addr = free();
            let expected = crowded(&built_in(&policy, addr), addr, &policy, &folder);
            assert!(expected.iter().any(|call| call.contains("EMFILE")), "{policy}: {expected:#?}");
            let addr = free();
            let made = crowded(&folder.program(&policy, language, addr), addr, &policy, &folder);
            difference = self::difference(&policy, &expected, &made);
            difference.is_empty()
        });
        assert!(is_same, "{difference}");
    }
}

#[test]
fn the_python_listing_runs_out_of_fds_as_the_server() {
    runs_out_of_fds_in_the_same_way(Language::Python, "python3");
}

#[test]
fn the_c_listing_runs_out_of_fds_as_the_server() {
    runs_out_of_fds_in_the_same_way(Language::C, "cc");
}

#[test]
fn the_python_listing_makes_the_calls_of_the_server() {
    makes_the_same_calls(Language::Python, "python3");
}

#[test]
fn the_c_listing_makes_the_calls_of_the_server() {
    makes_the_same_calls(Language::C, "cc");
}

/// Also where room gets short, which no two runs do alike.
#[test]
fn each_right_listing_echoes_a_crowd() {
    let _loopback = whole_loopback();
    let usual = Policy::default();
    let edge = Policy { trigger: Trigger::Edge, read: Read::Drain, accept: Accept::Drain, ..usual };
    for (language, compiler) in [(Language::Python, "python3"), (Language::C, "cc")] {
        if !installed(compiler, &["--version"]) || !installed("strace", &["-V"]) {
            continue;
        }
        let folder = Folder::new(&format!("{}-crowd", language.name()));
        let turns = Fairness::RoundRobin(NonZeroU32::new(5000).expect("not 0"));
        for policy in [usual, Policy { fairness: turns, ..edge }] {
            let addr = free();
            let mut traced = Traced::start(&folder.program(&policy, language, addr), &folder.0.join("trace"));
            assert!(traced.rests(), "{policy}");
            if let Err(what) = crowd(addr, 20, 100_000) {
                panic!("{language:?}, {policy}: {what}");
            }
            traced.calls();
        }
    }
}

#[test]
fn each_place_has_one_line_and_a_step() {
    for policy in policies().into_iter().chain(policies_out_of_fds()) {
        for language in [Language::Python, Language::C] {
            let listing = Listing::of(&policy, language, ([127, 0, 0, 1], 9292).into());
            let places: Vec<Place> = listing.lines.iter().filter_map(|line| line.place).collect();
            let count = places.len();
            assert_eq!(places.iter().collect::<HashSet<_>>().len(), count, "{policy}");
            assert!(count >= 14 && places.iter().all(|place| (1..=7).contains(&place.step())), "{policy}: {places:?}");
            let long: Vec<&str> =
                listing.lines.iter().map(|line| &*line.text).filter(|text| text.chars().count() > 84).collect();
            assert!(long.is_empty(), "{policy}: {long:#?}");
        }
    }
}

//! `--record`: each command writes a whole recording, from its first call to its last.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use epollscope::trace::{Reader, World};
use nix::sys::signal::Signal;
use nix::sys::stat::Mode;

use super::program::Program;
use super::temporary;
use crate::support::loopback::loopback;
use crate::support::pty::{EPOLLSCOPE, Pty};

/// A folder of its own, which is gone when this is.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = temporary(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).expect("a folder");
        Self(path)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("text").to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The source that the header names, and the world after the last of its records, none of which is wrong or missing.
fn read(path: impl AsRef<Path>) -> (String, World) {
    let reader = Reader::open(path.as_ref()).expect("a recording");
    let source = reader.header().source.clone();
    let mut world = World::default();
    let mut records = 0;
    for record in reader {
        records += 1;
        let record = record.expect("a whole line");
        assert_eq!(record.seq.0, records, "nothing is missing");
        world.apply(&record);
    }
    (source, world)
}

#[test]
fn a_lesson_in_plain_text_is_recorded_to_its_end() {
    let folder = Folder::new("plain");
    let file = folder.file("lesson.jsonl");
    let ended = Program::spawn(
        std::process::Command::new(EPOLLSCOPE)
            .args(["lesson", "6", "--plain", "--record", &file])
            .env("XDG_STATE_HOME", &folder.0),
    );
    ended.end().with(0, &[]);
    let (source, world) = read(&file);
    assert_eq!(source, "lesson 06-edge-triggered");
    assert!(world.counters().bytes_in > 0 && world.epoll().is_none(), "step 7 is in it");
}

#[test]
fn a_lesson_on_the_screen_is_recorded_with_what_was_done_by_hand() {
    let folder = Folder::new("screen");
    let file = folder.file("lesson.jsonl");
    let state = folder.file("state");
    let args = ["lesson", "5", "--record", &file];
    let mut pty = Pty::spawn(EPOLLSCOPE, &args, (120, 40), &[("XDG_STATE_HOME", &state)]);
    pty.types_until(&[("", "before step 1"), ("\r", "Predict"), ("s", "The kernel's answer:")]);
    pty.quits();
    let (source, world) = read(&file);
    assert_eq!(source, "lesson 05-level-triggered");
    assert!(world.counters().bytes_in > 0 && world.epoll().is_none(), "step 7 is in it");
}

#[test]
fn what_is_typed_at_the_prompt_is_recorded() {
    let folder = Folder::new("prompt");
    let file = folder.file("lab.jsonl");
    let mut pty = Pty::spawn(EPOLLSCOPE, &["lab", "--record", &file], (100, 30), &[("HOME", &folder.file(""))]);
    pty.until(|text| text.contains("> "), "the prompt");
    for (typed, came) in [("e = epoll", "e = fd"), ("a, b = pair tcp", "a = fd"), ("add e a IN ET", "watches  a IN ET")]
    {
        pty.type_keys(&format!("{typed}\r"));
        pty.until(|text| text.contains(came), came);
    }
    // Before it reads keys again, the terminal would take this for itself.
    pty.until(|text| text.trim_end().ends_with("\n>"), "the next prompt");
    pty.type_keys("\x04");
    assert_eq!(pty.wait_exit().code(), Some(0), "{}", pty.text());
    let (source, world) = read(&file);
    assert_eq!(source, "lab");
    let epoll = world.epoll().expect("an epoll");
    assert!(epoll.name.is_some() && epoll.items().any(|item| item.name.is_some()), "with its names");
}

#[test]
fn verify_writes_a_recording_a_lesson_into_a_new_folder() {
    let folder = Folder::new("verify");
    let into = folder.file("new/recordings");
    Program::start(&["verify", "5", "2", "--record", &into]).end().with(0, &[]);
    let mut names: Vec<_> =
        fs::read_dir(&into).expect("made").map(|entry| entry.expect("an entry").file_name()).collect();
    names.sort();
    assert_eq!(names, ["02-two-lists.jsonl", "05-level-triggered.jsonl"]);
    for name in names {
        let (source, world) = read(Path::new(&into).join(&name));
        assert_eq!(format!("{source}.jsonl"), format!("lesson {}", name.display()));
        assert!(world.moments() > 0);
    }
    let ended = Program::start(&["verify", "5", "--record", "/dev/null/x"]).end();
    ended.with(3, &["cannot record into /dev/null/x; choose another folder with --record"]);
}

/// Whether this process ignores a signal, and thus what it starts. proc_pid_status(5) `SigIgn`
fn is_ignored(signal: Signal) -> bool {
    let status = fs::read_to_string("/proc/self/status").expect("/proc");
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).expect("a mask").trim();
    u64::from_str_radix(mask, 16).expect("hex") & (1 << (signal as u32 - 1)) != 0
}

#[test]
fn a_signal_ends_the_wait_for_the_reader_of_a_fifo() {
    let folder = Folder::new("record-fifo");
    let fifo = folder.file("fifo");
    nix::unistd::mkfifo(&*fifo, Mode::S_IRWXU).expect("a FIFO");
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        if is_ignored(signal) {
            // A shell without job control has what it starts in the background ignore SIGINT, and so does what that starts.
            eprintln!("SKIPPED {signal}: whoever started the tests has it ignored");
            continue;
        }
        let args = ["serve", "--listen", "127.0.0.1:0", "--record", &fifo];
        let serve = Program::spawn(Command::new(EPOLLSCOPE).args(args));
        serve.opens(&fifo);
        serve.signal(signal);
    }
    // A reader that comes gets a recording. One that stops reading does not keep the program from ending.
    let mut serve = Program::start(&["serve", "--listen", "127.0.0.1:0", "--format", "none", "--record", &fifo]);
    let mut reader = fs::File::open(&fifo).expect("a writer");
    let mut first = [0; 30];
    let addr = serve.addr_once_it_listens();
    let mut client = std::net::TcpStream::connect(addr).expect("a connection");
    for _ in 0..2_000 {
        std::io::Write::write_all(&mut client, &[b'x'; 100]).expect("sent");
        client.read_exact(&mut [0; 100]).expect("the echo");
    }
    reader.read_exact(&mut first).expect("a header");
    assert!(first.starts_with(b"{\"format\":\"epollscope-trace\""), "{}", first.escape_ascii());
    let ended = serve.signal(Signal::SIGTERM);
    ended.with(3, &["is incomplete from here on"]);
}

#[test]
fn what_was_quiet_is_on_disk_while_the_program_runs() {
    let folder = Folder::new("quiet");
    let (fifo, script) = (folder.file("fifo"), folder.file("script.lab"));
    nix::unistd::mkfifo(&*fifo, Mode::S_IRWXU).expect("a FIFO");
    fs::write(&script, "e = epoll\nn = eventfd\nadd e n IN\nwait e timeout 8000\n").expect("written");
    let lab = Program::spawn(Command::new(EPOLLSCOPE).args(["lab", &script, "--record", &fifo]));
    let mut recorded = BufReader::new(fs::File::open(&fifo).expect("a writer")).lines();
    let before = std::time::Instant::now();
    assert!(recorded.any(|line| line.expect("text").contains("\"call\":\"epoll_ctl\"")));
    assert!(before.elapsed() < std::time::Duration::from_secs(7), "it is there before the wait has ended");
    lab.signal(Signal::SIGKILL);
}

#[test]
fn one_file_takes_one_recording_at_a_time() {
    let folder = Folder::new("two");
    let file = folder.file("one.jsonl");
    let first = Program::serve(&["--record", &file]);
    let second = Program::start(&["serve", "--listen", "127.0.0.1:0", "--record", &file]).end();
    second.with(3, &[&*format!("cannot record to {file}"), "another epollscope is recording to it"]);
    first.signal(Signal::SIGTERM).with(0, &[]);
    assert!(read(&file).0.starts_with("serve 127.0.0.1"));
    // A recording is overwritten, also one that was cut off.
    let whole = fs::read(&file).expect("a recording");
    fs::write(&file, &whole[..whole.len() - 9]).expect("written");
    let lab = |args: &[&str]| {
        let mut command = Command::new(EPOLLSCOPE);
        Program::spawn(command.args(["lab", "/dev/null", "--record"]).args(args)).end()
    };
    lab(&[&file]).with(0, &[]);
    assert!(read(&file).0.starts_with("lab"));
    // Anything else is not.
    for text in ["my homework\n", "{\"some\":\"json\"}\n"] {
        fs::write(&file, text).expect("written");
        lab(&[&file]).with(3, &["it exists and is not a recording; --force overwrites it"]);
        assert_eq!(fs::read_to_string(&file).expect("a file"), text);
    }
    lab(&[&file, "--force"]).with(0, &[]);
    assert!(read(&file).0.starts_with("lab"));
    // A link of one's own is followed.
    let link = folder.file("link");
    std::os::unix::fs::symlink(&file, &link).expect("a link");
    lab(&[&link]).with(0, &[]);
    assert!(fs::symlink_metadata(&link).expect("a link").is_symlink());
}

#[test]
fn output_that_nobody_reads_does_not_keep_it_from_ending() {
    let _loopback = loopback();
    let (mut unread, out) = std::io::pipe().expect("a pipe");
    let mut command = Command::new(EPOLLSCOPE);
    let mut serve = Program::spawn_to(command.args(["serve", "--listen", "127.0.0.1:0"]), Stdio::from(out));
    // It holds the pipe's other end.
    drop(command);
    serve.says("epollscope: listening on 127.0.0.1:");
    let mut client = serve.connect();
    for _ in 0..2_000 {
        std::io::Write::write_all(&mut client, b"x").expect("sent");
        client.read_exact(&mut [0]).expect("the echo");
    }
    serve.signal(Signal::SIGTERM).with(0, &[]);
    let mut text = String::new();
    unread.read_to_string(&mut text).expect("what was written");
    assert!(text.contains("recvfrom"));
}

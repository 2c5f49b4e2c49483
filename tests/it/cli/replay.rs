//! `epollscope replay` on a terminal: whole recordings, damaged ones, those that flow, and what is none.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::path::{Path, PathBuf};

use epollscope::trace::{Header, Writer};
use nix::sys::stat::Mode;

use super::temporary;
use crate::support::pty::{EPOLLSCOPE, Pty};

const SIZE: (u16, u16) = (160, 30);

/// A path of its own, which is gone when this is.
struct Place(PathBuf);

impl Place {
    fn holding(name: &str, text: impl AsRef<[u8]>) -> Self {
        let place = Self(temporary(name));
        fs::write(&place.0, text).expect("a file");
        place
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("text")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn whole() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/edge.jsonl");
    fs::read_to_string(path).expect("a recording")
}

fn replay(args: &[&str]) -> Pty {
    Pty::spawn(EPOLLSCOPE, &[&["replay"], args].concat(), SIZE, &[])
}

/// Leaves the screen; what stands on the terminal then.
#[track_caller]
fn leave(mut pty: Pty) -> String {
    pty.type_keys("q");
    assert_eq!(pty.wait_exit().code(), Some(0), "{}", pty.text());
    pty.text()
}

#[test]
fn a_whole_recording_is_looked_at_forward_and_back() {
    let place = Place::holding("whole", whole());
    let mut pty = replay(&[place.path()]);
    pty.until(|text| text.contains("◀ recording, ") && text.contains("step 1, create"), "its beginning");
    pty.type_keys("\x1b[C");
    pty.until(|text| text.contains("epfd ") && text.contains("step 2, register"), "the next call");
    pty.type_keys("\x1b[F");
    pty.until(|text| text.contains("■ end of the recording") && text.contains("1,976"), "its end");
    pty.type_keys("\x1b[H");
    pty.until(|text| text.contains("◀ recording, ") && text.contains("wait #0"), "its beginning again");
    assert_eq!(leave(pty), "", "there is nothing to complain of");
}

#[test]
fn what_is_wrong_is_said_on_the_screen_and_again_after_it() {
    let whole = whole();
    let lines: Vec<&str> = whole.lines().collect();
    let header = lines[0];
    let cut = &whole[..whole.len() - 30];
    let midway = format!("{header}\n{}\n", lines[20..].join("\n"));
    let first: serde_json::Value = serde_json::from_str(lines[20]).expect("a line");
    let first = first["seq"].as_u64().expect("a number");
    let newer = header.replacen("\"version\":1", "\"version\":1,\"minor\":7", 1);
    let unknown = r#"{"seq":9000000,"t_ns":1,"tid":1,"call":"epoll_frobnicate","how":"thoroughly","ret":0}"#;
    let newer =
        format!("{newer}\n{}\n{unknown}\n", lines[1..].join("\n").replace("\"tid\"", "\"mood\":\"good\",\"tid\""));
    let broken = format!("{header}\n{}\nnonsense\n{}\n", lines[1..9].join("\n"), lines[9..].join("\n"));
    let cut_in = lines.len();
    let cases = [
        (
            Place::holding("cut", cut),
            format!("this recording: it was cut off in line {cut_in}"),
            format!("这个录制文件：在第 {cut_in} 行被截断"),
            format!("the recording was cut off in line {cut_in}; the {} lines before it can be read", cut_in - 1),
        ),
        (
            Place::holding("midway", midway),
            format!("this recording: it begins at record {first}, so fds that were opened earlier are unknown"),
            format!("这个录制文件：从第 {first} 条记录开始"),
            String::new(),
        ),
        (
            Place::holding("newer", newer),
            "this recording: 1 line skipped, with calls that only a newer epollscope knows".to_owned(),
            "这个录制文件：略过 1 行，其调用只有更新版本的 epollscope 认识".to_owned(),
            format!(
                "1 line was skipped, because this epollscope does not know the call (the first, line {}",
                cut_in + 1
            ),
        ),
        (
            Place::holding("broken", broken),
            "this recording: 1 wrong line skipped, the first is line 10".to_owned(),
            "这个录制文件：略过 1 个有误的行，第一个是第 10 行".to_owned(),
            "line 10, column 1: ".to_owned(),
        ),
    ];
    for (place, says, in_chinese, after) in &cases {
        let mut pty = replay(&[place.path()]);
        pty.until(|text| text.contains(&**says), says);
        let told = leave(pty).replace('\n', "");
        assert!(told.contains(&**after), "{after:?} is not said: {told}");
        assert_eq!(told.is_empty(), after.is_empty(), "{told}");
        let mut pty = replay(&[place.path(), "--lang", "zh"]);
        pty.until(|text| text.contains(&**in_chinese), in_chinese);
        leave(pty);
    }
}

#[test]
fn what_is_no_recording_is_refused_before_the_screen_is_taken() {
    let (empty, other) = (Place::holding("empty", ""), Place::holding("other", "hello\x1b[2J\n"));
    let version = Place::holding("version", whole().replacen("\"version\":1", "\"version\":2", 1));
    let several = Place::holding(
        "several",
        Writer::new(Vec::new(), &Header::now("compare x: level, edge"))
            .map_or_else(|_| Vec::new(), |file| file.finish().expect("a vector")),
    );
    let alone = Place::holding("alone", whole());
    let cases: [(&[&str], &str); 7] = [
        (&["/"], "/: this is a directory; name a recording in it"),
        (&["/nowhere/at/all"], "there is no such file"),
        (&[empty.path()], "the file is empty; a recording begins with a header line"),
        (&[other.path()], "this is not a recording of epollscope"),
        (&[version.path()], "unknown version 2; this epollscope reads version 1"),
        (&[several.path(), "--variant", "egde"], "this recording has no variant \"egde\"; it has level, edge"),
        (&[alone.path(), "--variant", "edge"], "this is not a recording of `epollscope compare`"),
    ];
    for (args, says) in cases {
        let mut pty = replay(args);
        // What can't be read is the system's word; what was asked for and is not in it is the user's.
        let code = if args.contains(&"--variant") { 2 } else { 3 };
        assert_eq!(pty.wait_exit().code(), Some(code), "{args:?}: {}", pty.text());
        let said = pty.text().replace('\n', "");
        assert!(said.contains("epollscope: ") && said.contains(says), "{args:?}: {said}");
        assert!(!pty.raw().contains(&0x1b), "{args:?}: {}", pty.raw().escape_ascii());
    }
    let ended = super::Program::start(&["replay", alone.path()]).end();
    ended.with(3, &["standard input is not a terminal"]);
}

#[test]
fn a_fifo_is_followed_while_it_is_written() {
    let place = Place(temporary("fifo"));
    nix::unistd::mkfifo(&place.0, Mode::S_IRWXU).expect("a fifo");
    let mut pty = replay(&[place.path()]);
    let whole = whole();
    let half = whole[..whole.len() / 2].rfind('\n').expect("lines") + 1;
    let mut fifo = File::options().write(true).open(&place.0).expect("a reader");
    fifo.write_all(&whole.as_bytes()[..half]).expect("read");
    pty.until(|text| text.contains("▶ follows the recording") && text.contains("EDGE"), "its first half");
    pty.type_keys("\x1b[D");
    pty.until(|text| text.contains("◀ recording, 1 call to its end"), "the past while it goes on");
    pty.type_keys("\x1b[F");
    fifo.write_all(&whole.as_bytes()[half..]).expect("read");
    drop(fifo);
    pty.until(|text| text.contains("■ end of the recording") && text.contains("1,976"), "its end");
    leave(pty);
}

#[test]
fn a_server_is_watched_through_a_pipe() {
    let said = Place::holding("said", "");
    let pipe =
        format!("{EPOLLSCOPE} serve --listen 127.0.0.1:0 --format jsonl 2>{} | {EPOLLSCOPE} replay -", said.path());
    let mut pty = Pty::spawn("/bin/sh", &["-c", &pipe], SIZE, &[]);
    pty.until(|text| text.contains("▶ follows the recording") && text.contains("in epoll_wait"), "its first wait");
    let line = fs::read_to_string(&said.0).expect("its first line");
    let addr = line.lines().next().and_then(|line| line.strip_prefix("epollscope: listening on ")).expect("an address");
    let mut client = TcpStream::connect(addr).expect("a connection");
    pty.until(|text| text.contains("1 conn"), "the connection");
    client.write_all(b"hello").expect("sent");
    pty.until(|text| text.contains("in 5 out 5"), "the echo");
    // The terminal's keys come from /dev/tty.
    pty.type_keys("\x1b[D");
    pty.until(|text| text.contains("◀ recording, 1 call to its end"), "the past");
    pty.type_keys("q");
    pty.until(|text| !text.contains("recording"), "the screen given back");
    // The server learns of it when it next has something to write, and the pipe is closed only when the program has ended.
    drop(client);
    let gone = (0..100_000).any(|_| {
        let Ok(mut client) = TcpStream::connect(addr) else { return true };
        // Reset or closed, it is the end of this one.
        let _ = client.shutdown(Shutdown::Write).and_then(|()| client.read(&mut [0]));
        false
    });
    assert!(gone, "the server serves on: {}", pty.text());
    assert_eq!(pty.wait_exit().code(), Some(0), "{}", pty.text());
}

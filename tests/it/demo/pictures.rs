//! Films, pictures and text of a demo, made without a terminal; and what can't be played.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use crate::support::loopback::loopback;
use crate::support::pty::EPOLLSCOPE;

/// A file of this test alone.
fn file(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("epollscope-demo-{}-{name}", std::process::id()))
}

fn run(args: &[&str]) -> Output {
    let _loopback = loopback();
    let mut command = Command::new(EPOLLSCOPE);
    command.arg("demo").args(args).env_remove("NO_COLOR").env("LC_ALL", "C");
    command.output().expect("the program")
}

/// What it says on standard error, and its exit code.
fn refused(output: &Output) -> (String, Option<i32>) {
    (String::from_utf8_lossy(&output.stderr).into_owned(), output.status.code())
}

fn events(film: &str) -> Vec<(f64, String, String)> {
    film.lines().skip(1).map(|line| serde_json::from_str(line).expect("an event")).collect()
}

#[test]
fn the_film_of_the_tour_shows_each_caption_as_a_chapter() {
    for lang in ["en", "zh"] {
        let path = file(&format!("{lang}.cast"));
        let output = run(&["--cast", path.to_str().expect("text"), "--size", "80x24", "--lang", lang]);
        assert!(output.status.success(), "{output:?}");
        let film = fs::read_to_string(&path).expect("a film");
        fs::remove_file(&path).expect("removed");
        let (said, _) = refused(&output);
        assert!(said.contains("(asciicast v2)") || said.contains("（asciicast v2）"), "{said}");
        let header: serde_json::Value = serde_json::from_str(film.lines().next().expect("a line")).expect("a header");
        assert_eq!((&header["version"], &header["width"], &header["height"]), (&2.into(), &80.into(), &24.into()));
        let mut terminal = vt100::Parser::new(24, 80, 0);
        let events = events(&film);
        let squeezed = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        let mut chapters = 0;
        for (i, (_, kind, text)) in events.iter().enumerate() {
            if kind == "m" {
                chapters += 1;
                // The screen that comes with the marker shows what it says.
                assert_eq!(events[i + 1].1, "o");
                terminal.process(events[i + 1].2.as_bytes());
                let shown = squeezed(&terminal.screen().contents());
                assert!(shown.contains(&squeezed(text)), "{text}\n{}", terminal.screen().contents());
            } else if i == 0 || events[i - 1].1 != "m" {
                terminal.process(text.as_bytes());
            }
        }
        assert!(chapters > 12, "{chapters}");
        assert!(events.is_sorted_by(|a, b| a.0 <= b.0));
        let last = events.last().expect("an end").0;
        assert!((120.0..220.0).contains(&last), "{last} s");
    }
}

#[test]
fn a_picture_is_of_what_a_caption_announced() {
    let path = file("9.svg");
    let output = run(&["--svg", path.to_str().expect("text"), "--at", "8", "--size", "80x24"]);
    assert!(output.status.success(), "{output:?}");
    let picture = fs::read_to_string(&path).expect("a picture");
    fs::remove_file(&path).expect("removed");
    assert!(picture.starts_with("<svg xmlns=") && picture.ends_with("</svg>\n"));
    assert!(picture.contains(">STRANDED</text>") && picture.contains(">1,976</text>"), "{picture}");
    assert!(picture.contains("<title>The scope for epoll: a tour: The same 3,000 bytes"), "the caption's own title");
    let said = format!("epollscope: {}: a picture of 80x24 cells, after the events of caption 8\n", path.display());
    assert_eq!(refused(&output).0, said);
    let (said, code) = refused(&run(&["--svg", "/dev/null", "--at", "99"]));
    assert!(said.contains("--at 99: the scene has ") && code == Some(2), "{said}");
}

#[test]
fn as_text_each_caption_stands_above_what_happened() {
    let output = run(&["new-on-unread"]);
    let text = String::from_utf8(output.stdout).expect("text");
    let caption = text.find("A message of 3,000 bytes").expect("the caption");
    let calls = text.find("recvfrom(5").expect("what happened");
    assert!(caption < calls && output.status.success(), "{text}");
    assert!(!text.contains("expect"), "{text}");
}

#[test]
fn what_a_peer_sends_commands_no_player() {
    let scene = file("peer.scene");
    let script = "server\na = connect\nrun\ncaption \"a\" \"b\"\nsend a \"\\x1b[2J\\x1b]0;x\\x07</text>\"\nrun\n";
    fs::write(&scene, script).expect("written");
    let (cast, svg) = (file("peer.cast"), file("peer.svg"));
    let paths = [&scene, &cast, &svg].map(|path| path.to_str().expect("text").to_owned());
    let output = run(&[&paths[0], "--cast", &paths[1], "--svg", &paths[2]]);
    assert!(output.status.success(), "{output:?}");
    let (film, picture) = (fs::read_to_string(&cast).expect("a film"), fs::read_to_string(&svg).expect("a picture"));
    for path in [scene, cast, svg] {
        fs::remove_file(path).expect("removed");
    }
    let sent: String = events(&film).into_iter().skip(1).map(|(_, _, text)| text).collect();
    assert!(!sent.contains("\x1b[2J") && !sent.contains("\x1b]0;") && !sent.contains('\x07'));
    // The bytes are shown, spelled out.
    assert!(sent.contains(r"\x1b[2J"), "the panel of bytes");
    assert!(picture.contains(r"\x1b[2J") && !picture.contains("</text></text>"));
}

#[test]
fn the_recording_holds_the_demo_from_its_first_call_to_its_last() {
    let path = file("demo.jsonl");
    let output = run(&["message", "--format", "text", "--record", path.to_str().expect("text")]);
    assert!(output.status.success(), "{output:?}");
    let text = fs::read_to_string(&path).expect("a recording");
    fs::remove_file(&path).expect("removed");
    assert!(text.contains("\"source\":\"demo message 127.0.0.1:"), "{}", text.lines().next().unwrap_or_default());
    let calls = |name: &str| text.lines().filter(|line| line.contains(&format!("\"call\":\"{name}\""))).count();
    assert!(calls("epoll_create1") >= 1 && calls("recvfrom") >= 3, "{text}");
    let last = text.lines().rev().find(|line| line.contains("\"call\":\"close\""));
    assert!(last.is_some(), "step 7 is in it");
}

#[test]
fn a_claim_that_does_not_come_true_ends_the_demo_with_what_came_instead() {
    let scene = file("claim.scene");
    fs::write(&scene, "server\na = connect\nrun\nsend a 3000\nrun\nexpect reports a 5\n").expect("written");
    let path = scene.to_str().expect("text");
    for args in [&[path][..], &[path, "--cast", "/dev/null"]] {
        let (said, code) = refused(&run(args));
        assert!(said.contains(":6: expect reports a 5\nbut it was 3") && code == Some(1), "{said}");
    }
    fs::remove_file(&scene).expect("removed");
}

#[test]
fn what_cannot_be_played_says_so_before_it_starts() {
    let _loopback = loopback();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let addr = taken.local_addr().expect("bound").to_string();
    let (said, code) = refused(&run(&["message", "--listen", &addr]));
    assert!(said.contains(&addr) && said.contains("EADDRINUSE") && code == Some(3), "{said}");
    let limited = format!("ulimit -n 200; exec {EPOLLSCOPE} demo thousand");
    let output = Command::new("/bin/sh").args(["-c", &limited]).env("LC_ALL", "C").output().expect("a shell");
    let (said, code) = refused(&output);
    assert!(
        said.contains("1000 clients need about 1064 fds") && said.contains("may have only 200") && code == Some(3),
        "{said}"
    );
    assert!(output.stdout.is_empty(), "nothing was played");
    let (said, code) = refused(&run(&["4"]));
    assert!(said.contains("has no server") && code == Some(2), "{said}");
    let (said, code) = refused(&run(&["--cast", "/nowhere/film.cast"]));
    assert!(said.contains("/nowhere/film.cast; choose another file with --cast") && code == Some(3), "{said}");
    let (said, code) = refused(&run(&["--size", "80x24"]));
    assert!(said.contains("--size needs --cast FILE or --svg FILE") && code == Some(2), "{said}");
    let (said, code) = refused(&run(&["--loop"]));
    assert!(said.contains("--loop needs a screen, but there is no terminal") && code == Some(2), "{said}");
    for wrong in [["--speed", "0"], ["--speed", "NaN"], ["--size", "10x10"], ["--size", "80"]] {
        let (said, code) = refused(&run(&wrong));
        assert!(said.contains("expected") && code == Some(2), "{said}");
    }
}

//! What a person is used to: the mouse, copying, saving, settings, an address by its name.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use epollscope::trace::Reader;

use crate::support::pty::{EPOLLSCOPE, Pty};

const HOME: (u16, u16) = (120, 40);

/// A folder of its own, gone in the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("epollscope-{}-habits-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("text")
    }

    fn settings(&self, text: &str) {
        fs::create_dir_all(self.0.join("epollscope")).expect("a folder");
        fs::write(self.0.join("epollscope/config.toml"), text).expect("a file");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The left button pressed and let go on the first cell that has this text.
fn click(pty: &mut Pty, text: &str) {
    let rows = pty.screen().rows(0, HOME.0).collect::<Vec<_>>();
    let found = rows.iter().zip(1..).find_map(|(row, y)| Some((row[..row.find(text)?].chars().count() + 1, y)));
    let (x, y) = found.unwrap_or_else(|| panic!("no {text:?} on the screen:\n{}", pty.text()));
    pty.type_keys(&format!("\x1b[<0;{x};{y}M\x1b[<0;{x};{y}m"));
}

fn bench(args: &[&str]) -> Pty {
    let mut pty = Pty::spawn(EPOLLSCOPE, &[&["--listen", "127.0.0.1:0"], args].concat(), HOME, &[]);
    pty.types_until(&[("", "epoll_create1(")]);
    pty
}

#[test]
fn a_click_presses_a_key_selects_a_row_and_goes_along_the_bar() {
    let mut pty = bench(&[]);
    assert!(pty.raw().windows(8).any(|bytes| bytes == b"\x1b[?1006h"), "the mouse is not asked for");
    click(&mut pty, "w wait");
    pty.types_until(&[("", "#1 timeout -1 → blocked")]);
    click(&mut pty, "c connect");
    pty.types_until(&[("", "#1 timeout -1 → 1 event"), ("w", "▶5     a")]);
    click(&mut pty, "listener");
    pty.types_until(&[("", "▶3     listener")]);
    // In the palette a click takes a row.
    pty.types_until(&[("\x10projec", " 1 found")]);
    click(&mut pty, "fewer panels");
    pty.types_until(&[("?", "Drive the server"), ("\x1b", "▶3     listener")]);
    // The wheel.
    pty.types_until(&[("\x1b[<65;5;5M", "▶5     a"), ("\x1b[<64;5;5M", "▶3     listener")]);
    pty.types_until(&[("[", "call "), ("", " start ")]);
    click(&mut pty, "start ");
    let (x, y) = (2, 2);
    pty.type_keys(&format!("\x1b[<0;{x};{y}M"));
    let bar = pty.screen().rows(0, HOME.0).position(|row| row.contains(" start ")).expect("the bar");
    let begins = pty.screen().rows(0, HOME.0).nth(bar).expect("the bar").find(['━', '●']).expect("the bar");
    let column = pty.screen().rows(0, HOME.0).nth(bar).expect("the bar")[..begins].chars().count() + 1;
    pty.type_keys(&format!("\x1b[<0;{column};{}M", bar + 1));
    pty.types_until(&[("", "call 0 of")]);
    click(&mut pty, "play");
    pty.quits();
    // Clicks of a terminal that sends them all the same do nothing where they are not wanted.
    let pty = bench(&["--no-mouse"]);
    assert!(!pty.raw().windows(8).any(|bytes| bytes == b"\x1b[?1006h"), "the mouse is asked for");
}

#[test]
fn what_is_selected_is_copied() {
    let mut pty = bench(&[]);
    pty.types_until(&[("y", "copied "), ("w", "→ blocked"), ("c", "#1 timeout -1 → 1 event"), ("w", "▶5     a")]);
    pty.types_until(&[("s", "▶5     a        IN PRI RDHUP"), ("y", "copied ")]);
    let copied = |pty: &Pty| {
        let raw = String::from_utf8_lossy(pty.raw()).into_owned();
        let coded = raw.rsplit("\x1b]52;c;").next().expect("a copy").split('\x1b').next().expect("its end").to_owned();
        decoded(&coded)
    };
    let said = copied(&pty);
    assert!(said.starts_with("fd 5 a: "), "{said}");
    // Another key takes the word of the first copy away.
    pty.types_until(&[("\r", "See for yourself")]);
    pty.until(|text| !text.contains("copied "), "no word");
    pty.types_until(&[("y", "copied ")]);
    let story = copied(&pty);
    let pid = pty.pid();
    for part in ["fd 5 a", "fdinfo says", &format!("cat /proc/{pid}/task/"), "ss -tnpT", "History"] {
        assert!(story.contains(part), "no {part:?} in\n{story}");
    }
    // The help names the commands too.
    pty.types_until(&[("\x1b", "Space step"), ("?", "y copies the commands"), ("y", "copied ")]);
    let commands = copied(&pty);
    assert!(commands.starts_with(&format!("cat /proc/{pid}/task/")) && commands.contains("ss -tnpT"), "{commands}");
    pty.types_until(&[("\x1b[6~\x1b[6~\x1b[6~\x1b[6~", "ss -tnpT"), ("?", "Interest list")]);
    pty.quits();
}

/// base64, by the alphabet of RFC 4648.
fn decoded(coded: &str) -> String {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits: Vec<u32> =
        coded.chars().filter_map(|c| DIGITS.find(c)).map(|n| u32::try_from(n).expect("6 bits")).collect();
    let mut bytes = Vec::new();
    for four in digits.chunks(4) {
        let bits = four.iter().enumerate().fold(0, |bits, (i, digit)| bits | digit << (18 - 6 * i));
        bytes.extend(&bits.to_be_bytes()[1..four.len()]);
    }
    String::from_utf8(bytes).expect("text")
}

/// What the commands of the details show is what the kernel says: the server's table of fds, and its interest list.
#[test]
fn the_commands_of_the_details_show_the_servers_fds() {
    let mut pty = bench(&[]);
    pty.types_until(&[
        ("w", "→ blocked"),
        ("c", "#1 timeout -1 → 1 event"),
        ("w", "▶5     a"),
        ("\r", "See for yourself"),
    ]);
    let text = pty.text();
    let fdinfo = text.split_whitespace().find(|word| word.ends_with("/fdinfo/4")).expect("a path");
    let listed = fs::read_to_string(fdinfo).expect("it is there");
    assert!(listed.contains("tfd:        5"), "{listed}");
    assert!(Path::new(&fdinfo.replace("/fdinfo/4", "/fd/5")).symlink_metadata().is_ok());
    pty.quits();
}

#[test]
fn the_screen_is_saved_in_three_forms_from_every_screen() {
    let folder = Folder::new("save");
    let file = |name: &str| format!("{}/{name}", folder.path());
    let mut pty = bench(&[]);
    let save = |pty: &mut Pty, name: &str, seen: &str| {
        pty.types_until(&[("O", "save to: "), (&format!("{}\r", file(name)), seen)]);
    };
    pty.types_until(&[("w", "#1 timeout -1 → blocked")]);
    pty.types_until(&[("O\t\t", ".jsonl"), ("\x1b", "Space step")]);
    save(&mut pty, "a.svg", "saved to ");
    save(&mut pty, "a.txt", "saved to ");
    save(&mut pty, "a.jsonl", "saved to ");
    // Nothing is overwritten, and another end says what there is.
    save(&mut pty, "a.txt", "exists already");
    pty.types_until(&[("x\r", ".svg, .txt or .jsonl"), ("\x1b", "Space step")]);
    assert!(fs::read_to_string(file("a.svg")).expect("a file").contains("<svg"));
    assert!(fs::read_to_string(file("a.txt")).expect("a file").contains("#1 timeout -1 → blocked"));
    let calls = Reader::open(file("a.jsonl").as_ref()).expect("a recording").count();
    assert!(calls > 5, "{calls} records");
    // A lesson, a comparison, a demo.
    pty.types_until(&[("l", "Lessons   1 of"), ("\r", "before step 1")]);
    save(&mut pty, "lesson.txt", "saved to ");
    pty.types_until(&[("q", "Interest list"), ("C", "Tab variant")]);
    save(&mut pty, "compare.jsonl", "saved to ");
    pty.types_until(&[("q", "Interest list"), ("d", "caption 1/")]);
    save(&mut pty, "demo.svg", "saved to ");
    pty.types_until(&[("q", "Interest list")]);
    pty.quits();
    assert!(fs::read_to_string(file("lesson.txt")).expect("a file").contains("Lesson 1/36"));
}

fn config(folder: &Folder) -> Output {
    let mut command = Command::new(EPOLLSCOPE);
    command.arg("config").env("XDG_CONFIG_HOME", folder.path()).env("LC_ALL", "C");
    command.output().expect("it runs")
}

#[test]
fn settings_that_are_no_file_are_named_and_not_waited_for() {
    let folder = Folder::new("no-settings");
    folder.settings("");
    let file = folder.0.join("epollscope/config.toml");
    fs::remove_file(&file).expect("removed");
    nix::unistd::mkfifo(&file, nix::sys::stat::Mode::S_IRWXU).expect("a FIFO");
    let refused = config(&folder);
    let said = String::from_utf8(refused.stderr).expect("text");
    assert_eq!(refused.status.code(), Some(3), "{said}");
    assert!(said.contains("config.toml") && said.contains("is not a file"), "{said}");
}

#[test]
fn the_settings_are_read_printed_and_refused_with_their_line() {
    let folder = Folder::new("settings");
    let usual = String::from_utf8(config(&folder).stdout).expect("text");
    assert!(
        usual.starts_with(&format!("# {}/epollscope/config.toml (there is no such file", folder.path())),
        "{usual}"
    );
    for setting in
        ["language = \"auto\"", "theme = \"auto\"", "code = \"python\"", "mouse = true", "welcome = true", "pace = 0"]
    {
        assert!(usual.contains(setting), "{usual}");
    }
    // What it prints is a file that it reads.
    folder.settings(&usual.replace("\"auto\"         # auto, en", "\"zh\"  # auto, en").replace("python\" ", "c\" "));
    let now = config(&folder);
    let said = String::from_utf8(now.stdout).expect("text");
    assert!(now.status.success() && said.contains("language = \"zh\"") && said.contains("默认"), "{said}");
    let mut pty = Pty::spawn(
        EPOLLSCOPE,
        &["--listen", "127.0.0.1:0"],
        HOME,
        &[("XDG_CONFIG_HOME", folder.path()), ("LC_ALL", "C")],
    );
    pty.types_until(&[("", "兴趣列表"), ("L", "epoll_wait(")]);
    pty.quits();
    // A theme file lies beside it.
    folder.settings("theme = \"sun.toml\"\n");
    let sun = format!("{}/epollscope/sun.toml", folder.path());
    std::fs::write(&sun, "background = \"#fdf6e3\"\n").expect("a file");
    let env = [("XDG_CONFIG_HOME", folder.path()), ("LC_ALL", "C"), ("COLORTERM", "truecolor")];
    let mut pty = Pty::spawn(EPOLLSCOPE, &["--listen", "127.0.0.1:0"], HOME, &env);
    pty.types_until(&[("", "Interest list")]);
    assert!(String::from_utf8_lossy(pty.raw()).contains("48;2;253;246;227"), "the ground is another");
    pty.quits();
    std::fs::write(&sun, "ground = \"red\"\n").expect("a file");
    let mut pty = Pty::spawn(EPOLLSCOPE, &["--listen", "127.0.0.1:0"], HOME, &env);
    pty.types_until(&[("", "sun.toml: line 1: ground is dark or light")]);
    drop(pty);
    for (text, line, what) in [
        ("mouse = true\nmous = true\n", 2, "unknown field"),
        ("\n\npace = 3\n", 3, "pace is 3"),
        ("theme = \"red\"\n", 1, "unknown variant"),
        ("welcome = true\n=\n", 2, ""),
    ] {
        folder.settings(text);
        let refused = config(&folder);
        let said = String::from_utf8(refused.stderr).expect("text");
        assert_eq!(refused.status.code(), Some(2), "{said}");
        assert!(said.contains(&format!("config.toml, line {line}: ")) && said.contains(what), "{said}");
    }
}

#[test]
fn a_console_of_linux_gets_signs_that_its_font_has() {
    let mut pty = Pty::spawn(EPOLLSCOPE, &["--listen", "127.0.0.1:0"], HOME, &[("TERM", "linux")]);
    pty.types_until(&[
        ("", "- Interest list"),
        ("w", "#1 timeout -1 > blocked"),
        ("c", "#1 timeout -1 > 1 event"),
        ("w", ">5     a"),
        ("s", "####"),
    ]);
    assert!(pty.text().is_ascii(), "{}", pty.text());
    pty.quits();
}

#[test]
fn a_server_that_runs_freely_shows_the_rates_of_its_connections() {
    let mut pty = bench(&["--write", "always"]);
    pty.types_until(&[("w", "→ blocked"), ("c", "#1 timeout -1 → 1 event"), ("w", "▶5     a")]);
    pty.types_until(&[("r", " ev/s"), ("r", "paused")]);
    pty.until(|text| !text.contains(" ev/s"), "no rates");
    pty.quits();
}

#[test]
fn localhost_is_an_address_and_a_lesson_has_a_part_of_its_name() {
    let mut pty = Pty::spawn(EPOLLSCOPE, &["--listen", "localhost:0"], HOME, &[]);
    pty.types_until(&[("", "127.0.0.1:")]);
    pty.quits();
    let lesson = |name: &str| {
        let mut command = Command::new(EPOLLSCOPE);
        command.args(["verify", name]).env("LC_ALL", "C");
        command.output().expect("it runs")
    };
    let one = lesson("seven");
    assert!(one.status.success(), "{}", String::from_utf8_lossy(&one.stderr));
    let several = lesson("hup");
    let said = String::from_utf8_lossy(&several.stderr).into_owned();
    assert_eq!(several.status.code(), Some(2), "{said}");
    assert!(said.contains("11-half-close-reset-hup, 35-what-hup-means"), "{said}");
}

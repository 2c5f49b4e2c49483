//! The linear forms: the workbench, a recording and a comparison driven by lines, and read as lines.

use crate::support::program::{Scene, run, text};

/// Signs of drawing that no line may hold.
const DRAWN: &[char] = &['─', '│', '█', '▂', '▶', '●', '━'];

/// What a linear form writes for these keys, which are lines.
fn read(args: &[&str], keys: &str) -> Vec<String> {
    let ended = run(&[args, &["--linear"]].concat(), &format!("{keys}\n"));
    let said = text(&ended.stdout);
    assert!(ended.status.success(), "{said}{}", text(&ended.stderr));
    assert!(!said.contains(DRAWN) && !said.contains('\x1b'), "{said}");
    said.lines().map(str::to_owned).collect()
}

/// Whether these stand in the lines in this order.
fn in_order(lines: &[String], wanted: &[&str]) {
    let mut rest = lines.iter();
    for line in wanted {
        assert!(rest.any(|said| said.contains(line)), "no {line:?} in its place in\n{}", lines.join("\n"));
    }
}

#[test]
fn the_workbench_is_driven_and_read_in_lines() {
    let edge = ["--listen", "127.0.0.1:0", "--trigger", "edge"];
    let lines = read(&edge, "w\nc\nw\nw\ns\nw\nw\nS\n10\nm\ny\nq");
    in_order(
        &lines,
        &[
            "A line is a key",
            "edge, read once",
            "next: step 1, create: epoll_create1",
            "epoll_create1(EPOLL_CLOEXEC) = 4",
            "Ready list (inferred): empty",
            "next: step 3, wait: the server is in epoll_wait",
            "a client connects",
            "  fd 3 listener IN: a client connected",
            "accept4(3",
            "client a sends 3,000 bytes",
            "  fd 5 a IN: edge: 3,000 new bytes arrived",
            "recvfrom(5, ",
            "stranded: 1,976 bytes are unread",
            "bytes to send: 3000",
            "client a sends 10 bytes",
            "the policy changes before the next wait",
            "fd 5 a: ",
        ],
    );
    // A line that has not changed is not repeated.
    assert_eq!(lines.iter().filter(|line| line.starts_with("address ")).count(), 1, "{lines:?}");
}

#[test]
fn every_key_is_listed_and_what_is_none_is_said() {
    let lines = read(&["--listen", "127.0.0.1:0"], "?\nturn\np\ndown\nesc\nC\nO\nno/such/folder/a.txt\nq");
    in_order(
        &lines,
        &[
            "Space: make the next system call",
            "no key has this name",
            "> trigger",
            "> ",
            "a command of its own here",
            "save to",
            "no/such/folder/a.txt: ",
        ],
    );
}

#[test]
fn a_recording_is_read_forward_and_back_in_lines() {
    let scene = Scene::recorded("linear", "server edge\na = connect\nrun\nsend a 3000\nrun\n");
    let lines = read(&["replay", scene.path()], "]\n]\n]\n[\n/\nrecv\n:\n2\nend\nq");
    in_order(
        &lines,
        &[
            "recording, ",
            "epoll_wait(4) = 1  [3 EPOLLIN]",
            "  fd 5 a IN: edge: 3,000 new bytes arrived",
            "last: ",
            "search (recv",
            "go to call, of ",
            "next: nothing: the server has ended",
        ],
    );
}

#[test]
fn a_comparison_is_read_in_lines_by_the_names_of_its_servers() {
    let lines = read(&["compare"], "pgdn\npgdn\npgdn\nt\nq");
    in_order(
        &lines,
        &[
            "step 1 of 3: ",
            "step 3 of 3: send a 3000",
            "level: #3 a IN",
            "edge: recvfrom a = 1,024",
            "edge: a: stranded: 1,976 bytes are unread",
            "level and edge differ in step 3",
            "system calls",
        ],
    );
}

#[test]
fn it_is_read_in_chinese_too() {
    let lines = read(&["--lang", "zh", "--listen", "127.0.0.1:0"], "w\nc\nw\nq");
    in_order(&lines, &["每行一个按键", "水平，读一次", "下一步：", "就绪列表（推断）：", "客户端已连接"]);
}

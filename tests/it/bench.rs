//! `epollscope bench`: the shape of what it writes. What anything costs is the machine's affair, and no assertion's.

use std::os::unix::process::CommandExt as _;
use std::process::{Command, Output};

use epollscope::cli::bench::chart::{Axis, Chart, Line, cell};
use serde_json::Value;
use unicode_width::UnicodeWidthStr as _;

use crate::support::loopback::whole_loopback;
use crate::support::pty::{EPOLLSCOPE, Pty};

fn bench(args: &[&str]) -> Output {
    let _loopback = whole_loopback();
    Command::new(EPOLLSCOPE).args(["bench", "--quick"]).args(args).output().expect("started")
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

#[test]
fn every_way_is_in_the_table_in_the_chart_and_beside_the_theory() {
    let path = std::env::temp_dir().join(format!("epollscope-bench-{}.svg", std::process::id()));
    let output = bench(&["--lang", "en", "--svg", path.to_str().expect("text")]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    // No bar is where no terminal is.
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(said, format!("epollscope: {}: a picture of the charts (SVG)\n", path.display()));
    let text = text(&output);
    for name in ["s select", "p poll", "L epoll level", "E epoll edge", "1 epoll one-shot"] {
        let rows = text.lines().filter(|line| line.starts_with(&format!("{name} "))).count();
        assert_eq!(rows, 3, "whole, wait and growth of {name}:\n{text}");
    }
    assert!(text.contains("select cannot go to 3,000: a set has bits only for fd numbers below FD_SETSIZE"), "{text}");
    let squeezed = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let once = "edge, read once 1/3 1/3 1/3 1/3 1/3 1/3 1/3 bytes stranded – 952 1,976 2,488 2,744 2,872 2,936";
    assert!(squeezed.contains(once), "{text}");
    let wide = text.lines().filter(|line| line.width() > 110).collect::<Vec<_>>();
    assert!(wide.is_empty(), "{wide:?}");
    let svg = std::fs::read_to_string(&path).expect("a picture");
    std::fs::remove_file(&path).expect("removed");
    assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>\n"), "{svg}");
    for name in ["select", "poll", "level", "edge", "one-shot"] {
        assert!(svg.contains(&format!(">{name}</text>")), "no legend of {name}: {svg}");
    }
}

#[test]
fn json_has_every_way_at_every_size() {
    let output = bench(&["--format", "json"]);
    assert!(output.stderr.is_empty(), "{output:?}");
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let list = |name: &str| found[name].as_array().unwrap_or_else(|| panic!("{name}: {found}")).clone();
    let costs = list("costs");
    assert_eq!(costs.len(), 7 * 5, "{found}");
    for cost in &costs {
        let refused = cost["method"] == "select" && cost["idle"].as_u64() > Some(1_000);
        assert_eq!(cost["errno"] == "EINVAL", refused, "{cost}");
        assert_eq!(
            cost["wait_ns"].is_u64() && cost["wait_ns"].as_u64() <= cost["whole_ns"].as_u64(),
            !refused,
            "{cost}"
        );
    }
    let theory = |growth: &Value| growth["theory"].as_u64().expect("a number");
    assert_eq!(list("growth").iter().map(theory).collect::<Vec<_>>(), [1, 1, 0, 0, 0]);
    let level = list("reports").into_iter().filter(|row| row["policy"] == "level-once");
    let reports = level.map(|row| (row["read_size"].as_u64(), row["reports"].as_u64()));
    let expected =
        [4_096, 2_048, 1_024, 512, 256, 128, 64].map(|size: u64| (Some(size), Some(3_000_u64.div_ceil(size))));
    assert_eq!(reports.collect::<Vec<_>>(), expected);
}

#[test]
fn with_few_fds_it_does_less_and_says_so() {
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 700; exec \"$0\" bench --quick --lang en", EPOLLSCOPE]).arg0("sh");
    let output = command.output().expect("started");
    let text = text(&output);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(text.contains("there are too few fds for 1,000 idle connections (EMFILE): `ulimit -Hn`"), "{text}");
    assert!(text.lines().any(|line| line.starts_with("idle ") && line.trim_end().ends_with(" 300")), "{text}");
}

#[test]
fn what_cannot_be_drawn_to_is_refused_before_anything_is_measured() {
    let output = bench(&["--svg", "/nonexistent/chart.svg"]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("cannot draw to /nonexistent/chart.svg; choose another file with --svg"), "{stderr}");
    assert!(output.stdout.is_empty(), "{output:?}");
}

#[test]
fn a_terminal_sees_how_far_it_is_and_then_what_was_found() {
    let mut pty = Pty::spawn(EPOLLSCOPE, &["bench", "--quick", "--lang", "zh"], (120, 90), &[]);
    let status = pty.wait_exit();
    assert_eq!(status.code(), Some(0), "{}", pty.text());
    assert!(String::from_utf8_lossy(pty.raw()).contains("测量中 █"), "{}", pty.text());
    assert!(pty.text().contains("epoll 水平触发") && !pty.text().contains("测量中"), "{}", pty.text());
}

#[test]
fn an_axis_begins_and_ends_at_a_step() {
    assert_eq!(Axis::over([10.0, 10_000.0].into_iter()), Axis { low: 10.0, high: 10_000.0 });
    assert_eq!(Axis::over([13.4, 310.0].into_iter()), Axis { low: 10.0, high: 500.0 });
    assert_eq!(Axis::over([3.0].into_iter()), Axis { low: 2.0, high: 5.0 });
    assert_eq!(Axis::over([5.0].into_iter()), Axis { low: 5.0, high: 50.0 });
    assert_eq!(Axis::over([].into_iter()), Axis { low: 1.0, high: 10.0 });
    assert_eq!(Axis { low: 10.0, high: 500.0 }.ticks(), [10.0, 20.0, 50.0, 100.0, 200.0, 500.0]);
    assert_eq!(Axis { low: 10.0, high: 10_000.0 }.ticks(), [10.0, 100.0, 1_000.0, 10_000.0]);
}

#[test]
fn what_is_ten_times_as_much_is_as_far_again() {
    let axis = Axis { low: 10.0, high: 1_000.0 };
    assert_eq!([10.0, 100.0, 1_000.0].map(|value| cell(axis.at(value), 21)), [0, 10, 20]);
}

#[test]
fn letters_that_meet_stand_side_by_side() {
    let line = |mark| Line { mark, name: mark.to_string(), points: vec![(10.0, 5.0), (100.0, 5.0)] };
    let chart = Chart {
        title: String::new(),
        across: "fds".to_owned(),
        up: "µs".to_owned(),
        lines: vec![line('a'), line('b')],
    };
    let mut out = Vec::new();
    chart.write(&mut out).expect("a vector");
    let out = String::from_utf8(out).expect("text");
    assert!(out.contains("5 ┤ab··"), "{out}");
    assert!(out.contains("·ab\n"), "{out}");
    assert!(out.lines().all(|line| line.width() <= 80), "{out}");
}

//! `epollscope export`: what it writes is what the Trace Event Format and RFC 4180 say, and what the recording tells.

use std::collections::HashMap;
use std::path::Path;
use std::process::Output;

use epollscope::record::{Call, Record};
use epollscope::trace::Reader;
use serde_json::Value;

use crate::support::program::{Scene, run, text};

fn records(path: &Path) -> Vec<Record> {
    Reader::open(path).expect("a recording").map(|next| next.expect("a record")).collect()
}

fn export(args: &[&str]) -> Output {
    run(&[&["export"], args].concat(), "")
}

/// What the Trace Event Format asks of a file, and the Perfetto viewer of one that it shows right.
fn assert_is_a_chrome_trace(trace: &Value) -> &Vec<Value> {
    let events = trace["traceEvents"].as_array().expect("a list of events");
    let (mut last, mut open, mut named) = (HashMap::new(), HashMap::<u64, Vec<&str>>::new(), Vec::new());
    for event in events {
        let field = |name: &str| event[name].as_u64().unwrap_or_else(|| panic!("no {name}: {event}"));
        let name = event["name"].as_str().filter(|name| !name.is_empty()).unwrap_or_else(|| panic!("{event}"));
        let (_, tid) = (field("pid"), field("tid"));
        let kind = event["ph"].as_str().expect("a phase");
        if kind == "M" {
            assert!(event["args"]["name"].as_str().is_some_and(|name| !name.is_empty()), "{event}");
            named.push((name, tid));
            continue;
        }
        let ts = event["ts"].as_f64().unwrap_or_else(|| panic!("no ts: {event}"));
        assert!(last.insert(tid, ts).is_none_or(|last| last <= ts), "time runs back: {event}");
        match kind {
            "B" => open.entry(tid).or_default().push(name),
            "E" => assert_eq!(open.entry(tid).or_default().pop(), Some(name), "{event}"),
            "X" => assert!(event["dur"].as_f64().is_some_and(|dur| dur >= 0.0), "{event}"),
            "i" => assert!(matches!(event["s"].as_str(), Some("g" | "p" | "t")), "{event}"),
            "C" => {
                let args = event["args"].as_object().expect("counts");
                assert!(args.len() == 1 && args.values().all(Value::is_u64), "{event}");
            }
            other => panic!("{other}: {event}"),
        }
    }
    assert!(open.values().all(Vec::is_empty), "slices without an end: {open:?}");
    for tid in last.keys() {
        assert!(named.contains(&("thread_name", *tid)), "thread {tid} has no name");
    }
    events
}

#[test]
fn a_thread_of_a_lab_keeps_its_name() {
    let scene = Scene::recorded(
        "thread",
        "e = epoll\na, b = pair tcp\nadd e a IN\nwaiter = thread wait e\nwrite b 1\njoin waiter\n",
    );
    let exported = export(&[scene.path(), "--to", "perfetto"]);
    let trace: Value = serde_json::from_slice(&exported.stdout).expect("JSON");
    let names = assert_is_a_chrome_trace(&trace).iter().filter(|event| event["name"] == "thread_name");
    let names: Vec<&str> = names.filter_map(|event| event["args"]["name"].as_str()).collect();
    assert!(names.iter().any(|name| name.starts_with("waiter ")), "{names:?}");
}

#[test]
fn waits_are_slices_with_their_duration_and_unread_bytes_are_counters() {
    let scene = Scene::recorded("perfetto", include_str!("../lab/16-stranded.lab"));
    let exported = export(&[scene.path(), "--to", "perfetto"]);
    assert!(exported.status.success(), "{}", text(&exported.stderr));
    let trace: Value = serde_json::from_slice(&exported.stdout).expect("JSON");
    let events = assert_is_a_chrome_trace(&trace);

    let of = |kind: &str, name: &str| -> Vec<&Value> {
        events.iter().filter(|event| event["ph"] == kind && event["name"] == name).collect()
    };
    let (begun, ended) = (of("B", "epoll_wait"), of("E", "epoll_wait"));
    let records = records(Path::new(scene.path()));
    let times = |wanted: fn(&Call) -> bool| -> Vec<f64> {
        let times = records.iter().filter(|record| wanted(&record.call)).map(|record| record.t.0);
        times.map(|ns| format!("{}.{:03}", ns / 1000, ns % 1000).parse().expect("a number")).collect()
    };
    let ts = |events: &[&Value]| -> Vec<f64> { events.iter().map(|event| event["ts"].as_f64().expect("ts")).collect() };
    assert_eq!(begun.len(), 6, "the waits of the scene");
    assert_eq!(ts(&begun), times(|call| matches!(call, Call::EpollWaitEnter { .. })));
    assert_eq!(ts(&ended), times(|call| matches!(call, Call::EpollWait { .. })));
    assert_eq!(begun[0]["args"]["call"].as_str().expect("the call").split('(').next(), Some("epoll_wait"));
    assert_eq!(ended[0]["args"]["result"], "= 1");

    let unread: Vec<u64> = events
        .iter()
        .filter(|event| event["ph"] == "C" && event["name"].as_str().is_some_and(|name| name.ends_with(" a")))
        .map(|event| event["args"]["bytes"].as_u64().expect("bytes"))
        .collect();
    assert_eq!(unread, [0, 3000, 1976, 1977, 0], "sent, read once, one more, drained");
    let reports =
        events.iter().filter(|event| event["ph"] == "i" && event["name"].as_str().unwrap().ends_with(" a: IN"));
    assert_eq!(reports.count(), 3);
}

#[test]
fn a_recording_that_ends_in_a_wait_or_lost_its_return_has_no_open_slice() {
    let scene = Scene::recorded("cut", include_str!("../lab/16-stranded.lab"));
    let whole = std::fs::read_to_string(scene.path()).expect("a recording");
    let mut lines: Vec<&str> = whole.lines().collect();
    let is_return = |line: &&str| line.contains("\"epoll_wait\",\"epfd\"");
    let first = lines.iter().position(is_return).expect("a return");
    lines.remove(first);
    let last = lines.iter().rposition(is_return).expect("a return");
    lines.truncate(last);
    let exported = run(&["export", "-", "--to", "perfetto"], &lines.join("\n"));
    let trace: Value = serde_json::from_slice(&exported.stdout).expect("JSON");
    let events = assert_is_a_chrome_trace(&trace);
    let unseen = events.iter().filter(|event| event["args"]["result"] == "its return is not in the recording");
    assert_eq!(unseen.count(), 2);
}

#[test]
fn the_table_has_a_row_for_each_wait() {
    let scene = Scene::recorded("csv", include_str!("../lab/16-stranded.lab"));
    let exported = export(&[scene.path(), "--to", "csv"]);
    let table = text(&exported.stdout);
    let rows: Vec<Vec<&str>> = table.split_terminator("\r\n").map(|row| row.split(',').collect()).collect();
    assert_eq!(rows[0].len(), 11, "{table}");
    assert!(rows.iter().all(|row| row.len() == rows[0].len()), "{table}");
    let column = |name: &str| -> Vec<&str> {
        let at = rows[0].iter().position(|head| *head == name).expect(name);
        rows[1..].iter().map(|row| row[at]).collect()
    };
    assert_eq!(column("wait"), ["1", "2", "3", "4", "5", "6"]);
    assert_eq!(column("returned"), ["1", "0", "1", "0", "1", "0"]);
    assert!(column("events").iter().zip(column("returned")).all(|(events, n)| events.ends_with(" a IN") == (n == "1")));
    let waited: Vec<f64> = column("waited_us").iter().map(|cell| cell.parse().expect("a number")).collect();
    assert!(waited.iter().all(|us| *us > 0.0), "{table}");
}

#[test]
fn what_was_written_to_a_file_is_said_and_standard_output_stays_empty() {
    let scene = Scene::recorded("written", include_str!("../lab/16-stranded.lab"));
    let count = records(Path::new(scene.path())).len();
    let path = std::env::temp_dir().join(format!("epollscope-export-{}", std::process::id()));
    let to = path.to_str().expect("text");
    for (format, lang, says) in [
        ("perfetto", "en", format!("{to}: {count} records as a trace for ui.perfetto.dev (Trace Event Format)")),
        ("csv", "en", format!("{to}: 6 rows, one for each wait in {count} records, as a table (CSV)")),
        ("csv", "zh", format!("{to}：{count} 条记录中的等待，写成表格（CSV），每次等待一行，共 6 行")),
    ] {
        let written = export(&[scene.path(), "--to", format, "--output", to, "--lang", lang]);
        assert!(written.status.success() && written.stdout.is_empty(), "{written:?}");
        assert_eq!(text(&written.stderr), format!("epollscope: {says}\n"));
        let printed = export(&[scene.path(), "--to", format, "--lang", lang]);
        assert!(printed.stderr.is_empty(), "{printed:?}");
        assert_eq!(std::fs::read(&path).expect("written"), printed.stdout);
        if format == "csv" {
            assert_eq!(text(&printed.stdout).lines().count(), 1 + 6);
        }
    }
    std::fs::remove_file(&path).expect("removed");
}

#[test]
fn what_cannot_be_exported_is_said_and_the_rest_is_exported() {
    let code = |args: &[&str], input: &str| {
        let ended = run(args, input);
        (ended.status.code(), text(&ended.stderr))
    };
    let (missing, said) = code(&["export", "/nowhere/x.jsonl", "--to", "csv"], "");
    assert!(missing == Some(3) && said.contains("/nowhere/x.jsonl: there is no such file"), "{said}");
    let (folder, said) = code(&["export", "/", "--to", "csv"], "");
    assert!(folder == Some(3) && said.contains("this is a directory"), "{said}");
    let (empty, said) = code(&["export", "-", "--to", "perfetto"], "");
    assert!(empty == Some(3) && said.contains("standard input: the file is empty"), "{said}");
    let (endless, said) = code(&["export", "/dev/zero", "--to", "csv"], "");
    assert!(endless == Some(3) && said.contains("its first line is longer than 1 MiB"), "{said}");

    let scene = Scene::recorded("damaged", include_str!("../lab/16-stranded.lab"));
    let whole = std::fs::read_to_string(scene.path()).expect("a recording");
    let damaged = format!("{whole}{}", "\u{1b}[2J\n".repeat(20));
    let ended = run(&["export", "-", "--to", "csv"], &damaged);
    let (said, rows) = (text(&ended.stderr), text(&ended.stdout).lines().count());
    assert_eq!((ended.status.code(), rows), (Some(1), 1 + whole.matches("\"phase\":\"enter\"").count()), "{said}");
    assert_eq!(said.matches("this is no JSON object").count(), 10, "{said}");
    assert!(said.contains("10 more mistakes") && said.contains("20 lines could not be read"), "{said}");
    assert!(!said.contains('\u{1b}'), "{said:?}");

    let own = scene.path();
    let (same, said) = code(&["export", own, "--to", "csv", "--output", own], "");
    assert!(same == Some(2) && said.contains("is the recording itself"), "{said}");
    assert_eq!(std::fs::read_to_string(own).expect("a recording"), whole);
    let (nowhere, said) = code(&["export", own, "--to", "csv", "--output", "/nowhere/out.csv"], "");
    assert!(nowhere == Some(3) && said.contains("cannot write to /nowhere/out.csv"), "{said}");
}

/// What is refused says why, and nothing of what would have been read.
#[test]
fn a_refusal_says_only_why() {
    let path = std::env::temp_dir().join(format!("epollscope-{}-refused.jsonl", std::process::id()));
    let file = path.to_str().expect("text");
    assert!(run(&["compare", "message", "--record", file], "").status.success());
    let refused = |args: &[&str], code: i32, why: &str| {
        let ended = run(args, "");
        let said = text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(code), "{said}");
        assert!(said.lines().count() == 1 && said.contains(why), "{said}");
    };
    refused(&["export", file, "--to", "csv", "--output", file], 2, "is the recording itself");
    refused(&["export", file, "--to", "csv", "--output", "/nowhere/x.csv"], 3, "cannot write to /nowhere/x.csv");
    refused(&["diff", file, "/nowhere/x.jsonl"], 3, "there is no such file");
    refused(&["replay", file], 3, "terminal");
    std::fs::remove_file(&path).expect("removed");
}

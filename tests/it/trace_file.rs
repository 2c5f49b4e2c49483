//! The trace file: what is written is read back, and nothing that a file may hold brings the reader down.

use crate::support::written::{HEADER, header, written};
mod lines;
mod recorded;
mod speed;

use std::io::BufReader;
use std::path::Path;

use epollscope::record::{Call, Fd, Nanos, Ready, Record, Ret, Seq, Tid};
use epollscope::trace::text::TextWriter;
use epollscope::trace::{Reader, TraceError};
use proptest::prelude::*;

use crate::support::streams::streams;

fn reader(file: &[u8]) -> Result<Reader<&[u8]>, TraceError> {
    Reader::new("F", file)
}

/// What reading the lines after a good header gives: records' numbers, and errors as texts.
fn outcome(lines: &[u8]) -> Vec<Result<u64, String>> {
    let file = [HEADER.as_bytes(), b"\n", lines].concat();
    let reader = reader(&file).expect("a good header");
    reader.map(|next| next.map(|record| record.seq.0).map_err(|error| error.to_string())).collect()
}

fn record(seq: u64, call: Call) -> Record {
    Record { seq: Seq(seq), t: Nanos(seq * 10), tid: Tid(7), call }
}

#[test]
fn a_list_too_long_for_a_line_goes_on_in_lines_of_its_own() {
    let ready = Ready::IN | Ready::PRI | Ready::OUT | Ready::ERR | Ready::HUP | Ready::RDHUP;
    let mut records = vec![record(1, Call::EpollWait { epfd: Fd(4), ret: Ret::value(65_536) })];
    records.extend((0..65_536).map(|n| record(n + 2, Call::Event { epfd: Fd(4), fd: Fd(1_000_000), ready })));
    let file = written(&records);
    assert!(file.lines().all(|line| line.len() <= 1 << 20));
    let read: Vec<Record> = reader(file.as_bytes()).expect("a header").map(|next| next.expect("a record")).collect();
    assert_eq!(read.len(), records.len());
    assert!(read.iter().zip(&records).all(|(a, b)| (a.seq, a.call) == (b.seq, b.call)));
}

#[test]
fn a_file_that_is_no_recording_is_refused_in_words() {
    let version = |version: &str| HEADER.replace("\"version\":1", &format!("\"version\":{version}"));
    let [seven, fraction, text] = ["7", "1.5", "\"1\""].map(version);
    let cases: [(&[u8], &str); 12] = [
        (b"", "F: the file is empty"),
        (b"hello\n", "F: this is not a recording of epollscope (its first line is not JSON); expected a first line"),
        (b"\x7fELF\xff\xff\n", "its first line is not text"),
        (b"[]\n", "its first line has no `format`"),
        (b"{\"format\":\"\\u001b[2J\",\"version\":1}\n", "its format is "),
        (b"{\"format\":\"epollscope-trace\"}\n", "its first line has no `version`"),
        (seven.as_bytes(), "F: unknown version 7; this epollscope reads version 1"),
        (fraction.as_bytes(), "F: unknown version 1.5"),
        (text.as_bytes(), "F: unknown version \"1\""),
        (b"{\"format\":\"epollscope-trace\",\"version\":1}\n", "F: line 1: missing field `kernel`"),
        (&HEADER.as_bytes()[..60], "F: the recording was cut off in line 1; this is its header"),
        (&vec![b' '; 2 << 20], "its first line is longer than 1 MiB"),
    ];
    for (file, expected) in cases {
        let error = reader(file).expect_err(expected).to_string();
        assert!(error.contains(expected), "{error}\nshould contain\n{expected}");
        assert!(!error.contains(char::is_control), "{error:?}");
    }
    let ok = reader(version("1,\"minor\":3").as_bytes()).map(|reader| reader.header().clone());
    assert_eq!(ok.expect("a minor version is passed over"), header());
}

#[test]
fn what_a_recording_was_turned_into_is_named_with_the_command_that_helps() {
    let cases: [(&[u8], &str); 7] = [
        (b"\x1f\x8b\x08\x00\x00", "it is compressed by gzip; `gunzip -c FILE | epollscope replay -` reads it"),
        (b"\x28\xb5\x2f\xfd\x04", "it is compressed by zstd; `unzstd -c FILE"),
        (b"\xfd7zXZ\x00", "it is compressed by xz; `unxz -c FILE"),
        (b"\xff\xfe{\x00\"\x00", "it is text in UTF-16; `iconv -f UTF-16 -t UTF-8 FILE`"),
        (b"{\n  \"format\": \"epollscope-trace\",\n", "over several lines; `jq -c . FILE` puts each call on one line"),
        (b"epoll_create1(EPOLL_CLOEXEC)            = 3\n", "it looks like the output of strace"),
        (b"[pid 7] epoll_wait(3, [], 64, 0) = 0\n", "it looks like the output of strace"),
    ];
    for (file, expected) in cases {
        let error = reader(file).expect_err(expected).to_string();
        assert!(error.contains(expected), "{error}\nshould contain\n{expected}");
    }
}

#[test]
fn a_byte_order_mark_and_a_missing_first_line_are_no_hindrance() {
    let file = written(&[
        record(7, Call::EpollCreate1 { ret: Ret::value(3) }),
        record(8, Call::Dup { fd: Fd(3), ret: Ret::value(4) }),
    ]);
    let (_, calls) = file.split_once('\n').expect("a first line");
    let seqs = |file: &str| {
        let reader = reader(file.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
        reader.map(|next| next.expect("a record").seq.0).collect::<Vec<_>>()
    };
    for file in [&*file, calls, &format!("\u{feff}{file}"), &format!("\u{feff}{calls}")] {
        assert_eq!(seqs(file), [7, 8], "{file}");
    }
}

#[test]
fn a_second_recording_in_the_file_is_said_to_be_there() {
    let one = written(&[record(1, Call::EpollCreate1 { ret: Ret::value(3) })]);
    let two = one.repeat(2);
    let mut reader = reader(two.as_bytes()).expect("a header").map(|next| next.map_err(|e| e.to_string()));
    assert!(matches!(reader.next(), Some(Ok(Record { seq: Seq(1), .. }))));
    let said = reader.next().expect("an error").expect_err("no record");
    assert!(
        said.contains("a second recording begins in line 3; it is not read: `tail -n +3 FILE | epollscope replay -`"),
        "{said}"
    );
    assert!(reader.next().is_none());
}

#[test]
fn a_name_that_is_no_file_is_refused_in_words() {
    let open = |name: &str| Reader::open(Path::new(name)).map(|_| ()).expect_err(name).to_string();
    assert!(open("/nowhere/a.jsonl").starts_with("/nowhere/a.jsonl: there is no such file; check the name, or make"));
    assert!(open("/").starts_with("/: this is a directory"));
    assert!(open("/dev/zero").contains("its first line is longer than 1 MiB"), "and it is not read to its end");
}

/// Between two good lines, the wrong one has to be named, and nothing else has to be lost.
fn assert_costs_only_itself(wrong: &[u8], expected: &str) {
    let good = br#"{"seq":1,"t_ns":1,"tid":7,"call":"close","fd":9,"ret":0}"#;
    let next = br#"{"seq":3,"t_ns":1,"tid":7,"call":"close","fd":9,"ret":0}"#;
    let outcome = outcome(&[&good[..], wrong, next].join(&b'\n'));
    let [Ok(1), Err(error), Ok(3)] = &outcome[..] else { panic!("{expected}: {outcome:?}") };
    assert!(error.starts_with("F: line 3"), "{error}");
    assert!(error.contains(expected), "{error}\nshould contain\n{expected}");
    assert!(!error.contains(char::is_control), "{error:?}");
}

#[test]
fn a_line_that_is_no_record_is_named_and_costs_only_itself() {
    let deep = [&br#"{"seq":2,"new":"#[..], &vec![b'['; 1_000_000]].concat();
    let cases: [(&[u8], &str); 11] = [
        (b"nonsense", "this is no JSON object, expected one such as {\"seq\":7,…}"),
        (br#"[2,1,7,"socket",null,0,null]"#, "this is no JSON object"),
        (br#"{"seq":2,"t_ns":}"#, "column 17: expected value"),
        (br#"{"seq":2"#, "EOF while parsing an object"),
        (b"{\"seq\":2,\xff}", "column 10: invalid UTF-8, expected plain ASCII"),
        (&[0; 100], "this is no JSON object"),
        (&deep, "EOF while parsing a list"),
        (&vec![b' '; (1 << 20) + 1], "it is longer than 1 MiB, expected a call; it was skipped"),
        (b"{}", "missing field `seq`"),
        (br#"{"seq":-1,"t_ns":1,"tid":7}"#, "invalid value: integer `-1`, expected u64"),
        (br#"{"seq":1,"t_ns":1,"tid":7,"call":"lost","count":1}"#, "`seq` is 1 after 1, expected a higher"),
    ];
    for (wrong, expected) in cases {
        assert_costs_only_itself(wrong, expected);
    }
    let last = br#"{"seq":18446744073709551615,"t_ns":1,"tid":7,"call":"sendto","fd":5,"len":1,"ret":1,"data":"x"}"#;
    assert_costs_only_itself(last, "`seq` is too high to count on");
}

#[test]
fn a_wrong_call_is_named_and_costs_only_itself() {
    let many = format!(r#"data","fd":3,"dir":"in","data":"{}""#, "x".repeat(25));
    let cases = [
        (r#"close","ret":0"#, "missing field `fd`"),
        (r#"close","fd":1"#, "neither `ret` nor `errno`, expected one of them"),
        (r#"close","fd":1,"ret":0,"errno":"EBADF""#, "both `ret` and `errno`"),
        (r#"close","fd":2147483648,"ret":0"#, "`2147483648`, expected i32"),
        (r#"close","fd":1,"ret":-9"#, "integer `-9`, expected 0 to 2147483647; a call that failed has `errno`"),
        (r#"close","fd":1,"errno":"EODD""#, r#"string "EODD", expected an error's name such as "EAGAIN""#),
        (r#"close","fd":1,"errno":0"#, "integer `0`, expected an error's name such as"),
        (r#"dup","fd":1,"fd":2,"ret":0"#, "duplicate field `fd`"),
        (
            r#"epoll_ctl","epfd":4,"op":"ADD","fd":5,"events":[],"ret":0"#,
            "expected an operation, one of EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLL_CTL_DEL",
        ),
        (
            r#"epoll_ctl","epfd":4,"op":"EPOLL_CTL_ADD","fd":5,"ret":0"#,
            "missing field `events`, expected the mask of EPOLL_CTL_ADD",
        ),
        (r#"epoll_wait","phase":"exit","epfd":4,"ret":0"#, "expected a phase, one of enter"),
        (r#"epoll_wait","epfd":4,"ret":1,"events":["EPOLLIN"]"#, "expected an event such as {"),
        (
            r#"epoll_wait","epfd":4,"ret":1,"events":[{"fd":5,"events":["EPOLLFOO"]}]"#,
            r#"string "EPOLLFOO", expected one of EPOLLIN, EPOLLPRI,"#,
        ),
        (r#"accept4","fd":3,"ret":5"#, "missing field `addr`"),
        (r#"accept4","fd":3,"addr":"home","ret":5"#, "expected an address such as"),
        (r#"recvfrom","fd":3,"len":9,"flags":["MSG_TRUNC"],"ret":5"#, "expected a flag, one of MSG_OOB"),
        (r#"recvfrom","fd":3,"len":9,"ret":1,"data":"\\q""#, r#"string "\\q", expected printable ASCII"#),
        (&many, "`data` has 25 bytes, expected at most 24"),
        (r#"policy","trigger":"\u001b[2J""#, r"unknown variant `\u{1b}[2J`, expected `level` or"),
    ];
    for (wrong, expected) in cases {
        let line = format!(r#"{{"seq":2,"t_ns":1,"tid":7,"call":"{wrong}}}"#);
        assert_costs_only_itself(line.as_bytes(), expected);
    }
}

#[test]
fn what_a_reader_need_not_know_is_passed_over() {
    let lines = r#"{"call":"close","new":{"a":[1,{}]},"tid":7,"t_ns":1,"seq":5,"fd":9,"ret":0}

{"seq":6,"t_ns":1,"tid":7,"call":"epoll_ctl","epfd":4,"op":"EPOLL_CTL_DEL","fd":5,"ret":0}
{"seq":7,"t_ns":1,"tid":7,"call":"epoll_wait","epfd":4,"ret":3,"events":[{"fd":5,"events":[],"more":1}]}
{"seq":20,"t_ns":1,"tid":7,"call":"epoll_wait","epfd":4,"ret":1}"#;
    assert_eq!(outcome(lines.replace('\n', "\r\n").as_bytes()), [5, 6, 7, 8, 20].map(Ok));
}

#[test]
fn calls_of_a_later_version_are_passed_over_and_counted() {
    let line = |seq: u64, call: &str| format!(r#"{{"seq":{seq},"t_ns":1,"tid":7,"call":"{call}}}"#);
    let lines = [
        line(1, r#"close","fd":9,"ret":0"#),
        line(2, r#"epoll_pwait2\u001b","ret":{"of":"another kind"},"fd":"nine","phase":7"#),
        r#"{"seq":3,"call":"mseal"}"#.to_owned(),
        line(4, r#"close","fd":9,"ret":0"#),
        line(4, r#"mseal","ret":0"#),
        r#"{"call":"mseal"}"#.to_owned(),
    ];
    let file = format!("{HEADER}\n{}", lines.join("\n"));
    let mut reader = reader(file.as_bytes()).expect("a header");
    let mut outcome = reader.by_ref().map(|next| next.map(|record| record.seq.0).map_err(|error| error.to_string()));
    assert_eq!(outcome.next(), Some(Ok(1)));
    assert_eq!(outcome.next(), Some(Ok(4)));
    for wrong in ["line 6: `seq` is 4 after 4", "line 7, column 16: missing field `seq`"] {
        let error = outcome.next().expect("a line").expect_err(wrong);
        assert!(error.contains(wrong), "{error}");
    }
    assert_eq!(outcome.next(), None);
    let unknown = reader.unknown().expect("two lines").to_string();
    let expected = r"F: 2 lines were skipped, because this epollscope does not know the call (the first, line 3, is";
    assert!(unknown.starts_with(expected), "{unknown}");
    assert!(!unknown.contains(char::is_control), "{unknown:?}");
}

#[test]
fn a_line_without_an_end_is_told_of_before_it_is_passed_over() {
    let file = format!("{HEADER}\n{}\n", "x".repeat(3 << 20));
    let mut input = file.as_bytes();
    let mut reader = Reader::new("F", &mut input).expect("a header");
    let error = reader.next().expect("a line").expect_err("too long");
    assert!(error.to_string().contains("line 2: it is longer than 1 MiB"), "{error}");
    drop(reader);
    assert!(input.len() > 1 << 20, "the rest is unread: {}", input.len());
}

#[test]
fn a_last_line_that_was_cut_off_is_reported_and_the_rest_is_read() {
    let line = r#"{"seq":1,"t_ns":1,"tid":7,"call":"recvfrom","fd":9,"len":5,"ret":1,"data":"\\x1b"}"#;
    for cut in 1..line.len() {
        let last = line.replace("\"seq\":1", "\"seq\":3");
        let outcome = outcome(format!("{line}\n{}", &last[..cut]).as_bytes());
        let [Ok(1), Ok(2), Err(error)] = &outcome[..] else { panic!("{cut}: {outcome:?}") };
        assert_eq!(error, "F: the recording was cut off in line 3; the 2 lines before it can be read");
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back_wherever_it_starts(records in streams(), skip in 0..20_usize) {
        let records = records.get(skip..).unwrap_or_default();
        let file = written(records);
        let read: Vec<Record> = reader(file.as_bytes()).expect("a header").map(|next| next.expect(&file)).collect();
        prop_assert_eq!(read.len(), records.len());
        let mut of_call = Nanos(0);
        for (read, record) in read.iter().zip(records) {
            let part = matches!(record.call, Call::Event { .. } | Call::Data { .. });
            prop_assert_eq!((read.seq, read.tid, read.call), (record.seq, record.tid, record.call), "{}", file);
            prop_assert!(read.t == record.t || part && read.t == of_call, "{:?}\n{:?}\n{}", read, record, file);
            if !part {
                of_call = read.t;
            }
        }
    }

    #[test]
    fn no_bytes_bring_the_reader_down(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(reader) = reader(&bytes) {
            prop_assert!(reader.take(1000).count() < 1000);
        }
        prop_assert!(outcome(&bytes).len() < 1000);
    }

    #[test]
    fn no_damage_to_a_recording_brings_the_reader_down(
        records in streams(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
    ) {
        let mut file = written(&records).into_bytes();
        for (at, byte) in damage {
            let at = at.index(file.len());
            file[at] = byte;
        }
        if let Ok(reader) = Reader::new("F", BufReader::with_capacity(7, &file[..])) {
            let mut last = None;
            for record in reader.flatten() {
                prop_assert!(last < Some(record.seq));
                last = Some(record.seq);
            }
        }
    }

    #[test]
    fn the_text_has_no_control_character(records in streams()) {
        let mut writer = TextWriter::with_samples(Vec::new());
        for record in &records {
            writer.write(record).expect("a vector takes all");
        }
        let text = String::from_utf8(writer.finish().expect("a vector takes all")).expect("text");
        prop_assert!(text.lines().all(|line| !line.contains(char::is_control)));
        let calls = records.iter().filter(|record| record.call.is_syscall()).count();
        prop_assert!(text.lines().count() >= calls);
    }
}

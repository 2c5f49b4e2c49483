//! Search finds what the text of a trace shows: held against a plain look at its lines, over real runs.

use std::sync::OnceLock;

use epollscope::analysis::query::{Query, breakpoint};
use epollscope::analysis::search::{Search, Wanted, Way};
use epollscope::probe::Breakpoint;
use epollscope::record::{Fd, Policy, Record};
use epollscope::trace::Timeline;
use epollscope::trace::text::TextWriter;
use proptest::prelude::*;

use crate::support::random_run::records;
use crate::support::rig::Rig;

/// A run with the line of the text that each call has, by the call's number.
struct Annotation {
    timeline: Timeline,
    lines: Vec<(u64, String)>,
}

fn told() -> &'static Annotation {
    static TOLD: OnceLock<Annotation> = OnceLock::new();
    TOLD.get_or_init(|| {
        let mut timeline = Timeline::default();
        for record in records(11, 400) {
            timeline.push(record);
        }
        let all: Vec<Record> = timeline.range(0, timeline.len()).collect();
        // A record begins a line where one more line than before has come of all up to it.
        let mut writer = TextWriter::with_samples(Vec::new());
        for record in &all {
            writer.write(record).expect("a vector takes all");
        }
        let text = String::from_utf8(writer.finish().expect("a vector takes all")).expect("text");
        let begins = |record: &&Record| !matches!(record.call.name(), "event" | "data");
        let starts: Vec<u64> = all.iter().filter(begins).map(|record| record.seq.0).collect();
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        assert_eq!(starts.len(), lines.len(), "each call has a line");
        Annotation { timeline, lines: starts.into_iter().zip(lines).collect() }
    })
}

/// What a search finds, all of it, one way.
fn found(timeline: &Timeline, query: &Query, way: Way) -> Vec<u64> {
    let mut at = if way == Way::Forward { 0 } else { timeline.len() + 1 };
    let mut seqs = Vec::new();
    while let Some(hit) = Search::new(Wanted::Query(query.clone()), way, at).run(timeline) {
        seqs.push(hit.seq);
        at = hit.position;
    }
    seqs
}

/// What stands before the parenthesis of a call, without the thread.
fn name(line: &str) -> &str {
    let call = line[13..].split(' ').find(|word| !word.starts_with('[')).unwrap_or_default();
    call.split('(').next().unwrap_or_default()
}

fn shows(line: &str, word: &str) -> bool {
    line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|token| token == word)
}

/// Whether a line shows what a word asks for.
fn is_shown(line: &str, word: &str) -> bool {
    match word {
        // A policy is told in words of its own.
        _ if line.contains("policy: ") => false,
        "recv" | "send" | "accept" | "epoll_wait" | "epoll_ctl" | "close" => name(line).starts_with(word),
        "MOD" | "ADD" | "DEL" => shows(line, &format!("EPOLL_CTL_{word}")),
        "IN" | "OUT" | "RDHUP" | "HUP" => shows(line, &format!("EPOLL{word}")),
        word => shows(line, word),
    }
}

fn words() -> impl Strategy<Value = Vec<&'static str>> {
    let word = prop::sample::select(vec![
        "recv",
        "send",
        "accept",
        "epoll_wait",
        "epoll_ctl",
        "close",
        "MOD",
        "ADD",
        "DEL",
        "IN",
        "OUT",
        "RDHUP",
        "HUP",
        "EAGAIN",
        "ECONNRESET",
    ]);
    prop::collection::vec(word, 1..3)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_finds_what_the_text_shows(words in words()) {
        let told = told();
        let query = Query::parse(&words.join(" ")).expect("a query");
        let shown = |line: &str| words.iter().all(|word| is_shown(line, word));
        let expected: Vec<u64> = told.lines.iter().filter(|(_, line)| shown(line)).map(|(seq, _)| *seq).collect();
        let mut back = found(&told.timeline, &query, Way::Backward);
        back.reverse();
        for found in [found(&told.timeline, &query, Way::Forward), back] {
            let one_has = |(seq, _): &&(u64, String)| found.contains(seq) != expected.contains(seq);
            prop_assert_eq!(told.lines.iter().find(one_has), None);
            prop_assert_eq!(&found, &expected);
        }
    }
}

#[test]
fn an_fd_is_found_where_it_is_an_argument_a_report_or_a_result() {
    let told = told();
    for fd in 3..9 {
        let query = Query::parse(&format!("fd {fd}")).expect("a query");
        let naive = |line: &str| {
            let arguments = line.split_once('(').map_or("", |(_, rest)| rest.split(')').next().unwrap_or(""));
            let first = arguments.split(", ").next() == Some(&fd.to_string());
            let third = name(line) == "epoll_ctl" && arguments.split(", ").nth(2) == Some(&fd.to_string());
            let made = matches!(name(line), "accept4" | "socket" | "epoll_create1" | "dup");
            let result = made && line.contains(&format!(" = {fd}"));
            let event = line.contains(&format!("[{fd} EPOLL")) || line.contains(&format!(", {fd} EPOLL"));
            first && name(line) != "close_range" || third || result || event
        };
        let calls = |(seq, line): &(u64, String)| (!line.contains("  # ") && naive(line)).then_some(*seq);
        let expected: Vec<u64> = told.lines.iter().filter_map(calls).collect();
        let mut hits = found(&told.timeline, &query, Way::Forward);
        hits.retain(|seq| told.timeline.get(seq - 1).is_some_and(|record| record.call.is_syscall()));
        assert!(!expected.is_empty(), "fd {fd}");
        assert_eq!(hits, expected, "fd {fd}");
    }
}

#[test]
fn text_and_names_are_found_with_their_call() {
    let told = told();
    let shown = told.lines.iter().find(|(_, line)| name(line) == "recvfrom" && line.contains('"'));
    let (seq, line) = shown.expect("a recv with bytes");
    let text = line.split('"').nth(1).expect("a text");
    let query = Query::parse(&format!("recv \"{text}\"")).expect("a query");
    assert!(found(&told.timeline, &query, Way::Forward).contains(seq), "{line}");
}

#[test]
fn a_connection_is_found_by_its_name_at_both_ends() {
    let mut rig = Rig::new(Policy::default());
    let (a, b) = (rig.connect(), rig.connect());
    rig.send(b, 100);
    rig.send(a, 3000);
    rig.session.clients_mut().close(a).expect("closed");
    rig.settle();
    // Another one gets its number.
    let c = rig.connect();
    rig.send(c, 100);
    let timeline = rig.session.timeline();
    let query = Query::parse("a").expect("a query");
    let hits = found(timeline, &query, Way::Forward);
    let calls = |wanted: &str| {
        let hits = hits.iter().filter_map(|seq| timeline.get(seq - 1));
        hits.filter(|record| record.call.name() == wanted).count()
    };
    assert_eq!((calls("connect"), calls("accept4"), calls("close")), (1, 1, 2));
    // Three of the server's with the bytes, and one with the end of the stream; what the client receives comes as it will.
    let of_server = |record: &Record| timeline.now().serves(record.tid) && record.call.name() == "recvfrom";
    let reads = hits.iter().filter_map(|seq| timeline.get(seq - 1)).filter(of_server).count();
    assert_eq!(reads, 4);
    let mut back = found(timeline, &query, Way::Backward);
    back.reverse();
    assert_eq!(back, hits);
}

#[test]
fn what_is_not_understood_is_named_with_what_would_be() {
    for (text, said) in [
        ("", "fd 5"),
        ("fd", "a number"),
        ("fd x", "`x`"),
        ("EWRONG", "`EWRONG`"),
        ("recv \"abc", "a closing quote"),
        ("\"\"", "a closing quote"),
        ("call nothing", "`nothing`"),
        ("\u{1b}[2J", "\\u{1b}"),
    ] {
        let misread = Query::parse(text).expect_err(text).to_string();
        assert!(misread.contains(said), "{text:?}: {misread}");
    }
}

#[test]
fn a_breakpoint_is_read_as_it_is_written() {
    let all = ["fd 5", "EAGAIN", "empty", "recvfrom", "stranded", "epoll_wait"];
    assert_eq!(all.map(|text| breakpoint(text).expect(text).to_string()), all);
    assert_eq!(breakpoint("7"), Ok(Breakpoint::Reported(Fd(7))));
    assert_eq!(breakpoint("recv"), Ok(Breakpoint::Made("recvfrom")));
    assert_eq!(breakpoint("close"), Ok(Breakpoint::Made("close")));
    for text in ["", "fd", "fd -1", "epoll", "sample", "a", "fd 5 6"] {
        let misread = breakpoint(text).expect_err(text).to_string();
        assert!(misread.contains("stranded"), "{text:?}: {misread}");
    }
}

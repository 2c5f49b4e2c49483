//! The sentences of why on files of every kind, in scripts of the lab: said as they ought to be, one by one; and in every
//! script that there is, held against a second, simpler account.

use std::fs;

use epollscope::analysis::why;
use epollscope::i18n::Lang;
use epollscope::script::{SceneRunner, parse};

use crate::support::account::Account;
use crate::support::lab::{alone, said};

/// What each report of a script says, by wait, and each registration at its end.
fn whys(script: &str) -> (Vec<Vec<String>>, Vec<String>) {
    alone(|| {
        let (_, play) = said(script);
        let world = play.lab().expect("a lab").timeline().now();
        let epoll = world.epoll().expect("an epoll");
        let reports = epoll.waits().map(|wait| wait.reports.iter().map(|r| why::reported(r, Lang::En)).collect());
        let items = epoll.items().map(|item| why::not_reported(world, epoll, item, Lang::En));
        (reports.collect(), items.collect())
    })
}

/// The first sentence of the last wait.
fn last(script: &str) -> String {
    whys(script).0.pop().and_then(|mut wait| wait.pop()).unwrap_or_default()
}

#[track_caller]
fn says(sentence: &str, what: &[&str], not: &[&str]) {
    assert!(what.iter().all(|what| sentence.contains(what)), "{sentence:?} says not {what:?}");
    assert!(!not.iter().any(|not| sentence.contains(not)), "{sentence:?} says one of {not:?}");
}

#[test]
fn what_add_found_is_told_from_what_came_later() {
    let sentence = last("e = epoll\na, b = pair tcp\nadd e a IN OUT\nwrite b 5\nwait e\n");
    assert_eq!(sentence, "EPOLL_CTL_ADD found it ready: there is room to send; 5 bytes have arrived since");
    let sentence = last("e = epoll\nr, w = pipe\nwrite w 3\nadd e r IN\nwrite w 2\nwait e\n");
    assert_eq!(sentence, "EPOLL_CTL_ADD found it ready: 3 bytes unread; 2 bytes have arrived since");
}

#[test]
fn a_mod_is_the_cause_of_what_only_it_asked_for() {
    let sentence = last("e = epoll\na, b = pair tcp\nadd e a IN\nwrite b 5\nmod e a OUT\nwait e\n");
    assert_eq!(sentence, "EPOLL_CTL_MOD found it ready: there is room to send");
    // Put back as a level, reported once more as an edge.
    let sentence = last("e = epoll\na, b = pair tcp\nadd e a IN\nwrite b 5\nwait e\nmod e a IN ET\nwait e\n");
    says(&sentence, &["EPOLL_CTL_MOD found it ready: 5 bytes unread"], &["level"]);
    let sentence =
        last("e = epoll\na, b = pair tcp\nadd e a IN ONESHOT\nwrite b 5\nwait e\nmod e a IN ONESHOT\nwait e\n");
    says(&sentence, &["found it ready, which re-arms it: 5 bytes"], &[]);
}

#[test]
fn a_counter_a_timer_and_a_signal_have_no_bytes() {
    let no = ["byte", "stream", "connection", "not in the trace"];
    let sentence = last("e = epoll\nn = eventfd\nadd e n IN ET\nwrite n 8\nwait e\nwrite n 8\nwait e\n");
    assert_eq!(sentence, "edge: the counter was written since wait #1");
    says(&last("e = epoll\nn = eventfd 3\nadd e n IN\nwait e\nwait e\n"), &["level: its counter is not 0"], &no);
    says(&last("e = epoll\nt = timerfd 10\nadd e t IN\nwait e timeout 500\n"), &["the timer has expired, once"], &no);
    let (_, silent) = whys("e = epoll\nn = eventfd 1\nadd e n IN ET\nwait e\n");
    says(&silent[0], &["stranded: its counter is not 0"], &no);
    let (_, idle) = whys("e = epoll\nn = eventfd\nt = timerfd 60000\ni = epoll\nadd e n IN\nadd e t IN\nadd e i IN\n");
    for (sentence, what) in idle.iter().zip(["its counter is 0", "has not expired", "nothing to report"]) {
        says(sentence, &[what], &no);
    }
}

#[test]
fn a_periodic_timer_says_how_often_once_it_is_read() {
    let script = "e = epoll\nt = timerfd 10 10\nadd e t IN\nwait e timeout 500\nx = timerfd 60\nadd e x IN\ndel e t\n\
                  wait e timeout 500\nadd e t IN\nwait e\nread t 8\n";
    let sentence = last(script);
    let times = sentence.strip_prefix("EPOLL_CTL_ADD found it ready: the timer has expired, ");
    let times = times.and_then(|rest| rest.strip_suffix(" times")).unwrap_or_else(|| panic!("{sentence}"));
    assert!(times.parse::<u64>().expect("a number") >= 5, "{sentence}");
}

#[test]
fn hup_and_err_say_what_is_down() {
    let no = ["the connection is dead", "stream"];
    says(&last("e = epoll\nr, w = pipe\nadd e r IN\nclose w\nwait e\nwait e\n"), &["level: HUP", "last writer"], &no);
    says(&last("e = epoll\nr, w = pipe\nwrite w 5\nclose w\nadd e r IN\nwait e\n"), &["last writer", "5 bytes"], &no);
    says(&last("e = epoll\nr, w = pipe\nadd e w 0\nclose r\nwait e\n"), &["ERR", "last reader", "EPIPE"], &no);
    says(&last("e = epoll\na, b = pair stream\nadd e a IN\nclose b\nwait e\n"), &["both directions", "only one"], &no);
    says(
        &last("e = epoll\ns = socket\nadd e s IN\nwait e\nwait e\n"),
        &["level: HUP: the socket is not connected"],
        &no,
    );
    let refused = "e = epoll\na, b = pair udp\nadd e a IN\nclose b\nwrite a 1\nwait e\n";
    says(
        &last(refused),
        &["ERR: an error is pending", "one read clears it"],
        &["peer ended", "closed its sending", "dead"],
    );
    let down = last("e = epoll\na, b = pair tcp\nshutdown a write\nclose b\nadd e a IN\nwait e\n");
    says(&down, &["both directions have ended"], &["dead", "reset"]);
    says(&last("e = epoll\np = fork\nd = pidfd p\nadd e d IN\nend p\nwait e\n"), &["the process has ended"], &no);
    says(&last("e = epoll\nm, s = pty\nadd e m IN\nclose s\nwait e\n"), &["the other side of the terminal"], &no);
    says(&last("e = epoll\ns = socket stream\nadd e s IN\nwait e\n"), &["is not connected"], &no);
}

#[test]
fn only_what_can_be_read_is_stranded() {
    let not = ["stranded"];
    let (_, read) = whys("e = epoll\na, b = pair tcp\nadd e a IN ET\nclose b\nwait e\nread a 1\nwait e\n");
    says(&read[0], &["the end of the stream has been read"], &not);
    let (_, end) = whys("e = epoll\na, b = pair tcp\nadd e a IN ET\nclose b\nwait e\n");
    says(&end[0], &["stranded: the end of the stream is unread"], &[]);
    let (_, pipe) = whys("e = epoll\nr, w = pipe\nadd e r IN ET\nclose w\nwait e\nread r 1\nwait e\n");
    says(&pipe[0], &["HUP", "a read gives 0"], &not);
    let (_, urgent) = whys("e = epoll\na, b = pair tcp\nadd e a PRI ET\noob b \"!\"\nwait e\n");
    says(&urgent[0], &["edge: an urgent byte is unread"], &not);
    let (_, out) = whys("e = epoll\na, b = pair tcp\nadd e a IN OUT ET\nwait e\n");
    says(&out[0], &["edge: there is room to send"], &not);
}

#[test]
fn no_sentence_contradicts_the_number_beside_it() {
    let (_, low) = whys("e = epoll\na, b = pair tcp\nset a RCVLOWAT 10\nadd e a IN ET\nwrite b 5\nwait e\n");
    assert_eq!(low, ["5 bytes are unread, fewer than SO_RCVLOWAT (10)"]);
    let (_, mask) = whys("e = epoll\na, b = pair tcp\nadd e a OUT ET\nwait e\nwrite b 5\n");
    assert_eq!(mask, ["5 bytes are unread, but its mask does not ask for IN"]);
    let (_, passed) = whys(
        "e = epoll\nf = epoll\na, b = pair tcp\nadd e a IN EXCLUSIVE\nadd f a IN EXCLUSIVE\nt = thread wait e\nwrite b 5\n\
         join t\nwait f\n",
    );
    says(&passed[0], &["5 bytes are unread, but EPOLLEXCLUSIVE", "another epoll"], &["nothing is unread"]);
}

#[test]
fn what_woke_it_is_said_where_it_was_ready_before() {
    let reports = [
        (
            "r, w = pipe 4096\nadd e r IN ET\nfill w\nwait e\nwrite w 1",
            "edge: a write found the pipe full, and has woken its reader; 4,096 bytes are unread",
        ),
        (
            "a, b = pair stream\nadd e b OUT ET\nwait e\nwrite b 1\nread a 1",
            "memory of its send buffer was freed, or its size was set: there is room to send",
        ),
        ("n = eventfd 1\nadd e n OUT ET\nwait e\nread n 8", "the counter was read, and has room"),
        (
            "a, b = pair tcp\nadd e a OUT ET\nwait e\nclose b",
            "the peer closed its sending side, which wakes whoever waits; it is ready for OUT",
        ),
        (
            "a, b = pair tcp\nadd e a IN ET\nwait e\nshutdown a read",
            "reading was shut down at this end, and a read gives 0",
        ),
    ];
    for (script, sentence) in reports {
        assert_eq!(last(&format!("e = epoll\n{script}\nwait e\n")), sentence, "{script}");
    }
}

#[test]
fn a_report_says_of_each_event_why() {
    let reports = [
        (
            "a, b = pair tcp\nadd e a IN ET\nwrite b 9\nreset b",
            "edge: 9 new bytes arrived; the connection was reset or has failed",
        ),
        (
            "a, b = pair tcp\nadd e a IN RDHUP\nshutdown a write\nshutdown b write",
            "HUP: both directions have ended, this side's and the peer's",
        ),
        (
            "a, b = pair stream\nadd e a IN\nwrite a 3\nclose b",
            "ERR and HUP: the peer has closed with bytes unread, and one read gives ECONNRESET",
        ),
        (
            "l = socket tcp\nbind l\ns = socket tcp\nadd e s IN OUT\nwait e\nconnect s l",
            "level: the connect has failed, and a socket without a connection is HUP; back on the ready list after wait #1",
        ),
        ("a, b = pair seqpacket\nadd e a IN\nwrite b 7", "one or more messages arrived, 7 bytes in all"),
        ("a, b = pair tcp\nadd e a IN PRI\nwrite b 3\noob b \"!\"", "3 new bytes arrived; an urgent byte is unread"),
        (
            "a, b = pair udp\nset a RECVERR 1\nadd e a IN\nclose b\nwrite a 1\nread a 9",
            "ERR: the error queue has an error, such as ICMP's that the peer's port is closed; a recv with MSG_ERRQUEUE takes it",
        ),
        (
            "m, s = pty\nadd e s IN\nclose m",
            "ERR and HUP: the other side of the terminal is closed, which has hung up this one",
        ),
        (
            "l = socket tcp\nbind l\ns = socket tcp\nadd e s OUT ET\nconnect s l",
            "EPOLL_CTL_ADD found it ready: HUP: the socket is not connected; by now it is ready for OUT ERR HUP; \
             the connect has failed, and a socket without a connection is HUP",
        ),
        (
            "a, b = pair dgram\nadd e a IN ET\nwrite b 1\nwait e\nwrite b 2\nwrite b 3",
            "edge: datagrams arrived since wait #1, 5 bytes in all",
        ),
        (
            "a, b = pair udp\nadd e a IN ET\nwrite b 0\nwait e\nread a 9\nwrite b 0",
            "edge: an empty datagram arrived since wait #1",
        ),
        (
            "a, b = pair stream\nadd e a OUT ET\nwait e\nshutdown b read",
            "the peer was shut down, which wakes whoever waits; there is room to send",
        ),
        (
            "l = listener\ns = socket\nadd e s OUT ET\nwait e\nconnect s l",
            "the connect has succeeded, which wakes whoever waits; there is room to send",
        ),
        (
            "r, w = pipe\nwrite w 3\nadd e r IN\nclose w",
            "EPOLL_CTL_ADD found it ready: 3 bytes unread; by now it is ready for IN HUP; \
             HUP: the last writer has closed its end; 3 bytes are unread",
        ),
        (
            "f = fifo\nr = open f read\nw = open f write\nclose f\nadd e r IN ET\nwrite w 1\nclose w\nwait e\nq = open r write",
            "the FIFO was opened by its first reader or writer, which wakes whoever waits; 1 byte is unread",
        ),
        ("f = fifo\nadd e f IN OUT ET\nfill f\nwait e\nwrite f 1\ndrain f", "it became ready: the pipe has room"),
        (
            "a, b = pair stream\nadd e a RDHUP\nshutdown b write",
            "the peer closed its sending side; nothing is unread, and a read gives 0",
        ),
        (
            "a, b = pair tcp\nadd e a IN OUT\nwait e\nwrite b 5",
            "level: 5 bytes are unread; back on the ready list after wait #1",
        ),
    ];
    for (script, sentence) in reports {
        assert_eq!(last(&format!("e = epoll\n{script}\nwait e\n")), sentence, "{script}");
    }
}

#[test]
fn an_empty_return_says_of_each_kind_why() {
    let silent = [
        ("r, w = pipe 4096\nadd e w OUT\nfill w\nwait e", "no page of the pipe is free"),
        (
            "a, b = pair stream\nset a SNDBUF 4096\nadd e a IN OUT\nfill a\nwait e",
            "nothing is unread, and too little of its send buffer is free for EPOLLOUT",
        ),
        (
            "a, b = pair udp\nadd e a IN ET\nwrite b 0\nwait e\nread a 9\nwrite b 0\nwait e",
            "edge: an empty datagram is unread, but nothing new since wait #2",
        ),
        (
            "l = socket\nbind l\nlisten l 0\nc = socket\ns = socket\nconnect c l\nconnect s l\nadd e s OUT\nwait e",
            "the connect has neither succeeded nor failed",
        ),
        ("i = inotify\nadd e i IN\nwait e", "no event of the watched folder is unread"),
        ("n = eventfd\nadd e n OUT\npost n 18446744073709551614\nwait e", "its counter is at its maximum"),
        ("l = socket stream\nbind l\nlisten l\nadd e l IN\nwait e", "no connection waits to be accepted"),
        (
            "l = socket stream\nbind l\nlisten l\nadd e l IN ET\nc = socket stream\nconnect c l\nwait e",
            "stranded: a connection waits to be accepted, but nothing new since wait #1",
        ),
        ("n = eventfd semaphore\nadd e n IN\nwait e", "its counter is 0"),
        (
            "t = timerfd 3600000\nadd e t OUT\nwait e",
            "its mask asks for OUT, and a file of this kind is ready for IN alone",
        ),
        (
            "a, b = pair tcp\nadd e a IN ET\nreset b\nwait e\nread a 1\nwait e",
            "edge: the connection was reset or has failed, but nothing new since wait #1",
        ),
        (
            "a, b = pair tcp\nadd e a IN ET\nwrite b 9\nreset b\nwait e\nread a 9\nwait e",
            "stranded: the connection was reset or has failed, but nothing new since wait #1",
        ),
        (
            "r, w = pipe\nadd e w IN\nwrite w 1\nwait e",
            "its mask asks for IN, and a writing end is ready for OUT alone",
        ),
        (
            "c = fork\np = pidfd c\nadd e p IN ET\nend c\nwait e\nwait e",
            "edge: HUP: the process has ended, and its parent has waited for it, but nothing new since wait #1",
        ),
        // A child alone has it open: only a report tells how it stands.
        ("a, b = pair stream\nadd e a IN\np = fork\nclose a\nwrite b 1", "it is unknown how much is unread"),
    ];
    for (script, sentence) in silent {
        assert_eq!(whys(&format!("e = epoll\n{script}\n")).1, [sentence], "{script}");
    }
}

#[test]
fn a_finding_names_the_fd_as_the_script_does() {
    let script = "e = epoll\na, b = pair tcp\nc, d = pair tcp\nadd e a IN\nadd e c IN\nwrite b 1\nwrite d 1\nwait e max 1\nwait e max 1\n";
    let found = alone(|| {
        let (_, play) = said(script);
        let timeline = play.lab().expect("a lab").timeline();
        timeline.findings().iter().map(|finding| finding.sentence(Lang::En)).collect::<Vec<_>>()
    });
    assert!(found.iter().any(|found| found.contains("(c): maxevents (1)")), "{found:?}");
}

#[test]
fn a_ghost_keeps_its_name_and_says_whom_it_is_taken_for() {
    let script = "e = epoll\nr, w = pipe\nwrite w 1\nadd e r IN\nk = dup r\nclose r\np, q = pipe\nadd e p IN\nwait e\n\
                  add e p IN\nexpect error EEXIST\n";
    let (lists, sentence) = alone(move || {
        let (_, play) = said(script);
        let lists = play.lists().remove(0);
        let world = play.lab().expect("a lab").timeline().now();
        let wait = world.epoll().expect("an epoll").waits().next_back().expect("a wait");
        assert_eq!(wait.reports[0].who.to_string(), "r");
        (lists, why::reported(&wait.reports[0], Lang::En))
    });
    let names: Vec<&str> = lists.interest.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["r (ghost)", "p"]);
    assert_eq!(lists.ready.first().map(|(name, _)| name.as_str()), Some("r (ghost)"));
    says(&sentence, &["a ghost: fd ", "is p by now", "takes this event for p's"], &[]);
    let closed = last("e = epoll\nr, w = pipe\nwrite w 1\nadd e r IN\nk = dup r\nclose r\nwait e\n");
    says(&closed, &["a ghost", "was closed"], &["by now"]);
}

#[test]
fn only_a_registration_that_was_made_gives_a_name() {
    let script = "e = epoll\ng = epoll\na, b = pair tcp\nadd e a IN\nx = fromfd a\nadd g x IN\nadd e x IN\nexpect error EEXIST\n";
    let (lists, names) = alone(move || {
        let (_, play) = said(script);
        let world = play.lab().expect("a lab").timeline().now();
        let named = |epoll: &epollscope::trace::world::Epoll| {
            epoll.items().map(|item| world.name_of(item, Lang::En)).collect::<Vec<_>>()
        };
        (play.lists(), world.epolls().map(named).collect::<Vec<_>>())
    });
    let shown: Vec<&str> = lists.iter().map(|lists| lists.interest[0].0.as_str()).collect();
    assert_eq!(shown, ["a", "x"]);
    assert_eq!(names, [["a"], ["a"]], "both are the socket that the scene opened as a");
}

#[test]
fn a_refusal_has_its_reason() {
    let script = "e = epoll\na, b = pair tcp\nadd e a IN\nadd e a IN\nd = dup a\nmod e d IN\ndel e b\nf = file\nadd e f IN\n\
                  add e e IN\ni = epoll\nadd e i IN\nadd i e IN\nadd a b IN\nadd e b IN RDHUP EXCLUSIVE\n\
                  mod e a IN EXCLUSIVE\nadd e b IN EXCLUSIVE\nmod e b IN\nj = epoll\nadd i j IN EXCLUSIVE\nwait a\n\
                  close b\nadd e b IN\n";
    let said = alone(move || said(script).0);
    let refused: Vec<&String> = said.iter().filter(|said| said.contains("-1 E")).collect();
    let reasons = [
        "EEXIST (File exists): fd ",
        "ENOENT (No such file or directory): its file is registered as fd ",
        "ENOENT (No such file or directory): fd ",
        "EPERM (Operation not permitted): fd ",
        "EINVAL (Invalid argument): an epoll cannot watch itself",
        "ELOOP (Too many levels of symbolic links): it would close a circle",
        "is not an epoll object",
        "EPOLLEXCLUSIVE does not go with RDHUP",
        "EPOLLEXCLUSIVE is for EPOLL_CTL_ADD alone",
        "what was registered with EPOLLEXCLUSIVE cannot be modified",
        "EPOLLEXCLUSIVE cannot watch another epoll",
        "is not an epoll object",
        "EBADF (Bad file descriptor): fd ",
    ];
    assert_eq!(refused.len(), reasons.len(), "{refused:?}");
    for (said, reason) in refused.into_iter().zip(reasons) {
        assert!(said.contains(reason), "{said:?} says not {reason:?}");
    }
}

/// Plays a script, and checks each sentence there is after each line. How many.
fn account_of(name: &str, text: &str) -> u32 {
    let mut play = SceneRunner::new(Lang::En);
    let mut account = Account::default();
    for line in &parse(name, text).unwrap_or_else(|diagnostic| panic!("{diagnostic}")) {
        play.run(line, |_| ());
        let Some(timeline) = play.lab().map(epollscope::script::Lab::timeline) else { return 0 };
        if let Err(wrong) = account.follow(timeline) {
            panic!("{name}:{}: {}\n  {wrong}", line.number, line.text);
        }
    }
    account.checked
}

#[test]
fn every_sentence_of_every_script_holds() {
    let checked: u32 = alone(|| {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab");
        let files = fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path());
        let scripts = files.filter(|path| path.extension().is_some_and(|extension| extension == "lab"));
        let scripts = scripts.map(|path| (path.display().to_string(), fs::read_to_string(&path).expect("a script")));
        // A limit holds for the whole process.
        scripts.filter(|(_, text)| !text.contains("\nlimit ")).map(|(name, text)| account_of(&name, &text)).sum()
    });
    assert!(checked > 500, "{checked} sentences only");
}

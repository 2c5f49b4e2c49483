//! The script language: what a line means, and what a mistake is told.

use epollscope::i18n::Lang;
use epollscope::record::{Interest, Read, Trigger};
use epollscope::script::{
    Diagnostic, Does, Line, MEASURES, Manner, Reader, SCENE_VERBS, SceneLine, VERBS, Value, Verb, parse,
};
use unicode_width::UnicodeWidthStr as _;

fn diagnostic(script: &str) -> String {
    parse("x.lab", script).expect_err("it is wrong").to_string()
}

#[test]
fn a_line_is_a_call() {
    let lines = parse("x", "e = epoll # an object\n\na, b = pair tcp\nadd e a IN|EPOLLET\nwait e timeout 5 max 1\n")
        .expect("right");
    assert_eq!(lines.iter().map(|line| line.number).collect::<Vec<_>>(), [1, 3, 4, 5]);
    assert_eq!(
        lines[2].does,
        Does::Call(Verb::Add { epoll: "e".into(), file: "a".into(), interest: Interest::IN | Interest::ET })
    );
    assert_eq!(
        lines[3].does,
        Does::Call(Verb::Wait { epoll: "e".into(), max: 1, timeout: 5, kept: None, manner: Manner::default() })
    );
}

#[test]
fn a_mistake_says_where_and_what_was_meant() {
    assert_eq!(
        diagnostic("e = epoll\nwiat e"),
        "x.lab:2:1: there is no verb \"wiat\"; did you mean \"wait\"?\n  |\n2 | wiat e\n  | ^^^^"
    );
    assert!(diagnostic("a, b = pairt tcp").contains("did you mean \"pair\"?"));
    assert!(diagnostic("e = epol").contains("did you mean \"epoll\"?"));
    assert!(diagnostic("epoll").contains("as in \"x = epoll\""));
    assert!(diagnostic("e = epoll\nadd e x IN").contains("2:7: no line above makes an fd named \"x\""));
    assert!(diagnostic("e = epoll\na b = pair tcp\nadd e a LT").contains("level-triggered is the absence of ET"));
    assert!(diagnostic("a b = pair tcp\nwrite a \"x").contains("no closing quote"));
    assert!(diagnostic("a b = pair tcp\nwrite a 99999999999").contains("at most"));
    assert!(diagnostic("e = epoll\na b = pair tcp\nexpect events a IN ET").contains("are never in a report"));
    assert!(diagnostic("e = epoll\nwait e max 100000000").contains("EINVAL"));
    assert!(diagnostic("expect error EWHAT").contains("no error has this name"));
    assert!(diagnostic("a = pair tcp").contains("makes 2 fds"));
    assert!(diagnostic("e = epoll\nwait e 5").contains("expected \"max N\", \"timeout MS\" or"));
}

#[test]
fn the_python_names_are_understood() {
    let script = "e = create\nr w = pipe 4096\nregister e r IN\nmodify e r IN ET\npoll e timeout -1 max 2\n\
                  poll r\nunregister e r\nt = thread wait e\nexpect not awake t\nx = wait e\nexpect different x x";
    let lines = parse("x", script).expect("right");
    assert!(matches!(&lines[4].does, Does::Call(Verb::Wait { max: 2, timeout: -1, .. })));
    assert!(matches!(&lines[5].does, Does::Call(Verb::Poll { .. })));
    let no = |line: &Line| matches!(&line.does, Does::Expect(claim) if claim.value == Value::Truth(false));
    assert!(no(&lines[8]) && no(&lines[10]));
    assert!(diagnostic("e = epoll\ne = fork").contains("\"e\" is already the name of an fd"));
    assert!(diagnostic("e = epoll\njoin e").contains("\"e\" is the name of an fd, but this takes a thread"));
    assert!(diagnostic("e = epoll\nt = thread e").contains("expected one of add, mod, del"));
}

#[test]
fn what_is_measured_has_its_bounds() {
    let lines = parse("x", "scale select 10 1000\nexpect growth grows\nexpect ratio 65\nscale poll 100 10000");
    assert_eq!(lines.expect("right").len(), 4);
    assert!(diagnostic("scale select 10 2000").contains("x.lab:1:17: select(2) takes only fds below FD_SETSIZE"));
    assert!(diagnostic("scale poll 10 999").contains("at least 100 times the first number"));
    assert!(diagnostic("scale epoll 1 10001").contains("a limit of the lab"));
    assert!(diagnostic("scale epoll 0 100").contains("at least 1 idle fd"));
    assert!(diagnostic("scale kqueue 1 100").contains("expected one of select, poll, epoll"));
}

#[test]
fn too_many_lines_are_a_mistake() {
    let script = "e = epoll\n".repeat(100_000);
    assert!(diagnostic(&script).contains("x.lab:10001:1: a script has at most 10000 lines"));
}

#[test]
fn a_server_scene_speaks_of_clients() {
    let lines = parse("x", "server edge read drain\na, b = connect\npolicy level\nconnect 2\nsend d 5\nrun\n");
    let lines = lines.expect("right");
    assert!(matches!(&lines[2].does, Does::SceneLine(SceneLine::Policy(policy))
        if policy.trigger == Trigger::Level && policy.read == Read::Drain));
    assert!(diagnostic("server\nb = connect").contains("expected \"a\""));
    assert!(diagnostic("server\nrun\nserver edge").contains("a scene has one server"));
    assert!(diagnostic("server\nsend a 1").contains("no line above connects a client \"a\""));
    assert!(diagnostic("server\nadd e a IN").contains("a verb of lab scenes"));
    assert!(diagnostic("e = epoll\nrun").contains("a verb of server scenes"));
    assert!(diagnostic("server egde").contains("did you mean \"edge\"?"));
    assert!(diagnostic("server read-size 0").contains("expected 1 to"));
    assert!(diagnostic("server\nexpect recieved a 1").contains("did you mean \"received\"?"));
}

#[test]
fn a_caption_speaks_both_languages_in_scenes_of_both_kinds() {
    let lines = parse("x", "caption \"one\" \"一\"\ne = epoll\ncaption \"two\" \"二\"").expect("right");
    assert!(matches!(&lines[2].does, Does::Caption(caption) if caption.en == "two" && caption.zh == "二"));
    assert_eq!(parse("x", "caption \"one\" \"一\"\nserver\nrun").expect("right").len(), 3);
    // One in one language is shown in that.
    let one = parse("x", "caption \"one\"").expect("right");
    assert!(matches!(&one[0].does, Does::Caption(caption) if caption.zh == "one"));
    assert!(diagnostic("caption \"one\" 2").contains("expected the caption in Chinese"));
    assert!(diagnostic("caption 3 \"三\"").contains("in English"));
    assert!(diagnostic("caption \"a\\x1b[2J\" \"b\"").contains("x.lab:1:9: a caption is UTF-8 text without control"));
    assert!(diagnostic("caption \"a\" \"\u{202e}b\"").contains("without control characters"));
    assert!(diagnostic("caption \"\\xff\" \"b\"").contains("is UTF-8 text"));
    assert!(diagnostic("caption \" \" \"b\"").contains("is empty in English"));
    assert!(diagnostic(&format!("caption \"a\" \"{}\"", "界".repeat(300))).contains("at most 600 bytes"));
}

/// The verbs of a table: the word after `=`, or the first; and whether it makes something that has a name.
fn verbs(table: &'static [(&'static str, &'static str)]) -> impl Iterator<Item = (&'static str, bool)> {
    table.iter().map(|(usage, _)| {
        let verb = usage.split(" = ").last().and_then(|said| said.split(' ').next()).expect("a verb");
        (verb, usage.contains(" = "))
    })
}

#[test]
fn every_word_of_the_lists_is_known() {
    let begun = [("e = epoll", VERBS), ("server\na = connect", SCENE_VERBS)];
    for (begin, table) in begun {
        for (verb, names) in verbs(table) {
            let script = format!("{begin}\n{}{verb}", if names { "b = " } else { "" });
            if let Err(diagnostic) = parse("x", &script) {
                assert!(!diagnostic.what.words(Lang::En).contains("there is no verb"), "{diagnostic}");
            }
        }
    }
    for (measure, _) in verbs(MEASURES) {
        if let Err(diagnostic) = parse("x", &format!("expect {measure}")) {
            assert!(!diagnostic.what.words(Lang::En).contains("there is no measure"), "{diagnostic}");
        }
    }
}

fn reader(lines: &[&str]) -> Reader {
    let mut reader = Reader::new("x", 1);
    for line in lines {
        reader.line(line).expect("right");
    }
    reader
}

#[test]
fn a_word_becomes_what_may_stand_there() {
    let lab = reader(&["ep = epoll", "apple, b = pair tcp"]);
    assert_eq!(lab.complete("wa"), (0, vec!["wait".to_owned()]));
    assert_eq!(lab.complete("x = li"), (4, vec!["listener".to_owned()]));
    assert_eq!(lab.complete("add ep a"), (7, vec!["apple".to_owned()]));
    assert_eq!(lab.complete("add ep apple E"), (13, ["ERR", "ET", "EXCLUSIVE"].map(str::to_owned).into()));
    assert_eq!(lab.complete("add ep apple IN|O").1, ["ONESHOT", "OUT"]);
    assert_eq!(lab.complete("expect error EAG").1, ["EAGAIN"]);
    assert_eq!(lab.complete("expect re").1, ["received", "reports", "result", "returned"]);
    assert_eq!(lab.complete("wait ep t").1, ["timeout"]);
    assert_eq!(lab.complete("set apple SN").1, ["SNDBUF"]);
    let server = reader(&["server edge", "a, b = connect"]);
    assert_eq!(server.complete("se").1, ["send", "server"]);
    assert_eq!(server.complete("send ").1, ["a", "b"]);
    assert_eq!(server.complete("policy one").1, ["oneshot"]);
    assert_eq!(reader(&[]).complete("se").1, ["send", "server", "set"]);
}

#[test]
fn the_caret_stands_under_the_mistake_in_wide_text_too() {
    let text = "write a \"边缘触发\" 7\u{1b}".to_owned();
    let diagnostic = Diagnostic { file: "x".into(), line: 12, column: 16, length: 1, text, what: ("no", "不").into() };
    let shown = diagnostic.to_string();
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines[2], "12 | write a \"边缘触发\" 7·");
    assert_eq!(lines[3].width(), lines[2].find('7').map(|at| lines[2][..=at].width()).expect("a 7"));
}

#[test]
fn a_slip_of_the_finger_is_understood_and_another_word_is_not() {
    assert!(diagnostic("e = epoll\nwiat e").contains("there is no verb \"wiat\"; did you mean \"wait\"?"));
    assert!(diagnostic("xyzzy").contains("there is no verb \"xyzzy\"; `epollscope lab --verbs` lists them"));
}

//! From text to lines: tokens, verbs, and mistakes with line and column.

mod arguments;
mod complete;
mod measure;
mod scene_line;
mod suggest;
mod token;
mod verb;

use super::Diagnostic;
use super::{CLAIMS, SCENE_VERBS, VERBS};
use super::{Does, Line, Measure, Name, Value};
use crate::i18n::{Both, Message, message};
use crate::record::Policy;
use token::{Kind, Token};

/// The most lines that a script may have.
const MAX_LINES: usize = 10_000;
/// The most bytes that one line may write or read, and the greatest number that it may name.
const MAX_BYTES: u32 = 16 << 20;

/// Reads a script.
///
/// # Errors
/// The first mistake, with its line and column.
pub fn parse(file: &str, script: &str) -> Result<Vec<Line>, Diagnostic> {
    let mut reader = Reader::new(file, 1);
    script.lines().filter_map(|text| reader.line(text).transpose()).collect()
}

/// Reads a script line by line, and knows what the lines before have named.
#[derive(Clone, Debug)]
pub struct Reader {
    file: String,
    /// The number of the line that was read last.
    number: usize,
    read: usize,
    known: Known,
}

/// What a line may speak of.
#[derive(Clone, Debug, Default)]
struct Known {
    scene: Option<Scene>,
    /// Names and what they stand for, in a lab scene.
    named: Vec<(Name, Sort)>,
    /// How many clients have connected, in a server scene.
    clients: u32,
    policy: Policy,
    /// The server of a server scene is there.
    served: bool,
}

/// What a name of a lab scene stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Fd,
    Thread,
    Child,
    Wait,
}

impl Sort {
    fn noun(self) -> Both {
        match self {
            Self::Fd => ("an fd", "fd"),
            Self::Thread => ("a thread", "线程"),
            Self::Child => ("a child", "子进程"),
            Self::Wait => ("a wait", "等待"),
        }
    }
}

/// The two kinds of scene. A script is one or the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scene {
    Lab,
    Server,
}

impl Reader {
    /// A reader for the lines of `file` from line `first` on, whose mistakes will say so.
    pub fn new(file: &str, first: usize) -> Self {
        Self { file: file.to_owned(), number: first.saturating_sub(1), read: 0, known: Known::default() }
    }

    /// Reads the next line; `None` where it says nothing. After a mistake everything stands as before that line.
    ///
    /// # Errors
    /// The mistake.
    pub fn line(&mut self, text: &str) -> Result<Option<Line>, Diagnostic> {
        self.number += 1;
        self.read += 1;
        let (number, read) = (self.number, self.read);
        let mut parser = self.parser(text)?;
        if read > MAX_LINES {
            return Err(parser.diagnostic(
                0,
                1,
                message!("a script has at most {MAX_LINES} lines", "一个脚本最多 {MAX_LINES} 行"),
            ));
        }
        if parser.tokens.is_empty() {
            return Ok(None);
        }
        let does = parser.does()?;
        let end = parser.tokens.last().map_or(0, |token| token.at + token.length);
        let said = text.chars().take(end).collect::<String>().trim_start().to_owned();
        self.known = parser.known;
        Ok(Some(Line { number, text: said, does }))
    }

    /// Reads what a question asks for, as `expect` would take it, without the value.
    ///
    /// # Errors
    /// The mistake.
    pub fn measure(&self, text: &str) -> Result<Measure, Diagnostic> {
        let mut parser = self.parser(text)?;
        let measure = parser.measure()?;
        parser.end()?;
        Ok(measure)
    }

    /// Reads a value of `measure`.
    ///
    /// # Errors
    /// The mistake.
    pub fn value(&self, measure: &Measure, text: &str) -> Result<Value, Diagnostic> {
        let mut parser = self.parser(text)?;
        let value = parser.value(measure)?;
        parser.end()?;
        Ok(value)
    }

    /// Reads the words of a policy, each of which changes a choice of `policy`.
    ///
    /// # Errors
    /// The mistake.
    pub fn policy(&self, policy: Policy, text: &str) -> Result<Policy, Diagnostic> {
        let mut parser = self.parser(text)?;
        parser.known.policy = policy;
        parser.policy()?;
        parser.end()?;
        Ok(parser.known.policy)
    }

    /// Says that what is read next stands in this line.
    pub fn go_to(&mut self, line: usize) {
        self.number = line.saturating_sub(1);
    }

    fn parser<'a>(&'a self, text: &'a str) -> Result<Parser<'a>, Diagnostic> {
        let known = self.known.clone();
        let mut parser = Parser { file: &self.file, number: self.number, text, tokens: Vec::new(), at: 0, known };
        parser.tokens = token::tokens(text).map_err(|(at, length, what)| parser.diagnostic(at, length, what))?;
        Ok(parser)
    }
}

/// One line being read.
struct Parser<'a> {
    file: &'a str,
    number: usize,
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    known: Known,
}

impl Parser<'_> {
    fn diagnostic(&self, at: usize, length: usize, what: impl Into<Message>) -> Diagnostic {
        Diagnostic {
            file: self.file.to_owned(),
            line: self.number,
            column: at + 1,
            length: length.max(1),
            text: self.text.to_owned(),
            what: what.into(),
        }
    }

    fn does(&mut self) -> Result<Does, Diagnostic> {
        let names = self.names()?;
        let verb = self.any_word(("a verb", "一个动词"))?;
        let does = match Self::word_of(&verb) {
            "mark" if names.is_empty() => Does::Mark,
            "expect" if names.is_empty() => Does::Expect(self.claim()?),
            "caption" if names.is_empty() => Does::Caption(self.caption()?),
            word => match self.scene(word, &verb)? {
                Scene::Lab => Does::Call(self.verb(&names, &verb)?),
                Scene::Server => Does::SceneLine(self.cue(&names, &verb)?),
            },
        };
        self.end()?;
        Ok(does)
    }

    /// The kind of scene that this is; the first verb decides it.
    fn scene(&mut self, word: &str, verb: &Token) -> Result<Scene, Diagnostic> {
        let scene = *self.known.scene.get_or_insert(if word == "server" { Scene::Server } else { Scene::Lab });
        let (ours, theirs) = match scene {
            Scene::Lab => (VERBS, SCENE_VERBS),
            Scene::Server => (SCENE_VERBS, VERBS),
        };
        if names_verb(ours, word) || !names_verb(theirs, word) {
            return Ok(scene);
        }
        let what = match scene {
            Scene::Lab => message!(
                "\"{word}\" is a verb of server scenes, which begin with \"server\"",
                "“{word}”是服务器场景的动词，那种场景以“server”开头"
            ),
            Scene::Server => message!(
                "\"{word}\" is a verb of lab scenes; this one began with \"server\"",
                "“{word}”是实验室场景的动词，而这个场景以“server”开头"
            ),
        };
        Err(self.diagnostic(verb.at, verb.length, what))
    }

    fn end(&self) -> Result<(), Diagnostic> {
        let over = |token: &Token| {
            Err(self.diagnostic(token.at, token.length, ("expected the end of the line here", "这一行应在这里结束")))
        };
        self.tokens.get(self.at).map_or(Ok(()), over)
    }

    /// The names before an `=`, with where they stand.
    fn names(&mut self) -> Result<Vec<(Name, Token)>, Diagnostic> {
        let Some(equals) = self.tokens.iter().position(|token| token.kind == Kind::Equals) else {
            return Ok(Vec::new());
        };
        let mut names = Vec::new();
        for token in &self.tokens[..equals] {
            match &token.kind {
                Kind::Word(name) => names.push((name.clone(), token.clone())),
                Kind::Comma => {}
                _ => {
                    return Err(self.diagnostic(
                        token.at,
                        token.length,
                        ("expected a name, letters first", "这里应为一个名字，以字母开头"),
                    ));
                }
            }
        }
        if names.is_empty() {
            return Err(self.diagnostic(
                self.tokens[equals].at,
                1,
                ("expected a name before \"=\"", "“=”之前应有一个名字"),
            ));
        }
        self.at = equals + 1;
        Ok(names)
    }
}

/// The verbs of a table: the word after `=`, or the first.
fn verbs(table: &'static [(&'static str, &'static str)]) -> impl Iterator<Item = (&'static str, bool)> {
    table.iter().filter_map(|(usage, _)| {
        let verb = usage.split(" = ").last()?.split(' ').next()?;
        Some((verb, usage.contains(" = ")))
    })
}

fn names_verb(table: &'static [(&'static str, &'static str)], word: &str) -> bool {
    verbs(table).any(|(verb, _)| verb == word)
}

#[cfg(test)]
mod tests {
    use super::super::MEASURES;
    use super::super::{SceneLine, Verb};
    use super::*;
    use crate::i18n::Lang;
    use crate::record::{Interest, Trigger};

    fn diagnostic(script: &str) -> String {
        parse("x.lab", script).expect_err("it is wrong").to_string()
    }

    #[test]
    fn a_line_is_a_call() {
        let lines =
            parse("x", "e = epoll # an object\n\na, b = pair tcp\nadd e a IN|EPOLLET\nwait e timeout 5 max 1\n")
                .expect("right");
        assert_eq!(lines.iter().map(|line| line.number).collect::<Vec<_>>(), [1, 3, 4, 5]);
        assert_eq!(
            lines[2].does,
            Does::Call(Verb::Add { epoll: "e".into(), file: "a".into(), interest: Interest::IN | Interest::ET })
        );
        assert_eq!(lines[3].does, Does::Call(Verb::Wait { epoll: "e".into(), max: 1, timeout: 5, kept: None }));
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
        assert!(diagnostic("e = epoll\nwait e max 0").contains("EINVAL"));
        assert!(diagnostic("expect error EWHAT").contains("no error has this name"));
        assert!(diagnostic("a = pair tcp").contains("makes 2 fds"));
        assert!(diagnostic("e = epoll\nwait e 5").contains("expected \"max N\" or \"timeout MS\""));
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
        assert!(diagnostic("e = epoll\nt = thread e").contains("expected \"wait\""));
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
            if policy.trigger == Trigger::Level && policy.read == crate::record::Read::Drain));
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
        assert!(diagnostic("caption \"one\"").contains("expected the caption in Chinese"));
        assert!(diagnostic("caption 3 \"三\"").contains("in English"));
        assert!(
            diagnostic("caption \"a\\x1b[2J\" \"b\"").contains("x.lab:1:9: a caption is UTF-8 text without control")
        );
        assert!(diagnostic("caption \"a\" \"\u{202e}b\"").contains("without control characters"));
        assert!(diagnostic("caption \"\\xff\" \"b\"").contains("is UTF-8 text"));
        assert!(diagnostic("caption \" \" \"b\"").contains("is empty in English"));
        assert!(diagnostic(&format!("caption \"a\" \"{}\"", "界".repeat(300))).contains("at most 600 bytes"));
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
}

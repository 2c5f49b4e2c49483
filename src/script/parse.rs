//! From text to lines: tokens, verbs, and mistakes with line and column.

mod arguments;
mod complete;
mod measure;
mod scene_line;
mod suggest;
mod token;
mod verb;
mod waits;

use super::Diagnostic;
use super::{CLAIMS, SCENE_VERBS, VERBS};
use super::{Does, Line, Measure, Name, Value};
use crate::i18n::{Both, Message, message};
use crate::record::Policy;
use token::{Kind, Token};

const MAX_LINES: usize = 10_000;
/// The most bytes that one line may write or read, and the greatest number that it may name.
const MAX_BYTES: u32 = 16 << 20;

/// Reads a script.
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Fd,
    Thread,
    Child,
    Wait,
    Buffer,
}

impl Sort {
    fn noun(self) -> Both {
        match self {
            Self::Fd => ("an fd", "fd"),
            Self::Thread => ("a thread", "线程"),
            Self::Child => ("a child", "子进程"),
            Self::Wait => ("a wait", "等待"),
            Self::Buffer => ("a buffer", "缓冲区"),
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
    pub fn measure(&self, text: &str) -> Result<Measure, Diagnostic> {
        let mut parser = self.parser(text)?;
        let measure = parser.measure()?;
        parser.end()?;
        Ok(measure)
    }

    /// Reads a value of `measure`.
    pub fn value(&self, measure: &Measure, text: &str) -> Result<Value, Diagnostic> {
        let mut parser = self.parser(text)?;
        let value = parser.value(measure)?;
        parser.end()?;
        Ok(value)
    }

    /// Reads the words of a policy, each of which changes a choice of `policy`.
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

    /// What is wrong with a token.
    fn diagnose(&self, token: &Token, what: impl Into<Message>) -> Diagnostic {
        self.diagnostic(token.at, token.length, what)
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
                Scene::Server => Does::SceneLine(self.scene_line(&names, &verb)?),
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
        Err(self.diagnose(verb, what))
    }

    fn end(&self) -> Result<(), Diagnostic> {
        let over =
            |token: &Token| Err(self.diagnose(token, ("expected the end of the line here", "这一行应在这里结束")));
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
                    return Err(
                        self.diagnose(token, ("expected a name, letters first", "这里应为一个名字，以字母开头"))
                    );
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

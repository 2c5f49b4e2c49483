//! How queries and breakpoints are read.

use std::collections::BTreeSet;

use super::misread::{Expected, Misread};
use crate::probe::Breakpoint;
use crate::record::{Call, CtlOp, Fd, Foreign, Group, Interest, Row as _, errno_by_name};

/// What a call has to be like: all that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    pub(super) terms: Vec<Term>,
}

/// One thing that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Term {
    /// It names this fd: as what it is about, its epoll, or what it made.
    Fd(Fd),
    /// Its name begins so.
    Call(String),
    Errno(i32),
    /// A mask in it has this bit.
    Event(u32),
    Op(CtlOp),
    Text(Vec<u8>),
    /// It is about this connection, or another one who has a name.
    Who(String),
}

impl Query {
    /// Reads a query.
    pub fn parse(text: &str) -> Result<Self, Misread> {
        let mut words = words(text)?.into_iter();
        let mut terms = Vec::new();
        while let Some(word) = words.next() {
            terms.push(match word {
                Word::Quoted(bytes) => Term::Text(bytes),
                Word::Plain(word) => match behind(word) {
                    None => any(word)?,
                    Some((expected, read)) => match words.next() {
                        Some(Word::Plain(named)) => read(named).ok_or_else(|| Misread::new(named, expected))?,
                        _ => return Err(Misread::new(word, expected)),
                    },
                },
            });
        }
        if terms.is_empty() { Err(Misread::new("", Expected::Query)) } else { Ok(Self { terms }) }
    }
}

/// Reads a breakpoint: `fd 5` or `5` for its report, `EAGAIN`, `empty`, `stranded`, a call's name.
pub fn breakpoint(text: &str) -> Result<Breakpoint, Misread> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let fd = |word: &str| number(word).map(Breakpoint::Reported);
    let fails = |word: &str| error(word).map(Breakpoint::Fails);
    let made = |word: &str| call(word).map(Breakpoint::Made);
    let found = match words[..] {
        ["stranded"] => Some(Breakpoint::Stranded),
        ["empty"] => Some(Breakpoint::Empty),
        ["fd", word] => fd(word),
        ["errno", word] => fails(word),
        ["call", word] => made(word),
        [word] => fd(word).or_else(|| fails(word)).or_else(|| made(word)),
        _ => None,
    };
    found.ok_or_else(|| Misread::new(text.trim(), Expected::Breakpoint))
}

type ReadTerm = fn(&str) -> Option<Term>;

/// What stands behind a word that says what the next one is, and how it is read.
fn behind(word: &str) -> Option<(Expected, ReadTerm)> {
    Some(match word {
        "fd" => (Expected::Fd, |word| number(word).map(Term::Fd)),
        "errno" => (Expected::Errno, |word| error(word).map(Term::Errno)),
        "call" => (Expected::Call, |word| is_call(word).then(|| Term::Call(word.to_owned()))),
        "client" => (Expected::Client, |word| is_name(word).then(|| Term::Who(word.to_owned()))),
        _ => return None,
    })
}

/// A word by itself: what it can be, the first that fits.
fn any(word: &str) -> Result<Term, Misread> {
    let bits = |word: &str| Interest::from_name(word.strip_prefix("EPOLL").unwrap_or(word)).map(|flag| flag.bits());
    let op = |word: &str| {
        let long = if word.starts_with("EPOLL_CTL_") { word.to_owned() } else { format!("EPOLL_CTL_{word}") };
        CtlOp::by_name(&long)
    };
    let term = number(word)
        .map(Term::Fd)
        .or_else(|| error(word).map(Term::Errno))
        .or_else(|| bits(word).map(Term::Event))
        .or_else(|| op(word).map(Term::Op))
        // A client's name may be one or two letters, with which a call's begins too.
        .or_else(|| (word.len() > 2 && is_call(word)).then(|| Term::Call(word.to_owned())))
        .or_else(|| is_name(word).then(|| Term::Who(word.to_owned())));
    term.ok_or_else(|| Misread::new(word, Expected::Query))
}

fn number(word: &str) -> Option<Fd> {
    word.parse().ok().filter(|fd| *fd >= 0).map(Fd)
}

fn error(word: &str) -> Option<i32> {
    errno_by_name(&word.to_ascii_uppercase())
}

fn is_call(word: &str) -> bool {
    Call::names().iter().any(|(name, _)| name.starts_with(word))
}

/// The system call of the built-in server or a lab whose name begins so, if there is one only, or it is the whole name.
fn call(word: &str) -> Option<&'static str> {
    let others: BTreeSet<&str> =
        Foreign::names().into_iter().map(|(name, _)| name).chain(["accept", "execve"]).collect();
    let named = Call::names().into_iter().filter(|(_, group)| *group == Group::Syscall).map(|(name, _)| name);
    let system_calls: BTreeSet<&str> = named.filter(|name| !others.contains(name)).collect();
    let mut begin = system_calls.iter().filter(|name| name.starts_with(word) && word.len() > 1);
    let first = begin.next().filter(|_| begin.next().is_none());
    system_calls.get(word).or(first).copied()
}

/// Whether somebody in a trace may be called so: `a`, `listener`, `:54321`.
fn is_name(word: &str) -> bool {
    let port = word.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    port || !word.is_empty() && word.len() <= 10 && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

enum Word<'a> {
    Plain(&'a str),
    Quoted(Vec<u8>),
}

/// Words between spaces, and text between quotes, in which `\n`, `\"`, `\\` and `\x1b` stand for what they do in a trace.
fn words(text: &str) -> Result<Vec<Word<'_>>, Misread> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix('"') {
            let (bytes, after) = quoted_text(quoted).ok_or_else(|| Misread::new(rest, Expected::Quote))?;
            words.push(Word::Quoted(bytes));
            rest = after.trim_start();
        } else {
            let end = rest.find(|c: char| c.is_whitespace() || c == '"').unwrap_or(rest.len());
            words.push(Word::Plain(&rest[..end]));
            rest = rest[end..].trim_start();
        }
    }
    Ok(words)
}

/// The bytes up to the closing quote, and what comes after it; `None` where it is not closed, or nothing is in it.
fn quoted_text(text: &str) -> Option<(Vec<u8>, &str)> {
    let (mut bytes, mut chars) = (Vec::new(), text.char_indices());
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (!bytes.is_empty()).then(|| (bytes, &text[at + 1..])),
            '\\' => match chars.next()?.1 {
                'n' => bytes.push(b'\n'),
                'r' => bytes.push(b'\r'),
                't' => bytes.push(b'\t'),
                'x' => {
                    let digits = text.get(at + 2..at + 4)?;
                    bytes.push(u8::from_str_radix(digits, 16).ok()?);
                    chars.nth(1)?;
                }
                c => bytes.extend(c.encode_utf8(&mut [0; 4]).bytes()),
            },
            c => bytes.extend(c.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str) -> Vec<Term> {
        Query::parse(text).unwrap_or_else(|misread| panic!("{misread}")).terms
    }

    #[test]
    fn words_are_what_they_look_like() {
        assert_eq!(terms("5"), [Term::Fd(Fd(5))]);
        assert_eq!(terms("fd 5 EAGAIN"), [Term::Fd(Fd(5)), Term::Errno(libc::EAGAIN)]);
        assert_eq!(terms("errno eagain"), [Term::Errno(libc::EAGAIN)]);
        assert_eq!(terms("recv \"a\\x1b\\n\""), [Term::Call("recv".into()), Term::Text(b"a\x1b\n".to_vec())]);
        assert_eq!(terms("a IN"), [Term::Who("a".into()), Term::Event(1)]);
        assert_eq!(terms("EPOLLRDHUP MOD"), [Term::Event(0x2000), Term::Op(CtlOp::Mod)]);
        assert_eq!(terms("client epoll"), [Term::Who("epoll".into())]);
        assert_eq!(terms(":9292"), [Term::Who(":9292".into())]);
    }
}

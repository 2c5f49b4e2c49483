//! From text to lines: tokens, verbs, and mistakes with line and column.

use super::language::{Expect, Line, Name, Pair, Quantity, Verb};
use super::mistake::Mistake;
use super::token::{self, Kind, Token};
use crate::record::{How, Ready, SockOpt, errno_by_name};

/// Every verb: how it is used, and what it does.
pub const VERBS: &[(&str, &str)] = &[
    ("E = epoll", "make an epoll object: epoll_create1"),
    ("S = socket", "a TCP socket that is not connected"),
    ("L = listener", "a TCP socket that listens on the loopback"),
    ("C = connect L", "connect to it, without waiting for accept"),
    ("A = accept L", "accept4"),
    ("A B = pair tcp|stream|dgram|seqpacket", "two connected ends: TCP, or socketpair of AF_UNIX"),
    ("R W = pipe", "a pipe: its reading and its writing end"),
    ("N = eventfd [COUNT]", "eventfd"),
    ("T = timerfd MS [EVERY]", "timerfd that expires after MS ms, and again every EVERY ms"),
    ("F = file", "a regular file, without a name"),
    ("D = dup F", "another fd for the same open file description"),
    ("add E F EVENTS…", "EPOLL_CTL_ADD (notes: register); events are IN, OUT, ET, …, with or without EPOLL, or 0"),
    ("mod E F EVENTS…", "EPOLL_CTL_MOD (notes: modify)"),
    ("del E F", "EPOLL_CTL_DEL (notes: unregister)"),
    ("wait E [max N] [timeout MS]", "epoll_wait (notes: poll); maxevents 64 and timeout 0 if not said"),
    ("write F N|\"TEXT\"", "send N bytes, or a text"),
    ("fill F", "write until EAGAIN"),
    ("read F N", "one read of at most N bytes"),
    ("drain F", "read until EAGAIN or the end"),
    ("oob F \"X\"", "send one urgent byte"),
    ("shutdown F read|write|both", "shutdown"),
    ("reset F", "close with SO_LINGER 0: a TCP reset"),
    ("close F", "close"),
    ("set F SNDBUF|RCVBUF N", "a socket option, in bytes"),
    ("poll F", "what poll(2) says of it now"),
    ("depth F", "bytes that lie unread: FIONREAD"),
    ("fdinfo E", "the interest list, as the kernel prints it"),
    ("expect events [in order] F EVENTS, …", "the event list of the last wait"),
    ("expect nothing", "the last wait returned no event"),
    ("expect count N", "the last wait returned N events"),
    ("expect error NAME", "the last call failed so: EEXIST, EAGAIN, …"),
    ("expect ok", "the last call succeeded"),
    ("expect returned N", "what the last call returned, or moved in bytes"),
    ("expect mask EVENTS…", "what the last poll said"),
];

/// The most lines that a script may have.
const MAX_LINES: usize = 10_000;
/// The most bytes that one line may write or read.
pub(super) const MAX_BYTES: u64 = 16 << 20;

/// Reads a script.
///
/// # Errors
/// The first mistake, with its line and column.
pub fn parse(file: &str, script: &str) -> Result<Vec<Line>, Mistake> {
    let mut known = Vec::new();
    let mut lines = Vec::new();
    for (i, text) in script.lines().enumerate() {
        let mut parser = Parser { file, number: i + 1, text, tokens: Vec::new(), at: 0, known: &mut known };
        if i >= MAX_LINES {
            return Err(parser.mistake(0, 1, format!("a script has at most {MAX_LINES} lines")));
        }
        parser.tokens = token::tokens(text).map_err(|(at, length, what)| parser.mistake(at, length, what))?;
        if parser.tokens.is_empty() {
            continue;
        }
        let verb = parser.line()?;
        let end = parser.tokens.last().map_or(0, |token| token.at + token.length);
        let said = text.chars().take(end).collect::<String>().trim_start().to_owned();
        lines.push(Line { number: i + 1, text: said, verb });
    }
    Ok(lines)
}

/// One line being read.
pub(super) struct Parser<'a> {
    pub(super) file: &'a str,
    pub(super) number: usize,
    pub(super) text: &'a str,
    pub(super) tokens: Vec<Token>,
    pub(super) at: usize,
    pub(super) known: &'a mut Vec<Name>,
}

impl Parser<'_> {
    pub(super) fn mistake(&self, at: usize, length: usize, what: impl Into<String>) -> Mistake {
        Mistake {
            file: self.file.to_owned(),
            line: self.number,
            column: at + 1,
            length: length.max(1),
            text: self.text.to_owned(),
            what: what.into(),
        }
    }

    fn line(&mut self) -> Result<Verb, Mistake> {
        let names = self.names()?;
        let verb = self.any_word("a verb")?;
        let parsed = match names.len() {
            0 => self.action(&verb)?,
            _ => self.making(&names, &verb)?,
        };
        if let Some(token) = self.tokens.get(self.at) {
            return Err(self.mistake(token.at, token.length, "the line should have ended here"));
        }
        self.known.extend(names.into_iter().map(|(name, _)| name));
        Ok(parsed)
    }

    /// The names before an `=`, with where they stand.
    fn names(&mut self) -> Result<Vec<(Name, Token)>, Mistake> {
        let Some(equals) = self.tokens.iter().position(|token| token.kind == Kind::Equals) else {
            return Ok(Vec::new());
        };
        let mut names = Vec::new();
        for token in &self.tokens[..equals] {
            match &token.kind {
                Kind::Word(name) => names.push((name.clone(), token.clone())),
                Kind::Comma => {}
                _ => return Err(self.mistake(token.at, token.length, "expected a name for an fd, letters first")),
            }
        }
        if names.is_empty() {
            return Err(self.mistake(self.tokens[equals].at, 1, "expected a name for an fd before \"=\""));
        }
        self.at = equals + 1;
        Ok(names)
    }

    /// A verb that makes fds and gives them names.
    fn making(&mut self, names: &[(Name, Token)], verb: &Token) -> Result<Verb, Mistake> {
        let wanted = if matches!(Self::word_of(verb), "pair" | "pipe") { 2 } else { 1 };
        if let (Some((_, extra)), true) = (names.get(wanted.min(names.len()).saturating_sub(1)), names.len() != wanted)
        {
            let what = format!("\"{}\" makes {wanted} fd{}", Self::word_of(verb), if wanted == 1 { "" } else { "s" });
            return Err(self.mistake(extra.at, extra.length, what));
        }
        let name = names[0].0.clone();
        Ok(match Self::word_of(verb) {
            "epoll" => Verb::Epoll { name },
            "socket" => Verb::Socket { name },
            "listener" => Verb::Listener { name },
            "connect" => Verb::Connect { name, listener: self.name()? },
            "accept" => Verb::Accept { name, listener: self.name()? },
            "pair" => {
                let kinds = [
                    ("tcp", Pair::Tcp),
                    ("stream", Pair::Stream),
                    ("dgram", Pair::Dgram),
                    ("seqpacket", Pair::Seqpacket),
                ];
                Verb::Pair { a: name, b: names[1].0.clone(), kind: self.one_of(&kinds)? }
            }
            "pipe" => Verb::Pipe { read: name, write: names[1].0.clone() },
            "eventfd" => Verb::Eventfd { name, count: self.maybe_number()?.unwrap_or(0) },
            "timerfd" => {
                Verb::Timerfd { name, first: self.number("milliseconds")?, every: self.maybe_number()?.unwrap_or(0) }
            }
            "file" => Verb::File { name },
            "dup" => Verb::Dup { name, of: self.name()? },
            _ => return Err(self.no_such_verb(verb, true)),
        })
    }

    fn action(&mut self, verb: &Token) -> Result<Verb, Mistake> {
        Ok(match Self::word_of(verb) {
            "add" => Verb::Add { epoll: self.name()?, file: self.name()?, interest: self.interest()? },
            "mod" => Verb::Mod { epoll: self.name()?, file: self.name()?, interest: self.interest()? },
            "del" => Verb::Del { epoll: self.name()?, file: self.name()? },
            "wait" => self.wait()?,
            "write" => Verb::Write { file: self.name()?, what: self.quantity()? },
            "fill" => Verb::Fill { file: self.name()? },
            "read" => Verb::Read { file: self.name()?, count: self.number("bytes")? },
            "drain" => Verb::Drain { file: self.name()? },
            "oob" => self.oob()?,
            "shutdown" => {
                let file = self.name()?;
                Verb::Shutdown {
                    file,
                    how: self.one_of(&[("read", How::Read), ("write", How::Write), ("both", How::Both)])?,
                }
            }
            "reset" => Verb::Reset { file: self.name()? },
            "close" => Verb::Close { file: self.name()? },
            "set" => {
                let file = self.name()?;
                let option = self.one_of(&[("SNDBUF", SockOpt::SndBuf), ("RCVBUF", SockOpt::RcvBuf)])?;
                Verb::Set { file, option, value: i32::try_from(self.number("bytes")?).unwrap_or(i32::MAX) }
            }
            "poll" => Verb::Poll { file: self.name()? },
            "depth" => Verb::Depth { file: self.name()? },
            "fdinfo" => Verb::Fdinfo { epoll: self.name()? },
            "expect" => Verb::Expect(self.expect()?),
            _ => return Err(self.no_such_verb(verb, false)),
        })
    }

    fn wait(&mut self) -> Result<Verb, Mistake> {
        let epoll = self.name()?;
        let (mut max, mut timeout) = (64, 0);
        while let Some(token) = self.tokens.get(self.at).cloned() {
            self.at += 1;
            match Self::word_of(&token) {
                "max" => max = self.number("events")?.max(1),
                "timeout" => timeout = i32::try_from(self.number("milliseconds")?).unwrap_or(i32::MAX),
                _ => return Err(self.mistake(token.at, token.length, "expected \"max N\" or \"timeout MS\"")),
            }
        }
        Ok(Verb::Wait { epoll, max, timeout })
    }

    fn oob(&mut self) -> Result<Verb, Mistake> {
        let file = self.name()?;
        match self.quantity()? {
            Quantity::Text(text) if text.len() == 1 => Ok(Verb::Oob { file, byte: text[0] }),
            _ => Err(self.at_last("urgent data is one byte: \"x\"")),
        }
    }

    fn expect(&mut self) -> Result<Expect, Mistake> {
        let what = self.any_word("what is expected: events, nothing, count, error, ok, returned or mask")?;
        Ok(match Self::word_of(&what) {
            "events" => {
                let ordered = self.take_word("in");
                if ordered && !self.take_word("order") {
                    return Err(self.at_last("expected \"in order\""));
                }
                let mut events = Vec::new();
                loop {
                    events.push((self.name()?, Ready::from_bits_truncate(self.interest()?.bits())));
                    if self.tokens.get(self.at).is_none_or(|token| token.kind != Kind::Comma) {
                        break Expect::Events { events, ordered };
                    }
                    self.at += 1;
                }
            }
            "nothing" => Expect::Count(0),
            "count" => Expect::Count(self.number("events")? as usize),
            "error" => {
                let name = self.any_word("an error by its name, such as EAGAIN")?;
                let errno = errno_by_name(Self::word_of(&name));
                Expect::Error(
                    errno.ok_or_else(|| {
                        self.mistake(name.at, name.length, "no error has this name; errno(3) lists them")
                    })?,
                )
            }
            "ok" => Expect::Ok,
            "returned" => Expect::Returned(u64::from(self.number("a number")?)),
            "mask" => Expect::Mask(Ready::from_bits_truncate(self.interest()?.bits())),
            _ => {
                return Err(self.mistake(
                    what.at,
                    what.length,
                    "expected events, nothing, count, error, ok, returned or mask",
                ));
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Interest;

    fn mistake(script: &str) -> String {
        parse("x.lab", script).expect_err("it is wrong").to_string()
    }

    #[test]
    fn a_line_is_a_call() {
        let lines =
            parse("x", "e = epoll # an object\n\na, b = pair tcp\nadd e a IN|EPOLLET\nwait e timeout 5 max 1\n")
                .expect("right");
        assert_eq!(lines.iter().map(|line| line.number).collect::<Vec<_>>(), [1, 3, 4, 5]);
        assert_eq!(
            lines[2].verb,
            Verb::Add { epoll: "e".into(), file: "a".into(), interest: Interest::IN | Interest::ET }
        );
        assert_eq!(lines[3].verb, Verb::Wait { epoll: "e".into(), max: 1, timeout: 5 });
    }

    #[test]
    fn a_mistake_says_where_and_what_was_meant() {
        assert_eq!(
            mistake("e = epoll\nwiat e"),
            "x.lab:2:1: there is no verb \"wiat\"; did you mean \"wait\"?\n  |\n2 | wiat e\n  | ^^^^"
        );
        assert!(mistake("e = epol").contains("did you mean \"epoll\"?"));
        assert!(mistake("epoll").contains("as in \"x = epoll\""));
        assert!(mistake("e = epoll\nadd e x IN").contains("2:7: no line above makes an fd named \"x\""));
        assert!(mistake("e = epoll\na b = pair tcp\nadd e a LT").contains("level-triggered is the absence of ET"));
        assert!(mistake("a b = pair tcp\nwrite a \"x").contains("no closing quote"));
        assert!(mistake("a b = pair tcp\nwrite a 99999999999").contains("at most"));
        assert!(mistake("expect error EWHAT").contains("no error has this name"));
        assert!(mistake("a = pair tcp").contains("makes 2 fds"));
        assert!(mistake("e = epoll\nwait e 5").contains("expected \"max N\" or \"timeout MS\""));
    }

    #[test]
    fn every_verb_of_the_list_is_known() {
        for (usage, _) in VERBS {
            let verb = usage.split(" = ").last().and_then(|verb| verb.split(' ').next()).expect("a verb");
            let script = if usage.contains(" = ") { format!("x = {verb}") } else { verb.to_owned() };
            if let Err(mistake) = parse("x", &script) {
                assert!(!mistake.what.contains("there is no verb"), "{mistake}");
            }
        }
    }
}

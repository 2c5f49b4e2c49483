//! What a verb takes: names, numbers, texts and events, each with the mistake that is made when it is not there.

use unicode_width::UnicodeWidthChar as _;

use super::super::Diagnostic;
use super::super::{Caption, Name, Quantity};
use super::super::{SCENE_VERBS, VERBS};
use super::suggest::nearest;
use super::token::{Kind, Token};
use super::{CLAIMS, Known, MAX_BYTES, Parser, Scene, Sort, verbs};
use crate::record::Interest;

impl Known {
    pub(super) fn sort_of(&self, name: &str) -> Option<Sort> {
        self.named.iter().find(|(known, _)| known == name).map(|(_, sort)| *sort)
    }
}

impl Parser<'_> {
    /// One or more events by name, or 0.
    pub(super) fn interest(&mut self) -> Result<Interest, Diagnostic> {
        let mut interest = Interest::empty();
        let mut any = false;
        while let Some(token) = self.tokens.get(self.at).cloned() {
            match &token.kind {
                Kind::Number(0) => {}
                Kind::Word(words) => {
                    for word in words.split('|') {
                        let flag = Interest::from_name(word.strip_prefix("EPOLL").unwrap_or(word));
                        interest |= flag.ok_or_else(|| self.no_such_event(&token, word))?;
                    }
                }
                _ => break,
            }
            any = true;
            self.at += 1;
        }
        if any { Ok(interest) } else { Err(self.at_last("expected events such as IN, OUT or ET, or 0 for none")) }
    }

    pub(super) fn no_such_event(&self, token: &Token, word: &str) -> Diagnostic {
        let names: Vec<&str> = <Interest as bitflags::Flags>::FLAGS.iter().map(bitflags::Flag::name).collect();
        let hint = match word.strip_prefix("EPOLL").unwrap_or(word) {
            "LT" => "; level-triggered is the absence of ET".to_owned(),
            word => nearest(word, &names).map(|name| format!("; did you mean {name}?")).unwrap_or_default(),
        };
        let what = format!("there is no event EPOLL{}{hint}", word.strip_prefix("EPOLL").unwrap_or(word));
        self.diagnostic(token.at, token.length, what)
    }

    pub(super) fn no_such_verb(&self, token: &Token, makes: bool) -> Diagnostic {
        let word = Self::word_of(token);
        let table = if self.known.scene == Some(Scene::Server) { SCENE_VERBS } else { VERBS };
        let of_kind = verbs(table).chain(verbs(CLAIMS)).filter(|(_, names)| *names == makes);
        let candidates: Vec<&str> = of_kind.map(|(verb, _)| verb).collect();
        let there = verbs(table).any(|(verb, _)| verb == word);
        let what = match (there, makes) {
            (true, true) => format!("\"{word}\" makes nothing that could be named"),
            (true, false) => format!("\"{word}\" makes an fd: give it a name, as in \"x = {word}\""),
            (false, _) => match nearest(word, &candidates) {
                Some(verb) => format!("there is no verb \"{word}\"; did you mean \"{verb}\"?"),
                None => format!("there is no verb \"{word}\"; `epollscope lab --verbs` lists them"),
            },
        };
        self.diagnostic(token.at, token.length, what)
    }

    pub(super) fn any_word(&mut self, expected: &str) -> Result<Token, Diagnostic> {
        match self.tokens.get(self.at).cloned() {
            Some(token) if matches!(token.kind, Kind::Word(_)) => {
                self.at += 1;
                Ok(token)
            }
            _ => Err(self.at_last(&format!("expected {expected}"))),
        }
    }

    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let there = self.tokens.get(self.at).is_some_and(|token| token.kind == Kind::Word(word.to_owned()));
        self.at += usize::from(there);
        there
    }

    /// The name of an fd that an earlier line has made.
    pub(super) fn name(&mut self) -> Result<Name, Diagnostic> {
        self.named(Sort::Fd)
    }

    /// The name of something of this sort.
    pub(super) fn named(&mut self, sort: Sort) -> Result<Name, Diagnostic> {
        let noun = sort.noun();
        let token = self.any_word(&format!("the name of {noun}"))?;
        let name = Self::word_of(&token).to_owned();
        let what = match self.known.sort_of(&name) {
            Some(known) if known == sort => return Ok(name),
            Some(known) => format!("\"{name}\" is the name of {}, and this takes {noun}", known.noun()),
            None => {
                let known = self.known.named.iter().filter(|(_, known)| *known == sort);
                let known: Vec<&str> = known.map(|(name, _)| name.as_str()).collect();
                let hint = nearest(&name, &known).map(|known| format!("; did you mean \"{known}\"?"));
                format!("no line above makes {noun} named \"{name}\"{}", hint.unwrap_or_default())
            }
        };
        Err(self.diagnostic(token.at, token.length, what))
    }

    pub(super) fn number(&mut self, unit: &str) -> Result<u32, Diagnostic> {
        match self.tokens.get(self.at).cloned() {
            Some(Token { kind: Kind::Number(n), at, length }) => {
                self.at += 1;
                let small = u32::try_from(n).ok().filter(|n| *n <= MAX_BYTES);
                small.ok_or_else(|| {
                    self.diagnostic(at, length, format!("a number of {unit} here is at most {MAX_BYTES}"))
                })
            }
            _ => Err(self.at_last(&format!("expected a number of {unit}"))),
        }
    }

    pub(super) fn maybe_number(&mut self) -> Result<Option<u32>, Diagnostic> {
        let there = matches!(self.tokens.get(self.at), Some(Token { kind: Kind::Number(_), .. }));
        if there { self.number("this").map(Some) } else { Ok(None) }
    }

    pub(super) fn quantity(&mut self) -> Result<Quantity, Diagnostic> {
        match self.tokens.get(self.at).cloned() {
            Some(Token { kind: Kind::Text(text), .. }) => {
                self.at += 1;
                Ok(Quantity::Text(text))
            }
            Some(Token { kind: Kind::Number(_), .. }) => Ok(Quantity::Bytes(self.number("bytes")? as usize)),
            _ => Err(self.at_last("expected a number of bytes, or a \"text\"")),
        }
    }

    pub(super) fn caption(&mut self) -> Result<Caption, Diagnostic> {
        Ok(Caption { en: self.shown("English")?, zh: self.shown("Chinese")? })
    }

    /// A text that can be shown as it is.
    fn shown(&mut self, language: &str) -> Result<String, Diagnostic> {
        let Some(Token { kind: Kind::Text(text), at, length }) = self.tokens.get(self.at).cloned() else {
            return Err(self.at_last(&format!("expected what the caption says, in {language}, as a \"text\"")));
        };
        self.at += 1;
        let wrong = |what: String| Err(self.diagnostic(at, length, what));
        match String::from_utf8(text) {
            Ok(text) if text.len() > Caption::MAX => {
                wrong(format!("a caption has at most {} bytes in each language", Caption::MAX))
            }
            Ok(text) if text.trim().is_empty() => wrong(format!("the caption says nothing in {language}")),
            Ok(text) if text.chars().all(|c| c.width().unwrap_or(0) > 0) => Ok(text),
            _ => wrong("a caption is text without control characters, in UTF-8".to_owned()),
        }
    }

    pub(super) fn one_of<T: Copy>(&mut self, choices: &[(&str, T)]) -> Result<T, Diagnostic> {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let expected = format!("one of {}", names.join(", "));
        let token = self.any_word(&expected)?;
        let found = choices.iter().find(|(name, _)| *name == Self::word_of(&token)).map(|(_, value)| *value);
        found.ok_or_else(|| self.diagnostic(token.at, token.length, format!("expected {expected}")))
    }

    /// A mistake at the token that comes next, or behind the last.
    pub(super) fn at_last(&self, what: &str) -> Diagnostic {
        match (self.tokens.get(self.at), self.tokens.last()) {
            (Some(token), _) => self.diagnostic(token.at, token.length, what),
            (None, Some(last)) => self.diagnostic(last.at + last.length, 1, what),
            (None, None) => self.diagnostic(0, 1, what),
        }
    }

    pub(super) fn word_of(token: &Token) -> &str {
        match &token.kind {
            Kind::Word(word) => word,
            _ => "",
        }
    }
}

//! What a verb takes: names, numbers, texts and events, each with the mistake that is made when it is not there.

use unicode_width::UnicodeWidthChar as _;

use super::super::Diagnostic;
use super::super::{Caption, Name, Quantity};
use super::super::{SCENE_VERBS, VERBS};
use super::suggest::nearest;
use super::token::{Kind, Token};
use super::{CLAIMS, Known, MAX_BYTES, Parser, Scene, Sort, verbs};
use crate::i18n::{Both, Lang, Message, joined, message, words};
use crate::record::Interest;

pub(super) const BYTES: Both = ("bytes", "字节");

fn expects(expected: &Message) -> Message {
    Message::new(|lang| {
        let expected = expected.words(lang);
        lang.of(format!("expected {expected}"), joined("这里应为", expected))
    })
}

pub(super) fn did_you_mean(word: Option<&str>, lang: Lang) -> String {
    word.map(|word| words!(lang, "; did you mean \"{word}\"?", "；是不是“{word}”？")).unwrap_or_default()
}

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
                Kind::Word(word) if word == "timeout" => break,
                Kind::Word(words) => {
                    for word in words.split('|').filter(|word| !word.is_empty()) {
                        let flag = Interest::from_name(word.strip_prefix("EPOLL").unwrap_or(word));
                        interest |= flag.ok_or_else(|| self.no_such_event(&token, word))?;
                    }
                }
                _ => break,
            }
            any = true;
            self.at += 1;
        }
        if any {
            Ok(interest)
        } else {
            Err(self.at_last((
                "expected events such as IN, OUT or ET, or 0 for none",
                "这里应为事件，如 IN、OUT 或 ET；0 表示没有",
            )))
        }
    }

    pub(super) fn no_such_event(&self, token: &Token, word: &str) -> Diagnostic {
        let names: Vec<&str> = <Interest as bitflags::Flags>::FLAGS.iter().map(bitflags::Flag::name).collect();
        let word = word.strip_prefix("EPOLL").unwrap_or(word);
        let what = match (word, nearest(word, &names)) {
            ("LT", _) => message!(
                "there is no event EPOLLLT; level-triggered is the absence of ET",
                "没有 EPOLLLT 这个事件；不带 ET 就是水平触发"
            ),
            (_, Some(name)) => message!(
                "there is no event EPOLL{word}; did you mean {name}?",
                "没有 EPOLL{word} 这个事件；是不是 {name}？"
            ),
            (_, None) => message!("there is no event EPOLL{word}", "没有 EPOLL{word} 这个事件"),
        };
        self.diagnose(token, what)
    }

    pub(super) fn no_such_verb(&self, token: &Token, makes: bool) -> Diagnostic {
        let word = Self::word_of(token);
        let table = if self.known.scene == Some(Scene::Server) { SCENE_VERBS } else { VERBS };
        let of_kind = verbs(table).chain(verbs(CLAIMS)).filter(|(_, names)| *names == makes);
        let candidates: Vec<&str> = of_kind.map(|(verb, _)| verb).collect();
        let there = verbs(table).any(|(verb, _)| verb == word);
        let what = match (there, makes) {
            (true, true) => {
                message!("\"{word}\" makes nothing that can have a name", "“{word}”不产生任何可以命名的东西")
            }
            (true, false) => message!(
                "\"{word}\" makes an fd: give it a name, as in \"x = {word}\"",
                "“{word}”产生一个 fd，要给它名字，如 x = {word}"
            ),
            (false, _) => match nearest(word, &candidates) {
                Some(verb) => message!(
                    "there is no verb \"{word}\"; did you mean \"{verb}\"?",
                    "没有“{word}”这个动词；是不是“{verb}”？"
                ),
                None => message!(
                    "there is no verb \"{word}\"; `epollscope lab --verbs` lists them",
                    "没有“{word}”这个动词；`epollscope lab --verbs` 列出全部"
                ),
            },
        };
        self.diagnose(token, what)
    }

    pub(super) fn any_word(&mut self, expected: impl Into<Message>) -> Result<Token, Diagnostic> {
        match self.tokens.get(self.at).cloned() {
            Some(token) if matches!(token.kind, Kind::Word(_)) => {
                self.at += 1;
                Ok(token)
            }
            _ => Err(self.at_last(expects(&expected.into()))),
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
        let token = self.any_word(Message::new(|lang| {
            let noun = lang.pick(noun);
            lang.of(format!("the name of {noun}"), joined(noun, "的名字"))
        }))?;
        let name = Self::word_of(&token).to_owned();
        let what = match self.known.sort_of(&name) {
            Some(known) if known == sort => return Ok(name),
            Some(known) => Message::new(|lang| {
                let (known, noun) = (lang.pick(known.noun()), lang.pick(noun));
                let zh = [&joined("是", &joined(known, "的名字")), "，而", &joined("这里需要", noun)].concat();
                lang.of(format!("\"{name}\" is the name of {known}, but this takes {noun}"), format!("“{name}”") + &zh)
            }),
            None => {
                let known = self.known.named.iter().filter(|(_, known)| *known == sort);
                let known: Vec<&str> = known.map(|(name, _)| name.as_str()).collect();
                let near = nearest(&name, &known);
                Message::new(|lang| {
                    let (made, hint) = (joined("的", lang.pick(noun)), did_you_mean(near, lang));
                    let noun = lang.pick(noun);
                    words!(
                        lang,
                        "no line above makes {noun} named \"{name}\"{hint}",
                        "上面没有哪一行产生名为“{name}”{made}{hint}"
                    )
                })
            }
        };
        Err(self.diagnose(&token, what))
    }

    pub(super) fn number(&mut self, unit: Both) -> Result<u32, Diagnostic> {
        match self.tokens.get(self.at).cloned() {
            Some(Token { kind: Kind::Number(n), at, length }) => {
                self.at += 1;
                let small = u32::try_from(n).ok().filter(|n| *n <= MAX_BYTES);
                small.ok_or_else(|| {
                    self.diagnostic(
                        at,
                        length,
                        Message::new(|lang| {
                            let unit = lang.pick(unit);
                            words!(
                                lang,
                                "a number of {unit} here is at most {MAX_BYTES}",
                                "这里的数（{unit}）最多 {MAX_BYTES}"
                            )
                        }),
                    )
                })
            }
            _ => Err(self.at_last(Message::new(|lang| {
                let unit = lang.pick(unit);
                words!(lang, "expected a number of {unit}", "这里应为一个数（{unit}）")
            }))),
        }
    }

    /// What is added to the counter of an eventfd: any number of 64 bits.
    pub(super) fn counter(&mut self) -> Result<u64, Diagnostic> {
        match self.tokens.get(self.at) {
            Some(Token { kind: Kind::Number(n), .. }) => {
                let n = *n;
                self.at += 1;
                Ok(n)
            }
            _ => self.number(("this", "个")).map(u64::from),
        }
    }

    pub(super) fn maybe_number(&mut self) -> Result<Option<u32>, Diagnostic> {
        let there = matches!(self.tokens.get(self.at), Some(Token { kind: Kind::Number(_), .. }));
        if there { self.number(("this", "个")).map(Some) } else { Ok(None) }
    }

    pub(super) fn quantity(&mut self) -> Result<Quantity, Diagnostic> {
        match self.tokens.get(self.at).cloned() {
            Some(Token { kind: Kind::Text(text), .. }) => {
                self.at += 1;
                Ok(Quantity::Text(text))
            }
            Some(Token { kind: Kind::Number(_), .. }) => Ok(Quantity::Bytes(self.number(BYTES)? as usize)),
            _ => Err(self.at_last(("expected a number of bytes, or a \"text\"", "这里应为字节数，或 \"文本\""))),
        }
    }

    pub(super) fn caption(&mut self) -> Result<Caption, Diagnostic> {
        let en = self.shown(("English", "英文"))?;
        // One in one language is shown in that.
        let zh = if self.at < self.tokens.len() { self.shown(("Chinese", "中文"))? } else { en.clone() };
        Ok(Caption { en, zh })
    }

    /// A text that can be shown as it is.
    fn shown(&mut self, language: Both) -> Result<String, Diagnostic> {
        let Some(Token { kind: Kind::Text(text), at, length }) = self.tokens.get(self.at).cloned() else {
            return Err(self.at_last(Message::new(|lang| {
                let language = lang.pick(language);
                words!(
                    lang,
                    "expected the caption in {language}, as a \"text\"",
                    "这里应为字幕的内容（{language}），写成 \"文本\""
                )
            })));
        };
        self.at += 1;
        let wrong = |what: Message| Err(self.diagnostic(at, length, what));
        match String::from_utf8(text) {
            Ok(text) if text.len() > Caption::MAX => wrong(message!(
                "a caption has at most {} bytes in each language",
                "字幕的每种语言最多 {} 字节",
                Caption::MAX
            )),
            Ok(text) if text.trim().is_empty() => wrong(Message::new(|lang| {
                let language = lang.pick(language);
                words!(lang, "the caption is empty in {language}", "字幕没有内容（{language}）")
            })),
            Ok(text) if text.chars().all(|c| c.width().unwrap_or(0) > 0) => Ok(text),
            _ => {
                wrong(("a caption is UTF-8 text without control characters", "字幕是 UTF-8 文本，不含控制字符").into())
            }
        }
    }

    pub(super) fn one_of<T: Copy>(&mut self, choices: &[(&str, T)]) -> Result<T, Diagnostic> {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let names = names.join(", ");
        let expected = message!("one of {names}", "{names} 之一");
        let token = self.any_word(expected.clone())?;
        let found = choices.iter().find(|(name, _)| *name == Self::word_of(&token)).map(|(_, value)| *value);
        found.ok_or_else(|| self.diagnose(&token, expects(&expected)))
    }

    /// A mistake at the token that comes next, or behind the last.
    pub(super) fn at_last(&self, what: impl Into<Message>) -> Diagnostic {
        match (self.tokens.get(self.at), self.tokens.last()) {
            (Some(token), _) => self.diagnose(token, what),
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

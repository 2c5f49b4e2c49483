//! Recordings from files or standard input, whose mistakes are told while the rest is read.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use super::messages::tell;
use crate::error::Failure;
use crate::i18n::{Lang, message, shown, words};
use crate::record::Record;
use crate::trace::{Header, Reader, TraceError};

/// The most mistakes of one recording that are told one by one.
const TOLD: u64 = 10;

pub(super) struct Recorded {
    pub(super) name: String,
    variant: Option<String>,
    reader: Reader<Box<dyn BufRead>>,
    wrong: u64,
    lines: u64,
    pub(super) lang: Lang,
}

impl Recorded {
    /// Opens `path`, or the calls of one variant in it; `-` is standard input.
    pub(super) fn open(path: &Path, variant: Option<&str>, lang: Lang) -> Result<Self, Failure> {
        let (name, input): (String, Box<dyn BufRead>) = if path == Path::new("-") {
            (lang.of("standard input", "标准输入").to_owned(), Box::new(BufReader::new(io::stdin())))
        } else {
            let name = shown(path);
            let file = File::open(path).map_err(|error| Failure::refused(TraceError::io(&name, error)))?;
            (name, Box::new(BufReader::with_capacity(1 << 16, file)))
        };
        let mut reader = Reader::new(&*name, input).map_err(Failure::refused)?;
        check_variant(reader.header(), variant)?;
        if let Some(variant) = variant {
            reader.pick(variant);
        }
        Ok(Self { name, variant: variant.map(str::to_owned), reader, wrong: 0, lines: 0, lang })
    }

    pub(super) fn tell_variant(&self) {
        tell_variant(&self.name, self.header(), self.variant.as_deref(), self.lang);
    }

    pub(super) fn header(&self) -> &Header {
        self.reader.header()
    }

    fn wrong(&mut self, what: &impl Display) {
        self.wrong += 1;
        if self.wrong <= TOLD {
            tell(what);
        }
    }

    /// Tells at the end what was not told yet; how many lines were wrong, one that was cut off aside.
    pub(super) fn close(self) -> u64 {
        if self.wrong > TOLD {
            let (name, more) = (&self.name, self.wrong - TOLD);
            tell(&words!(self.lang, "{name}: {more} more mistakes", "{name}：还有 {more} 处错误"));
        }
        if let Some(unknown) = self.reader.unknown() {
            tell(&unknown.words(self.lang));
        }
        self.lines
    }
}

/// The records; mistakes are told, and cost their line.
impl Iterator for Recorded {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        loop {
            match self.reader.next()? {
                Ok(record) => return Some(record),
                Err(error) => {
                    self.lines += u64::from(!matches!(error, TraceError::Cut { .. }));
                    self.wrong(&error.words(self.lang));
                }
            }
        }
    }
}

/// The variants that a recording names, with a comma between them.
pub(super) fn variants_of(header: &Header) -> Option<&str> {
    Some(header.source.strip_prefix("compare ")?.rsplit_once(": ")?.1)
}

/// Whether `variant` is in a recording, whose source names those that are: `compare message: level, edge`.
pub(super) fn check_variant(header: &Header, variant: Option<&str>) -> Result<(), Failure> {
    match (variant, variants_of(header)) {
        (Some(_), None) => Err(Failure::usage(message!(
            "this is not a recording of `epollscope compare`; omit --variant",
            "这不是 `epollscope compare` 的录制文件；请去掉 --variant"
        ))),
        (Some(variant), Some(names)) if names.split(", ").all(|name| name != variant) => {
            let shown = names.escape_debug();
            Err(Failure::usage(message!(
                "this recording has no variant {variant:?}; it has {shown}",
                "这个录制文件里没有变体 {variant:?}；里面有 {shown}"
            )))
        }
        _ => Ok(()),
    }
}

/// If nobody chose a variant of a recording, says which is read and how to select another.
pub(super) fn tell_variant(file: &impl Display, header: &Header, variant: Option<&str>, lang: Lang) {
    if let (None, Some(names)) = (variant, variants_of(header)) {
        let shown = names.escape_debug();
        tell(&words!(
            lang,
            "{file} has the variants {shown}; the first is read, `--variant NAME` selects another",
            "{file} 里有变体 {shown}；读的是第一个，`--variant NAME` 读另一个"
        ));
    }
}

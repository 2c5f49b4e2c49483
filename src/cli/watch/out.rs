//! The calls of a watched program as lines, each wait with its reasons, and the findings as they are made.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Write};

use crate::analysis::findings::Findings;
use crate::analysis::why;
use crate::cli::args::{WatchArgs, WatchFormat};
use crate::cli::findings::{self, Proof};
use crate::cli::messages;
use crate::error::Failure;
use crate::i18n::{Clean, CleanJson, Lang};
use crate::record::{Annotation, Call, Record};
use crate::trace::text::TextWriter;
use crate::trace::{Header, World, Writer};

/// Where the reasons below a line begin: under its call.
const INDENT: &str = "             ";

pub(super) struct Out {
    lines: Lines,
    quiet: bool,
    lang: Lang,
    world: World,
    findings: Findings,
    proof: Proof,
    shown: usize,
}

type Target = BufWriter<Box<dyn Write>>;

enum Lines {
    Text(TextWriter<Target>),
    Jsonl(Writer<Target>),
}

impl Out {
    pub(super) fn new(args: &WatchArgs, source: &str, lang: Lang) -> Result<Self, Failure> {
        let file = match &args.output {
            Some(path) => Some(messages::create(path, ("cannot write to", "无法写入"), "--output")?),
            None => None,
        };
        let lines = match args.format.unwrap_or(WatchFormat::Text) {
            WatchFormat::Text => Lines::Text(TextWriter::in_lang(target(file, |out| Box::new(Clean(out))), lang)),
            WatchFormat::Jsonl => {
                let out = target(file, |out| Box::new(CleanJson(out)));
                Lines::Jsonl(Writer::new(out, &Header::now(source)).map_err(Failure::refused)?)
            }
        };
        let (world, findings, proof) = (World::default(), Findings::default(), Proof::default());
        Ok(Self { lines, quiet: args.quiet, lang, world, findings, proof, shown: 0 })
    }

    /// Takes the records of one stop.
    pub(super) fn take(&mut self, records: &[Record]) -> io::Result<()> {
        for record in records {
            self.proof.keep(record);
            self.world.apply(record);
            self.findings.apply(record, &self.world);
            match &mut self.lines {
                _ if self.quiet => {}
                // What follows from it is said below.
                Lines::Text(_) if matches!(record.call, Call::Annotation(Annotation::Rest { .. })) => {}
                Lines::Text(out) => out.write(record)?,
                Lines::Jsonl(out) => out.write(record)?,
            }
        }
        let mut below = String::new();
        if let Some(wait) = records.iter().find(|record| matches!(record.call.plain(), Call::EpollWait { .. })) {
            self.reasons(wait, &mut below);
        }
        for finding in self.findings.iter().skip(self.shown) {
            self.proof.find(finding, self.lang);
            // Writing into a String does not fail.
            let _ = writeln!(below, "{INDENT}! {}", findings::line(finding, self.lang));
        }
        self.shown = self.findings.len();
        match &mut self.lines {
            Lines::Text(out) if !self.quiet && !below.is_empty() => out.write_between(&below),
            _ => Ok(()),
        }
    }

    /// Why each event of a wait that has returned was reported.
    fn reasons(&self, returned: &Record, below: &mut String) {
        let Call::EpollWait { epfd, .. } = returned.call.plain() else { return };
        let epoll = self.world.epoll_at(returned.tid, epfd);
        let wait = epoll.and_then(|epoll| epoll.waits().rev().find(|wait| wait.tid == returned.tid));
        for report in wait.map(|wait| &wait.reports[..]).unwrap_or_default() {
            let (who, why) = (report.who.name(self.lang), why::reported(report, self.lang));
            let _ = writeln!(below, "{INDENT}# {} ({who}): {why}", report.fd);
        }
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        match &mut self.lines {
            Lines::Text(out) => out.flush(),
            Lines::Jsonl(out) => out.flush(),
        }
    }

    /// Writes the findings, and gives how many there are.
    pub(super) fn finish(self) -> io::Result<u64> {
        let count = self.findings.len() as u64 + self.findings.dropped();
        let summary = findings::text(&self.findings, &self.proof, self.lang);
        match self.lines {
            Lines::Text(out) => {
                let mut out = out.finish()?;
                out.write_all(summary.as_bytes())?;
                out.flush()?;
            }
            Lines::Jsonl(out) => drop(out.finish()?),
        }
        Ok(count)
    }
}

/// The file, or standard error.
fn target(file: Option<File>, clean: impl Fn(Box<dyn Write>) -> Box<dyn Write>) -> Target {
    let out: Box<dyn Write> = match file {
        Some(file) => Box::new(file),
        None => Box::new(io::stderr()),
    };
    BufWriter::new(clean(out))
}

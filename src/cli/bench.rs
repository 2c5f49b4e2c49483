//! `epollscope bench`: how the cost of a wait grows, and how often a message is reported.

pub mod chart;
mod found;
mod json;
mod svg;
mod text;

use std::io::{self, BufWriter, IsTerminal as _, Write as _};
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;

use super::messages::{create, quiet, stdout, tell};
use crate::cli::args::BenchFormat;
use crate::cli::bench::found::{Found, Row};
use crate::error::Failure;
use crate::i18n::{Lang, Message, message, shown, words};
use crate::scaling::{Effort, Reading, count, measure};
use crate::sys::describe;
use crate::trace::Header;

const SIZES: [usize; 7] = [10, 30, 100, 300, 1_000, 3_000, 10_000];
/// Connections that speak, beside the idle ones.
const ACTIVE: usize = 10;
/// How much is read for one report, in bytes.
const READ_SIZES: [u32; 7] = [4_096, 2_048, 1_024, 512, 256, 128, 64];

/// What is measured at all, and what for a first look.
const FULL: Effort = Effort { turns: 250, at_most: Duration::from_secs(30) };
const QUICK: Effort = Effort { turns: 25, at_most: Duration::from_secs(4) };

pub(super) fn run(quick: bool, format: BenchFormat, svg: Option<&Path>, lang: Lang) -> Result<(), Failure> {
    // What cannot be written is known before anything is measured.
    let picture = svg.map(|path| create(path, ("cannot draw to", "无法画到"), "--svg")).transpose()?;
    let mut progress = Progress::new(lang);
    let mut found = Found {
        kernel: Header::now(String::new()).kernel,
        active: ACTIVE,
        measured: measure(&SIZES, ACTIVE, if quick { QUICK } else { FULL }, |part| progress.at(part * 0.9)),
        rows: Vec::new(),
    };
    if found.measured.costs.is_empty() {
        drop(progress);
        let cut = found.measured.cut;
        return Err(Failure::refused(Message::new(|lang| {
            let no_thread = lang.of("no thread could be started", "无法启动线程").to_owned();
            let why = cut.map_or(no_thread, |(_, errno)| lang.of(describe(errno), format!("{errno:?}")));
            words!(
                lang,
                "nothing could be measured: {why}; raise `ulimit -n` or close some fds",
                "什么也没有测到：{why}；请提高 `ulimit -n`，或关闭一些 fd"
            )
        })));
    }
    for (done, read_size) in (1_u8..).zip(READ_SIZES) {
        let counted = Reading::ALL.map(|reading| count(reading, read_size));
        let [a, b, c, d] = counted.map(|counted| counted.map_err(Failure::refused));
        found.rows.push(Row { read_size, counted: [a?, b?, c?, d?] });
        progress.at(0.9 + 0.1 * f64::from(done) / 7.0);
    }
    drop(progress);
    if let (Some(mut file), Some(path)) = (picture, svg.map(shown)) {
        let written = file.write_all(svg::document(&found, lang).as_bytes());
        let written = written.with_context(|| message!("the picture {path} is incomplete", "图片 {path} 没有写完"));
        written.map_err(Failure::refused)?;
        tell(&words!(lang, "{path}: a picture of the charts (SVG)", "{path}：图表的图片（SVG）"));
    }
    let mut out = BufWriter::new(stdout());
    let written = match format {
        BenchFormat::Text => text::write(&mut out, &found, lang),
        BenchFormat::Json => json::write(&mut out, &found),
    };
    quiet(written.and_then(|()| out.flush()))
}

/// A bar on standard error, if that is a terminal. It goes when this is dropped.
struct Progress {
    lang: Lang,
    /// What it shows, in hundredths; `None` where nobody looks.
    shown: Option<usize>,
}

impl Progress {
    fn new(lang: Lang) -> Self {
        Self { lang, shown: io::stderr().is_terminal().then_some(usize::MAX) }
    }

    /// So much is done, of 1.
    fn at(&mut self, part: f64) {
        const WIDTH: usize = 40;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 0 and 100")]
        let hundredths = (part.clamp(0.0, 1.0) * 100.0) as usize;
        if self.shown.is_none_or(|shown| shown == hundredths) {
            return;
        }
        self.shown = Some(hundredths);
        let full = hundredths * WIDTH / 100;
        let bar = format!("{}{}", "█".repeat(full), "░".repeat(WIDTH - full));
        // Where it cannot be shown, what is measured is not worse for it.
        let _ = write!(io::stderr(), "\r{} {bar} {hundredths:>3}%", self.lang.of("measuring", "测量中"));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown.is_some() {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

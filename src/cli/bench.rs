//! `epollscope bench`: how the cost of a wait grows, and how often a message is reported.

mod chart;
mod found;
mod json;
mod progress;
mod svg;
mod text;

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;

use super::messages::{quiet, tell};
use crate::cli::args::BenchFormat;
use crate::cli::bench::found::{Found, Row};
use crate::cli::bench::progress::Progress;
use crate::error::Failure;
use crate::i18n::{Lang, Message, message, words};
use crate::scaling::{Effort, Reading, count, measure};
use crate::sys::describe;
use crate::trace::Header;

/// Idle connections.
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
    let picture = svg.map(Picture::open).transpose()?;
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
    if let Some(picture) = picture {
        picture.draw(&svg::document(&found, lang), lang)?;
    }
    let mut out = BufWriter::new(io::stdout().lock());
    let written = match format {
        BenchFormat::Text => text::write(&mut out, &found, lang),
        BenchFormat::Json => json::write(&mut out, &found),
    };
    quiet(written.and_then(|()| out.flush()))
}

/// `--svg FILE`, open.
struct Picture {
    path: PathBuf,
    file: File,
}

impl Picture {
    fn open(path: &Path) -> Result<Self, Failure> {
        let file = File::create(path);
        let file = file.with_context(|| {
            let path = path.display();
            message!(
                "cannot draw to {path}; choose another file with --svg",
                "无法画到 {path}；请用 --svg 指定另一个文件"
            )
        });
        Ok(Self { path: path.to_owned(), file: file.map_err(Failure::refused)? })
    }

    fn draw(mut self, document: &str, lang: Lang) -> Result<(), Failure> {
        let (path, written) = (self.path.display(), self.file.write_all(document.as_bytes()));
        written
            .with_context(|| message!("the picture {path} is incomplete", "图片 {path} 没有写完"))
            .map_err(Failure::refused)?;
        tell(&words!(lang, "{path}: a picture of the charts (SVG)", "{path}：图表的图片（SVG）"));
        Ok(())
    }
}

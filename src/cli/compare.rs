//! `epollscope compare`: one scene against several servers, side by side.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::Path;

use anyhow::Context as _;

use super::messages::{no_screen, quiet};
use crate::cli::{CompareArgs, CompareFormat};
use crate::compare::text::{self, Page};
use crate::compare::{Comparison, ComparisonError, ComparisonReport, VariantSpec, jsonl};
use crate::error::Failure;
use crate::i18n::{Both, Lang, message};
use crate::lesson::{Scene, scenes};
use crate::tui::terminal::{Signals, Terminal};
use crate::tui::{CompareScreen, Stack, Theme, run as show};

/// What is compared where nothing is named.
const SCENE: &str = "message";

/// What needs no screen.
const INSTEAD: Both = ("`--format text` works without", "`--format text` 不需要屏幕");

pub(super) fn run(args: &CompareArgs, lang: Lang, theme: Theme) -> Result<(), Failure> {
    if args.list {
        return quiet(list(lang));
    }
    let scene = Scene::find(args.scene.as_deref().unwrap_or(SCENE)).map_err(Failure::usage)?;
    let against =
        args.against.as_deref().map_or_else(|| Ok(VariantSpec::usual()), VariantSpec::list).map_err(Failure::usage)?;
    let recording = args.record.as_deref().map(create).transpose()?;
    let on_screen = args.format.is_none() && io::stdout().is_terminal() && io::stdin().is_terminal();
    let signals = if on_screen { Some(Signals::block().map_err(Failure::refused)?) } else { None };
    let mut twins = Comparison::open(scene, against).map_err(refused)?;
    match (args.format, &signals) {
        (None, Some(signals)) => twins = watched(twins, signals, theme, lang)?,
        (Some(CompareFormat::Jsonl), _) => quiet(as_trace(BufWriter::new(io::stdout().lock()), &mut twins))?,
        _ => quiet(as_text(&mut twins, Page { lang, width: page_width() }))?,
    }
    let (Some(file), Some(path)) = (recording, &args.record) else { return Ok(()) };
    // What stopped the output, a closed pipe, does not stop the recording.
    while twins.advance() {}
    let written = record(BufWriter::new(file), &twins);
    written
        .with_context(|| message!("the recording {} is cut off here", "录制文件 {} 在这里中断", path.display()))
        .map_err(Failure::refused)
}

/// On the screen, until it is left.
fn watched(twins: Comparison, signals: &Signals, theme: Theme, lang: Lang) -> Result<Comparison, Failure> {
    Terminal::check().map_err(no_screen(INSTEAD))?;
    let mut beside = CompareScreen::new(twins, theme, lang);
    let mut terminal = Terminal::enter().map_err(no_screen(INSTEAD))?;
    show(Stack::new(&mut beside), &mut terminal, signals, &mut |_: &_| Ok(())).map_err(Failure::refused)?;
    Ok(beside.into_twins())
}

fn create(path: &Path) -> Result<File, Failure> {
    let file = File::create(path);
    file.with_context(|| {
        message!(
            "cannot record to {}; choose another file with --record",
            "无法录制到 {}；请用 --record 指定另一个文件",
            path.display()
        )
    })
    .map_err(Failure::refused)
}

fn refused(error: ComparisonError) -> Failure {
    match error {
        ComparisonError::Scene(_) => Failure::usage(error),
        _ => Failure::refused(error),
    }
}

/// The cells of a line: what `COLUMNS` says, or else the terminal; a pipe has no width.
fn page_width() -> Option<usize> {
    let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let asked = || {
        let size = io::stdout().is_terminal().then(crossterm::terminal::window_size)?;
        size.ok().map(|size| usize::from(size.columns))
    };
    told.or_else(asked).filter(|columns| *columns > 0)
}

fn as_text(twins: &mut Comparison, page: Page) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut story = ComparisonReport::default();
    text::head(&mut out, twins, page)?;
    while twins.advance() {
        story.read(twins);
        text::step(&mut out, twins, &story, twins.played() - 1, page)?;
        out.flush()?;
    }
    text::foot(&mut out, twins, &story, page)?;
    out.flush()
}

fn as_trace(out: impl Write, twins: &mut Comparison) -> io::Result<()> {
    let mut out = jsonl::begin(out, twins)?;
    while twins.advance() {
        out = jsonl::step(out, twins, twins.played() - 1)?;
        out.flush()?;
    }
    Ok(())
}

/// All that was played.
fn record(out: impl Write, twins: &Comparison) -> io::Result<()> {
    let out = jsonl::begin(out, twins)?;
    (0..twins.played()).try_fold(out, |out, step| jsonl::step(out, twins, step))?.flush()
}

fn list(lang: Lang) -> io::Result<()> {
    let mut out = io::stdout().lock();
    scenes().try_for_each(|(name, title)| writeln!(out, "{name:<14} {}", lang.pick(title)))
}

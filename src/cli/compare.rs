//! `epollscope compare`: one scene against several servers, side by side.

use std::io::{self, BufWriter, IsTerminal as _, Write};

use anyhow::Context as _;

use super::export::page::tell_written;
use super::messages::{self, json_stdout, no_screen, quiet, stdout};
use super::recording::create;
use crate::cli::{CompareArgs, CompareFormat};
use crate::compare::text::{self, Page};
use crate::compare::{Comparison, ComparisonError, ComparisonReport, Variant, VariantSpec, jsonl};
use crate::error::Failure;
use crate::i18n::{Both, Lang, message, shown, words};
use crate::lesson::{Scene, scenes};
use crate::tui::capture::{About, compare_page};
use crate::tui::terminal::{Signals, Terminal};
use crate::tui::theme::{Depth, Ground};
use crate::tui::{CodeLanguage, CompareScreen, Stack, Theme, read_aloud, run as show};

/// What is compared where nothing is named.
const SCENE: &str = "message";

const INSTEAD: Both = ("`--format text` works without", "`--format text` 不需要屏幕");

pub(super) fn run(args: &CompareArgs, lang: Lang, theme: Theme, code: CodeLanguage) -> Result<(), Failure> {
    if args.list {
        return quiet(list(lang));
    }
    let scene = Scene::find(args.scene.as_deref().unwrap_or(SCENE)).map_err(Failure::usage)?;
    let against =
        args.against.as_deref().map_or_else(|| Ok(VariantSpec::usual()), VariantSpec::list).map_err(Failure::usage)?;
    let recording = args.record.to().map(|(path, force)| create(path, force)).transpose()?;
    let linear = args.screen.linear;
    let has_screen = io::stdout().is_terminal() && io::stdin().is_terminal();
    let on_screen = args.format.is_none() && args.page.is_none() && (linear || has_screen);
    let signals = if on_screen { Some(Signals::block().map_err(Failure::refused)?) } else { None };
    let mut comparison = Comparison::open(scene, against).map_err(refused)?;
    match (args.format, &signals) {
        _ if args.page.is_some() => comparison = as_page(comparison, args, lang)?,
        (None, Some(signals)) => comparison = watched(comparison, signals, (linear, theme), lang, code)?,
        (Some(CompareFormat::Jsonl), _) => quiet(as_trace(BufWriter::new(json_stdout()), &mut comparison))?,
        _ => quiet(as_text(&mut comparison, Page { lang, width: page_width() }))?,
    }
    let (Some(file), Some(path)) = (recording, &args.record.record) else { return Ok(()) };
    // What stopped the output, a closed pipe, does not stop the recording.
    while comparison.advance() {}
    let written = record(BufWriter::new(file), &comparison);
    written
        .with_context(|| message!("the recording {} is incomplete from here on", "录制文件 {} 在这里中断", shown(path)))
        .map_err(Failure::refused)
}

fn watched(
    comparison: Comparison,
    signals: &Signals,
    (linear, theme): (bool, Theme),
    lang: Lang,
    code: CodeLanguage,
) -> Result<Comparison, Failure> {
    if !linear {
        Terminal::check().map_err(no_screen(INSTEAD))?;
    }
    let mut screen = CompareScreen::new(comparison, theme, lang);
    screen.language = code;
    if linear {
        quiet(read_aloud(&mut screen, signals, &mut |_: &_| Ok(()), &mut stdout()).map(drop))?;
        return Ok(screen.comparison);
    }
    screen.begin();
    let mut terminal = Terminal::enter().map_err(no_screen(INSTEAD))?;
    show(Stack::new(&mut screen), &mut terminal, signals, &mut |_: &_| Ok(())).map_err(Failure::refused)?;
    Ok(screen.comparison)
}

fn as_page(comparison: Comparison, args: &CompareArgs, lang: Lang) -> Result<Comparison, Failure> {
    let mut out: Box<dyn Write> = match &args.output {
        Some(path) => Box::new(messages::create(path, ("cannot write to", "无法写入"), "--output")?),
        // All that is untrusted in it is escaped.
        None => Box::new(io::stdout().lock()),
    };
    let (name, title) = (&comparison.scene.name, comparison.scene.title(lang));
    let names: Vec<&str> = comparison.variants().iter().map(Variant::name).collect();
    let facts = vec![words!(lang, "{name}: {title}", "{name}：{title}")];
    let about = About { title: format!("epollscope · {}", names.join(" | ")), facts };
    let mut screen = CompareScreen::new(comparison, Theme::new(Depth::True, Ground::Dark), lang);
    screen.begin();
    let (moments, page) = compare_page(&mut screen, about, lang);
    let written = out.write_all(page.as_bytes()).and_then(|()| out.flush());
    if let (Some(path), Ok(())) = (&args.output, &written) {
        tell_written(path, moments, lang);
    }
    quiet(written)?;
    Ok(screen.comparison)
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

fn as_text(comparison: &mut Comparison, page: Page) -> io::Result<()> {
    let mut out = BufWriter::new(stdout());
    let mut report = ComparisonReport::default();
    text::head(&mut out, comparison, page)?;
    while comparison.advance() {
        report.read(comparison);
        text::step(&mut out, comparison, &report, comparison.played() - 1, page)?;
        out.flush()?;
    }
    text::foot(&mut out, comparison, &report, page)?;
    out.flush()
}

fn as_trace(out: impl Write, comparison: &mut Comparison) -> io::Result<()> {
    let mut out = jsonl::begin(out, comparison)?;
    while comparison.advance() {
        out = jsonl::step(out, comparison, comparison.played() - 1)?;
        out.flush()?;
    }
    Ok(())
}

fn record(out: impl Write, comparison: &Comparison) -> io::Result<()> {
    let out = jsonl::begin(out, comparison)?;
    (0..comparison.played()).try_fold(out, |out, step| jsonl::step(out, comparison, step))?.flush()
}

fn list(lang: Lang) -> io::Result<()> {
    let mut out = stdout();
    scenes().try_for_each(|(name, title)| writeln!(out, "{name:<14} {}", lang.pick(title)))
}

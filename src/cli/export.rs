//! `epollscope export`: a recording as a page, as a Chrome trace, or as a table.

pub(super) mod page;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::messages::{self, json_stdout, quiet, tell};
use super::reading::Recorded;
use crate::cli::args::{ExportArgs, ExportFormat};
use crate::error::Failure;
use crate::i18n::{Lang, grouped, message, shown, words};
use crate::record::Record;
use crate::trace::export::{Perfetto, Waits};

pub(super) fn run(args: &ExportArgs, lang: Lang) -> Result<(), Failure> {
    if args.to == ExportFormat::Html {
        return as_page(args, lang);
    }
    if args.calls.is_some() {
        return Err(Failure::usage(message!("--calls is for `--to html`", "--calls 用于 `--to html`")));
    }
    let (file, to, output) = (&args.file, args.to, args.output.as_deref());
    let mut recorded = Recorded::open(file, args.variant.as_deref(), lang)?;
    let out: Box<dyn Write> = match output {
        Some(path) => Box::new(create(path, file)?),
        None if to == ExportFormat::Perfetto => Box::new(json_stdout()),
        // All names in it are escaped, and its lines end in CR LF, which stays.
        None => Box::new(io::stdout().lock()),
    };
    recorded.tell_variant();
    let out = BufWriter::new(out);
    let written = if to == ExportFormat::Csv { as_csv(&mut recorded, out) } else { as_perfetto(&mut recorded, out) };
    let name = recorded.name.clone();
    let wrong = recorded.close();
    if let (Some(path), Ok(written)) = (output, &written) {
        tell(&what_was_written(path, to, written, lang));
    }
    quiet(written.map(drop))?;
    told_wrong(&name, wrong)
}

fn as_page(args: &ExportArgs, lang: Lang) -> Result<(), Failure> {
    let opened = page::Opened::open(&args.file, args.variant.as_deref(), lang)?;
    let out: Box<dyn Write> = match &args.output {
        Some(path) => Box::new(create(path, &args.file)?),
        // All that is untrusted in it is escaped.
        None => Box::new(io::stdout().lock()),
    };
    let written = opened.write(&mut BufWriter::new(out), args.calls.as_ref(), lang);
    if let (Some(path), Ok((moments, _))) = (&args.output, &written) {
        page::tell_written(path, *moments, lang);
    }
    let wrong = written.as_ref().map_or(0, |(_, wrong)| *wrong);
    quiet(written.map(drop))?;
    told_wrong(&shown(&args.file), wrong)
}

/// The failure of an export that left lines out.
fn told_wrong(name: &str, wrong: u64) -> Result<(), Failure> {
    if wrong == 0 {
        return Ok(());
    }
    let lines = if wrong == 1 { "line" } else { "lines" };
    Err(Failure::check(message!(
        "{name}: {wrong} {lines} could not be read; the rest was exported",
        "{name}：{wrong} 行无法读取；其余已导出"
    )))
}

/// How many records were written, and how many rows of a table: one for each wait.
type Written = (u64, u64);

fn what_was_written(path: &Path, to: ExportFormat, &(records, rows): &Written, lang: Lang) -> String {
    let [zh_records, zh_rows] = [records, rows].map(grouped);
    let (path, records, rows) = (shown(path), counted(records, "record"), counted(rows, "row"));
    match to {
        ExportFormat::Perfetto => words!(
            lang,
            "{path}: {records} as a trace for ui.perfetto.dev (Trace Event Format)",
            "{path}：{zh_records} 条记录，写成 ui.perfetto.dev 可打开的跟踪（Trace Event Format）"
        ),
        _ => words!(
            lang,
            "{path}: {rows}, one for each wait in {records}, as a table (CSV)",
            "{path}：{zh_records} 条记录中的等待，写成表格（CSV），每次等待一行，共 {zh_rows} 行"
        ),
    }
}

/// `1 row`, `1,976 rows`.
fn counted(n: u64, what: &str) -> String {
    format!("{} {what}{}", grouped(n), if n == 1 { "" } else { "s" })
}

fn create(path: &Path, input: &Path) -> Result<File, Failure> {
    let of = |path: &Path| path.metadata().map(|of| (of.is_file(), of.dev(), of.ino())).ok();
    // Writing it would empty what is to be read.
    if of(path).is_some_and(|it| it.0 && of(input) == Some(it)) {
        let same = message!(
            "{} is the recording itself; choose another file with --output",
            "{} 就是录制文件本身；请用 --output 指定另一个文件",
            shown(path)
        );
        return Err(Failure::usage(same));
    }
    messages::create(path, ("cannot write to", "无法写入"), "--output")
}

fn as_perfetto(recorded: &mut Recorded, out: impl Write) -> io::Result<Written> {
    let mut trace = Perfetto::new(out, recorded.header())?;
    let records = each(recorded, |record| trace.write(record))?;
    let (_, left_out) = trace.finish()?;
    if left_out > 0 {
        let were = if left_out == 1 { " was" } else { "s were" };
        let what = message!(
            "{}: {left_out} record{were} skipped, because there are too many threads",
            "{}：略去了 {left_out} 条记录，线程数超过了上限",
            recorded.name
        );
        tell(&what.words(recorded.lang));
    }
    Ok((records - left_out, 0))
}

fn as_csv(recorded: &mut Recorded, out: impl Write) -> io::Result<Written> {
    let mut table = Waits::new(out, recorded.header())?;
    let records = each(recorded, |record| table.write(record))?;
    let (_, rows) = table.finish()?;
    Ok((records, rows))
}

/// Writes every record; returns how many there were.
fn each(recorded: &mut Recorded, mut write: impl FnMut(&Record) -> io::Result<()>) -> io::Result<u64> {
    recorded.try_fold(0, |count, record| write(&record).map(|()| count + 1))
}

//! `epollscope lab`: a script of epoll calls.

use std::io::{self, BufWriter, ErrorKind, IsTerminal, Read as _, Write};
use std::path::Path;

use anyhow::{Context as _, anyhow};

use super::messages::quiet;
use super::prompt;
use super::recording::Recording;
use crate::cli::args::LabFormat;
use crate::error::Failure;
use crate::i18n::Lang;
use crate::record::Record;
use crate::script::{CLAIMS, Does, Line, MEASURES, Outcome, POLICY, SCENE_VERBS, SceneRunner, Stop, VERBS, parse};
use crate::trace::text::TextWriter;
use crate::trace::{Header, Writer};

/// The most calls of one cue that are written as text.
pub(super) const MAX_CALLS: usize = 200;
/// The largest script, in bytes.
const MAX_SCRIPT: u64 = 1 << 20;

pub(super) fn run(file: Option<&Path>, format: LabFormat, verbs: bool, record: Option<&Path>) -> Result<(), Failure> {
    if verbs {
        return quiet(list_verbs());
    }
    if file.is_none() && format == LabFormat::Text && io::stdin().is_terminal() && io::stdout().is_terminal() {
        return prompt::run(record);
    }
    let (name, script) = read(file)?;
    let lines = parse(&name, &script).map_err(Failure::usage)?;
    let mut recording = Recording::open(record)?;
    recording.begin(format!("lab {name}"))?;
    let played = match format {
        LabFormat::Text => as_text(&lines, &mut recording),
        LabFormat::Jsonl => as_trace(&name, &lines, &mut recording),
    };
    recording.finish()?;
    match played {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::refused(error)),
        Ok(None) => Ok(()),
        Ok(Some((line, Stop::Failed(came)))) => {
            Err(Failure::check(anyhow!("{name}:{}: {}\nbut {came}", line.number, line.text)))
        }
        Ok(Some((line, Stop::Refused(why)))) => {
            Err(Failure::refused(anyhow!("{name}:{}: {} {why}", line.number, line.text)))
        }
    }
}

fn read(file: Option<&Path>) -> Result<(String, String), Failure> {
    let name = file.map_or_else(|| "-".to_owned(), |file| file.display().to_string());
    if name == "-" && io::stdin().is_terminal() {
        return Err(Failure::usage(anyhow!(
            "lab takes a FILE, or a script on standard input; `epollscope lab --verbs` lists what one can say"
        )));
    }
    let mut bytes = Vec::new();
    let taken = match file.filter(|_| name != "-") {
        Some(path) => std::fs::File::open(path).and_then(|file| file.take(MAX_SCRIPT + 1).read_to_end(&mut bytes)),
        None => io::stdin().take(MAX_SCRIPT + 1).read_to_end(&mut bytes),
    };
    taken.with_context(|| format!("cannot read the script {name}")).map_err(Failure::refused)?;
    if bytes.len() as u64 > MAX_SCRIPT {
        return Err(Failure::usage(anyhow!("the script {name} is larger than {MAX_SCRIPT} bytes")));
    }
    let script = String::from_utf8(bytes);
    let script = script.map_err(|error| Failure::usage(anyhow!("the script {name} is not text in UTF-8: {error}")))?;
    Ok((name, script))
}

type Played<'a> = io::Result<Option<(&'a Line, Stop)>>;

fn as_text<'a>(lines: &'a [Line], recording: &mut Recording) -> Played<'a> {
    let mut out = BufWriter::new(io::stdout());
    let mut play = SceneRunner::new(Lang::En);
    let (mut stopped, mut recorded) = (None, Ok(()));
    for line in lines.iter().filter(|line| !matches!(line.does, Does::Caption(_))) {
        let stop = write_line(&mut out, &mut play, line, MAX_CALLS, |record| recording.note(record, &mut recorded))?;
        stopped = stop.map(|stop| (line, stop));
        if stopped.is_some() || recorded.is_err() {
            break;
        }
    }
    // One that has died is at its end.
    let _ = play.close(|record| recording.note(record, &mut recorded));
    recorded?;
    out.flush().map(|()| stopped)
}

/// Does a line, each record of which goes to `each`, and writes what it came to, with at most so many calls; why the
/// script ends here, if it does.
pub(super) fn write_line(
    out: &mut impl Write,
    play: &mut SceneRunner,
    line: &Line,
    most: usize,
    mut each: impl FnMut(&Record),
) -> io::Result<Option<Stop>> {
    let mut calls: Vec<Record> = Vec::new();
    let Outcome { said, stop, .. } = play.run(line, |record| {
        each(record);
        calls.push(*record);
    });
    writeln!(out, "{:>4}  {:<32} {said}", line.number, line.text)?;
    if matches!(line.does, Does::SceneLine(_)) {
        write_calls(out, play, &calls, most)?;
    }
    Ok(stop)
}

/// What the server did at a cue, at most so many calls of it.
pub(super) fn write_calls(out: &mut impl Write, play: &SceneRunner, records: &[Record], most: usize) -> io::Result<()> {
    let world = play.timeline().now();
    let mut text = TextWriter::new(Vec::new());
    records.iter().filter(|record| world.serves(record.tid)).try_for_each(|record| text.write(record))?;
    let text = text.finish()?;
    let text = String::from_utf8_lossy(&text);
    for line in text.lines().take(most) {
        writeln!(out, "      {line}")?;
    }
    let more = text.lines().count().saturating_sub(most);
    if more > 0 { writeln!(out, "      … and {more} calls more") } else { Ok(()) }
}

fn as_trace<'a>(name: &str, lines: &'a [Line], recording: &mut Recording) -> Played<'a> {
    let mut out = Writer::new(BufWriter::new(io::stdout()), &Header::now(format!("lab {name}")))?;
    let mut play = SceneRunner::new(Lang::En);
    let (mut stopped, mut written) = (None, Ok(()));
    let mut write = |record: &Record, written: &mut io::Result<()>| {
        if written.is_ok() {
            *written = out.write(record);
        }
        recording.note(record, written);
    };
    for line in lines {
        let Outcome { stop, .. } = play.run(line, |record| write(record, &mut written));
        stopped = stop.map(|stop| (line, stop));
        if stopped.is_some() || written.is_err() {
            break;
        }
    }
    // One that has died is at its end.
    let _ = play.close(|record| write(record, &mut written));
    written?;
    out.finish().map(|_| stopped)
}

/// The tables of the language, with their headings.
pub(super) const TABLES: [(&str, &[(&str, &str)]); 5] = [
    ("Lab scenes: epoll by hand, a call a line", VERBS),
    ("Server scenes: a server and its clients", SCENE_VERBS),
    ("The words of a policy", POLICY),
    ("What is measured", MEASURES),
    ("Claims, in both kinds of scene", CLAIMS),
];

pub(super) fn list_verbs() -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout());
    for (i, (heading, table)) in TABLES.into_iter().enumerate() {
        writeln!(out, "{}{heading}", if i > 0 { "\n" } else { "" })?;
        for (usage, what) in table {
            writeln!(out, "  {usage:<42} {what}")?;
        }
    }
    out.flush()
}

//! `epollscope lab`: a script of epoll calls.

use std::io::{self, BufWriter, ErrorKind, IsTerminal, Read as _, Write};
use std::path::Path;

use anyhow::Context as _;

use super::messages::{json_stdout, quiet, stdout};
use super::prompt;
use super::recording::{RecordTo, Recording};
use super::scene_text::{IN_ENGLISH, MAX_CALLS, TABLES, write_line};
use crate::cli::args::LabFormat;
use crate::error::Failure;
use crate::i18n::{Lang, message, shown};
use crate::record::Record;
use crate::script::{Does, Line, Outcome, SceneRunner, Stop, parse};
use crate::trace::{Header, Writer};

const MAX_SCRIPT: u64 = 1 << 20;

pub(super) fn run(
    file: Option<&Path>,
    format: LabFormat,
    verbs: bool,
    record: RecordTo<'_>,
    lang: Lang,
) -> Result<(), Failure> {
    if verbs {
        return quiet(list_verbs(lang));
    }
    if file.is_none() && format == LabFormat::Text && io::stdin().is_terminal() && io::stdout().is_terminal() {
        return prompt::run(record, lang);
    }
    let (name, script) = read(file)?;
    let lines = parse(&name, &script).map_err(Failure::usage)?;
    let mut recording = Recording::open(record)?;
    recording.begin(format!("lab {name}"))?;
    let played = match format {
        LabFormat::Text => as_text(&lines, &mut recording, lang),
        LabFormat::Jsonl => as_trace(&name, &lines, &mut recording, lang),
    };
    recording.finish()?;
    match played {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::refused(error)),
        Ok(None) => Ok(()),
        Ok(Some((line, Stop::Failed(came)))) => Err(Failure::check(message!(
            "{name}:{}: {}\nbut {came}",
            "{name}:{}：{}\n实际结果：{came}",
            line.number,
            line.text
        ))),
        Ok(Some((line, Stop::Refused(why)))) => {
            Err(Failure::refused(message!("{name}:{}: {} {why}", "{name}:{}：{} {why}", line.number, line.text)))
        }
    }
}

fn read(file: Option<&Path>) -> Result<(String, String), Failure> {
    let name = file.map_or_else(|| "-".to_owned(), shown);
    if name == "-" && io::stdin().is_terminal() {
        return Err(Failure::usage(message!(
            "lab takes a FILE, or a script on standard input; `epollscope lab --verbs` lists the language",
            "lab 需要一个文件，或标准输入里的脚本；`epollscope lab --verbs` 列出可以写什么"
        )));
    }
    let mut bytes = Vec::new();
    let taken = match file.filter(|_| name != "-") {
        Some(path) => std::fs::File::open(path).and_then(|file| file.take(MAX_SCRIPT + 1).read_to_end(&mut bytes)),
        None => io::stdin().take(MAX_SCRIPT + 1).read_to_end(&mut bytes),
    };
    taken
        .with_context(|| message!("cannot read the script {name}", "无法读取脚本 {name}"))
        .map_err(Failure::refused)?;
    if bytes.len() as u64 > MAX_SCRIPT {
        return Err(Failure::usage(message!(
            "the script {name} is larger than {MAX_SCRIPT} bytes",
            "脚本 {name} 大于 {MAX_SCRIPT} 字节"
        )));
    }
    let script = String::from_utf8(bytes);
    let script = script.map_err(|error| {
        Failure::usage(message!(
            "the script {name} is not text in UTF-8: {error}",
            "脚本 {name} 不是 UTF-8 文本：{error}"
        ))
    })?;
    Ok((name, script))
}

type Played<'a> = io::Result<Option<(&'a Line, Stop)>>;

fn as_text<'a>(lines: &'a [Line], recording: &mut Recording, lang: Lang) -> Played<'a> {
    let mut out = BufWriter::new(stdout());
    let mut play = SceneRunner::new(lang);
    let (mut stopped, mut recorded) = (None, Ok(()));
    for line in lines.iter().filter(|line| !matches!(line.does, Does::Caption(_))) {
        let stop = write_line(&mut out, &mut play, line, MAX_CALLS, |record| recording.note(record, &mut recorded))?;
        recorded = recorded.and_then(|()| recording.flush());
        stopped = stop.map(|stop| (line, stop));
        if stopped.is_some() || recorded.is_err() {
            break;
        }
    }
    // A server that has died is no failure of closing.
    let _ = play.close(|record| recording.note(record, &mut recorded));
    recorded?;
    out.flush().map(|()| stopped)
}

fn as_trace<'a>(name: &str, lines: &'a [Line], recording: &mut Recording, lang: Lang) -> Played<'a> {
    let mut out = Writer::new(BufWriter::new(json_stdout()), &Header::now(format!("lab {name}")))?;
    let mut play = SceneRunner::new(lang);
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
    // A server that has died is no failure of closing.
    let _ = play.close(|record| write(record, &mut written));
    written?;
    out.finish().map(|_| stopped)
}

fn list_verbs(lang: Lang) -> io::Result<()> {
    let mut out = BufWriter::new(stdout());
    write!(out, "{}", lang.of("", IN_ENGLISH))?;
    for (i, (heading, table)) in TABLES.into_iter().enumerate() {
        writeln!(out, "{}{heading}", if i > 0 { "\n" } else { "" })?;
        for (usage, what) in table {
            writeln!(out, "  {usage:<42} {what}")?;
        }
    }
    out.flush()
}

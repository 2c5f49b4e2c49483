//! Lines of a scene as text, with the calls that they led to, and the tables of the language.

use std::io::{self, Write};

use crate::i18n::words;
use crate::record::Record;
use crate::script::{CLAIMS, Does, Lab, Line, MEASURES, Outcome, POLICY, SCENE_VERBS, SceneRunner, Stop, VERBS, Verb};
use crate::trace::text::TextWriter;

/// The most calls of one line that are written as text.
pub(super) const MAX_CALLS: usize = 200;

/// What stands before the tables in Chinese.
pub(super) const IN_ENGLISH: &str = "脚本语言的词，说明是英文的：\n\n";

/// The tables of the language, with their headings.
pub(super) const TABLES: [(&str, &[(&str, &str)]); 5] = [
    ("Lab scenes: epoll by hand, one call on each line", VERBS),
    ("Server scenes: a server and its clients", SCENE_VERBS),
    ("The words of a policy", POLICY),
    ("Measures", MEASURES),
    ("Claims, in both kinds of scene", CLAIMS),
];

/// Runs a line and writes its result with at most `most` calls; returns why the script ends here, if it does.
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
    write_reasons(out, play, line)?;
    if matches!(line.does, Does::SceneLine(_)) {
        write_calls(out, play, &calls, most)?;
    }
    Ok(stop)
}

/// Writes why a wait of a lab reported what it did, or nothing.
pub(super) fn write_reasons(out: &mut impl Write, play: &SceneRunner, line: &Line) -> io::Result<()> {
    let waits = matches!(line.does, Does::Call(Verb::Wait { .. } | Verb::Join { .. } | Verb::In { .. }));
    let why = play.lab().filter(|_| waits).map(Lab::reasons).unwrap_or_default();
    why.iter().try_for_each(|why| writeln!(out, "      {why}"))
}

/// Writes the server's calls, at most `most`.
pub(super) fn write_calls(out: &mut impl Write, play: &SceneRunner, records: &[Record], most: usize) -> io::Result<()> {
    let world = play.timeline().now();
    let mut text = TextWriter::in_lang(Vec::new(), play.lang());
    records.iter().filter(|record| world.serves(record.tid)).try_for_each(|record| text.write(record))?;
    let text = text.finish()?;
    let text = String::from_utf8_lossy(&text);
    for line in text.lines().take(most) {
        writeln!(out, "      {line}")?;
    }
    let more = text.lines().count().saturating_sub(most);
    let rest = words!(play.lang(), "… and {more} more calls", "… 还有 {more} 次调用");
    if more > 0 { writeln!(out, "      {rest}") } else { Ok(()) }
}

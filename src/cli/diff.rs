//! `epollscope diff`: where two recordings part.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::messages::{quiet, stdout};
use super::reading::Recorded;
use crate::analysis::diff::{Compared, Counts, Parting, Unit, compare};
use crate::error::Failure;
use crate::i18n::{Lang, grouped, message, words};
use crate::trace::{Header, World};

pub(super) fn run(files: [&PathBuf; 2], variants: &[String], counts: &Counts, lang: Lang) -> Result<(), Failure> {
    if files.iter().all(|file| file.as_path() == Path::new("-")) {
        return Err(Failure::usage(message!(
            "only one of the two recordings can be standard input",
            "标准输入只能是两个录制文件之一"
        )));
    }
    if variants.len() > 2 {
        return Err(Failure::usage(message!(
            "--variant takes two names, for A and for B; these are {}",
            "--variant 接受 A 的和 B 的名字，这里有 {} 个",
            variants.len()
        )));
    }
    let [of_a, of_b] = [variants.first(), variants.last()].map(|variant| variant.map(String::as_str));
    let (mut a, mut b) = (Recorded::open(files[0], of_a, lang)?, Recorded::open(files[1], of_b, lang)?);
    a.tell_variant();
    b.tell_variant();
    let headers = [("A", about(&a)), ("B", about(&b))];
    let worlds = [World::recorded(a.header()), World::recorded(b.header())];
    let compared = compare(worlds, &mut a, &mut b, counts, lang);
    let wrong = a.close() + b.close();
    quiet(say(&headers, &compared, lang))?;
    match compared.parting {
        Some(_) => Err(Failure::check(message!("the recordings differ", "两个录制文件从某处起出现差异"))),
        None if wrong > 0 => Err(Failure::check(message!(
            "the recordings are the same, except for {wrong} lines that could not be read",
            "就能读取的部分而言，两个录制文件相同；有 {wrong} 行无法读取"
        ))),
        None => Ok(()),
    }
}

/// Name and header in a line; what the header says may be anything.
fn about(recorded: &Recorded) -> String {
    let Header { kernel, started, source, .. } = recorded.header();
    let started = started.as_ref().map_or_else(String::new, |started| format!(", {started}"));
    format!("{}: {source}, Linux {kernel}{started}", recorded.name).escape_debug().to_string()
}

fn say(headers: &[(&str, String)], compared: &Compared, lang: Lang) -> io::Result<()> {
    let mut out = stdout();
    headers.iter().try_for_each(|(side, about)| writeln!(out, "{side}  {about}"))?;
    let same = grouped(compared.same);
    let Some(Parting { a, b, why }) = &compared.parting else {
        return writeln!(out, "{}", words!(lang, "the same: {same} calls", "相同，共 {same} 次调用"));
    };
    let said =
        words!(lang, "{same} calls are the same, then the recordings differ", "前 {same} 次调用相同，此后出现差异");
    writeln!(out, "\n{said}")?;
    compared.before.iter().try_for_each(|unit| writeln!(out, "{}", line(" ", unit)))?;
    for (side, units) in [("A", a), ("B", b)] {
        if units.is_empty() {
            writeln!(out, "{side}  {}", lang.of("no call here", "这里没有调用"))?;
        }
        units.iter().try_for_each(|unit| writeln!(out, "{}", line(side, unit)))?;
    }
    if !why.is_empty() {
        writeln!(out)?;
        why.iter().try_for_each(|sentence| writeln!(out, "{sentence}"))?;
    }
    out.flush()
}

/// A call with its side and the number of its record, by which it is found in the file.
fn line(side: &str, unit: &Unit) -> String {
    format!("{side} {:>7} {}", format!("#{}", unit.record().seq), unit.line())
}

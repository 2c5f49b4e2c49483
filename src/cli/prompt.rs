//! `epollscope lab` at a terminal: a prompt that makes a call a line, and shows both lists of each epoll after it.

mod guard;

use std::io::{self, Write};

use nix::sys::resource::{Resource, getrlimit};
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::MemHistory;
use rustyline::validate::Validator;
use rustyline::{CompletionType, Config, Context, Editor, Helper};
use unicode_width::UnicodeWidthStr as _;

use super::messages::stdout;
use super::recording::{RecordTo, Recording};
use super::scene_text::{IN_ENGLISH, MAX_CALLS, TABLES, write_calls, write_reasons};
use crate::cli::prompt::guard::Guard;
use crate::error::Failure;
use crate::i18n::{Lang, words};
use crate::record::Record;
use crate::script::{Does, Line, Lists, Reader, SceneRunner, Stop, Value};
use crate::sys;
use crate::sys::Wake;

/// What one can say here besides the language itself.
const HERE: &[(&str, &str)] = &[
    ("help [WORD]", "list all words, or explain one"),
    ("new", "discard everything and start a new scene"),
    ("quit", "quit; Ctrl-D does the same, Ctrl-C clears the line"),
];

pub(super) fn run(record: RecordTo<'_>, lang: Lang) -> Result<(), Failure> {
    let mut recording = Recording::open(record)?;
    recording.begin("lab")?;
    let ended = converse(&mut recording, lang);
    recording.finish()?;
    ended
}

fn converse(recording: &mut Recording, lang: Lang) -> Result<(), Failure> {
    let _guard = Guard::raise().map_err(Failure::refused)?;
    let config = Config::builder().completion_type(CompletionType::List).auto_add_history(true).build();
    let mut editor = Editor::with_history(config, MemHistory::new()).map_err(Failure::refused)?;
    editor.set_helper(Some(Words(reader())));
    let mut play = SceneRunner::new(lang);
    say(lang.of(
        "One call on each line: e = epoll, a b = pair tcp, add e a IN ET, write b 5, wait e. help, Tab, quit.",
        "每行一个调用：e = epoll，a b = pair tcp，add e a IN ET，write b 5，wait e。help 帮助，Tab 补全，quit 退出。",
    ))?;
    loop {
        match unlimited(|| editor.readline("> ")) {
            Ok(text) => {
                let Some(words) = editor.helper_mut() else { return Ok(()) };
                // What is pasted may be several lines.
                for line in text.lines() {
                    if !obey(line, &mut play, &mut words.0, recording)? {
                        return Ok(());
                    }
                }
                // Ctrl-C that came when nothing waited is not for the next call; while a line is edited it is a key.
                Wake::forget();
            }
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => return Ok(()),
            Err(error) => return Err(Failure::refused(error)),
        }
    }
}

/// The editor needs fds of its own, whatever limit the scene has set.
fn unlimited<T>(read: impl FnOnce() -> T) -> T {
    let of_scene = getrlimit(Resource::RLIMIT_NOFILE).and_then(|(_, hard)| sys::set_nofile_limit(hard));
    let line = read();
    // It was this before, so it may be this again.
    let _ = of_scene.map(sys::set_nofile_limit);
    line
}

/// Does what a line says; false where it is the last.
fn obey(text: &str, play: &mut SceneRunner, reads: &mut Reader, recording: &mut Recording) -> Result<bool, Failure> {
    match text.split('#').next().unwrap_or("").split_whitespace().collect::<Vec<_>>()[..] {
        ["quit" | "exit"] => return Ok(false),
        ["new"] | ["reset", "scene"] => {
            // The new scene has no fds yet: its numbers are those that the old one lets go of here.
            *play = SceneRunner::new(play.lang());
            *reads = reader();
            say(play.lang().of("  a new scene", "  新的场景"))?;
        }
        ["help", ref about @ ..] => say(&help(about, play.lang()))?,
        _ => match reads.line(text) {
            Ok(Some(line)) => say(&answer(play, &line, recording).map_err(Failure::refused)?)?,
            Ok(None) => {}
            Err(diagnostic) => say(&diagnostic.words(play.lang()))?,
        },
    }
    Ok(true)
}

fn reader() -> Reader {
    Reader::new("lab", 1)
}

fn say(text: &str) -> Result<(), Failure> {
    if text.is_empty() { Ok(()) } else { writeln!(stdout(), "{text}").map_err(Failure::refused) }
}

/// Does a line; what came of it, and how the epolls stand.
fn answer(play: &mut SceneRunner, line: &Line, recording: &mut Recording) -> io::Result<String> {
    let mut calls: Vec<Record> = Vec::new();
    let mut recorded = Ok(());
    let outcome = play.run(line, |record| {
        calls.push(*record);
        recording.note(record, &mut recorded);
    });
    recorded.and_then(|()| recording.flush())?;
    let mut out = Vec::new();
    let (said, mark) = match outcome.stop {
        Some(Stop::Failed(came)) => {
            let said = outcome.said;
            (words!(play.lang(), "{said}: {came} came", "{said}，实际结果：{came}"), "✗")
        }
        Some(Stop::Refused(_)) => (outcome.said, "✗"),
        None => (outcome.said, " "),
    };
    if !said.is_empty() {
        writeln!(out, "{mark} {said}")?;
    }
    write_reasons(&mut out, play, line)?;
    if matches!(line.does, Does::SceneLine(_)) {
        write_calls(&mut out, play, &calls, MAX_CALLS)?;
    }
    if matches!(line.does, Does::Call(_) | Does::SceneLine(_)) {
        out.extend(lists(&play.lists(), play.lang()).bytes());
    }
    Ok(String::from_utf8_lossy(&out).trim_end().to_owned())
}

fn lists(epolls: &[Lists], lang: Lang) -> String {
    let width = epolls.iter().map(|lists| lists.epoll.width()).max().unwrap_or(0);
    let mut rows = Vec::new();
    for Lists { epoll, interest, ready, unknown } in epolls {
        let disarmed = lang.of(" (disarmed)", "（停用）");
        let interest: Vec<String> = interest
            .iter()
            .map(|(name, mask, armed)| format!("{name} {mask}{}", if *armed { "" } else { disarmed }))
            .collect();
        let interest = if interest.is_empty() { lang.of("nothing", "无").to_owned() } else { interest.join(", ") };
        let name = format!("{epoll}{}", " ".repeat(width - epoll.width()));
        let (pad, ready) = (" ".repeat(width), Value::Events(ready.clone()).words(lang));
        let unknown = if unknown.is_empty() {
            String::new()
        } else {
            let names = unknown.join(", ");
            words!(lang, "; unknown: {names}", "；未知：{names}")
        };
        rows.push(words!(lang, "    {name}  watches  {interest}", "    {name}  兴趣列表  {interest}"));
        rows.push(words!(
            lang,
            "    {pad}  ready    {ready}{unknown}  (inferred)",
            "    {pad}  就绪列表  {ready}{unknown}  （推断）"
        ));
    }
    rows.join("\n")
}

/// What the tables say of a word, or all of them.
fn help(about: &[&str], lang: Lang) -> String {
    let row = |(usage, what): &(&str, &str)| format!("  {usage:<42} {what}");
    let tables = TABLES.into_iter().chain([("Here", HERE)]);
    let Some(word) = about.first() else {
        let tables = tables.map(|(heading, table)| {
            let rows: Vec<String> = table.iter().map(row).collect();
            format!("{heading}\n{}", rows.join("\n"))
        });
        return lang.of("", IN_ENGLISH).to_owned() + &tables.collect::<Vec<_>>().join("\n\n");
    };
    let said = |usage: &str| usage.split(|c: char| !c.is_alphanumeric() && c != '-').any(|part| part == *word);
    let rows: Vec<String> = tables.flat_map(|(_, table)| table).filter(|(usage, _)| said(usage)).map(row).collect();
    let none = || words!(lang, "  no word \"{word}\"; help lists them all", "  没有“{word}”这个词；help 列出全部");
    if rows.is_empty() { none() } else { rows.join("\n") }
}

struct Words(Reader);

impl Completer for Words {
    type Candidate = String;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let (start, mut words) = self.0.complete(&line[..at]);
        if start == 0 {
            let here = HERE.iter().filter_map(|(usage, _)| usage.split(' ').next());
            words.extend(here.filter(|word| word.starts_with(&line[..at])).map(str::to_owned));
        }
        Ok((start, words))
    }
}

impl Hinter for Words {
    type Hint = String;
}

impl Highlighter for Words {}
impl Validator for Words {}
impl Helper for Words {}

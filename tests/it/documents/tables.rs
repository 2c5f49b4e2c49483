//! The tables in the documents that the program makes. Each stands between two comments, the first of which names it.

use std::fmt::Write as _;
use std::fs;

use clap::{Arg, Command, CommandFactory as _};
use epollscope::analysis::Lint;
use epollscope::cli::Cli;
use epollscope::grade::CASES;
use epollscope::i18n::Lang;
use epollscope::lesson::scenes;
use epollscope::script::{CLAIMS, MEASURES, POLICY, SCENE_VERBS, VERBS};
use epollscope::tui::keymap::{self, binding::helped};
use epollscope::tui::screens::{compare, demo, lesson, peek, watch};

use super::{documents, root, text};

const BEGIN: &str = "\n<!-- made by the program: ";
const END: &str = "\n<!-- end -->";

/// Makes a table, in Markdown.
type Make = fn() -> String;

/// Every table, by the name that its first comment has.
const TABLES: &[(&str, Make)] = &[
    ("keys", || workbench_keys(Lang::En)),
    ("keys in Chinese", || workbench_keys(Lang::Zh)),
    ("lesson keys", || {
        rows(["key", "what it does"], helped(lesson::keys::KEYS).map(|(key, (en, _))| (code(&key), en)))
    }),
    ("comparison keys", || {
        rows(["key", "what it does"], helped(compare::keys::KEYS).map(|(key, (en, _))| (code(&key), en)))
    }),
    ("demo keys", || {
        let named = demo::keys::KEYS.iter().filter(|binding| !binding.short.0.is_empty());
        let shown = |keys: &str| if keys.is_empty() { "any other".to_owned() } else { code(keys) };
        rows(["key", "what it does"], named.map(|binding| (shown(binding.shown), binding.short.0)))
    }),
    ("watch keys", || rows(["key", "what it does"], helped(watch::keys::KEYS).map(|(key, (en, _))| (code(&key), en)))),
    ("peek keys", || rows(["key", "what it does"], helped(peek::keys::KEYS).map(|(key, (en, _))| (code(&key), en)))),
    ("verbs", || words("verb", VERBS)),
    ("server verbs", || words("verb", SCENE_VERBS)),
    ("policy", || words("words", POLICY)),
    ("claims", || words("words", CLAIMS)),
    ("measures", || words("measure", MEASURES)),
    ("scenes", || rows(["scene", "what happens"], scenes().map(|(name, (en, _))| (code(name), en)))),
    ("lessons", lessons),
    ("cases", cases),
    ("commands", commands),
];

#[test]
fn the_tables_are_those_that_the_program_makes() {
    let write = std::env::var_os("EPOLLSCOPE_WRITE_DOCS").is_some();
    let (mut found, mut stale) = (Vec::new(), Vec::new());
    for document in documents() {
        let old = text(&document);
        let new = with_tables(&old, &mut found);
        if new == old {
        } else if write {
            fs::write(&document, new).expect("the document is written");
        } else {
            stale.push(document.display().to_string());
        }
    }
    assert!(
        stale.is_empty(),
        "tables of the program have changed: {}\nwrite them again: EPOLLSCOPE_WRITE_DOCS=1 cargo test --test it documents",
        stale.join(", ")
    );
    for (name, _) in TABLES {
        assert!(found.iter().any(|found| found == name), "no document has the table {name:?}");
    }
}

#[test]
fn the_guide_says_what_each_finding_is() {
    let guide = text(&root("docs/guide.md"));
    for lint in Lint::ALL {
        let row = format!("| {} | {} | ", lint.name(Lang::En), lint.name(Lang::Zh));
        assert!(guide.contains(&row), "docs/guide.md has no row of findings that begins with {row:?}");
    }
}

/// The document with each table made again; the names of those that it has go into `found`.
fn with_tables(document: &str, found: &mut Vec<String>) -> String {
    let mut out = String::new();
    let mut rest = document;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let (name, after) = after.split_once(" -->").expect("the comment ends");
        let (_, after) = after.split_once(END).unwrap_or_else(|| panic!("{name}: there is no {}", END.trim()));
        let made = TABLES.iter().find(|(n, _)| *n == name).unwrap_or_else(|| panic!("no table is called {name:?}")).1;
        write!(out, "{before}{BEGIN}{name} -->\n\n{}\n{END}", made().trim()).expect("a string");
        found.push(name.to_owned());
        rest = after;
    }
    out + rest
}

/// A table of two columns.
fn rows<A: AsRef<str>, B: AsRef<str>>([a, b]: [&str; 2], rows: impl Iterator<Item = (A, B)>) -> String {
    let mut table = format!("| {a} | {b} |\n|---|---|\n");
    for (a, b) in rows {
        writeln!(table, "| {} | {} |", cell(a.as_ref()), cell(b.as_ref())).expect("a string");
    }
    table
}

/// A column ends at `|`, in code too.
fn cell(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|")
}

fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("`{text}`") }
}

fn words(what: &str, table: &[(&str, &str)]) -> String {
    rows([what, "what it does"], table.iter().map(|(usage, what)| (code(usage), *what)))
}

fn workbench_keys(lang: Lang) -> String {
    let heads = lang.of(["key", "what it does"], ["按键", "作用"]);
    let group = |group: keymap::Group| {
        let heading = (String::new(), format!("**{}**", lang.pick(group.heading())));
        let keys = keymap::KEYS.iter().filter(move |binding| binding.group == group);
        let row = move |binding: &keymap::Binding| (code(binding.shown), lang.pick(binding.long).to_owned());
        std::iter::once(heading).chain(keys.map(row))
    };
    rows(heads, keymap::Group::ALL.into_iter().flat_map(group))
}

/// Every lesson with its title in both languages, each a link to its text.
fn lessons() -> String {
    let mut table = "| | lesson | 课 |\n|---|---|---|\n".to_owned();
    for id in epollscope::lesson::ids() {
        let title = |lang| {
            let text = text(&root(&format!("lessons/{id}/{lang}.md")));
            let title = text.lines().next().and_then(|line| line.strip_prefix("# ")).expect("a title").to_owned();
            format!("[{title}](../lessons/{id}/{lang}.md)")
        };
        let number: u32 = id.split('-').next().and_then(|digits| digits.parse().ok()).expect("a number");
        writeln!(table, "| {number} | {} | {} |", title("en"), title("zh")).expect("a string");
    }
    table
}

/// Every case that a server is graded with.
fn cases() -> String {
    let mut table =
        "| case | what the clients do | a right server | caught | lesson |\n|---|---|---|---|---|\n".to_owned();
    for case in CASES {
        let [title, expects, catches] = [case.title, case.expects, case.catches].map(|both| cell(both.0));
        let (id, lesson) = (code(case.id), case.lesson);
        writeln!(table, "| {id} | {title} | {expects} | {catches} | {lesson} |").expect("a string");
    }
    table
}

/// Every command with its arguments and flags, from clap's definitions. What the workbench has too is named, and not
/// described again.
fn commands() -> String {
    let all = Cli::command();
    let mut text = String::new();
    command(&mut text, "epollscope", &all, &[]);
    let shared: Vec<&Arg> = all.get_arguments().collect();
    for one in all.get_subcommands().filter(|one| !one.is_hide_set()) {
        let name = format!("epollscope {}", one.get_name());
        command(&mut text, &name, one, &shared);
        for below in one.get_subcommands() {
            command(&mut text, &format!("{name} {}", below.get_name()), below, &shared);
        }
    }
    text
}

fn command(text: &mut String, name: &str, command: &Command, shared: &[&Arg]) {
    let about = command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default();
    let about: Vec<String> = about.split("\n\n").map(sentence).collect();
    writeln!(text, "### {name}\n\n{}\n", about.join("\n\n")).expect("a string");
    let is_shared =
        |arg: &&Arg| shared.iter().any(|other| arg.get_id() == other.get_id() && arg.get_help() == other.get_help());
    let (known, own): (Vec<&Arg>, Vec<&Arg>) =
        command.get_arguments().filter(|arg| !arg.is_hide_set()).partition(is_shared);
    if !own.is_empty() {
        let row = |arg: &&Arg| (usage(arg), help(arg));
        writeln!(text, "{}", rows(["argument", "what it does"], own.iter().map(row))).expect("a string");
    }
    if !known.is_empty() {
        let names: Vec<String> = known.iter().map(|arg| usage(arg)).collect();
        writeln!(text, "As [epollscope](#epollscope): {}.\n", names.join(", ")).expect("a string");
    }
}

/// With a full stop at its end.
fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', ':', '?', '`']) { text.to_owned() } else { format!("{text}.") }
}

fn usage(arg: &Arg) -> String {
    let value = arg.get_value_names().and_then(<[_]>::first).filter(|_| arg.get_action().takes_values());
    code(&match (arg.get_long(), value) {
        (Some(long), Some(value)) => format!("--{long} <{value}>"),
        (Some(long), None) => format!("--{long}"),
        (None, Some(value)) if arg.is_required_set() => format!("<{value}>"),
        (None, value) => format!("[{}]", value.map_or("", |value| value)),
    })
}

fn help(arg: &Arg) -> String {
    let help = arg.get_long_help().or(arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let mut text = sentence(&help.replace('\n', " "));
    if !arg.get_action().takes_values() {
        return text;
    }
    for value in arg.get_possible_values().iter().filter(|value| !value.is_hide_set()) {
        let meaning =
            value.get_help().map_or(String::new(), |help| format!(": {}", help.to_string().trim_end_matches('.')));
        write!(text, "<br>`{}`{meaning}", value.get_name()).expect("a string");
    }
    let defaults: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
    if !defaults.is_empty() {
        write!(text, "<br>Default: `{}`", defaults.join(",")).expect("a string");
    }
    text
}

//! `epollscope man`: one page for all commands, made by clap_mangen from the command line's definitions, with the exit
//! codes and the environment, which clap does not know.

use std::fmt::Write as _;
use std::io::{self, Write};

use anyhow::anyhow;
use clap::{Arg, Command, CommandFactory as _};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::{args::Cli, messages::print};
use crate::error::{Failure, Kind};

const FAILURES: [(Kind, &str); 3] = [
    (Kind::Check, "A check failed: a claim of a lesson, an expect of a script, or two recordings that differ."),
    (Kind::Usage, "Wrong usage: an error in the command line, a script or a lesson."),
    (
        Kind::Refused,
        "The system refused: an address in use, no permission, no terminal, or a file that cannot be read.",
    ),
];

const ENVIRONMENT: [(&str, &str); 8] = [
    ("NO_COLOR", "No colours, if not empty."),
    ("COLORTERM", "All colours, if it is truecolor or 24bit; otherwise sixteen."),
    ("EPOLLSCOPE_THEME", "The background of the terminal: dark or light."),
    ("COLORFGBG", "The background as set by the terminal, used if EPOLLSCOPE_THEME is not set."),
    ("LC_ALL, LC_MESSAGES, LANG", "The language without --lang: the first of them that is set."),
    (
        "XDG_STATE_HOME",
        "Its subfolder epollscope stores the progress in the lessons, and whether the welcome was seen; the default is ~/.local/state.",
    ),
    ("XDG_CONFIG_HOME", "Its subfolder epollscope has the settings, config.toml; the default is ~/.config."),
    ("COLUMNS", "The width of the text output of compare."),
];

pub(super) fn run() -> Result<(), Failure> {
    print(&page(Cli::command()).map_err(Failure::refused)?)
}

fn page(command: Command) -> io::Result<String> {
    let mut command = command.disable_help_subcommand(true);
    command.build();
    // clap_mangen leaves out an empty date, and the next field would take its place.
    let no_date = "\"\"";
    let man = Man::new(command.clone()).title("EPOLLSCOPE").date(no_date).manual("User Commands");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    Roff::new().control("SH", ["COMMANDS"]).to_writer(&mut page)?;
    for subcommand in command.get_subcommands() {
        describe(subcommand, &command, &mut page)?;
    }
    ending().to_writer(&mut page)?;
    Ok(portable(&String::from_utf8_lossy(&page)))
}

/// A command and its subcommands; flags that the workbench has too are only named.
fn describe(command: &Command, root: &Command, page: &mut Vec<u8>) -> io::Result<()> {
    let known: Vec<&Arg> = command.get_arguments().filter(|arg| is_known(arg, root)).collect();
    let mut own = command.clone().mut_args(|arg| arg.help_heading(None));
    own = known.iter().fold(own, |own, arg| own.mut_arg(arg.get_id(), |arg| arg.hide(true)));
    let usage = own.render_usage().to_string();
    let mut roff = Roff::new();
    roff.control("SS", [command.get_bin_name().unwrap_or_else(|| command.get_name())]);
    for line in usage.trim_start_matches("Usage:").lines() {
        roff.text([bold(line.trim())]).control("br", []);
    }
    roff.control("PP", []).to_writer(page)?;
    let man = Man::new(own);
    page.extend_from_slice(body(|out| man.render_description_section(out))?.as_bytes());
    page.extend_from_slice(body(|out| man.render_options_section(out))?.as_bytes());
    let known: Vec<String> = known.iter().filter_map(|arg| Some(format!("--{}", arg.get_long()?))).collect();
    let known = format!("As above: {}.", known.join(", "));
    Roff::new().control("PP", []).text([roman(known)]).to_writer(page)?;
    command.get_subcommands().try_for_each(|subcommand| describe(subcommand, root, page))
}

fn is_known(arg: &Arg, root: &Command) -> bool {
    let help = |arg: &Arg| arg.get_help().map(ToString::to_string);
    let same = |other: &Arg| help(other) == help(arg) && other.get_default_values() == arg.get_default_values();
    root.get_arguments().any(|other| other.get_id() == arg.get_id() && (arg.get_id() == "help" || same(other)))
}

/// The text of a section, without its heading.
fn body(render: impl Fn(&mut dyn Write) -> io::Result<()>) -> io::Result<String> {
    let mut section = Vec::new();
    render(&mut section)?;
    let section = String::from_utf8_lossy(&section);
    let after_heading = section.split_once("\n.SH ").and_then(|(_, rest)| rest.split_once('\n'));
    Ok(after_heading.map(|(_, body)| body.to_owned()).unwrap_or_default())
}

/// The sections that clap does not know.
fn ending() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["EXIT STATUS"]).control("TP", []).text([bold("0")]).text([roman("Success.")]);
    for (kind, what) in FAILURES {
        let code = Failure { kind, error: anyhow!("") }.exit_code();
        roff.control("TP", []).text([bold(code.to_string())]).text([roman(what)]);
    }
    roff.control("SH", ["ENVIRONMENT"]);
    for (name, what) in ENVIRONMENT {
        roff.control("TP", []).text([bold(name)]).text([roman(what)]);
    }
    roff.control("SH", ["SEE ALSO"]);
    let others = [("epoll", "(7), "), ("epoll_ctl", "(2), "), ("epoll_wait", "(2), "), ("strace", "(1)")];
    roff.text(others.map(|(name, section)| [bold(name), roman(section)]).concat());
    roff
}

/// The page with one preamble instead of one for each section, and in ASCII: not every roff reads UTF-8.
fn portable(page: &str) -> String {
    let (preamble, rest) = page.split_at(page.find(".TH ").unwrap_or_default());
    let mut ascii = preamble.to_owned();
    for char in rest.replace(preamble, "").chars() {
        if char.is_ascii() {
            ascii.push(char);
        } else {
            let _ = write!(ascii, "\\[u{:04X}]", u32::from(char));
        }
    }
    ascii
}

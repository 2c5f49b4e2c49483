//! `epollscope completions`: what clap generates from the command line's definitions, and the names that clap does not
//! know: lessons, scenes, policies. They are no fixed list of values, because a file may stand in their place.

use std::borrow::Cow;

use clap::builder::PossibleValuesParser;
use clap::{Command, CommandFactory as _, ValueEnum as _};
use clap_complete::{generate, shells};

use super::args::{Cli, Shell};
use super::messages::print;
use crate::error::Failure;
use crate::lesson::{ids, scenes};
use crate::record::{Choice as _, Faults};

const NAME: &str = "epollscope";

/// The arguments that take a name that the program knows, or a file: the command, and the argument.
const NAMED: [(&str, &str); 4] = [("lesson", "lesson"), ("verify", "lessons"), ("demo", "scene"), ("compare", "scene")];

/// Policies for `compare --against`; the faults follow by their names.
const POLICIES: [&str; 7] = ["level", "edge", "oneshot", "edge+drain", "edge+short", "level+always", "edge+always"];

pub(super) fn run(shell: Shell) -> Result<(), Failure> {
    print(&script(shell))
}

fn script(shell: Shell) -> String {
    let mut command = offering(Cli::command(), "compare", "against", policies());
    let mut script = Vec::new();
    match shell {
        // bash offers files where no name fits.
        Shell::Bash => {
            for (name, arg) in NAMED {
                command = offering(command, name, arg, names(name));
            }
            generate(shells::Bash, &mut command, NAME, &mut script);
        }
        Shell::Zsh => generate(shells::Zsh, &mut command, NAME, &mut script),
        Shell::Fish => generate(shells::Fish, &mut command, NAME, &mut script),
    }
    let script = String::from_utf8_lossy(&script);
    match shell {
        Shell::Bash => script.into_owned(),
        Shell::Zsh => script.split_inclusive('\n').map(zsh).collect(),
        Shell::Fish => {
            let shells = Shell::value_variants().iter().filter_map(Shell::to_possible_value);
            let shells = shells.map(|shell| shell.get_name().to_owned()).collect::<Vec<_>>();
            let named = NAMED.iter().map(|(command, _)| fish(command, "", &names(command)));
            script.into_owned() + &named.collect::<String>() + &fish("completions", " -f", &shells)
        }
    }
}

/// A command line whose `command` takes nothing but these values for an argument: the shell offers them.
fn offering(cli: Command, command: &'static str, arg: &'static str, values: Vec<String>) -> Command {
    let parser = PossibleValuesParser::new(values);
    cli.mut_subcommand(command, |command| command.mut_arg(arg, |arg| arg.value_parser(parser)))
}

fn policies() -> Vec<String> {
    let faults = Faults::CHOICES.iter().map(|(_, name, _)| name);
    POLICIES.iter().chain(faults).map(|name| (*name).to_owned()).collect()
}

fn names(command: &str) -> Vec<String> {
    let scenes = scenes().filter(|_| matches!(command, "demo" | "compare")).map(|(name, _)| name.to_owned());
    scenes.chain(ids()).collect()
}

/// A line of fish, for whom clap generates flags only. With -f no file may stand there.
fn fish(command: &str, files: &str, names: &[String]) -> String {
    format!("complete -c {NAME} -n \"__fish_{NAME}_using_subcommand {command}\"{files} -a \"{}\"\n", names.join(" "))
}

/// A line of zsh, with the names offered beside files: clap would let zsh refuse everything but the names.
fn zsh(line: &str) -> Cow<'_, str> {
    let takes = |arg: &str| ["'::", "'*::"].iter().any(|kind| line.starts_with(&format!("{kind}{arg} -- ")));
    let anything = line.rsplit_once(":_default'");
    match (NAMED.iter().find(|(_, arg)| takes(arg)), anything) {
        (Some((command, _)), Some((argument, after))) => {
            let names = names(command).join(" ");
            let either = format!(r#"{{_alternative "names:name:({names})" "files:file:_files"}}"#);
            Cow::Owned(format!("{argument}:{either}'{after}"))
        }
        _ => Cow::Borrowed(line),
    }
}

//! What a shell offers after `epollscope`, made from the definitions of the command line.

use std::borrow::Cow;

use clap::{Arg, Command, CommandFactory as _, ValueEnum as _, builder::PossibleValuesParser};
use clap_complete::{generate, shells};
use epollscope::cli::{Cli, Shell};
use epollscope::lesson::{ids, scenes};
use epollscope::record::Faults;

use crate::support::program::text;

const NAME: &str = "epollscope";

/// The arguments that take a name the program knows, or a file: the command, and the argument.
const NAMED: [(&str, &str); 4] = [("lesson", "lesson"), ("verify", "lessons"), ("demo", "scene"), ("compare", "scene")];

/// Policies for `compare --against`; the faults by their names come after them.
const POLICIES: [&str; 7] = ["level", "edge", "oneshot", "edge+drain", "edge+short", "level+always", "edge+always"];

/// The script.
pub(super) fn script(shell: Shell) -> String {
    // It takes others too, which a completion does not forbid.
    let against = |arg: Arg| arg.value_parser(PossibleValuesParser::new(kept(policies())));
    let mut command = Cli::command().mut_subcommand("compare", |command| command.mut_arg("against", against));
    let mut script = Vec::new();
    match shell {
        // It offers files where no name fits.
        Shell::Bash => generate(shells::Bash, &mut with_names(command), NAME, &mut script),
        Shell::Zsh => {
            generate(shells::Zsh, &mut command, NAME, &mut script);
            return text(&script).split_inclusive('\n').map(zsh).collect();
        }
        Shell::Fish => {
            generate(shells::Fish, &mut command, NAME, &mut script);
            let named = NAMED.iter().map(|(command, _)| fish(command, "", &names(command).join(" ")));
            let shells = Shell::value_variants().iter().filter_map(Shell::to_possible_value);
            let shells: Vec<String> = shells.map(|shell| shell.get_name().to_owned()).collect();
            let lines: String = named.chain([fish("completions", " -f", &shells.join(" "))]).collect();
            script.extend_from_slice(lines.as_bytes());
        }
    }
    text(&script)
}

/// What is offered for `compare --against`.
pub(super) fn policies() -> Vec<String> {
    let faults = Faults::value_variants().iter().filter_map(Faults::to_possible_value);
    let faults = faults.map(|fault| fault.get_name().to_owned());
    POLICIES.iter().map(|policy| (*policy).to_owned()).chain(faults).collect()
}

/// The names that may stand after a command.
fn names(command: &str) -> Vec<String> {
    let scenes = scenes().filter(|_| matches!(command, "demo" | "compare")).map(|(name, _)| name.to_owned());
    scenes.chain(ids()).collect()
}

fn with_names(command: Command) -> Command {
    NAMED.iter().fold(command, |command, &(name, arg)| {
        command.mut_subcommand(name, |command| {
            command.mut_arg(arg, |arg| arg.value_parser(PossibleValuesParser::new(kept(names(name)))))
        })
    })
}

/// clap keeps names for good.
fn kept(names: Vec<String>) -> Vec<&'static str> {
    names.into_iter().map(|name| &*name.leak()).collect()
}

/// A line of fish: the generator leaves out what is no flag. With -f no file may stand there.
fn fish(command: &str, files: &str, names: &str) -> String {
    format!("complete -c {NAME} -n \"__fish_{NAME}_using_subcommand {command}\"{files} -a \"{names}\"\n")
}

/// A line of zsh. Of an argument's values the generator makes all that may be: here files may, too.
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

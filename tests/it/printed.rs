//! What `epollscope completions` and `epollscope man` print: shells and man(1) take it, and nothing of the command line is
//! missing in it.

use std::cell::RefCell;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use clap::{CommandFactory as _, ValueEnum as _};
use epollscope::cli::{Cli, Shell};
use epollscope::i18n::Lang;
use epollscope::tui::Theme;

use crate::support::program::{run, text};
use crate::support::pty::{EPOLLSCOPE, Pty};

const PRINTED: [&[&str]; 4] = [&["completions", "bash"], &["completions", "zsh"], &["completions", "fish"], &["man"]];

/// What the program prints.
#[track_caller]
fn printed(args: &[&str]) -> String {
    let ended = run(args, "");
    assert_eq!((ended.status.code(), text(&ended.stderr).as_str()), (Some(0), ""), "{args:?}");
    text(&ended.stdout)
}

fn man() -> String {
    printed(&["man"])
}

/// What a tool says of a text on its standard input; none if there is no such tool here.
fn ask(tool: &str, args: &[&str], input: &str) -> Option<Output> {
    let mut command = Command::new(tool);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        eprintln!("skipped: there is no {tool} here");
        return None;
    };
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("it reads");
    Some(child.wait_with_output().expect("it ends"))
}

#[track_caller]
fn takes(tool: &str, args: &[&str], input: &str) {
    if let Some(said) = ask(tool, args, input) {
        assert!(said.status.success() && said.stderr.is_empty(), "{tool} {args:?}: {}", text(&said.stderr));
    }
}

/// What bash offers for the last of these words, the script being sourced.
fn offered(words: &[&str]) -> Vec<String> {
    let [.., before, last] = words else { panic!("a program and a word: {words:?}") };
    let script = printed(&["completions", "bash"]);
    let ask_it = format!(
        "{script}\nCOMP_WORDS=({}) COMP_CWORD={}\n_epollscope epollscope '{last}' '{before}'\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"",
        words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" "),
        words.len() - 1,
    );
    let said = ask("bash", &["--norc", "--noprofile"], &ask_it).expect("bash");
    assert!(said.stderr.is_empty(), "{words:?}: {}", text(&said.stderr));
    text(&said.stdout).lines().map(str::to_owned).collect()
}

#[test]
fn without_a_shell_it_says_which_there_are() {
    for (args, says) in [(&["completions"][..], "<bash|zsh|fish>"), (&["completions", "ksh"], "bash, zsh, fish]")] {
        let said = run(args, "");
        assert_eq!((said.status.code(), said.stdout.len()), (Some(2), 0), "{args:?}");
        assert!(text(&said.stderr).contains(says), "{args:?}: {}", text(&said.stderr));
    }
}

#[test]
fn a_closed_pipe_ends_it_quietly_and_a_full_disk_does_not() {
    for args in PRINTED {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let said = Command::new(EPOLLSCOPE).args(args).stdout(writer).output().expect("it runs");
        assert_eq!((said.status.code(), text(&said.stderr).as_str()), (Some(0), ""), "{args:?}");
        let full = std::fs::File::options().write(true).open("/dev/full").expect("/dev/full");
        let said = Command::new(EPOLLSCOPE).args(args).stdout(full).output().expect("it runs");
        assert_eq!(said.status.code(), Some(3), "{args:?}");
        assert!(text(&said.stderr).contains("No space left on device"), "{}", text(&said.stderr));
    }
}

#[test]
fn each_shell_takes_its_script() {
    for shell in Shell::value_variants() {
        let name = shell.to_possible_value().expect("a name");
        takes(name.get_name(), &["-n"], &printed(&["completions", name.get_name()]));
    }
}

#[test]
fn bash_offers_commands_flags_values_and_names() {
    for (words, wanted) in [
        (&["comple"][..], &["completions"][..]),
        (&["--proj"], &["--projector"]),
        (&["serve", "--tr"], &["--trigger"]),
        (&["serve", "--trigger", ""], &["level", "edge"]),
        (&["--fault", "bl"], &["blocking"]),
        (&["export", "--to", ""], &["html", "perfetto", "csv"]),
        (&["completions", "z"], &["zsh"]),
        (&["lesson", "05"], &["05-level-triggered"]),
        (&["lesson", "n"], &["new"]),
        (&["verify", "01-seven-steps", "29"], &["29-scale"]),
        (&["compare", "mess"], &["message"]),
        (&["compare", "--against", "edge+d"], &["edge+drain"]),
        (&["verify", "--proj"], &[""]),
        (&["replay", "--proj"], &["--projector"]),
        (&["demo", "30"], &["30-the-tutorial-server"]),
        (&["lesson", "nothing-like-it"], &[""]),
    ] {
        let offered = offered(&[&["epollscope"], words].concat());
        assert_eq!(offered, wanted, "{words:?}");
    }
}

#[test]
fn zsh_and_fish_offer_names_and_files() {
    let zsh = printed(&["completions", "zsh"]);
    let lesson = zsh.lines().find(|line| line.starts_with("'::lesson -- ")).expect("a line");
    assert!(lesson.contains(" 05-level-triggered ") && lesson.contains("files:file:_files"), "{lesson}");
    let fish = printed(&["completions", "fish"]);
    let lesson = fish.lines().find(|line| line.contains("05-level-triggered")).expect("a line");
    assert!(lesson.starts_with("complete -c epollscope") && !lesson.contains(" -f"), "{lesson}");
}

#[test]
fn the_tab_key_completes_in_a_bash_that_has_read_it() {
    let read = format!("PS1='> '; source <({EPOLLSCOPE} completions bash); echo re''ady\n");
    let env = [("INPUTRC", "/dev/null"), ("TERM", "dumb")];
    let mut pty = Pty::spawn("bash", &["--norc", "--noprofile", "-i"], (120, 24), &env);
    pty.type_keys(&read);
    pty.until(|text| text.contains("ready"), "the script was read");
    pty.type_keys("epollscope less\t--proj\t");
    pty.until(|text| text.contains("epollscope lesson --projector "), "a command and a flag");
}

/// What the page says of a command, from its heading to the next.
fn section<'a>(page: &'a str, name: &str) -> &'a str {
    let heading = if name == "epollscope" { ".SH OPTIONS\n".to_owned() } else { format!(".SS \"{name}\"\n") };
    let (_, after) = page.split_once(&heading).unwrap_or_else(|| panic!("no {heading:?}"));
    after.split(".SS ").next().unwrap_or(after)
}

/// What each command is for stands on the page, and each of its flags and arguments in its section.
fn assert_describes(page: &str, command: &clap::Command) {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let said = section(page, name).replace("\\-", "-").replace("\\*(Aq", "'");
    let about = command.get_about().expect("what it is for").to_string();
    assert!(page.replace("\\-", "-").replace("\\*(Aq", "'").contains(&about), "{name}: no {about:?}");
    for arg in command.get_arguments().filter(|arg| !arg.is_positional()) {
        let flag = format!("--{}", arg.get_long().expect("all are long"));
        let ends = |rest: &str| !rest.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '-');
        assert!(said.split(&flag).skip(1).any(ends), "{name}: no {flag}");
    }
    for arg in command.get_positionals() {
        let value = arg.get_value_names().and_then(|names| names.first()).expect("a name").as_str();
        assert!(said.contains(value), "{name}: no {value}");
    }
    for below in command.get_subcommands() {
        assert_describes(page, below);
    }
}

#[test]
fn the_man_page_names_every_command_and_every_flag() {
    let page = man();
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    assert_describes(&page, &command);
}

#[test]
fn the_man_page_names_what_is_asked_of_the_environment() {
    let page = man();
    let asked = RefCell::new(Vec::new());
    let environment = |name: &str| {
        asked.borrow_mut().push(name.to_owned());
        None
    };
    Lang::detect(environment);
    Theme::detect(environment);
    let asked = asked.into_inner();
    assert!(asked.len() >= 6, "{asked:?}");
    for name in asked {
        assert!(page.contains(&name), "no {name}");
    }
}

#[test]
fn the_man_page_is_well_formed_and_in_ascii() {
    let page = man();
    assert!(page.is_ascii());
    takes("groff", &["-man", "-ww", "-Tutf8", "-z"], &page);
    if let Some(read) = ask("man", &["-l", "-"], &page) {
        let read = text(&read.stdout);
        assert!(read.contains("EXIT STATUS") && read.contains("epollscope lesson new"), "{read}");
    }
}

//! The command line: which words mean what, what is wrong with others, and the help in Chinese.

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser as _};
use epollscope::cli::{ADDR, Cli};
use epollscope::compare::VariantSpec;
use epollscope::i18n::Lang;
use epollscope::record::{Faults, Policy};

use crate::support::program::{run, text};

#[test]
fn the_command_line_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn without_flags_the_policy_is_the_default() {
    let cli = Cli::of(["epollscope"]).expect("nothing is wrong");
    assert_eq!(cli.server.policy.policy(), Policy::default());
    assert_eq!(cli.server.listen.to_string(), ADDR);
}

#[test]
fn the_language_stands_before_a_command_or_after_it() {
    for words in [&["--lang", "zh"][..], &["--lang", "zh", "serve"], &["serve", "--lang=zh"], &["lab", "--lang", "zh"]]
    {
        let cli = Cli::of(["epollscope"].iter().chain(words)).expect("nothing is wrong");
        assert_eq!(cli.lang, Some(Lang::Zh), "{words:?}");
    }
}

#[test]
fn a_flag_of_the_workbench_does_not_stand_before_a_command() {
    let error = Cli::of(["epollscope", "--lang", "en", "--read-size", "9", "serve"]).expect_err("misplaced");
    assert_eq!(error.kind(), ErrorKind::ArgumentConflict);
    assert!(error.to_string().contains("--read-size"), "{error}");
}

#[test]
fn only_what_has_a_screen_is_for_a_projector() {
    for words in [&["--projector"][..], &["replay", "f", "--projector"], &["lesson", "--projector"]] {
        Cli::of(["epollscope"].iter().chain(words)).expect("nothing is wrong");
    }
    for command in ["serve", "lab", "verify", "bench", "man"] {
        let error = Cli::of(["epollscope", command, "--projector"]).expect_err("there is no screen");
        assert_eq!(error.kind(), ErrorKind::UnknownArgument, "{command}");
    }
    let error = Cli::of(["epollscope", "--projector", "demo"]).expect_err("misplaced");
    assert_eq!(error.kind(), ErrorKind::ArgumentConflict);
}

#[test]
fn faults_add_up() {
    let faults = |args: &[&str]| Cli::parse_from([&["epollscope"], args].concat()).server.policy.policy().faults;
    assert_eq!(
        faults(&["--fault", "close-first,blocking", "--fault", "exact-match"]),
        Faults::CLOSE_FIRST | Faults::BLOCKING | Faults::EXACT_MATCH
    );
    assert_eq!(faults(&["--fault", "tutorial"]), Faults::TUTORIAL);
}

#[test]
fn the_short_help_is_in_chinese() {
    let mut all = vec![Cli::command_in(Lang::Zh)];
    while let Some(mut command) = all.pop() {
        let help = command.render_help().to_string();
        let name = command.get_name().to_owned();
        assert!(command.get_about().is_some_and(|about| !about.to_string().is_empty()), "{name}");
        for arg in command.get_arguments().filter(|arg| !["help", "version"].contains(&arg.get_id().as_str())) {
            let said = arg.get_help().map(ToString::to_string).unwrap_or_default();
            assert!(said.contains(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{name} {}: {help}", arg.get_id());
        }
        all.extend(command.get_subcommands().filter(|sub| sub.get_name() != "help").cloned());
    }
}

#[test]
fn what_is_wrong_with_a_command_line_is_said_in_chinese() {
    let wrong = |words: &[&str]| {
        let output = run(&[&["--lang", "zh"], words].concat(), "");
        text(&output.stderr) + &text(&output.stdout)
    };
    assert!(wrong(&["--foo"]).starts_with("错误：没有 --foo 这个参数"));
    assert!(wrong(&["frob"]).starts_with("错误：没有 frob 这个命令"));
    assert!(wrong(&["--trigger", "x"]).starts_with("错误：--trigger <TRIGGER> 的值 x 无效，可选 level, edge"));
    assert!(wrong(&["--read-size", "9", "serve"]).contains("命令之前的 --read-size 是工作台的选项"));
    assert!(wrong(&["replay"]).starts_with("错误：缺少 <FILE>"));
    assert!(wrong(&["-h"]).contains("用法：epollscope") && wrong(&["-h"]).contains("显示版本"));
}

#[test]
fn every_policy_that_is_offered_can_be_compared() {
    let script = run(&["completions", "bash"], "");
    let script = text(&script.stdout);
    let (_, against) = script.split_once("--against)").expect("the flag");
    let policies = against.split('"').nth(1).expect("its words").split(' ').collect::<Vec<_>>();
    assert!(policies.len() > 10, "{policies:?}");
    for policy in policies {
        let specs = VariantSpec::list(&format!("level,{policy}")).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(specs.len(), 2, "{policy}");
    }
}

//! The arguments of `watch`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{RecordArgs, ScreenArgs};
use crate::watch::HoldAt;

/// The program to watch, and what to do with its calls.
#[derive(Clone, Debug, Args)]
#[command(
    override_usage = "epollscope watch [OPTIONS] -- <COMMAND>...\n       epollscope watch -p <PID>\n       epollscope watch --name <NAME>"
)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct WatchArgs {
    /// The program and its arguments
    #[arg(
        required_unless_present_any = ["pid", "name"],
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "COMMAND"
    )]
    pub command: Vec<OsString>,
    /// Look at the epolls of a running process and its children, without stopping it; with --format text once
    #[arg(short, long, value_name = "PID", conflicts_with = "command")]
    pub pid: Option<u32>,
    /// The same for the process of this name (of several, the parent of the others)
    #[arg(long, value_name = "NAME", conflicts_with_all = ["command", "pid"])]
    pub name: Option<String>,
    /// With -p or --name: print what is seen once, as JSON
    #[arg(long, conflicts_with = "command")]
    pub json: bool,
    /// With -p or --name: trace the calls too, as of a program that is started here; it runs on afterwards
    #[arg(long, conflicts_with_all = ["command", "json"])]
    pub trace: bool,
    /// Output format, without the screen (default: the screen on a terminal, else text)
    #[arg(long, value_enum)]
    pub format: Option<WatchFormat>,
    /// From where on the screen holds the program: before its first call, its first call of epoll, or not (default: epoll; with --trace no)
    #[arg(long, value_enum, value_name = "CALL", help_heading = "Screen")]
    pub hold: Option<Hold>,
    /// Where to write the calls and findings, without the screen (default: standard error)
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write only the findings, without the screen
    #[arg(short, long)]
    pub quiet: bool,
    /// What follows from a finding: `deny` makes the exit code 1
    #[arg(long, value_enum, value_name = "RULE", default_value_t = FindingsRule::Show)]
    pub findings: FindingsRule,
    /// Do not find out where in its source the program makes its calls
    #[arg(long)]
    pub no_source: bool,
    /// Where to record.
    #[command(flatten)]
    pub record: RecordArgs,
    #[command(flatten)]
    pub screen: ScreenArgs,
}

impl WatchArgs {
    /// Whether it is to be shown on the screen, where there is one.
    pub fn wants_screen(&self) -> bool {
        self.format.is_none() && self.output.is_none() && !self.quiet && !self.screen.linear
    }

    /// An option that says something only where calls are traced.
    pub fn of_traced_calls(&self) -> Option<&'static str> {
        let given = [
            (self.output.is_some(), "--output"),
            (self.quiet, "--quiet"),
            (self.format == Some(WatchFormat::Jsonl), "--format jsonl"),
            (self.record.to().is_some(), "--record"),
            (self.findings == FindingsRule::Deny, "--findings deny"),
        ];
        given.into_iter().find_map(|(is_given, option)| is_given.then_some(option))
    }
}

/// From where on the program is held on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Hold {
    /// Its first call that is recorded.
    First,
    /// Its first call that has to do with epoll.
    Epoll,
    /// It runs until a key holds it.
    No,
}

impl From<Hold> for HoldAt {
    fn from(hold: Hold) -> Self {
        match hold {
            Hold::First => Self::First,
            Hold::Epoll => Self::Epoll,
            Hold::No => Self::No,
        }
    }
}

/// The output formats of `watch`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WatchFormat {
    /// A line for each call, similar to strace(1), with the reason for each event below its wait.
    Text,
    /// The trace format: JSON Lines.
    Jsonl,
}

/// What follows from a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FindingsRule {
    /// It is shown.
    Show,
    /// It is shown, and the exit code is 1.
    Deny,
}

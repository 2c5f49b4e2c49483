//! The arguments of `watch`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::RecordArgs;

/// The program to watch, and what to do with its calls.
#[derive(Clone, Debug, Args)]
#[command(override_usage = "epollscope watch [OPTIONS] -- <COMMAND>...\n       epollscope watch -p <PID>")]
pub struct WatchArgs {
    /// The program and its arguments
    #[arg(
        required_unless_present = "pid",
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "COMMAND"
    )]
    pub command: Vec<OsString>,
    /// Look once at the epolls of a running process and its children, without stopping it
    #[arg(short, long, value_name = "PID", conflicts_with = "command")]
    pub pid: Option<u32>,
    /// Output format
    #[arg(long, value_enum, default_value_t = WatchFormat::Text)]
    pub format: WatchFormat,
    /// Where to write the calls and findings (default: standard error)
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write only the findings
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

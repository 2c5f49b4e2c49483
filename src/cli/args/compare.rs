//! The flags of `compare`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::PageFormat;
use super::shared::{RecordArgs, ScreenArgs};

/// The options of `compare`.
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// A built-in scene, the number or name of a lesson, or a file with a server scene (default: `message`)
    pub scene: Option<String>,
    /// The servers to compare: 2 to 4 policies, separated by commas. A policy is a list of words with + between them, such
    /// as edge, edge+drain, oneshot or edge+read-size+100. Anything not given is taken from the scene. Short words: drain
    /// (read drain accept drain), short (read drain-short accept drain), always (write always),
    /// mute, back-off, spare and spin (out-of-fds), tutorial (all faults), and
    /// the name of each fault, as `epollscope --help` lists them for --fault
    #[arg(long, value_name = "POLICY,…")]
    pub against: Option<String>,
    /// Output format (default: the screen, or text if standard output is not a terminal)
    #[arg(long, value_enum)]
    pub format: Option<CompareFormat>,
    /// Write the comparison as a page for any browser, in one file
    #[arg(long = "to", id = "page", value_enum, value_name = "html", conflicts_with = "format")]
    pub page: Option<PageFormat>,
    /// The file of the page (default: standard output)
    #[arg(long, value_name = "OUT", requires = "page")]
    pub output: Option<PathBuf>,
    /// Where to record.
    #[command(flatten)]
    pub record: RecordArgs,
    /// List the built-in scenes and exit
    #[arg(long)]
    pub list: bool,
    #[command(flatten)]
    pub screen: ScreenArgs,
}

/// The output formats of `compare`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CompareFormat {
    /// A column for each server, aligned.
    Text,
    /// Every call in the trace format, with the name of its server.
    Jsonl,
}

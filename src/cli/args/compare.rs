//! The flags of `compare`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::ScreenArgs;

/// What is compared, and how it is shown.
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// A built-in scene, a lesson's number or name, or a file with a server scene; 3,000 bytes in one message if missing
    pub scene: Option<String>,
    /// The servers, 2 to 4 with commas between them; each the words of a policy with + between them, such as edge,
    /// edge+drain, oneshot, notes, edge+read-size+100; what they leave out is the scene's. Short words: drain (read drain
    /// accept drain), short (read drain-short accept drain), always (write always), notes (all faults), and each fault
    /// by its name, as `epollscope --help` lists them for --fault
    #[arg(long, value_name = "POLICY,…")]
    pub against: Option<String>,
    /// How it is shown (default: on the screen; as text where standard output is no terminal)
    #[arg(long, value_enum)]
    pub format: Option<CompareFormat>,
    /// Write every call of every server to FILE, in the trace format; an existing file is written anew
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// List the built-in scenes, and end
    #[arg(long)]
    pub list: bool,
    /// How the screen is shown.
    #[command(flatten)]
    pub screen: ScreenArgs,
}

/// How `compare` writes what it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CompareFormat {
    /// A column a server, aligned.
    Text,
    /// Every call, in the trace format, with the name of its server.
    Jsonl,
}

//! The arguments of `grade`.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::shared::socket_addr;

/// The server to grade, and with which cases.
#[derive(Clone, Debug, Args)]
#[command(override_usage = "epollscope grade [OPTIONS] -- <COMMAND>...")]
pub struct GradeArgs {
    /// The server and its arguments, where {port} stands for a free port; PORT in its environment is the same
    #[arg(
        required_unless_present_any = ["list", "skeleton", "connect"],
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "COMMAND"
    )]
    pub command: Vec<OsString>,
    /// The port on which the server listens, whatever it is told; 0 for any that it chooses
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
    /// Grade the server that runs at this address, by what its clients see; cases that need its process do not apply
    #[arg(long, value_name = "ADDR:PORT", value_parser = socket_addr, conflicts_with_all = ["command", "port", "look", "skeleton"])]
    pub connect: Option<SocketAddr>,
    /// Only these cases; a comma-separated list of ids
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub case: Vec<String>,
    /// List the cases and exit
    #[arg(long)]
    pub list: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t = GradeFormat::Text)]
    pub format: GradeFormat,
    /// What each case counts, a line ID = POINTS each (TOML); a case that is not named counts 1
    #[arg(long, value_name = "FILE")]
    pub points: Option<PathBuf>,
    /// Look at the one case that is played on the workbench's screen, at the moment that proves its verdict
    #[arg(long, requires = "case", conflicts_with = "format")]
    pub look: bool,
    /// Print a program to begin with, and exit
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    pub skeleton: Option<Skeleton>,
    /// Do not find out where in its source the server makes its calls
    #[arg(long)]
    pub no_source: bool,
}

/// The output formats of `grade`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GradeFormat {
    /// A line for each case; below it why it was not passed, and the calls that prove it.
    Text,
    /// All of it as one object.
    Json,
    /// JUnit's XML, a test for each case, for CI.
    Junit,
    /// A page for any browser, in one file.
    Html,
    /// What Gradescope's autograder reads from results.json.
    Gradescope,
}

/// The languages of the skeleton.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Skeleton {
    Python,
    C,
    Rust,
}

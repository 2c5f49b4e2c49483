//! What was wanted: one short file a subcommand, which wires a source of records to a timeline, and that to a screen or
//! to text.

mod lab;
mod prompt;
mod recording;
mod serve;
mod workbench;

use std::fmt::Display;
use std::io::{self, Write};
use std::net::SocketAddr;

use crate::cli::{Cli, Command};
use crate::error::Failure;
use crate::kernel;

/// Does what the command line says.
///
/// # Errors
/// What went wrong, with the exit code it deserves.
pub fn run(cli: &Cli) -> Result<(), Failure> {
    // Where it can't be raised it stays as it is, and accept4 says EMFILE earlier.
    let _ = kernel::raise_nofile_limit();
    match &cli.command {
        None => workbench::run(&cli.server),
        Some(Command::Serve { format, server }) => serve::run(*format, server),
        Some(Command::Lab { file, format, verbs }) => lab::run(file.as_deref(), *format, *verbs),
    }
}

/// A line on standard error where others than this machine may connect.
fn warn_if_open(addr: SocketAddr) -> Option<String> {
    let open = !addr.ip().is_loopback();
    let warning = format!("warning: {addr} is not the loopback: whoever reaches this machine can connect");
    open.then_some(warning).inspect(tell)
}

/// A line on standard error. Where nobody reads it any more, nobody is to be told.
fn tell(line: &impl Display) {
    let _ = writeln!(io::stderr(), "epollscope: {line}");
}

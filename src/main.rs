//! Parse, run, exit code.

use std::process::ExitCode;

use clap::Parser as _;
use epollscope::cli::Cli;

fn main() -> ExitCode {
    match epollscope::commands::run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("epollscope: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}

//! Parse, run, exit code.

use std::io::{self, Write as _};
use std::process::ExitCode;

use epollscope::cli::Cli;

fn main() -> ExitCode {
    match epollscope::cli::run(&Cli::read()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Where nobody reads it any more, the exit code has to do.
            let _ = writeln!(io::stderr(), "epollscope: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}

//! Parse, run, exit code.

use std::io::{self, Write as _};
use std::process::ExitCode;

use epollscope::cli::Cli;

fn main() -> ExitCode {
    let cli = Cli::read();
    match epollscope::cli::run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Where nobody reads it any more, the exit code has to do.
            let _ = writeln!(io::stderr(), "epollscope: {}", epollscope::cli::why(&failure, cli.lang()));
            ExitCode::from(failure.exit_code())
        }
    }
}

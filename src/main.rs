//! Parse, run, exit code.

use std::process::ExitCode;

use epollscope::cli::Cli;

fn main() -> ExitCode {
    let cli = Cli::read();
    match epollscope::cli::run(&cli) {
        Ok(status) => ExitCode::from(status),
        Err(failure) => {
            epollscope::cli::tell_failure(&failure, cli.lang());
            ExitCode::from(failure.exit_code())
        }
    }
}

//! The command line.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::record::{Accept, Fairness, Policy, Read, Timeout, Trigger, WriteInterest};

/// The notes' port, on the loopback.
pub const ADDR: &str = "127.0.0.1:9292";

/// The scope for epoll: see, call by call, what level- and edge-triggered readiness do on the real kernel.
///
/// Without a command it opens the workbench: an epoll echo server, held before its first call, and a screen to drive it.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// How the workbench's server is set up.
    #[command(flatten)]
    pub server: ServerArgs,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the same server without a screen: a line a call, until SIGINT or SIGTERM
    ///
    /// The calls go to standard output; the address, and at the end a summary, to standard error.
    Serve {
        /// How the calls are written.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
        /// How the server is set up.
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Drive epoll by hand: one call a line, on real fds of any kind, at a prompt or from a script
    ///
    /// At a terminal, without a FILE, it is a prompt. Each line of a script is run and shown with its result; the first `expect` that does not come true ends the script with exit
    /// code 1 and what came instead.
    Lab {
        /// The script; standard input if it is `-`, or missing and no terminal
        file: Option<PathBuf>,
        /// How what was done is written
        #[arg(long, value_enum, default_value_t = LabFormat::Text)]
        format: LabFormat,
        /// List the verbs of the language, and end
        #[arg(long)]
        verbs: bool,
    },
}

/// How `lab` writes what it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LabFormat {
    /// Each line of the script with its result.
    Text,
    /// Every call, in the trace format.
    Jsonl,
}

/// How `serve` writes the calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Readable and aligned, in the manner of strace(1).
    Text,
    /// The trace format: JSON Lines.
    Jsonl,
    /// Nothing: nobody watches, and the server does no more than serve.
    None,
}

/// Where the server listens, what is recorded, and its policy.
#[derive(Clone, Debug, Args)]
pub struct ServerArgs {
    /// Address and port to listen on; port 0 picks a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = ADDR, value_parser = socket_addr)]
    pub listen: SocketAddr,
    /// Write every call to FILE, in the trace format; an existing file is written anew
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// The policy.
    #[command(flatten)]
    pub policy: PolicyArgs,
}

fn socket_addr(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("expected an address in numbers and a port, such as {ADDR} or [::1]:0"))
}

/// The policy, a flag a choice.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Policy (each can be switched while the server runs)")]
pub struct PolicyArgs {
    /// When epoll reports a ready fd
    #[arg(long, value_enum, default_value_t = Trigger::Level)]
    pub trigger: Trigger,
    /// Let each report disarm its fd until EPOLL_CTL_MOD
    #[arg(long)]
    pub oneshot: bool,
    /// How much is read for one report
    #[arg(long, value_enum, default_value_t = Read::Once)]
    pub read: Read,
    /// Bytes asked for by one recv
    #[arg(long, value_name = "N", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..=i64::from(Policy::MAX_READ_SIZE)))]
    pub read_size: u32,
    /// How many connections are accepted for one report
    #[arg(long, value_enum, default_value_t = Accept::Once)]
    pub accept: Accept,
    /// When a connection asks for EPOLLOUT
    #[arg(long, value_enum, default_value_t = WriteInterest::OnDemand)]
    pub write: WriteInterest,
    /// Take turns: read at most N bytes of a connection at a time (default: as much as --read says)
    #[arg(long, value_name = "N")]
    pub budget: Option<NonZeroU32>,
    /// The most events that one epoll_wait returns
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=i64::from(Policy::MAX_EVENTS)))]
    pub max_events: u32,
    /// How long epoll_wait waits, in milliseconds; -1 is without end
    #[arg(long, value_name = "MS", default_value_t = -1, allow_negative_numbers = true, value_parser = clap::value_parser!(i32).range(-1..))]
    pub timeout: i32,
}

impl PolicyArgs {
    /// The policy that the flags say.
    pub fn policy(&self) -> Policy {
        Policy {
            trigger: self.trigger,
            oneshot: self.oneshot,
            read: self.read,
            read_size: self.read_size,
            accept: self.accept,
            write: self.write,
            fairness: self.budget.map_or(Fairness::Greedy, Fairness::RoundRobin),
            max_events: self.max_events,
            timeout: Timeout(self.timeout),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn without_flags_the_policy_is_the_default() {
        let cli = Cli::parse_from(["epollscope"]);
        assert_eq!(cli.server.policy.policy(), Policy::default());
        assert_eq!(cli.server.listen.to_string(), ADDR);
    }
}

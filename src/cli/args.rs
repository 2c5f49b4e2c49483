//! The command line.

mod choice;
mod compare;
mod demo;
mod policy;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};

use crate::analysis::diff::{Also, Without};
use crate::i18n::Lang;

use choice::choices;
pub use compare::{CompareArgs, CompareFormat};
pub use demo::{DemoArgs, DemoFormat};
pub use policy::PolicyArgs;

/// The notes' port, on the loopback.
pub const ADDR: &str = "127.0.0.1:9292";

/// The scope for epoll: see, call by call, what level- and edge-triggered readiness do on the real kernel.
///
/// Without a command it opens the workbench: an epoll echo server, held before its first call, and a screen to drive it.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
#[command(override_usage = "epollscope [OPTIONS]\n       epollscope [--lang <LANG>] <COMMAND>")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// How the workbench's server is set up.
    #[command(flatten)]
    pub server: ServerArgs,
    /// Language of the screen and of its sentences (default: the locale's, from LC_ALL, LC_MESSAGES or LANG)
    #[arg(long, global = true, value_parser = choice::lang(), help_heading = "Screen")]
    pub lang: Option<Lang>,
    /// How the workbench is shown.
    #[command(flatten)]
    pub screen: ScreenArgs,
}

/// How a screen is shown.
#[derive(Clone, Copy, Debug, Args)]
pub struct ScreenArgs {
    /// For a projector: fewer panels, no shades of grey
    #[arg(long, help_heading = "Screen")]
    pub projector: bool,
}

impl Cli {
    /// The command line of this process; what is wrong with it is said, and ends the process.
    pub fn read() -> Self {
        Self::of(std::env::args_os()).unwrap_or_else(|error| error.exit())
    }

    /// The command line of these words, the first of them the program's name.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn of(words: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> Result<Self, clap::Error> {
        let mut command = Self::command();
        let matches = command.try_get_matches_from_mut(words)?;
        // clap's own args_conflicts_with_subcommands does not let a global flag stand before a command.
        if let Some(name) = matches.subcommand_name() {
            let given =
                |arg: &&clap::Arg| matches.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine);
            let misplaced = command.get_arguments().filter(|arg| !arg.is_global_set()).find(given);
            if let Some(flag) = misplaced.and_then(clap::Arg::get_long) {
                let message = format!("--{flag} is the workbench's here; what is for '{name}' stands after it");
                return Err(command.error(ErrorKind::ArgumentConflict, message));
            }
        }
        Self::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
    }

    /// The language that the flag says, else the locale.
    pub fn lang(&self) -> Lang {
        self.lang.unwrap_or_else(|| Lang::detect(|name| std::env::var(name).ok()))
    }
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
        /// Write every call to FILE, in the trace format; an existing file is written anew
        #[arg(long, value_name = "FILE")]
        record: Option<PathBuf>,
    },
    /// Look at a recording, forward and back: the same screen as the workbench, where nothing can be driven
    Replay {
        /// The recording, as --record writes it; - is standard input, followed while it is written
        file: PathBuf,
        /// Whose calls are looked at, where `compare` has recorded several servers; the first one's if missing
        #[arg(long, value_name = "NAME")]
        twin: Option<String>,
        /// How it is shown.
        #[command(flatten)]
        screen: ScreenArgs,
    },
    /// Take a lesson; without one, list them with your progress
    ///
    /// A lesson asks what epoll will do before it shows it, and the kernel answers.
    #[command(args_conflicts_with_subcommands = true)]
    Lesson {
        /// Number or name of a lesson, or a folder with one of your own
        lesson: Option<String>,
        /// As linear text, without a screen; predictions are read from standard input, a line each
        #[arg(long)]
        plain: bool,
        /// Write every call of the scene to FILE, in the trace format; a scene that begins anew begins the file anew
        #[arg(long, value_name = "FILE")]
        record: Option<PathBuf>,
        /// How it is shown.
        #[command(flatten)]
        screen: ScreenArgs,
        /// Something else than to take one.
        #[command(subcommand)]
        command: Option<LessonCommand>,
    },
    /// SceneRunner a scene by itself, with captions that say what comes and what to look at
    ///
    /// Space holds it, ← and → go back and forth, PgUp and PgDn by captions; any key of the workbench takes over from
    /// there, and leaving the workbench hands back.
    Demo {
        /// A built-in scene, a lesson's number or name, or a file with a server scene; a tour of three minutes if missing
        scene: Option<String>,
        /// How it is played.
        #[command(flatten)]
        args: DemoArgs,
        /// How it is shown.
        #[command(flatten)]
        screen: ScreenArgs,
    },
    /// Comparison: play one scene against several servers, and see where they part, why, and what each costs
    ///
    /// A column a server, a block a step of the scene. The same scene gives the same output every time.
    Compare(CompareArgs),
    /// Check every claim of the lessons against this kernel: a line each, and the proof where one fails
    Verify {
        /// Numbers or names of lessons, folders with one, or a folder of such folders; all built-in ones if missing
        lessons: Vec<String>,
        /// Write the calls of each lesson into FOLDER, to a recording with its name; the folder is made if it is not there
        #[arg(long, value_name = "FOLDER")]
        record: Option<PathBuf>,
    },
    /// Where two recordings part: the first call that differs, with both sides around it
    ///
    /// Times never count. Threads, fds and ports are compared by the order in which each thread comes to them, not by number.
    /// Exit code 0: the same calls; 1: they part; 3: one can't be read.
    Diff {
        /// A recording; standard input if it is `-`
        a: PathBuf,
        /// Another
        b: PathBuf,
        /// Whose calls are compared, where `compare` has recorded several servers; the first one's if missing. Two with a
        /// comma between them: that of A, and that of B
        #[arg(long, value_name = "NAME", value_delimiter = ',')]
        twin: Vec<String>,
        /// What counts too; several with commas between them
        #[arg(long, value_parser = choices::<Also>(), value_name = "WHAT", value_delimiter = ',')]
        also: Vec<Also>,
        /// What does not count; several with commas between them
        #[arg(long, value_parser = choices::<Without>(), value_name = "WHAT", value_delimiter = ',')]
        without: Vec<Without>,
    },
    /// Turn a recording into what other programs open
    Export {
        /// The recording; standard input if it is `-`
        file: PathBuf,
        /// Whose calls are read, where `compare` has recorded several servers; the first one's if missing
        #[arg(long, value_name = "NAME")]
        twin: Option<String>,
        /// For which program
        #[arg(long, value_enum, value_name = "perfetto|csv")]
        to: ExportFormat,
        /// Where to write it; standard output if missing
        #[arg(long, value_name = "OUT")]
        output: Option<PathBuf>,
    },
    /// Measure how the cost of one wait grows with idle connections: select, poll, epoll level, edge and one-shot
    ///
    /// And count how often one message is reported as less of it is read at a time. It takes some twenty seconds.
    Bench {
        /// Fewer rounds: in a few seconds, and less exact
        #[arg(long)]
        quick: bool,
        /// How what was found is written
        #[arg(long, value_enum, default_value_t = BenchFormat::Text)]
        format: BenchFormat,
        /// Draw the charts into FILE too, as SVG; an existing file is written anew
        #[arg(long, value_name = "FILE")]
        svg: Option<PathBuf>,
    },
    /// Print the completions of a shell, for it to read at its start
    Completions {
        /// Of which shell
        #[arg(value_enum, value_name = "bash|zsh|fish")]
        shell: Shell,
    },
    /// Print the man page: `epollscope man | man -l -`
    Man,
}

/// What else `lesson` does.
#[derive(Debug, Subcommand)]
pub enum LessonCommand {
    /// Write a small lesson into a new folder, to begin one of your own with
    New {
        /// The folder
        folder: PathBuf,
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

/// What `export` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// A Chrome trace (JSON), for ui.perfetto.dev: threads, calls as slices, unread bytes as counters
    Perfetto,
    /// A table of waits, for a spreadsheet
    Csv,
}

/// Whose completions are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "each is the name of a shell")]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
}

/// How `bench` writes what it found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BenchFormat {
    /// Tables, a chart, and what they say.
    Text,
    /// One JSON object; times in nanoseconds.
    Json,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Faults, Policy};

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn without_flags_the_policy_is_the_default() {
        let cli = Cli::of(["epollscope"]).expect("nothing is wrong");
        assert_eq!(cli.server.policy.policy(), Policy::default());
        assert_eq!(cli.server.listen.to_string(), ADDR);
    }

    #[test]
    fn the_language_stands_before_a_command_or_after_it() {
        for words in
            [&["--lang", "zh"][..], &["--lang", "zh", "serve"], &["serve", "--lang=zh"], &["lab", "--lang", "zh"]]
        {
            let cli = Cli::of(["epollscope"].iter().chain(words)).expect("nothing is wrong");
            assert_eq!(cli.lang, Some(Lang::Zh), "{words:?}");
        }
    }

    #[test]
    fn a_flag_of_the_workbench_does_not_stand_before_a_command() {
        let error = Cli::of(["epollscope", "--lang", "en", "--read-size", "9", "serve"]).expect_err("misplaced");
        assert_eq!(error.kind(), ErrorKind::ArgumentConflict);
        assert!(error.to_string().contains("--read-size"), "{error}");
    }

    #[test]
    fn only_what_has_a_screen_is_for_a_projector() {
        for words in [&["--projector"][..], &["replay", "f", "--projector"], &["lesson", "--projector"]] {
            Cli::of(["epollscope"].iter().chain(words)).expect("nothing is wrong");
        }
        for command in ["serve", "lab", "verify", "bench", "man"] {
            let error = Cli::of(["epollscope", command, "--projector"]).expect_err("there is no screen");
            assert_eq!(error.kind(), ErrorKind::UnknownArgument, "{command}");
        }
        let error = Cli::of(["epollscope", "--projector", "demo"]).expect_err("misplaced");
        assert_eq!(error.kind(), ErrorKind::ArgumentConflict);
    }

    #[test]
    fn faults_add_up() {
        let faults = |args: &[&str]| Cli::parse_from([&["epollscope"], args].concat()).server.policy.policy().faults;
        assert_eq!(
            faults(&["--fault", "close-first,blocking", "--fault", "exact-match"]),
            Faults::CLOSE_FIRST | Faults::BLOCKING | Faults::EXACT_MATCH
        );
        assert_eq!(faults(&["--fault", "notes"]), Faults::NOTES);
    }
}

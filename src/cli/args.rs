//! The command line.

mod compare;
mod demo;
mod export;
mod grade;
mod policy;
mod shared;
mod watch;
mod zh;

use std::ffi::OsString;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};

use super::settings::Settings;
use crate::analysis::diff::{Also, Without};
use crate::i18n::{Clean, Lang, shown, words};

pub use compare::{CompareArgs, CompareFormat};
pub use demo::{DemoArgs, DemoFormat};
pub use export::{ExportArgs, ExportFormat, PageFormat};
pub use grade::{GradeArgs, GradeFormat, Skeleton};
pub use policy::PolicyArgs;
pub use shared::{ADDR, RecordArgs, ScreenArgs};
use shared::{choices, language, socket_addr};
pub use watch::{FindingsRule, WatchArgs, WatchFormat};

/// The scope for epoll: see, call by call, what level- and edge-triggered readiness do on the real kernel.
///
/// Without a command it opens the workbench: an epoll echo server, held before its first call, and a screen to drive it.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
#[command(override_usage = "epollscope [OPTIONS]\n       epollscope [--lang <LANG>] <COMMAND>")]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub server: ServerArgs,
    /// Language of the screen and of all sentences (default: that of LC_ALL, LC_MESSAGES or LANG)
    #[arg(long, global = true, value_parser = language(), help_heading = "Screen")]
    pub lang: Option<Lang>,
    #[command(flatten)]
    pub screen: ScreenArgs,
    /// Begin with the panels, and not with the welcome
    #[arg(long, help_heading = "Screen")]
    pub no_welcome: bool,
}

impl Cli {
    /// Reads the command line of this process. An error is printed and ends the process.
    pub fn read() -> Self {
        let words: Vec<OsString> = std::env::args_os().collect();
        let lang = lang_of(&words);
        let mut cli = Self::of(&words).unwrap_or_else(|error| {
            // clap repeats the words. Spelled out they are wrong in the same way.
            let error = Self::of(words.iter().map(shown)).err().unwrap_or(error);
            if lang == Lang::En {
                error.exit();
            }
            let (said, is_wrong) = (zh::text(&error), error.use_stderr());
            let out: Box<dyn Write> = if is_wrong { Box::new(io::stderr()) } else { Box::new(io::stdout()) };
            // Where nobody reads it any more, the exit code has to do.
            let _ = Clean(out).write_all(said.as_bytes());
            std::process::exit(error.exit_code());
        });
        // What is wrong with the settings is said where they are needed.
        cli.lang = cli.lang.or_else(|| Settings::load().ok()?.lang());
        cli
    }

    /// The command line of these words, the first of them the program's name.
    pub fn of(words: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> Result<Self, clap::Error> {
        let words: Vec<OsString> = words.into_iter().map(Into::into).collect();
        let lang = lang_of(&words);
        let mut command = Self::command_in(lang);
        let matches = command.try_get_matches_from_mut(words)?;
        // clap's own args_conflicts_with_subcommands does not let a global flag stand before a command.
        if let Some(name) = matches.subcommand_name() {
            let given =
                |arg: &&clap::Arg| matches.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine);
            let misplaced = command.get_arguments().filter(|arg| !arg.is_global_set()).find(given);
            if let Some(flag) = misplaced.and_then(clap::Arg::get_long) {
                let message = words!(
                    lang,
                    "--{flag} before a command is an option of the workbench; write the options of '{name}' after it",
                    "命令之前的 --{flag} 是工作台的选项；请把 {name} 的选项写在它后面"
                );
                return Err(command.error(ErrorKind::ArgumentConflict, message));
            }
        }
        Self::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
    }

    /// The definition of the command line, with its short help in this language.
    pub fn command_in(lang: Lang) -> clap::Command {
        match lang {
            Lang::En => Self::command(),
            Lang::Zh => zh::in_chinese(Self::command()),
        }
    }

    /// The language that the flag says, else the locale.
    pub fn lang(&self) -> Lang {
        self.lang.unwrap_or_else(|| Lang::detect(|name| std::env::var(name).ok()))
    }
}

/// The language in which the help of these words, or what is wrong with them, is said.
fn lang_of(words: &[OsString]) -> Lang {
    let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
    let after = words.iter().zip(words.iter().skip(1)).find(|(flag, _)| *flag == "--lang").map(|(_, lang)| &**lang);
    match after.or_else(|| words.iter().find_map(|word| word.strip_prefix("--lang="))) {
        Some("zh") => Lang::Zh,
        Some(_) => Lang::En,
        None => Lang::detect(|name| std::env::var(name).ok()),
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the same server without a screen: one line for each call, until SIGINT or SIGTERM
    ///
    /// The calls go to standard output; the address and the final summary go to standard error.
    Serve {
        /// Output format
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Start any program on the screen, held before its first epoll call: step it, see why each event, and what is wrong
    ///
    /// Without a terminal, or with --format, its calls are lines: they go to standard error, as those of strace, and so do
    /// the findings at the end. The exit code is the program's, 128 and more if a signal ended it. The program stops only at
    /// the calls that matter, and without the screen gets every signal.
    Watch(WatchArgs),
    /// Grade an epoll echo server of your own: clients that try what goes wrong, and a verdict on each, with proof
    ///
    /// Each case starts the server anew under watch, and is over when the server sleeps and nothing is on its way. Exit
    /// codes: 0, all cases passed; 1, one did not, or the server cannot be graded.
    Grade(GradeArgs),
    /// Drive epoll by hand: one call for each line, on real fds of any kind, at a prompt or from a script
    ///
    /// At a terminal, without a FILE, this opens a prompt. Each line of a script runs and is shown with its result. The
    /// first `expect` that fails ends the script with exit code 1 and shows the measured value.
    Lab {
        /// The script; `-` is standard input, as is a missing FILE when standard input is not a terminal
        file: Option<PathBuf>,
        /// Output format
        #[arg(long, value_enum, default_value_t = LabFormat::Text)]
        format: LabFormat,
        /// List the verbs of the language and exit
        #[arg(long)]
        verbs: bool,
        /// Where to record.
        #[command(flatten)]
        record: RecordArgs,
    },
    /// Step through a recording, forward and back, on the screen of the workbench, without driving anything
    Replay {
        /// The recording, as --record writes it; `-` is standard input, followed while it grows
        file: PathBuf,
        /// In a recording of `compare`, the server whose calls to show (default: the first)
        #[arg(long, alias = "twin", value_name = "NAME")]
        variant: Option<String>,
        #[command(flatten)]
        screen: ScreenArgs,
    },
    /// Take a lesson; without an argument, list all lessons with your progress
    ///
    /// A lesson asks what epoll will do; then the kernel answers.
    #[command(args_conflicts_with_subcommands = true)]
    Lesson {
        /// Number or name of a lesson, or a folder with a lesson of your own
        lesson: Option<String>,
        /// Print linear text instead of a screen; read predictions from standard input, one on each line
        #[arg(long)]
        plain: bool,
        /// Write the lesson as a page for any browser, in one file, that asks before it shows
        #[arg(long = "to", id = "page", value_enum, value_name = "html", requires = "lesson")]
        #[arg(conflicts_with_all = ["plain", "record"])]
        page: Option<PageFormat>,
        /// The file of the page (default: standard output)
        #[arg(long, value_name = "OUT", requires = "page")]
        output: Option<PathBuf>,
        /// Where to record.
        #[command(flatten)]
        record: RecordArgs,
        /// Options of the screen.
        #[command(flatten)]
        screen: ScreenArgs,
        #[command(subcommand)]
        command: Option<LessonCommand>,
    },
    /// Play a scene automatically, with captions that say what comes next and what to look at
    ///
    /// Space pauses, ← and → go back and forth, PgUp and PgDn go by captions. Any key of the workbench takes over from
    /// there; leave the workbench to return to the demo.
    Demo {
        /// A built-in scene, the number or name of a lesson, or a file with a server scene (default: a three-minute tour)
        scene: Option<String>,
        #[command(flatten)]
        args: DemoArgs,
        #[command(flatten)]
        screen: ScreenArgs,
    },
    /// Play one scene against several servers side by side: where they differ, why, and what each costs
    ///
    /// Each server is a column, each step of the scene a block. The same scene gives the same output every time.
    Compare(CompareArgs),
    /// Check every claim of the lessons against this kernel: one line for each lesson, and the proof if a claim fails
    Verify {
        /// Numbers or names of lessons, folders with a lesson, or a folder of such folders (default: all built-in lessons)
        lessons: Vec<String>,
        /// Write the calls of each lesson to a recording with its name in FOLDER; creates the folder if necessary
        #[arg(long, value_name = "FOLDER")]
        record: Option<PathBuf>,
        /// Let --record overwrite a file that is not a recording
        #[arg(long, requires = "record")]
        force: bool,
    },
    /// Find the first call in which two recordings differ, and show both sides around it
    ///
    /// Times are ignored. Threads, fds and ports are compared by the order in which each thread first uses them, not by number.
    /// Exit codes: 0, the same calls; 1, they differ; 3, a recording cannot be read.
    Diff {
        /// A recording; `-` is standard input
        a: PathBuf,
        /// Another recording
        b: PathBuf,
        /// In a recording of `compare`, the server whose calls to compare (default: the first). Two names, separated by a
        /// comma: the server of A and that of B
        #[arg(long, alias = "twin", value_name = "NAME", value_delimiter = ',')]
        variant: Vec<String>,
        /// Compare this as well; a comma-separated list
        #[arg(long, value_parser = choices::<Also>(), value_name = "WHAT", value_delimiter = ',')]
        also: Vec<Also>,
        /// Ignore this; a comma-separated list
        #[arg(long, value_parser = choices::<Without>(), value_name = "WHAT", value_delimiter = ',')]
        without: Vec<Without>,
    },
    /// Find the mistakes in a recording, each with the calls that prove it and what to do
    ///
    /// Exit codes: 0; 1, something was found with `--findings deny`, or a line could not be read; 3, the recording cannot be
    /// read.
    Findings {
        /// The recording; `-` is standard input
        file: PathBuf,
        /// In a recording of `compare`, the server whose calls to look through (default: the first)
        #[arg(long, value_name = "NAME")]
        variant: Option<String>,
        /// Output format
        #[arg(long, value_enum, default_value_t = FindingsFormat::Text)]
        format: FindingsFormat,
        /// What follows from a finding: `deny` makes the exit code 1
        #[arg(long, value_enum, value_name = "RULE", default_value_t = FindingsRule::Show)]
        findings: FindingsRule,
    },
    /// Convert a recording for other programs
    Export(ExportArgs),
    /// Measure how the cost of one wait grows with idle connections: select, poll, epoll level, edge and one-shot
    ///
    /// It also counts how often one message is reported when the server reads less of it at a time. This takes about twenty
    /// seconds.
    Bench {
        /// Fewer rounds: takes a few seconds and is less exact
        #[arg(long)]
        quick: bool,
        /// Output format
        #[arg(long, value_enum, default_value_t = BenchFormat::Text)]
        format: BenchFormat,
        /// Also draw the charts to FILE as SVG; overwrites an existing file
        #[arg(long, value_name = "FILE")]
        svg: Option<PathBuf>,
    },
    /// Print completions for a shell, to be read at its start
    Completions {
        /// The shell
        #[arg(value_enum, value_name = "bash|zsh|fish")]
        shell: Shell,
    },
    /// Print the settings as they are now, with their defaults, and where their file is
    Config,
    /// Print the man page: `epollscope man | man -l -`
    Man,
}

/// The subcommands of `lesson`.
#[derive(Debug, Subcommand)]
pub enum LessonCommand {
    /// Create a folder with a small lesson to start your own from
    New {
        /// The new folder
        folder: PathBuf,
    },
    /// Predict twelve situations that no lesson shows; take it before the lessons and after, and see what has changed
    ///
    /// It is printed as text, and reads a prediction a line from standard input. What came of it is kept with its date.
    Check {
        /// text takes the check; csv prints all that were kept, a prediction a line
        #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
        format: CheckFormat,
    },
}

/// What `lesson check` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// Take the check.
    Text,
    /// The kept ones.
    Csv,
}

/// The output formats of `lab`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LabFormat {
    /// Each line of the script with its result.
    Text,
    /// Every call in the trace format.
    Jsonl,
}

/// The output formats of `findings`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FindingsFormat {
    /// Lines of text.
    Text,
    /// One JSON object; times in nanoseconds.
    Json,
    /// A JUnit report, for CI: a test for each kind of mistake.
    Junit,
}

/// The shells that completions are printed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
}

/// The output formats of `bench`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BenchFormat {
    /// Tables, a chart, and conclusions.
    Text,
    /// One JSON object; times in nanoseconds.
    Json,
}

/// The output formats of `serve`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Readable and aligned, similar to strace(1).
    Text,
    /// The trace format: JSON Lines.
    Jsonl,
    /// Nothing: the server runs without tracing.
    None,
}

/// The address, the recording and the policy of a server.
#[derive(Clone, Debug, Args)]
pub struct ServerArgs {
    /// Address and port to listen on; port 0 picks a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = ADDR, value_parser = socket_addr)]
    pub listen: SocketAddr,
    /// Where to record.
    #[command(flatten)]
    pub record: RecordArgs,
    /// The policy.
    #[command(flatten)]
    pub policy: PolicyArgs,
}

//! The arguments of `export`.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// The arguments of `export`.
#[derive(Clone, Debug, Args)]
pub struct ExportArgs {
    /// The recording; `-` is standard input
    pub file: PathBuf,
    /// In a recording of `compare`, the server whose calls to convert (default: the first)
    #[arg(long, alias = "twin", value_name = "NAME")]
    pub variant: Option<String>,
    /// The output format: for a browser, for ui.perfetto.dev, or for a spreadsheet
    #[arg(long, value_enum, value_name = "html|perfetto|csv")]
    pub to: ExportFormat,
    /// The calls that a page shows, by number (default: all, or of many those around what happens)
    #[arg(long, value_name = "FROM-TO", value_parser = calls)]
    pub calls: Option<RangeInclusive<u64>>,
    /// The output file (default: standard output)
    #[arg(long, value_name = "OUT")]
    pub output: Option<PathBuf>,
}

/// The output formats of `export`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// A page for any browser, in one file: the screen of each moment, forward and back
    Html,
    /// A Chrome trace (JSON), for ui.perfetto.dev: threads, calls as slices, unread bytes as counters
    Perfetto,
    /// A table of waits, for a spreadsheet
    Csv,
}

/// What `lesson` can be written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PageFormat {
    /// A page for any browser.
    Html,
}

fn calls(text: &str) -> Result<RangeInclusive<u64>, String> {
    let number = |text: &str| text.replace([',', '_'], "").parse::<u64>().ok();
    let both = text.split_once('-').and_then(|(from, to)| Some(number(from)?..=number(to)?));
    both.filter(|calls| !calls.is_empty()).ok_or_else(|| "expected FROM-TO, such as 1-200".to_owned())
}

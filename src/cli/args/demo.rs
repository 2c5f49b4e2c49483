//! The flags of `demo`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::socket_addr;
use crate::demo::Player;
use crate::tui::MINIMUM;

/// How a demo is played, and what is kept of it.
#[derive(Clone, Debug, Args)]
pub struct DemoArgs {
    /// Address and port that its server listens on; port 0 picks a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:0", value_parser = socket_addr)]
    pub listen: SocketAddr,
    /// So many times as fast as it is meant
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = speed)]
    pub speed: f64,
    /// Begin anew at the end, again and again
    #[arg(long = "loop", conflicts_with_all = ["size", "at", "format"])]
    pub endless: bool,
    /// How it is shown without a screen (default where there is no terminal and no picture is asked for: text)
    #[arg(long, value_enum)]
    pub format: Option<DemoFormat>,
    /// Write a film of what is shown to FILE: an asciicast (v2), with the captions as its chapters
    #[arg(long, value_name = "FILE", conflicts_with = "format", help_heading = "Pictures")]
    pub cast: Option<PathBuf>,
    /// Write the last screen to FILE as a picture: the one on which the demo is left, or, without a terminal, its end
    #[arg(long, value_name = "FILE", conflicts_with = "format", help_heading = "Pictures")]
    pub svg: Option<PathBuf>,
    /// The picture of what caption N announces, when it has happened; without a screen
    #[arg(long, value_name = "N", requires = "svg", conflicts_with = "cast", help_heading = "Pictures")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub at: Option<u32>,
    /// The size of film and picture; without a screen, and in no more time than the kernel takes (default 120x40)
    #[arg(long, value_name = "COLSxROWS", conflicts_with = "format", help_heading = "Pictures", value_parser = size)]
    pub size: Option<(u16, u16)>,
    /// Write every call to FILE, in the trace format; an existing file is written anew
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
}

/// How a demo is shown without a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DemoFormat {
    /// Each caption, and below it every line of the scene with what came of it.
    Text,
}

fn speed(text: &str) -> Result<f64, String> {
    let (least, most) = Player::SPEEDS;
    let speed = text.parse().ok().filter(|speed| (least..=most).contains(speed));
    speed.ok_or_else(|| format!("expected a number from {least} to {most}"))
}

fn size(text: &str) -> Result<(u16, u16), String> {
    const MOST: u16 = 500;
    let size = text.split_once('x').and_then(|(columns, rows)| Some((columns.parse().ok()?, rows.parse().ok()?)));
    let fits = |(columns, rows): &(u16, u16)| (MINIMUM.0..=MOST).contains(columns) && (MINIMUM.1..=MOST).contains(rows);
    size.filter(fits).ok_or_else(|| {
        format!("expected columns and rows, such as 120x40, from {}x{} to {MOST}x{MOST}", MINIMUM.0, MINIMUM.1)
    })
}

//! The flags of `demo`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::shared::{RecordArgs, socket_addr};
use crate::demo::Player;
use crate::tui::MINIMUM;

/// The options of `demo`.
#[derive(Clone, Debug, Args)]
pub struct DemoArgs {
    /// Address and port for the server to listen on; port 0 picks a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:0", value_parser = socket_addr)]
    pub listen: SocketAddr,
    /// Playback speed: 2 plays twice as fast
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = speed)]
    pub speed: f64,
    /// Restart at the end, again and again
    #[arg(long = "loop", conflicts_with_all = ["size", "at", "format"])]
    pub endless: bool,
    /// Output format without a screen (default if there is no terminal and no picture is requested: text)
    #[arg(long, value_enum)]
    pub format: Option<DemoFormat>,
    /// Record the screen to FILE as an asciicast (v2), with the captions as markers
    #[arg(long, value_name = "FILE", conflicts_with = "format", help_heading = "Pictures")]
    pub cast: Option<PathBuf>,
    /// Write the last screen to FILE as a picture: the one at which you quit, or, without a terminal, the end
    #[arg(long, value_name = "FILE", conflicts_with = "format", help_heading = "Pictures")]
    pub svg: Option<PathBuf>,
    /// Take the picture after the events that caption N announces; without a screen
    #[arg(long, value_name = "N", requires = "svg", conflicts_with = "cast", help_heading = "Pictures")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub at: Option<u32>,
    /// Size of the asciicast and the picture; without a screen, and as fast as the kernel allows (default 120x40)
    #[arg(long, value_name = "COLSxROWS", conflicts_with = "format", help_heading = "Pictures", value_parser = size)]
    pub size: Option<(u16, u16)>,
    /// Where to record.
    #[command(flatten)]
    pub record: RecordArgs,
}

/// The output formats of `demo`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DemoFormat {
    /// Each caption, followed by every line of its part of the scene with the result.
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

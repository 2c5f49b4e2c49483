//! A run as an asciicast, version 2: what a terminal would have been sent, with the time of each piece. Players of
//! asciinema show it, and list its markers as chapters.
//!
//! A header line, then a line an event, `[seconds, kind, text]`: `o` for output, `m` for a marker, `r` for a new size.
//! <https://docs.asciinema.org/manual/asciicast/v2/>

use std::io::{self, Write};
use std::time::Duration;

use crossterm::terminal::{Clear, ClearType, DisableLineWrap};
use crossterm::{cursor, queue};
use ratatui::backend::{Backend as _, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use serde_json::json;

use super::svg::SIXTEEN;
use crate::tui::theme::Ground;

/// A film being written.
#[derive(Debug)]
pub struct Cast<W: Write> {
    out: W,
    /// The screen as of the last event.
    shown: Buffer,
    /// The time of the last event: they do not go back.
    at: Duration,
}

impl<W: Write> Cast<W> {
    /// Begins a film on a screen of this size. `ground` says what the terminal's own colours are taken to be.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn new(mut out: W, (columns, rows): (u16, u16), ground: Ground, title: &str) -> io::Result<Self> {
        let (ink, page) = ground.colours();
        let colour = |rgb: u32| format!("#{rgb:06x}");
        let header = json!({
            "version": 2,
            "width": columns,
            "height": rows,
            "title": title,
            "env": { "TERM": "xterm-256color" },
            "theme": { "fg": colour(ink), "bg": colour(page), "palette": SIXTEEN.map(colour).join(":") },
        });
        writeln!(out, "{header}")?;
        let mut cast = Self { out, shown: Buffer::empty(Rect::new(0, 0, columns, rows)), at: Duration::ZERO };
        cast.wipe()?;
        Ok(cast)
    }

    /// The screen shows this from `at` on.
    ///
    /// # Errors
    /// Those of the output.
    pub fn show(&mut self, at: Duration, screen: &Buffer) -> io::Result<()> {
        if screen.area != self.shown.area {
            self.event(at, "r", &format!("{}x{}", screen.area.width, screen.area.height))?;
            self.wipe()?;
            self.shown = Buffer::empty(screen.area);
        }
        if self.shown == *screen {
            return Ok(());
        }
        let mut sent = Vec::new();
        CrosstermBackend::new(&mut sent).draw(self.shown.diff(screen).into_iter())?;
        self.shown = screen.clone();
        self.event(at, "o", &String::from_utf8_lossy(&sent))
    }

    /// A chapter begins at `at`.
    ///
    /// # Errors
    /// Those of the output.
    pub fn mark(&mut self, at: Duration, label: &str) -> io::Result<()> {
        self.event(at, "m", label)
    }

    /// Ends the film at `at`: the last screen stays until then.
    ///
    /// # Errors
    /// Those of the output.
    pub fn finish(mut self, at: Duration) -> io::Result<W> {
        self.event(at, "o", "")?;
        self.out.flush()?;
        Ok(self.out)
    }

    /// An empty screen without a cursor, on which a full last column does not begin a new line.
    fn wipe(&mut self) -> io::Result<()> {
        let mut sent = Vec::new();
        queue!(sent, cursor::Hide, DisableLineWrap, Clear(ClearType::All))?;
        self.event(self.at, "o", &String::from_utf8_lossy(&sent))
    }

    fn event(&mut self, at: Duration, kind: &str, text: &str) -> io::Result<()> {
        self.at = self.at.max(at);
        let (seconds, micros) = (self.at.as_secs(), self.at.subsec_micros());
        writeln!(self.out, "[{seconds}.{micros:06}, \"{kind}\", {}]", json!(text))
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::{Color, Modifier, Style};

    use super::*;

    const SIZE: (u16, u16) = (20, 3);

    fn screens() -> Vec<Buffer> {
        let mut screens = vec![Buffer::empty(Rect::new(0, 0, SIZE.0, SIZE.1)); 4];
        screens[0].set_string(0, 0, "边缘触发 edge", Style::new().fg(Color::Rgb(1, 2, 3)).bg(Color::Rgb(9, 9, 9)));
        screens[1].set_string(1, 0, "水平 \"level\" \\", Style::new().add_modifier(Modifier::REVERSED));
        screens[1].set_string(16, 2, "wide", Style::new().add_modifier(Modifier::BOLD));
        screens[2].set_string(18, 2, "界", Style::new().fg(Color::LightRed));
        screens
    }

    /// The events of a film.
    fn events(film: &[u8]) -> Vec<(f64, String, String)> {
        let lines = std::str::from_utf8(film).expect("text").lines().skip(1);
        lines.map(|line| serde_json::from_str(line).expect("an event")).collect()
    }

    fn film() -> Vec<u8> {
        let mut cast = Cast::new(Vec::new(), SIZE, Ground::Dark, "a \"title\"").expect("written");
        for (i, screen) in (1..).zip(screens()) {
            cast.show(Duration::from_secs(i), &screen).expect("written");
        }
        cast.mark(Duration::from_secs(5), "the end").expect("written");
        cast.finish(Duration::from_millis(5_500)).expect("written")
    }

    #[test]
    fn a_terminal_shows_the_same_screens() {
        let mut terminal = vt100::Parser::new(SIZE.1, SIZE.0, 0);
        let film = film();
        let mut outputs = events(&film).into_iter().filter(|(_, kind, _)| kind == "o");
        terminal.process(outputs.next().expect("the empty screen").2.as_bytes());
        for (screen, (_, _, sent)) in screens().into_iter().zip(outputs) {
            terminal.process(sent.as_bytes());
            for (x, y) in screen.area.positions().map(|at| (at.x, at.y)) {
                let (cell, shown) = (&screen[(x, y)], terminal.screen().cell(y, x).expect("a cell"));
                if shown.is_wide_continuation() {
                    continue;
                }
                let text = if shown.has_contents() { shown.contents() } else { " " };
                assert_eq!(text, cell.symbol(), "{x},{y} of {screen:?}");
                assert_eq!(shown.bold(), cell.modifier.contains(Modifier::BOLD));
                assert_eq!(shown.inverse(), cell.modifier.contains(Modifier::REVERSED));
                let colour = |colour| match colour {
                    Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
                    Color::LightRed => vt100::Color::Idx(9),
                    _ => vt100::Color::Default,
                };
                assert_eq!((shown.fgcolor(), shown.bgcolor()), (colour(cell.fg), colour(cell.bg)), "{x},{y}");
            }
        }
        assert!(terminal.screen().hide_cursor());
    }

    #[test]
    fn the_header_and_the_markers_are_as_players_read_them() {
        let film = film();
        let header: serde_json::Value =
            serde_json::from_slice(film.split(|b| *b == b'\n').next().expect("a line")).expect("a header");
        assert_eq!((&header["version"], &header["width"], &header["height"]), (&json!(2), &json!(20), &json!(3)));
        assert_eq!(header["title"], "a \"title\"");
        assert_eq!(header["theme"]["palette"].as_str().map(|palette| palette.split(':').count()), Some(16));
        let events = events(&film);
        assert!(events.is_sorted_by(|a, b| a.0 <= b.0));
        assert_eq!(events[events.len() - 2], (5.0, "m".into(), "the end".into()));
        assert_eq!(events[events.len() - 1], (5.5, "o".into(), String::new()));
    }

    #[test]
    fn a_screen_of_another_size_is_drawn_from_nothing() {
        let mut cast = Cast::new(Vec::new(), SIZE, Ground::Light, "").expect("written");
        cast.show(Duration::ZERO, &Buffer::with_lines(["one"])).expect("written");
        let film = cast.finish(Duration::ZERO).expect("written");
        let events = events(&film);
        assert_eq!((&*events[1].1, &*events[1].2), ("r", "3x1"));
        assert!(events[2].2.contains("\x1b[2J") && events[3].2.contains("one"), "{events:?}");
    }
}

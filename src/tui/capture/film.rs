//! A run as a film: an asciicast, version 2, which is the terminal's output with the time of each piece. asciinema's
//! players show it, and list its markers as chapters.
//!
//! A header line, then a line an event, `[seconds, kind, text]`: `o` for output, `m` for a marker, `r` for a new size.
//! <https://docs.asciinema.org/manual/asciicast/v2/>

use std::io::{self, Write};
use std::time::Duration;

use crossterm::terminal::{Clear, ClearType, DisableLineWrap};
use crossterm::{cursor, queue};
use ratatui::backend::{Backend as _, CrosstermBackend};
use ratatui::prelude::{Buffer, Rect};
use serde_json::json;

use super::svg::SIXTEEN;
use crate::tui::theme::Ground;

/// A film being written. An error of the output is kept for the end, so that what is filmed goes on without the film.
#[derive(Debug)]
pub struct Film<W: Write> {
    out: W,
    written: io::Result<()>,
    shown: Buffer,
    time: Duration,
    chapters: usize,
}

impl<W: Write> Film<W> {
    /// Begins a film on a screen of this size. `ground` says what the terminal's own colours are taken to be.
    pub fn new(out: W, (columns, rows): (u16, u16), ground: Ground, title: &str) -> Self {
        let shown = Buffer::empty(Rect::new(0, 0, columns, rows));
        let mut film = Self { out, written: Ok(()), shown, time: Duration::ZERO, chapters: 0 };
        film.written = film.begin(ground, title);
        film
    }

    pub fn pass(&mut self, passed: Duration) {
        self.time += passed;
    }

    /// Takes the screen as it is now, in this chapter, counted from 1.
    pub fn take(&mut self, screen: &Buffer, chapter: Option<(usize, &str)>) {
        if self.written.is_ok() {
            self.written = self.show(screen, chapter);
        }
    }

    pub fn length(&self) -> (Duration, usize) {
        (self.time, self.chapters)
    }

    /// Ends the film: the last screen stays until now.
    pub fn finish(mut self) -> io::Result<W> {
        std::mem::replace(&mut self.written, Ok(()))?;
        self.event("o", "")?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn begin(&mut self, ground: Ground, title: &str) -> io::Result<()> {
        let (ink, page) = ground.colours();
        let colour = |rgb: u32| format!("#{rgb:06x}");
        let header = json!({
            "version": 2,
            "width": self.shown.area.width,
            "height": self.shown.area.height,
            "title": title,
            "env": { "TERM": "xterm-256color" },
            "theme": { "fg": colour(ink), "bg": colour(page), "palette": SIXTEEN.map(colour).join(":") },
        });
        writeln!(self.out, "{header}")?;
        self.wipe()
    }

    fn show(&mut self, screen: &Buffer, chapter: Option<(usize, &str)>) -> io::Result<()> {
        if let Some((number, title)) = chapter.filter(|(number, _)| *number > self.chapters) {
            self.chapters = number;
            self.event("m", title)?;
        }
        if screen.area != self.shown.area {
            self.event("r", &format!("{}x{}", screen.area.width, screen.area.height))?;
            self.wipe()?;
            self.shown = Buffer::empty(screen.area);
        }
        if self.shown == *screen {
            return Ok(());
        }
        let mut sent = Vec::new();
        CrosstermBackend::new(&mut sent).draw(self.shown.diff(screen).into_iter())?;
        self.shown = screen.clone();
        self.event("o", &String::from_utf8_lossy(&sent))
    }

    /// An empty screen without a cursor, on which a full last column does not begin a new line.
    fn wipe(&mut self) -> io::Result<()> {
        let mut sent = Vec::new();
        queue!(sent, cursor::Hide, DisableLineWrap, Clear(ClearType::All))?;
        self.event("o", &String::from_utf8_lossy(&sent))
    }

    fn event(&mut self, kind: &str, text: &str) -> io::Result<()> {
        let (seconds, micros) = (self.time.as_secs(), self.time.subsec_micros());
        writeln!(self.out, "[{seconds}.{micros:06}, \"{kind}\", {}]", json!(text))
    }
}

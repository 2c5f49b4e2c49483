//! A film of what is shown: pictures with the time of each, and chapters.

use std::io::{self, Write};
use std::time::Duration;

use ratatui::buffer::Buffer;

use super::cast::Cast;

/// A film with chapters, which keeps an error for the end: what is filmed goes on without it.
#[derive(Debug)]
pub struct Film<W: Write> {
    cast: Result<Cast<W>, io::Error>,
    /// The time that has passed.
    time: Duration,
    /// So many chapters have begun.
    chapters: usize,
}

impl<W: Write> Film<W> {
    /// A film with this cast.
    pub fn new(cast: io::Result<Cast<W>>) -> Self {
        Self { cast, time: Duration::ZERO, chapters: 0 }
    }

    /// So much time has passed.
    pub fn pass(&mut self, passed: Duration) {
        self.time += passed;
    }

    /// Takes the screen as it is now, in this chapter, counted from 1.
    pub fn take(&mut self, screen: &Buffer, chapter: Option<(usize, &str)>) {
        let at = self.time;
        let Ok(cast) = &mut self.cast else { return };
        let mut taken = Ok(());
        if let Some((number, title)) = chapter.filter(|(number, _)| *number > self.chapters) {
            self.chapters = number;
            taken = cast.mark(at, title);
        }
        if let Err(error) = taken.and_then(|()| cast.show(at, screen)) {
            self.cast = Err(error);
        }
    }

    /// How long it is, and how many chapters have begun.
    pub fn length(&self) -> (Duration, usize) {
        (self.time, self.chapters)
    }

    /// Ends the film now.
    ///
    /// # Errors
    /// It could not be written, now or before.
    pub fn finish(self) -> io::Result<W> {
        self.cast?.finish(self.time)
    }
}

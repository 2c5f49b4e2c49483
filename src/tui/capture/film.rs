//! Filming what is shown: the loop goes on as without, and each picture that it draws goes into the film too.

use std::cell::RefCell;
use std::io::{self, Write};
use std::os::fd::BorrowedFd;
use std::time::Duration;

use crossterm::event::Event;
use nix::poll::PollTimeout;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Cast;
use crate::record::Record;
use crate::tui::Show;
use crate::tui::navigator::Passed;

/// A film with chapters, which keeps an error for the end: a show goes on without it.
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

/// A show that is filmed.
pub struct Filmed<'a, S, W: Write> {
    /// What is shown.
    pub show: &'a mut S,
    /// The film, if there is one.
    pub film: Option<&'a RefCell<Film<W>>>,
    /// The chapter that the show is in.
    pub chapter: fn(&S) -> Option<(usize, &str)>,
}

impl<S: Show, W: Write> Show for Filmed<'_, S, W> {
    fn take_in(&mut self, each: &mut dyn FnMut(&Record)) -> bool {
        self.show.take_in(each)
    }

    fn render(&self, area: Rect, buf: &mut Buffer) {
        self.show.render(area, buf);
    }

    fn draw(&self, frame: &mut Frame<'_>) {
        self.show.draw(frame);
        if let Some(film) = self.film {
            film.borrow_mut().take(frame.buffer_mut(), (self.chapter)(self.show));
        }
    }

    fn sleep(&self, also: &[BorrowedFd<'_>], timeout: PollTimeout) {
        self.show.sleep(also, timeout);
    }

    fn input(&mut self, event: &Event) {
        self.show.input(event);
    }

    fn pass(&mut self, passed: Duration) -> Passed {
        if let Some(film) = self.film {
            film.borrow_mut().pass(passed);
        }
        self.show.pass(passed)
    }

    fn is_left(&self) -> bool {
        self.show.is_left()
    }
}

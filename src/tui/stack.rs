//! The stack of screens. The top screen is drawn, gets the keys, and is told how time passes. After each event it says
//! what comes next.
//!
//! A live session moves with the screens: a screen that pushes the workbench gives its session away, and gets it back
//! when the workbench is popped.

use std::cell::Cell;
use std::os::fd::BorrowedFd;
use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseEvent, MouseEventKind};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use ratatui::prelude::{Buffer, Frame, Rect};

use super::Theme;
use super::keymap::{binding::Listed, interrupts};
use super::linear::Linear;
use super::mouse::clicked;
use super::navigator::{Notice, Passed};
use super::palette::{Found, Palette, Place};
use super::save::{Saving, save};
use crate::analysis::History;
use crate::i18n::Lang;
use crate::record::Record;
use crate::session::Session;

/// What a screen wants after an event.
#[derive(Default)]
pub enum Next {
    #[default]
    Stay,
    /// Put this screen on top of it.
    Push(Box<dyn Screen>),
    /// Ask for a file, and save there what is shown.
    Save,
    /// Put this on the clipboard of the terminal.
    Copy(String),
    /// Open this beside what is shown, which comes back as it was left.
    Visit(Place),
    /// Take it off; the screen below goes on. If it is the first screen, the loop ends.
    Pop,
    Quit,
}

/// A screen: something that can be drawn and driven.
pub trait Screen {
    fn render(&self, area: Rect, buf: &mut Buffer);

    fn input(&mut self, event: &Event) -> Next;

    /// Takes in new records, and passes each on to `each`. Returns whether there is anything new to show.
    fn take_in(&mut self, _each: &mut dyn FnMut(&Record)) -> bool {
        false
    }

    /// Sleeps until something happens, one of `also` becomes readable, the time is up, or a signal comes.
    fn sleep(&self, also: &[BorrowedFd<'_>], timeout: PollTimeout) {
        let mut fds: Vec<PollFd<'_>> = also.iter().map(|fd| PollFd::new(*fd, PollFlags::POLLIN)).collect();
        // EINTR is no error here: the loop looks at everything after each sleep.
        let _ = poll(&mut fds, timeout);
    }

    /// This much time has passed since the last call; what plays goes on.
    fn pass(&mut self, _passed: Duration) -> Passed {
        Passed::default()
    }

    /// Whether it cannot go on. The loop ends, and whoever opened the screen asks it for the reason.
    fn has_failed(&self) -> bool {
        false
    }

    /// The number of the chapter that is shown, from 1, and its title, for a film.
    fn chapter(&self) -> Option<(usize, &str)> {
        None
    }

    /// What the palette offers of it.
    fn keys(&self) -> Vec<Listed> {
        Vec::new()
    }

    /// Its theme and its language.
    fn looks(&self) -> (Theme, Lang);

    /// Something else is opened beside it for a while, and its records will not be taken in.
    fn rest(&mut self) {}

    /// All that has happened, for a recording.
    fn recorded(&self) -> Option<&History> {
        None
    }

    /// Something was done for it, or could not be.
    fn tell(&mut self, _notice: Notice) {}

    /// How it stands in lines, with what has happened since that place on its timeline.
    fn linear(&self, _since: u64) -> Linear {
        Linear { settled: true, ..Linear::default() }
    }

    /// Leaves the stack. The screen closes what it holds, each record to `each`, except for a session that it was
    /// given: that is returned.
    fn leave(self: Box<Self>, _each: &mut dyn FnMut(&Record)) -> Option<Session> {
        None
    }

    /// The screen that it pushed was popped and returned this session.
    fn come_back(&mut self, _session: Option<Session>, _each: &mut dyn FnMut(&Record)) -> Next {
        Next::Stay
    }

    fn draw(&self, frame: &mut Frame<'_>) {
        self.render(frame.area(), frame.buffer_mut());
    }

    fn picture(&self, (columns, rows): (u16, u16)) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
        self.render(buffer.area, &mut buffer);
        buffer
    }
}

/// Screens on top of each other. The first one is borrowed: its owner may ask it for results after the loop.
///
/// A screen can be visited from any other, through the palette or a key: it is put beside what is shown, its records
/// are nobody's, and leaving it leads back.
pub struct Stack<'a> {
    first: &'a mut dyn Screen,
    above: Vec<Box<dyn Screen>>,
    /// How many screens there were above the first one when each visit began.
    visits: Vec<usize>,
    palette: Option<Palette>,
    saving: Option<Saving>,
    copied: Option<String>,
    /// The area of the last picture.
    area: Cell<Rect>,
}

impl<'a> Stack<'a> {
    pub fn new(first: &'a mut dyn Screen) -> Self {
        Self {
            first,
            above: Vec::new(),
            visits: Vec::new(),
            palette: None,
            saving: None,
            copied: None,
            area: Cell::default(),
        }
    }

    pub fn push(&mut self, screen: Box<dyn Screen>) {
        self.above.push(screen);
    }

    pub fn top(&self) -> &dyn Screen {
        self.above.last().map_or(&*self.first, |screen| &**screen)
    }

    pub fn top_mut(&mut self) -> &mut dyn Screen {
        match self.above.last_mut() {
            Some(screen) => &mut **screen,
            None => self.first,
        }
    }

    /// Takes in new records of the top screen; those of a visit are passed on to nobody.
    pub fn take_in(&mut self, each: &mut dyn FnMut(&Record)) -> bool {
        if self.visits.is_empty() { self.top_mut().take_in(each) } else { self.top_mut().take_in(&mut |_| ()) }
    }

    /// What the last event has copied.
    pub fn take_copied(&mut self) -> Option<String> {
        self.copied.take()
    }

    /// Draws the top screen, and the palette over it.
    pub fn render(&self, area: Rect, buf: &mut Buffer) {
        self.area.set(area);
        self.top().render(area, buf);
        if let Some(palette) = &self.palette {
            palette.render(area, buf);
        }
        if let Some(saving) = &self.saving {
            saving.render(area, buf);
        }
    }

    /// Whether the loop ends because a screen cannot go on. A visit only leads back.
    pub fn has_failed(&mut self) -> bool {
        if !self.top().has_failed() {
            return false;
        }
        !self.end_visit()
    }

    /// Passes an event to the palette or the top screen and does what it asks for. Returns whether the loop ends.
    /// Records of screens that leave or come back go to `each`.
    pub fn input(&mut self, event: &Event, each: &mut dyn FnMut(&Record)) -> bool {
        if let Event::Mouse(mouse) = event {
            return self.pressed(*mouse).into_iter().any(|key| self.input(&Event::Key(key), &mut *each));
        }
        let is_palette = matches!(event, Event::Key(key) if finds(key));
        let for_good = matches!(event, Event::Key(key) if interrupts(key));
        if let Some(saving) = self.saving.as_mut().filter(|_| !for_good) {
            if let Some(name) = saving.input(event) {
                self.save(&name);
            }
            return false;
        }
        let next = match &mut self.palette {
            Some(_) if for_good => Next::Quit,
            Some(palette) => match palette.input(event) {
                Found::Nothing => return false,
                Found::Closed => {
                    self.palette = None;
                    return false;
                }
                Found::Key(key) => {
                    self.palette = None;
                    self.top_mut().input(&Event::Key(key))
                }
                Found::Place(place) => Next::Visit(place),
            },
            None if is_palette => {
                let (theme, lang) = self.top().looks();
                self.palette = Some(Palette::new(self.top().keys(), theme, lang));
                return false;
            }
            None => self.top_mut().input(event),
        };
        self.follow(next, for_good, each)
    }

    /// The keys that the mouse presses.
    fn pressed(&self, mouse: MouseEvent) -> Vec<KeyEvent> {
        let key = |code: KeyCode| KeyEvent::new(code, KeyModifiers::NONE);
        match mouse.kind {
            MouseEventKind::ScrollUp => vec![key(KeyCode::Up)],
            MouseEventKind::ScrollDown => vec![key(KeyCode::Down)],
            MouseEventKind::Down(_) if let Some(palette) = &self.palette => {
                palette.clicked(self.area.get(), mouse.column, mouse.row).into_iter().map(key).collect()
            }
            MouseEventKind::Down(_) if self.palette.is_none() && self.saving.is_none() => {
                let mut picture = Buffer::empty(self.area.get());
                self.top().render(picture.area, &mut picture);
                clicked(&picture, &self.top().keys(), mouse.column, mouse.row)
            }
            _ => Vec::new(),
        }
    }

    fn follow(&mut self, mut next: Next, for_good: bool, each: &mut dyn FnMut(&Record)) -> bool {
        loop {
            let mut nobody = |_: &Record| ();
            let each: &mut dyn FnMut(&Record) = if self.visits.is_empty() { &mut *each } else { &mut nobody };
            next = match next {
                Next::Stay => return false,
                Next::Quit => return for_good || !self.end_visit(),
                Next::Save => {
                    self.saving = Some(Saving::new(self.top().looks()));
                    return false;
                }
                Next::Copy(text) => {
                    self.copied = Some(text);
                    return false;
                }
                Next::Visit(place) => {
                    self.visit(&place, each);
                    return false;
                }
                Next::Push(screen) => {
                    // Records that it has not passed on yet are older than those of the new screen.
                    self.top_mut().take_in(each);
                    self.push(screen);
                    return false;
                }
                Next::Pop if self.visits.last().is_some_and(|depth| self.above.len() == depth + 1) => {
                    return !self.end_visit();
                }
                Next::Pop => {
                    let Some(mut top) = self.above.pop() else { return true };
                    top.take_in(each);
                    let session = top.leave(each);
                    self.top_mut().come_back(session, each)
                }
            };
        }
    }

    fn save(&mut self, name: &str) {
        let saved = if name.is_empty() { None } else { Some(save(self.top(), self.area.get(), name)) };
        match (saved, &mut self.saving) {
            (Some(Err(why)), Some(saving)) => saving.refuse(why),
            (saved, _) => {
                self.saving = None;
                if let Some(Ok(text)) = saved {
                    self.top_mut().tell(Notice { text, alert: false });
                }
            }
        }
    }

    fn visit(&mut self, place: &Place, each: &mut dyn FnMut(&Record)) {
        let (theme, lang) = self.top().looks();
        match place.open(&theme, lang) {
            Ok(screens) => {
                self.top_mut().rest();
                self.top_mut().take_in(each);
                self.visits.push(self.above.len());
                self.above.extend(screens);
                self.palette = None;
            }
            Err(why) => match &mut self.palette {
                Some(palette) => palette.refuse(why),
                None => self.top_mut().tell(Notice { text: why, alert: true }),
            },
        }
    }

    /// Closes the screens of the last visit; returns whether there was one.
    fn end_visit(&mut self) -> bool {
        let Some(depth) = self.visits.pop() else { return false };
        self.close_to(depth, &mut |_| ());
        self.palette = None;
        true
    }

    /// Closes the screens from the top down to this many above the first; their remaining records go to `each`.
    fn close_to(&mut self, depth: usize, each: &mut dyn FnMut(&Record)) {
        while self.above.len() > depth {
            let Some(mut screen) = self.above.pop() else { return };
            screen.take_in(each);
            if let Some(mut session) = screen.leave(each) {
                // A server that died has ended already: its error was shown, and is no failure of closing.
                let _ = session.close(&mut *each);
            }
        }
    }

    /// Closes all screens but the first, from the top down; their remaining records go to `each`.
    pub fn close(&mut self, each: &mut dyn FnMut(&Record)) {
        while self.end_visit() {}
        self.close_to(0, each);
        self.first.take_in(each);
    }
}

/// Whether `key` opens the palette.
fn finds(key: &KeyEvent) -> bool {
    key.code == KeyCode::Char('p') && key.modifiers == KeyModifiers::CONTROL
}

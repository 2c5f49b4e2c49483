//! What a screen shows: the theme and size that tests use, and a replay that is read to its end.

use std::path::Path;

use epollscope::i18n::Lang;
use epollscope::trace::Playback;
use epollscope::tui::theme::{Depth, Ground};
use epollscope::tui::{Screen, Theme, WorkbenchScreen};
use nix::poll::PollTimeout;
use ratatui::buffer::{Buffer, Cell};

pub(crate) const SIZE: (u16, u16) = (120, 40);

pub(crate) fn theme() -> Theme {
    Theme::new(Depth::True, Ground::Dark)
}

/// The rows that are about the moment: not those that say where it is and which keys there are. Of the header it is the
/// number of the wait: what else there is room for depends on how the server stands.
pub(crate) fn about_the_moment(buf: &Buffer) -> Vec<Vec<Cell>> {
    let (width, height) = (buf.area.width, buf.area.height);
    let row = |y: u16| (0..width).map(|x| buf[(x, y)].clone()).collect::<Vec<_>>();
    let text = |y: u16| (0..width).map(|x| buf[(x, y)].symbol()).collect::<String>();
    let header = text(0);
    let mut rows = Vec::new();
    let is_roomy = width >= SIZE.0 && !header.contains("changes before the next wait");
    if let Some(from) = header.find("wait #").filter(|_| is_roomy) {
        let to = header[from + 6..].find(' ').expect("something behind it") + from + 6;
        let cells = |byte: usize| header[..byte].chars().count();
        rows.push(row(0)[cells(from)..cells(to)].to_vec());
    }
    let keys = if height >= 30 { 2 } else { 1 };
    rows.extend((1..height - keys).filter(|y| !text(*y).starts_with("─ Next")).map(row));
    rows
}

/// Numbers below what is asked for, the same for the same seed.
pub(crate) fn random(mut seed: u64) -> impl FnMut(usize) -> usize {
    move |below| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).expect("31 bits") % below
    }
}

/// The recording, read to its end.
pub(crate) fn replay(path: &Path) -> WorkbenchScreen {
    read(WorkbenchScreen::replay(Playback::open(path).expect("a recording"), theme(), Lang::En))
}

/// The same, read to its end.
pub(crate) fn read(mut app: WorkbenchScreen) -> WorkbenchScreen {
    while !app.is_read() {
        app.take_in(&mut |_| ());
        app.sleep(&[], PollTimeout::from(10_u8));
    }
    app
}

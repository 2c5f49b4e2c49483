//! One wave: what is unread in one file, column by column.

use crate::record::{Call, Fd, Ready, Record};
use crate::sys::Errno;
use crate::trace::World;
use crate::trace::world::{File, FileId, Kind};

/// One column of one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Column {
    /// The most unread bytes after any call in it, or connections that wait: what came and went within a column shows too.
    /// `None` where it is not known, or before the file was opened.
    pub depth: Option<u64>,
    pub arrived: bool,
    pub reported: bool,
    pub read: bool,
}

/// A wave under construction. While the depth is unknown, changes of it are counted from where that began, and shifted
/// when a sample tells it.
pub(super) struct Wave<'a> {
    id: FileId,
    file: &'a File,
    other: Option<(FileId, &'a File)>,
    cells: Vec<Cell>,
    /// The column that is not over.
    cell: Cell,
    depth: i64,
    /// Since when the depth is only counted; `None` while it is known.
    untold: Option<Untold>,
    /// The peer has ended its side: to be readable need not mean bytes.
    ended: bool,
    /// Records are missing, and the depth has not been told since.
    lost: bool,
}

/// A column under construction.
#[derive(Clone, Copy, Default)]
struct Cell {
    column: Column,
    /// The greatest depth after any call in it that is known, and that is only counted.
    known: Option<i64>,
    counted: Option<i64>,
    hidden: bool,
}

/// A stretch in which the depth is known but for a number that is the same all over.
#[derive(Clone, Copy)]
struct Untold {
    from: usize,
    /// It begins with a report to read.
    reported: bool,
    /// How much lay there before, where that was known.
    base: Option<i64>,
    read: Option<usize>,
}

impl<'a> Wave<'a> {
    /// The wave of `id`, which is open in `world`.
    pub(super) fn new(world: &'a World, id: FileId, columns: usize) -> Option<Self> {
        let file = world.file(id)?;
        let other = file.stream().and_then(|stream| stream.other).and_then(|other| Some((other, world.file(other)?)));
        let untold = Some(Untold { from: 0, reported: false, base: None, read: None });
        let (cells, cell) = (Vec::with_capacity(columns), Cell::default());
        Some(Self { id, file, other, cells, cell, depth: 0, untold, ended: false, lost: false })
    }

    /// The numbers under which records speak of it.
    pub(super) fn fds(&self) -> impl Iterator<Item = Fd> {
        [Some(self.file.fd), self.other.map(|(_, other)| other.fd)].into_iter().flatten()
    }

    pub(super) fn take(&mut self, record: &Record, world: &World) {
        let (file, other) = (self.file, self.other);
        // What came before it was opened is about another.
        if record.seq.0 < self.id.seq() {
            return;
        }
        if matches!(record.call, Call::Lost { .. }) {
            self.lose();
        }
        let Some(fd) = record.call.fd() else { return };
        if other.is_some_and(|(id, other)| record.seq.0 >= id.seq() && world.means(record.tid, fd, other)) {
            if let Call::Sendto { ret, .. } = world.plain(record.tid, record.call) {
                let sent = ret.ok().unwrap_or(0);
                self.cell.column.arrived |= sent > 0;
                self.change(i64::from(sent));
            }
            return;
        }
        if !world.means(record.tid, fd, file) {
            return;
        }
        match world.plain(record.tid, record.call) {
            Call::Event { ready, .. } => {
                self.cell.column.reported = true;
                if other.is_none() {
                    self.reported(ready);
                }
            }
            Call::Recvfrom { len, ret, flags, .. } if flags.is_empty() => {
                let n = ret.ok().unwrap_or(0);
                self.cell.column.read |= n > 0;
                self.ended |= ret.ok() == Some(0) && len > 0;
                if ret.is(Errno::EAGAIN) || ret.ok().is_some() && n < len {
                    self.depth -= i64::from(n);
                    self.is(0);
                } else {
                    self.read(n);
                }
            }
            Call::Accept4 { ret, .. } => {
                self.cell.column.read |= ret.ok().is_some();
                self.read(u32::from(ret.ok().is_some()));
            }
            Call::Sample { unread, .. } => self.is(i64::from(unread)),
            Call::Backlog { pending, .. } => self.is(i64::from(pending)),
            _ => {}
        }
    }

    /// The depth is unknown here; a later sample may tell.
    fn reported(&mut self, ready: Ready) {
        let readable = ready.contains(Ready::IN) && !ready.intersects(Ready::ERR | Ready::HUP) && !self.ended;
        self.ended |= ready.contains(Ready::RDHUP);
        // It is unknown what was there before a first report, and when it came.
        let is_first = self.untold.is_some_and(|untold| !untold.reported);
        if is_first || readable && !matches!(self.file.kind, Kind::Other(_)) {
            self.settle();
            self.begin(readable);
        }
    }

    /// `n` bytes were read, or connections accepted, and there may be more.
    fn read(&mut self, n: u32) {
        let at = self.cells.len();
        match &mut self.untold {
            Some(untold) if n > 0 => untold.read = Some(at),
            None if i64::from(n) > self.depth && self.other.is_none() => {
                // Bytes arrived that no report told of, and it is unknown what is left.
                self.cell.column.arrived = true;
                self.begin(false);
            }
            _ => {}
        }
        self.change(-i64::from(n));
    }

    fn change(&mut self, by: i64) {
        self.depth += by;
        self.reach();
    }

    fn reach(&mut self) {
        let peak = if self.untold.is_some() { &mut self.cell.counted } else { &mut self.cell.known };
        *peak = (*peak).max(Some(self.depth));
    }

    /// From here on the depth is only counted.
    fn begin(&mut self, reported: bool) {
        let base = self.untold.is_none().then_some(self.depth);
        self.untold = Some(Untold { from: self.cells.len(), reported, base, read: None });
        if reported {
            self.reach();
        }
    }

    fn is(&mut self, depth: i64) {
        match self.untold.take() {
            Some(untold) => self.shift(untold, depth - self.depth, usize::MAX),
            None => self.cell.column.arrived |= depth > self.depth,
        }
        self.depth = depth;
        self.lost = false;
        self.reach();
    }

    /// The depth stayed unknown. What was read after a report had arrived by then; what was left is unknown.
    fn settle(&mut self) {
        let Some(untold) = self.untold else { return };
        if untold.base > Some(0) && self.depth >= 0 {
            // No more was read than was known to be there.
            self.untold = None;
            return self.shift(untold, 0, usize::MAX);
        }
        let to = untold.read.filter(|_| untold.reported).map_or(untold.from, |read| read.max(untold.from + 1));
        self.shift(untold, -self.depth, to);
        self.untold = Some(Untold { base: None, ..untold });
        self.depth = 0;
    }

    /// Adds to what was counted up to a column; what was counted after it stays unknown.
    fn shift(&mut self, untold: Untold, by: i64, to: usize) {
        let cells = self.cells.iter_mut().chain([&mut self.cell]).enumerate().skip(untold.from);
        for (i, cell) in cells {
            let counted = cell.counted.take().filter(|_| i < to);
            cell.known = cell.known.max(counted.map(|depth| depth + by));
            cell.column.arrived |= i == untold.from && untold.base.is_some() && by > 0;
        }
    }

    fn lose(&mut self) {
        self.lost = true;
        if self.untold.is_some() {
            self.settle();
            self.begin(false);
        }
    }

    /// The column that ends at position `end` is over.
    pub(super) fn end_column(&mut self, end: u64) {
        let mut cell = std::mem::take(&mut self.cell);
        let peak = if self.untold.is_some() { &mut cell.counted } else { &mut cell.known };
        peak.get_or_insert(self.depth);
        cell.hidden = end < self.id.seq() || self.lost;
        self.cells.push(cell);
    }

    pub(super) fn finish(mut self) -> Vec<Column> {
        match self.file.depth() {
            Some(now) if self.untold.is_some() => self.is(i64::try_from(now).unwrap_or(i64::MAX)),
            _ => self.settle(),
        }
        let columns = self.cells.into_iter().map(|cell| {
            let known = cell.known.filter(|_| !cell.hidden);
            Column { depth: known.map(|depth| u64::try_from(depth).unwrap_or(0)), ..cell.column }
        });
        columns.collect()
    }
}

//! The screens of a run, each as what it changes of the one before.
//!
//! A moment differs from the next in a few rows, and many a row comes again, above all when a server spins. So a frame is
//! a list of places and rows, and each row is kept once, as what it changes of the row that was there before: how many
//! cells to leave as they are, the look of the next ones, and their text. What a cell looks like on a dark and on a light
//! ground is one entry of a palette, so that one row serves both.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use ratatui::buffer::Buffer;
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr as _;

use crate::tui::capture::svg::Paint;
use crate::tui::theme::Ground;

/// Unchanged cells between two changed ones of the same look that are cheaper written again than left out.
const GAP: usize = 4;

#[derive(Clone, PartialEq, Eq, Hash)]
struct Cell {
    /// Empty behind a wide character.
    symbol: String,
    look: usize,
}

/// The frames so far.
pub(super) struct Frames {
    size: (u16, u16),
    /// The row that stands in each place, by number.
    shown: Vec<usize>,
    numbers: HashMap<Rc<[Cell]>, usize>,
    kept: Vec<Rc<[Cell]>>,
    palette: HashMap<[Paint; 2], usize>,
    looks: Vec<[Paint; 2]>,
    /// The characters that take two cells: a browser does not know them as the terminal does.
    wide: BTreeSet<String>,
    /// What the page gets: rows, and frames.
    rows: Vec<Value>,
    taken: Vec<Value>,
}

impl Frames {
    pub(super) fn new(size: (u16, u16)) -> Self {
        let blank = Cell { symbol: " ".to_owned(), look: 0 };
        let blank: Rc<[Cell]> = vec![blank; usize::from(size.0)].into();
        Self {
            size,
            shown: vec![0; usize::from(size.1)],
            numbers: HashMap::from([(Rc::clone(&blank), 0)]),
            kept: vec![blank],
            palette: HashMap::new(),
            looks: Vec::new(),
            wide: BTreeSet::new(),
            rows: vec![json!([0])],
            taken: Vec::new(),
        }
    }

    /// Takes the next frame, as it is drawn on a dark ground and on a light one. The text is that of the dark one.
    pub(super) fn take(&mut self, dark: &Buffer, light: &Buffer) {
        let cells = self.cells(dark, light);
        let mut frame = Vec::new();
        for (y, row) in cells.chunks(usize::from(self.size.0)).enumerate() {
            let before = self.shown[y];
            if *self.kept[before] != *row {
                self.shown[y] = self.number(row, before);
                frame.extend([y, self.shown[y]]);
            }
        }
        self.taken.push(json!(frame));
    }

    /// The number of a row, which is kept if it has not come before.
    fn number(&mut self, row: &[Cell], before: usize) -> usize {
        if let Some(number) = self.numbers.get(row) {
            return *number;
        }
        let (row, number): (Rc<[Cell]>, _) = (row.into(), self.kept.len());
        self.rows.push(runs(before, &self.kept[before], &row));
        self.numbers.insert(Rc::clone(&row), number);
        self.kept.push(row);
        number
    }

    fn cells(&mut self, dark: &Buffer, light: &Buffer) -> Vec<Cell> {
        let width = usize::from(self.size.0);
        let mut behind = 0_usize;
        let mut cells: Vec<Cell> = Vec::with_capacity(dark.content().len());
        for (i, (cell, other)) in dark.content().iter().zip(light.content()).enumerate() {
            if i % width == 0 {
                behind = 0;
            }
            let look = match (behind, cells.last()) {
                // The cell behind a wide character is a part of it, whatever it says of itself.
                (1.., Some(before)) => before.look,
                _ => self.look([Paint::of(cell, Ground::Dark), Paint::of(other, Ground::Light)]),
            };
            let symbol = if behind > 0 { "" } else { cell.symbol() };
            behind = if behind > 0 { behind - 1 } else { symbol.width().saturating_sub(1) };
            if behind > 0 {
                self.wide.insert(symbol.to_owned());
            }
            cells.push(Cell { symbol: symbol.to_owned(), look });
        }
        cells
    }

    fn look(&mut self, paints: [Paint; 2]) -> usize {
        *self.palette.entry(paints).or_insert_with(|| {
            self.looks.push(paints);
            self.looks.len() - 1
        })
    }

    /// All of it, as the page's script reads it.
    pub(super) fn finish(self) -> Value {
        let paint = |paint: &Paint| {
            let marks = u8::from(paint.bold) + 2 * u8::from(paint.underlined);
            json!([format!("#{:06x}", paint.ink), format!("#{:06x}", paint.page), marks])
        };
        let looks: Vec<Value> = self.looks.iter().map(|both| json!(both.each_ref().map(paint))).collect();
        json!({
            "columns": self.size.0,
            "height": self.size.1,
            "looks": looks,
            "wide": self.wide.into_iter().collect::<String>(),
            "rows": self.rows,
            "frames": self.taken,
        })
    }
}

/// What turns `before`, which has this number, into `after`: cells to leave, a look, a text, and again.
fn runs(number: usize, before: &[Cell], after: &[Cell]) -> Value {
    let mut runs = vec![json!(number)];
    let (mut at, mut end) = (0, 0);
    while at < after.len() {
        if before[at] == after[at] {
            at += 1;
            continue;
        }
        // A character is written whole, also where only its second cell was another one.
        while at > end && after[at].symbol.is_empty() {
            at -= 1;
        }
        let look = after[at].look;
        let (from, mut to) = (at, at + 1);
        while at < after.len() && after[at].look == look && at <= to + GAP {
            if before[at] != after[at] {
                to = at + 1;
            }
            at += 1;
        }
        while to < after.len() && after[to].symbol.is_empty() {
            to += 1;
        }
        let text: String = after[from..to].iter().map(|cell| &*cell.symbol).collect();
        runs.extend([json!(from - end), json!(look), json!(text)]);
        (at, end) = (to, to);
    }
    Value::Array(runs)
}

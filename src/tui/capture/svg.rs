//! A screen as SVG.
//!
//! A browser's fonts are not the terminal's, so nothing is left to their widths: every character is put at the place of
//! its cell, and what draws with whole cells, the blocks of the scope and the lines between panels, is drawn as shapes.

use std::fmt::{self, Write as _};

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr as _;

use crate::tui::theme::Ground;

/// A cell, in the picture's units.
const WIDTH: f32 = 9.6;
const HEIGHT: f32 = 20.0;
/// The size of a letter; the advance of most monospaced fonts is three fifths of it.
const SIZE: f32 = 16.0;
/// Where letters stand, below the cell's top.
const BASELINE: f32 = 15.0;
const LINE: f32 = 1.2;

const FONTS: &str = "ui-monospace, 'DejaVu Sans Mono', 'Liberation Mono', Menlo, Consolas, 'Noto Sans Mono CJK SC', \
                     'Noto Sans CJK SC', 'WenQuanYi Zen Hei', 'Microsoft YaHei', 'PingFang SC', monospace";

/// The sixteen colours, which a terminal has in tones of its owner's choice: here xterm's, from the first to the last.
pub(super) const SIXTEEN: [u32; 16] = [
    0x00_0000, 0xcd_0000, 0x00_cd00, 0xcd_cd00, 0x00_00ee, 0xcd_00cd, 0x00_cdcd, 0xe5_e5e5, 0x7f_7f7f, 0xff_0000,
    0x00_ff00, 0xff_ff00, 0x5c_5cff, 0xff_00ff, 0x00_ffff, 0xff_ffff,
];

/// How a cell is painted, with the colours of its ground.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Paint {
    pub(super) ink: u32,
    pub(super) page: u32,
    pub(super) bold: bool,
    pub(super) underlined: bool,
}

impl Paint {
    pub(super) fn of(cell: &Cell, ground: Ground) -> Self {
        let (ink, page) = ground.colours();
        let (ink, page) = (rgb(cell.fg, ink), rgb(cell.bg, page));
        let (ink, page) = if cell.modifier.contains(Modifier::REVERSED) { (page, ink) } else { (ink, page) };
        let has = |modifier| cell.modifier.contains(modifier);
        Self { ink, page, bold: has(Modifier::BOLD), underlined: has(Modifier::UNDERLINED) }
    }
}

fn rgb(color: Color, own: u32) -> u32 {
    #[rustfmt::skip]
    const NAMED: [Color; 16] = [
        Color::Black, Color::Red, Color::Green, Color::Yellow, Color::Blue, Color::Magenta, Color::Cyan, Color::Gray,
        Color::DarkGray, Color::LightRed, Color::LightGreen, Color::LightYellow, Color::LightBlue, Color::LightMagenta,
        Color::LightCyan, Color::White,
    ];
    match color {
        Color::Rgb(r, g, b) => u32::from_be_bytes([0, r, g, b]),
        Color::Indexed(i) => SIXTEEN[usize::from(i).min(15)],
        named => NAMED.iter().position(|color| *color == named).map_or(own, |i| SIXTEEN[i]),
    }
}

/// `screen` as an SVG document. `ground` gives the terminal's own colours; `title` is read to those who do not see.
pub fn svg(screen: &Buffer, ground: Ground, title: &str) -> String {
    let mut picture = String::new();
    // Nothing fails to be written into a string.
    let _ = write(&mut picture, screen, ground, title);
    picture
}

fn write(out: &mut String, screen: &Buffer, ground: Ground, title: &str) -> fmt::Result {
    let area = screen.area;
    let (width, height) = (f32::from(area.width) * WIDTH, f32::from(area.height) * HEIGHT);
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.1} {height:.1}\" width=\"{width:.1}\" \
         height=\"{height:.1}\" role=\"img\">"
    )?;
    writeln!(out, "<title>{}</title>", Escaped(title))?;
    writeln!(out, "<rect width=\"100%\" height=\"100%\" fill=\"#{:06x}\"/>", ground.colours().1)?;
    writeln!(out, "<g font-family=\"{FONTS}\" font-size=\"{SIZE}\" shape-rendering=\"crispEdges\">")?;
    for y in 0..area.height {
        let row = CellRow { screen, ground, y };
        row.pages(out)?;
        row.letters(out)?;
    }
    out.write_str("</g>\n</svg>\n")
}

struct CellRow<'a> {
    screen: &'a Buffer,
    ground: Ground,
    y: u16,
}

impl CellRow<'_> {
    fn cell(&self, x: u16) -> &Cell {
        &self.screen[(self.screen.area.x + x, self.screen.area.y + self.y)]
    }

    fn paint(&self, x: u16) -> Paint {
        // The cell behind a wide character is a part of it, whatever it says of itself.
        let behind = x > 0 && self.cell(x - 1).symbol().width() > 1;
        Paint::of(self.cell(if behind { x - 1 } else { x }), self.ground)
    }

    fn top(&self) -> f32 {
        f32::from(self.y) * HEIGHT
    }

    /// What the cells are painted with, where that is not the page's own.
    fn pages(&self, out: &mut String) -> fmt::Result {
        let mut x = 0;
        while x < self.screen.area.width {
            let page = self.paint(x).page;
            let from = x;
            while x < self.screen.area.width && self.paint(x).page == page {
                x += 1;
            }
            if page != self.ground.colours().1 {
                rect(out, f32::from(from), f32::from(x), self.top(), self.top() + HEIGHT, page)?;
            }
        }
        Ok(())
    }

    /// What stands in them: shapes, and runs of letters that are painted alike.
    fn letters(&self, out: &mut String) -> fmt::Result {
        let mut run = Run::default();
        let mut x = 0;
        while x < self.screen.area.width {
            let symbol = self.cell(x).symbol();
            let (paint, cells) = (self.paint(x), u16::try_from(symbol.width().max(1)).unwrap_or(1));
            let cell = CellBox { from: f32::from(x), to: f32::from(x + cells), top: self.top() };
            if run.paint.is_some_and(|before| before != paint) || symbol == " " && !paint.underlined {
                run.end(self.top(), out)?;
            }
            if !cell.shape(symbol, paint.ink, out)? && (symbol != " " || paint.underlined) {
                run.add(symbol, x, cells, paint);
            }
            x += cells;
        }
        run.end(self.top(), out)
    }
}

/// Letters that are painted alike, each with its place.
#[derive(Default)]
struct Run {
    paint: Option<Paint>,
    text: String,
    places: Vec<f32>,
}

impl Run {
    fn add(&mut self, symbol: &str, x: u16, cells: u16, paint: Paint) {
        // A wide character is narrower than its two cells, and stands in their middle.
        let margin = if cells > 1 { (f32::from(cells) * WIDTH - SIZE) / 2.0 } else { 0.0 };
        let place = f32::from(x) * WIDTH + margin;
        self.paint = Some(paint);
        self.text.push_str(symbol);
        // Places are counted by units of UTF-16; what has more than one takes no further place.
        self.places.extend(symbol.encode_utf16().map(|_| place));
    }

    fn end(&mut self, top: f32, out: &mut String) -> fmt::Result {
        let Some(paint) = self.paint.take() else { return Ok(()) };
        write!(out, "<text xml:space=\"preserve\" y=\"{:.1}\" fill=\"#{:06x}\"", top + BASELINE, paint.ink)?;
        if paint.bold {
            out.write_str(" font-weight=\"bold\"")?;
        }
        if paint.underlined {
            out.write_str(" text-decoration=\"underline\"")?;
        }
        out.write_str(" x=\"")?;
        for (i, place) in self.places.drain(..).enumerate() {
            write!(out, "{}{place:.1}", if i > 0 { " " } else { "" })?;
        }
        writeln!(out, "\">{}</text>", Escaped(&self.text))?;
        self.text.clear();
        Ok(())
    }
}

/// The cells of one character: from and to in cells, the top in units.
struct CellBox {
    from: f32,
    to: f32,
    top: f32,
}

impl CellBox {
    /// Draws `symbol` if it is a block or a line; whether it was.
    fn shape(&self, symbol: &str, ink: u32, out: &mut String) -> Result<bool, fmt::Error> {
        let bottom = self.top + HEIGHT;
        let mut chars = symbol.chars();
        let (Some(c), None) = (chars.next(), chars.next()) else { return Ok(false) };
        let eighths = u16::try_from(u32::from(c).wrapping_sub(0x2580)).unwrap_or(u16::MAX);
        match c {
            '▁'..='█' => rect(out, self.from, self.to, bottom - f32::from(eighths) * HEIGHT / 8.0, bottom, ink)?,
            '▔' => rect(out, self.from, self.to, self.top, self.top + HEIGHT / 8.0, ink)?,
            '─' => {
                let middle = self.top + HEIGHT / 2.0;
                rect(out, self.from, self.to, middle - LINE / 2.0, middle + LINE / 2.0, ink)?;
            }
            '│' => {
                let (middle, half) = (f32::midpoint(self.from, self.to), LINE / 2.0 / WIDTH);
                rect(out, middle - half, middle + half, self.top, bottom, ink)?;
            }
            // Few fonts have these: a chart's line, as dots in two columns of four.
            '\u{2801}'..='\u{28ff}' => {
                const DOTS: [(u8, u8); 8] = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)];
                let (half, quarter) = ((self.to - self.from) / 2.0, HEIGHT / 4.0);
                for (_, (column, row)) in (0..).zip(DOTS).filter(|(bit, _)| u32::from(c) >> bit & 1 == 1) {
                    let (left, top) = (self.from + f32::from(column) * half, self.top + f32::from(row) * quarter);
                    rect(out, left + half / 5.0, left + half * 0.8, top + 1.0, top + quarter - 1.0, ink)?;
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn rect(out: &mut String, from: f32, to: f32, top: f32, bottom: f32, fill: u32) -> fmt::Result {
    let (x, width, height) = (from * WIDTH, (to - from) * WIDTH, bottom - top);
    writeln!(
        out,
        "<rect x=\"{x:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"#{fill:06x}\"/>"
    )
}

/// Text in XML and HTML. A character that XML has no place for is shown as what stands for any.
pub struct Escaped<'a>(pub &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => f.write_char('\u{fffd}')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

//! Prose laid out in lines of a width, in cells; Chinese is broken between characters and not before a full stop.

use std::ops::Range;

use unicode_width::UnicodeWidthStr;

use super::{Block, Inline, Style};
use crate::i18n::wrap::{self, WideWord};

/// A line, in pieces of one style each.
pub type Layout = Vec<(Style, String)>;

/// Lays out `blocks` one under the other, with an empty line between paragraphs.
pub fn lay_out(blocks: &[Block], width: usize) -> Vec<Layout> {
    let mut lines: Vec<Layout> = Vec::new();
    for (i, block) in blocks.iter().enumerate() {
        let follows_item = matches!(blocks.get(i.wrapping_sub(1)), Some(Block::Item(..)));
        if i > 0 && !(follows_item && matches!(block, Block::Item(..))) {
            lines.push(Vec::new());
        }
        match block {
            Block::Paragraph(inlines) => lines.extend(fill(inlines, width)),
            Block::Item(number, inlines) => {
                let mark = number.map_or("• ".to_owned(), |n| format!("{n}. "));
                let indent = mark.width();
                for (i, line) in fill(inlines, width.saturating_sub(indent)).into_iter().enumerate() {
                    let first = if i == 0 { mark.clone() } else { " ".repeat(indent) };
                    lines.push(std::iter::once((Style::Plain, first)).chain(line).collect());
                }
            }
            Block::Code(code) => {
                lines.extend(
                    code.lines().map(|line| vec![(Style::Code, format!("  {}", cut(line, width.saturating_sub(2))))]),
                );
            }
        }
    }
    lines
}

fn fill(inlines: &[Inline], width: usize) -> Vec<Layout> {
    let text: String = inlines.iter().map(|inline| &*inline.text).collect();
    let lines = wrap::lines(&text, |_| width, |at| !is_inside_code(inlines, at, width), WideWord::Split);
    lines.into_iter().map(|line| piece(inlines, &line)).collect()
}

/// Whether a line that ends there would cut code in two that fits into a line.
fn is_inside_code(inlines: &[Inline], at: usize, width: usize) -> bool {
    let mut from = 0;
    inlines.iter().any(|inline| {
        let to = from + inline.text.len();
        let inside = from < at && at < to && inline.style == Style::Code && inline.text.width() <= width;
        from = to;
        inside
    })
}

fn piece(inlines: &[Inline], bytes: &Range<usize>) -> Layout {
    let mut line = Layout::new();
    let mut from = 0;
    for inline in inlines {
        let to = from + inline.text.len();
        let (a, b) = (bytes.start.clamp(from, to), bytes.end.clamp(from, to));
        if a < b {
            line.push((inline.style.clone(), inline.text[a - from..b - from].to_owned()));
        }
        from = to;
    }
    line
}

fn cut(line: &str, width: usize) -> String {
    if line.width() <= width { line.to_owned() } else { line[..wrap::prefix(line, width)].to_owned() }
}

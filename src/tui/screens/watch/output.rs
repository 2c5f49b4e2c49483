//! What the program writes to its terminal, as plain lines.

use std::collections::VecDeque;

use ratatui::prelude::{Buffer, Rect, Span};

use crate::i18n::Lang;
use crate::tui::Theme;
use crate::tui::escape::width;
use crate::tui::widgets::{put, title};

/// The most lines that are kept, and the most bytes of one.
const LINES: usize = 1_000;
const LONGEST: usize = 4_096;

const TAB: usize = 8;

/// The lines. Sequences that move a cursor or set a colour are left out.
#[derive(Debug, Default)]
pub(super) struct Output {
    lines: VecDeque<String>,
    /// The last line, which has not ended.
    open: Vec<u8>,
    sequence: Sequence,
    /// A return of the carriage came: what follows, but for a new line, overwrites.
    returned: bool,
}

/// How far into a sequence of a terminal what came last is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Sequence {
    #[default]
    None,
    Escape,
    Control,
    /// Up to BEL or ESC.
    String,
}

impl Output {
    pub(super) fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.take_one(*byte);
        }
    }

    fn take_one(&mut self, byte: u8) {
        self.sequence = match (self.sequence, byte) {
            (Sequence::None | Sequence::String, 0x1b) => Sequence::Escape,
            (Sequence::None, byte) => return self.write(byte),
            (Sequence::Escape, b'[') => Sequence::Control,
            (Sequence::Escape, b']' | b'P' | b'_' | b'^') => Sequence::String,
            (Sequence::Control, 0x40..=0x7e) | (Sequence::Escape, _) | (Sequence::String, 7) => Sequence::None,
            (sequence, _) => sequence,
        };
    }

    fn write(&mut self, byte: u8) {
        match byte {
            b'\n' => {
                if self.lines.len() == LINES {
                    self.lines.pop_front();
                }
                self.lines.push_back(String::from_utf8_lossy(&self.open).into_owned());
                self.open.clear();
                self.returned = false;
            }
            b'\r' => self.returned = true,
            8 => drop(self.open.pop()),
            b'\t' => self.open.resize(self.open.len() / TAB * TAB + TAB, b' '),
            ..=0x1f | 0x7f => {}
            _ => {
                if std::mem::take(&mut self.returned) {
                    self.open.clear();
                }
                if self.open.len() < LONGEST {
                    self.open.push(byte);
                }
            }
        }
    }

    /// The last lines, in rows of this width, the one that has not ended last.
    fn rows(&self, columns: usize, most: usize) -> Vec<String> {
        let open = String::from_utf8_lossy(&self.open).into_owned();
        let lines = self.lines.iter().rev().take(most);
        let mut rows = Vec::new();
        for line in Some(&open).filter(|open| !open.is_empty()).into_iter().chain(lines) {
            let mut wrapped = vec![String::new()];
            for c in line.chars().filter(|c| !c.is_control()) {
                let mut text = wrapped.pop().unwrap_or_default();
                text.push(c);
                let full = width(&text) > columns;
                if full {
                    text.pop();
                }
                wrapped.push(text);
                if full {
                    wrapped.push(c.to_string());
                }
            }
            rows.extend(wrapped.into_iter().rev());
            if rows.len() >= most {
                break;
            }
        }
        rows.truncate(most);
        rows.reverse();
        rows
    }

    pub(super) fn render(&self, typing: bool, theme: &Theme, lang: Lang, area: Rect, buf: &mut Buffer) {
        let said = if typing {
            Span::styled(lang.of(" keys go to it; F2 ends that", " 按键送给它；F2 结束"), theme.notice)
        } else {
            Span::styled(lang.of(" F2 types to it", " F2 向它输入"), theme.label)
        };
        let area = title(theme, lang.of("Output of the program", "程序的输出"), vec![said], area, buf);
        let rows = self.rows(usize::from(area.width), usize::from(area.height));
        for (y, row) in (0..area.height).zip(&rows) {
            put(area, y, vec![Span::styled(row.clone(), theme.value)], buf);
        }
        if rows.is_empty() {
            let none = lang.of("nothing yet", "还没有");
            put(area, 0, vec![Span::styled(none, theme.label)], buf);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_shown_as_plain_lines() {
        let mut output = Output::default();
        output.take("one\r\n\x1b[31mtwo\x1b[0m\r\n\x1b]0;title\x07three: 10%\rthree: 99%\n四五六".as_bytes());
        assert_eq!(output.rows(20, 9), ["one", "two", "three: 99%", "四五六"]);
        assert_eq!(output.rows(20, 2), ["three: 99%", "四五六"]);
        assert_eq!(output.rows(4, 9)[4..], ["9%", "四五", "六"]);
        output.take(b"\x08\x08\x08\x08\x08\x08\x08\x08\x08a\tb\n");
        assert_eq!(output.rows(20, 1), ["a       b"]);
    }
}

//! The source of the program, around the line that makes the next call.

use std::collections::HashMap;
use std::path::Path;

use ratatui::prelude::{Buffer, Rect, Span};

use crate::i18n::{Lang, words};
use crate::record::Chunk;
use crate::tui::Theme;
use crate::tui::escape::escape;
use crate::tui::widgets::{put, title};

/// The most bytes of a file that are read.
const MOST: u64 = 4 << 20;

/// The files that lines of source were in, each read once; `None` for one that can't be read.
#[derive(Debug, Default)]
pub(super) struct Sources(HashMap<String, Option<Vec<String>>>);

/// `server.py:20`: the name, and the line from 1.
fn place(at: Chunk) -> Option<(String, usize)> {
    let at = at.to_string();
    let (name, line) = at.rsplit_once(':')?;
    Some((name.to_owned(), line.parse().ok().filter(|line| *line > 0)?))
}

impl Sources {
    /// Reads the file that `at` is in, if that was not done; `path` says where it is. An answer that may come later is
    /// asked for again.
    pub(super) fn look(&mut self, at: Chunk, path: impl Fn(&str) -> Option<std::path::PathBuf>) {
        let Some((name, _)) = place(at) else { return };
        if self.0.contains_key(&name) {
            return;
        }
        if let Some(path) = path(&name) {
            self.0.insert(name, read(&path));
        }
    }

    /// The text of a line.
    pub(super) fn text(&self, at: Chunk) -> Option<&str> {
        let (name, line) = place(at)?;
        let lines = self.0.get(&name)?.as_ref()?;
        lines.get(line - 1).map(|text| text.trim())
    }

    /// Draws the file around a line, or says why not.
    pub(super) fn render(&self, at: Option<Chunk>, theme: &Theme, lang: Lang, area: Rect, buf: &mut Buffer) {
        let heading = lang.of("Code", "代码");
        let says = |extra: String, why: String, buf: &mut Buffer| {
            let area = title(theme, heading, vec![Span::styled(extra, theme.label)], area, buf);
            for (y, row) in (0..area.height).zip(crate::tui::widgets::wrap(&why, usize::from(area.width))) {
                put(area, y, vec![Span::styled(row, theme.label)], buf);
            }
        };
        let Some(at) = at else {
            let why = lang.of(
                "no source line is known for this call: a compiled program needs debug info (-g); Python tells the lines of \
                 functions, and not of types such as select.epoll(); --no-source finds none",
                "不知道这次调用的源码行：编译的程序需要调试信息（-g）；Python 只报告函数的行，select.epoll() 这样的类型没有；加了 \
                 --no-source 就都没有",
            );
            return says(String::new(), why.to_owned(), buf);
        };
        let found = place(at).and_then(|(name, line)| Some((self.0.get(&name)?.as_ref()?, name, line)));
        let Some((lines, name, marked)) = found else {
            let why = words!(lang, "the file of {at} can't be read", "无法读取 {at} 所在的文件");
            return says(format!(" {at}"), why, buf);
        };
        let extra = vec![Span::styled(words!(lang, " {name}, line {marked}", " {name} 第 {marked} 行"), theme.label)];
        let area = title(theme, heading, extra, area, buf);
        let rows = usize::from(area.height);
        let first = (marked - 1).saturating_sub(rows / 2).min(lines.len().saturating_sub(rows));
        let digits = lines.len().to_string().len();
        for (y, (n, text)) in (0..area.height).zip(lines.iter().enumerate().skip(first)) {
            let here = n + 1 == marked;
            let (pointer, style) = if here { ("▶", theme.marker) } else { (" ", theme.value) };
            let spans = vec![
                Span::styled(pointer, theme.marker),
                Span::styled(format!("{:>digits$} ", n + 1), if here { theme.marker } else { theme.label }),
                Span::styled(text.as_str(), style),
            ];
            put(area, y, spans, buf);
        }
    }
}

fn read(path: &Path) -> Option<Vec<String>> {
    let small = std::fs::metadata(path).ok().filter(|file| file.is_file() && file.len() <= MOST);
    let bytes = small.and_then(|_| std::fs::read(path).ok())?;
    // Tabs are spaces here, and nothing else moves a cursor.
    let lines = bytes.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let shown = |line: &[u8]| {
        let text = String::from_utf8_lossy(line).replace('\t', "    ");
        if text.contains(char::is_control) { escape(text.as_bytes()) } else { text }
    };
    Some(lines.map(shown).collect())
}

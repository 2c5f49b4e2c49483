//! Text for cells: broken into lines, padded, and spans of time.

use ratatui::style::Style;
use unicode_linebreak::linebreaks;
use unicode_width::UnicodeWidthChar as _;

use crate::record::Nanos;
use crate::tui::escape::{self, fit};

/// `text` in lines of at most `width` cells, broken between words, and in Chinese between characters where Unicode's
/// line breaking (UAX #14) allows it.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut from = 0;
    for (to, _) in linebreaks(text).filter(|(at, _)| may_break(text, *at)) {
        let piece = &text[from..to];
        from = to;
        let last = lines.last_mut().expect("there is always one");
        if last.is_empty() || escape::width(last) + escape::width(piece.trim_end()) <= width {
            last.push_str(piece);
        } else {
            lines.push(piece.to_owned());
        }
    }
    lines.iter().map(|line| fit(line.trim_end(), width)).collect()
}

/// Whether a line may end at `at`, which Unicode allows: what is no Chinese only at a space, so that `one-shot` and
/// `EPOLLIN|EPOLLET` stay whole; and a number stays with the Chinese word for what it counts.
fn may_break(text: &str, at: usize) -> bool {
    let is_wide = |c: char| c.width() == Some(2);
    let (before, after) = (&text[..at], text[at..].chars().next());
    let counted = before.ends_with(' ') && before.trim_end().ends_with(|c: char| c.is_ascii_digit());
    match after {
        None => true,
        Some(c) if is_wide(c) => !counted,
        Some(_) => before.ends_with(|c| c == ' ' || is_wide(c)),
    }
}

/// `text` and so many spaces that it takes `width` cells; a longer one stays as it is.
pub(crate) fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(escape::width(text))))
}

/// A span of time, in the unit that suits it.
pub(crate) fn duration(nanos: Nanos) -> String {
    #[allow(clippy::cast_precision_loss, reason = "three digits are shown")]
    let n = nanos.0 as f64;
    match nanos.0 {
        0..=999 => format!("{} ns", nanos.0),
        1_000..=999_999 => format!("{:.1} µs", n / 1e3),
        1_000_000..=999_999_999 => format!("{:.1} ms", n / 1e6),
        _ => format!("{:.1} s", n / 1e9),
    }
}

/// A style with `over` on it where `on`.
pub(crate) fn patched(style: Style, over: Style, on: bool) -> Style {
    if on { style.patch(over) } else { style }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_breaks_at_spaces_only() {
        assert_eq!(
            wrap("one-shot: a round-robin, EPOLLIN|EPOLLET", 12),
            ["one-shot: a", "round-robin,", "EPOLLIN|EPO…"]
        );
    }

    #[test]
    fn chinese_breaks_between_characters() {
        assert_eq!(wrap("边缘触发：没有新数据，滞留", 10), ["边缘触发：", "没有新数", "据，滞留"]);
        assert_eq!(wrap("就绪列表（推断）中", 14), ["就绪列表（推", "断）中"]);
        assert_eq!(wrap("等待 epoll_wait 返回", 12), ["等待", "epoll_wait", "返回"]);
    }

    #[test]
    fn a_number_stays_with_what_it_counts() {
        assert_eq!(wrap("尽管仍有 1,976 字节未读", 15), ["尽管仍有", "1,976 字节未读"]);
    }

    #[test]
    fn what_is_padded_takes_its_cells() {
        assert_eq!(padded("水平", 6), "水平  ");
        assert_eq!(padded("level", 3), "level");
    }
}

//! Text for cells: wrapped, and padded.

use ratatui::style::Style;

use crate::i18n::wrap::{self, WideWord};
use crate::tui::escape::{self, fit};

/// `text` in lines of at most `width` cells, broken between words, and in Chinese between characters where Unicode's
/// line breaking (UAX #14) allows it.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let lines = wrap::lines(text, |_| width, |at| wrap::keeps_words(text, at), WideWord::Whole);
    let lines: Vec<String> = lines.into_iter().map(|line| fit(&text[line], width)).collect();
    if lines.is_empty() { vec![String::new()] } else { lines }
}

/// `text` padded with spaces to `width` cells.
pub(crate) fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(escape::width(text))))
}

/// `style`, patched with `over` if `on`.
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
        assert_eq!(wrap("再无新数据，因此滞留", 18), ["再无新数据，因此", "滞留"], "a state's name stays whole");
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

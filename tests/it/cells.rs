//! Text in cells: the same as ratatui writes it, and nothing off the screen.

use epollscope::tui::widgets::{fill, mark, put};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};

#[test]
fn nothing_stands_behind_a_cut_wide_character() {
    let area = Rect::new(0, 0, 6, 1);
    let mut buf = Buffer::empty(area);
    put(area, 0, vec![Span::raw("边缘触发"), Span::raw("x")], &mut buf);
    assert_eq!(buf, Buffer::with_lines(["边缘… "]));
}

#[test]
fn plain_text_stands_as_all_other_does() {
    let (red, bold) = (Style::new().fg(Color::Red), Style::new().add_modifier(Modifier::BOLD));
    for text in ["plain ~!", "", "a longer one", "tab\there", "é e\u{301} 触", "\u{1b}[2J"] {
        let spans = vec![Span::styled("#1 ", bold), Span::styled(text, red), Span::raw("|")];
        let area = Rect::new(2, 1, 40, 1);
        let [mut ours, mut theirs] = [Rect::new(1, 1, 50, 2); 2].map(Buffer::empty);
        theirs.set_line(area.x, area.y, &Line::from(spans.clone()), area.width);
        put(area, 0, spans, &mut ours);
        assert_eq!(ours, theirs);
    }
}

#[test]
fn what_lies_off_the_screen_is_left_out() {
    let screen = Rect::new(1, 1, 4, 2);
    let mut buf = Buffer::empty(screen);
    fill(Rect::new(3, 2, 9, 9), "─", Style::new(), &mut buf);
    fill(Rect::new(1, 0, 4, 1), "x", Style::new(), &mut buf);
    mark(5, 1, "x", Style::new(), &mut buf);
    put(Rect::new(3, 1, 4, 1), 0, vec![Span::raw("abcd")], &mut buf);
    let mut expected = Buffer::empty(screen);
    expected.set_string(3, 1, "ab", Style::new());
    expected.set_string(3, 2, "──", Style::new());
    assert_eq!(buf, expected);
}

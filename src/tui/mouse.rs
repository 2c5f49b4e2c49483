//! The mouse: a click presses the keys that lead to what was clicked.
//!
//! It reads the picture that the user saw, and so works alike on every screen: a key in the footer is pressed, a row
//! beside the pointer `▶` is walked to, a place on the bar is gone to by its call. No screen has a second way into it.

use crossterm::event::KeyCode::{self, Char, Down, Enter, Up};
use crossterm::event::{KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;

use super::keymap::binding::Listed;

const POINTER: &str = "▶";
const POINTER_CHAR: char = '▶';
/// The rows at the bottom that have keys.
const FOOTER: u16 = 2;

/// The keys that a click at this cell presses.
pub(super) fn clicked(picture: &Buffer, keys: &[Listed], x: u16, y: u16) -> Vec<KeyEvent> {
    if hint_at(picture, x, y).is_some_and(|hint| hint.starts_with("Ctrl-P ")) {
        return vec![KeyEvent::new(Char('p'), KeyModifiers::CONTROL)];
    }
    codes(picture, keys, x, y).into_iter().map(|code| KeyEvent::new(code, KeyModifiers::NONE)).collect()
}

fn codes(picture: &Buffer, keys: &[Listed], x: u16, y: u16) -> Vec<KeyCode> {
    if y >= picture.area.height || x >= picture.area.width {
        return Vec::new();
    }
    if y + FOOTER >= picture.area.height
        && let Some(key) = key_at(picture, keys, x, y)
    {
        return vec![key];
    }
    // The guide says at its right end how it is left.
    if hint_at(picture, x, y).is_some_and(|hint| hint.starts_with("F1 ")) {
        return vec![KeyCode::F(1)];
    }
    on_the_bar(picture, x, y)
        .or_else(|| choice(picture, x, y))
        .or_else(|| to_the_reported(picture, x, y))
        .or_else(|| to_the_row(picture, x, y))
        .unwrap_or_default()
}

/// The symbols of a row; the second cell of a wide character has none.
fn row(picture: &Buffer, y: u16) -> Vec<&str> {
    (0..picture.area.width).map(|x| picture[(x, y)].symbol()).collect()
}

/// The key of the footer that stands there with its word.
fn key_at(picture: &Buffer, keys: &[Listed], x: u16, y: u16) -> Option<KeyCode> {
    let text = hint_at(picture, x, y)?;
    let shown = text.split_whitespace().next()?;
    let named = keys.iter().find(|key| key.shown.split(' ').any(|one| one == shown));
    named.map(|key| key.code).or_else(|| named_key(shown))
}

/// The words that stand there: two free cells are between them and others.
fn hint_at(picture: &Buffer, x: u16, y: u16) -> Option<String> {
    if y >= picture.area.height || x >= picture.area.width {
        return None;
    }
    let row = row(picture, y);
    let is_gap = |i: usize| row[i] == " " && row.get(i + 1).is_none_or(|next| *next == " ");
    let x = usize::from(x);
    if is_gap(x) {
        return None;
    }
    let from = (0..x).rev().find(|i| is_gap(*i)).map_or(0, |i| i + 1);
    let to = (x..row.len()).find(|i| is_gap(*i)).unwrap_or(row.len());
    Some(row[from..to].concat().trim_start().to_owned())
}

/// Keys by the names that footers give them.
fn named_key(shown: &str) -> Option<KeyCode> {
    Some(match shown {
        "Space" => Char(' '),
        "Enter" => Enter,
        "Esc" => KeyCode::Esc,
        "Tab" => KeyCode::Tab,
        "End" => KeyCode::End,
        _ => {
            let mut chars = shown.chars();
            return chars.next().filter(|_| chars.next().is_none()).map(Char);
        }
    })
}

/// To the call that stands there on the bar: `:`, its number, Enter.
fn on_the_bar(picture: &Buffer, x: u16, y: u16) -> Option<Vec<KeyCode>> {
    let row = row(picture, y);
    let is_bar = |symbol: &str| matches!(symbol, "━" | "●" | "╇" | "─");
    let here = row.iter().position(|symbol| *symbol == "●")?;
    let from = (0..here).rev().take_while(|i| is_bar(row[*i])).last().unwrap_or(here);
    let to = (here..row.len()).take_while(|i| is_bar(row[*i])).last()?;
    let at = usize::from(x).checked_sub(from).filter(|_| usize::from(x) <= to && to > from)?;
    // `call 12 of 345`, before the bar: the second number is how many there are.
    let words = row[..from].concat().replace(',', "");
    let numbers = words.split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse::<usize>().ok());
    let calls = numbers.collect::<Vec<_>>().get(1).copied()?;
    let call = (calls * at / (to - from)).to_string();
    Some([Char(':')].into_iter().chain(call.chars().map(Char)).chain([Enter]).collect())
}

/// The number of a choice, where one begins: `1)`. Prose may stand in the left or in the right column.
fn choice(picture: &Buffer, x: u16, y: u16) -> Option<Vec<KeyCode>> {
    let row = row(picture, y).concat();
    let (mut from, mut columns) = (0, row.split('│'));
    let column = columns.find(|column| {
        from += column.chars().count() + 1;
        usize::from(x) < from
    })?;
    let mut begins = column.trim_start_matches([' ', '▶']).chars();
    match (begins.next(), begins.next()) {
        (Some(digit @ '1'..='9'), Some(')')) => Some(vec![Char(digit)]),
        _ => None,
    }
}

/// From an event of a wait to its fd in the interest list.
fn to_the_reported(picture: &Buffer, x: u16, y: u16) -> Option<Vec<KeyCode>> {
    let symbols = row(picture, y);
    let x = usize::from(x);
    let from = (0..x).rev().find(|i| symbols[*i] == "│").map_or(0, |border| border + 1);
    let text = symbols[from..].concat();
    let fd = text.trim_start_matches([' ', POINTER_CHAR]).strip_prefix("fd ")?.split(' ').next()?;
    let number = format!("{fd} ");
    let is_item = |y: &u16| {
        let symbols = row(picture, *y);
        matches!(symbols[0], " " | POINTER) && symbols[1..].concat().starts_with(&number)
    };
    (0..picture.area.height).filter(is_item).find_map(|y| to_the_row(picture, 1, y))
}

/// To the row, from the pointer that stands in the same list.
fn to_the_row(picture: &Buffer, x: u16, y: u16) -> Option<Vec<KeyCode>> {
    // What stands in the right column, or deeper than a pointer and a space, belongs to no list.
    let is_row = |y: u16| {
        let row = row(picture, y);
        let end = row.iter().position(|symbol| *symbol == "│").unwrap_or(row.len());
        let begins = row.iter().position(|symbol| *symbol != " ").unwrap_or(row.len());
        begins < 3 && row[begins] != "─" && usize::from(x) < end
    };
    // A report has a pointer too, where it is that of the selected fd.
    let points = |y: &u16| picture[(0, *y)].symbol() == POINTER && picture[(1, *y)].symbol() != "f";
    let pointer = (0..picture.area.height).filter(points);
    // Between the two stand rows of the list, and headings within it, but no rule that begins another panel.
    let is_rule = |y: u16| picture[(0, y)].symbol() == "─";
    let mut reaches = pointer.filter(|from| is_row(y) && !(y.min(*from)..=y.max(*from)).any(is_rule));
    let from = reaches.next()?;
    let key = if y < from { Up } else { Down };
    let rows = (y.min(from)..=y.max(from)).filter(|y| is_row(*y)).count();
    Some(vec![key; rows - 1])
}

#[cfg(test)]
mod tests {
    use ratatui::prelude::{Rect, Style};

    use super::*;

    fn picture(rows: &[&str]) -> Buffer {
        let height = u16::try_from(rows.len()).expect("few");
        let mut picture = Buffer::empty(Rect::new(0, 0, 60, height));
        for (y, row) in (0..).zip(rows) {
            picture.set_string(0, y, row, Style::new());
        }
        picture
    }

    #[test]
    fn a_click_presses_the_key_that_stands_there() {
        let keys = [Listed { code: Char('c'), shown: "c".into(), says: ("connect", "连接") }];
        let picture = picture(&["", "", " Space step  c 连接  r run"]);
        assert_eq!(codes(&picture, &keys, 8, 2), [Char(' ')]);
        assert_eq!(codes(&picture, &keys, 13, 2), [Char('c')]);
        assert_eq!(codes(&picture, &keys, 17, 2), [Char('c')]);
        assert_eq!(codes(&picture, &keys, 22, 2), [Char('r')]);
        assert_eq!(codes(&picture, &keys, 50, 2), []);
    }

    #[test]
    fn a_click_walks_from_the_pointer_to_the_row() {
        let picture =
            picture(&["─ Interest list ─", " 3  listener", "▶5  a", " 6  b", "─ Ready list", "empty", "", ""]);
        assert_eq!(codes(&picture, &[], 9, 1), [Up]);
        assert_eq!(codes(&picture, &[], 9, 2), []);
        assert_eq!(codes(&picture, &[], 9, 3), [Down]);
        assert_eq!(codes(&picture, &[], 9, 5), []);
    }

    #[test]
    fn a_click_chooses() {
        let picture = picture(&["what will it return?", "▶1) one event", " 2) two events", "", ""]);
        assert_eq!(codes(&picture, &[], 6, 2), [Char('2')]);
    }

    #[test]
    fn a_click_on_the_bar_goes_to_a_call() {
        let picture = picture(&["─ Next call 3 of 1,000 start ━━━●──────── now ─", "", "", ""]);
        assert_eq!(codes(&picture, &[], 37, 0), [Char(':'), Char('7'), Char('2'), Char('7'), Enter]);
        assert_eq!(codes(&picture, &[], 2, 0), []);
    }

    #[test]
    fn a_click_on_a_hint_presses_its_key() {
        let picture = picture(&[" First minute", "                    F1 leaves ", "", " F1 guide  Ctrl-P find"]);
        assert_eq!(clicked(&picture, &[], 25, 1), [KeyEvent::new(KeyCode::F(1), KeyModifiers::NONE)]);
        assert_eq!(clicked(&picture, &[], 13, 3), [KeyEvent::new(Char('p'), KeyModifiers::CONTROL)]);
    }

    #[test]
    fn a_click_on_an_event_selects_its_fd() {
        let rows = [
            " 3  listener │ #2 timeout -1",
            "▶5  a        │ ▶fd 5 a IN",
            " 6  b        │  fd 3 listener IN",
            "",
            "",
            "",
        ];
        let picture = picture(&rows);
        assert_eq!(codes(&picture, &[], 20, 2), [Up]);
        assert_eq!(codes(&picture, &[], 20, 1), []);
        assert_eq!(codes(&picture, &[], 20, 0), []);
    }
}

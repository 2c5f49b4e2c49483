//! The keys that a typed line stands for.

use crossterm::event::KeyCode;

/// The keys without a letter, by their names.
const NAMES: [(&str, KeyCode); 14] = [
    ("", KeyCode::Char(' ')),
    ("space", KeyCode::Char(' ')),
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("f1", KeyCode::F(1)),
];

/// A letter or sign is itself; the other keys have names, and an empty line is Space.
pub(super) fn named(line: &str) -> Option<KeyCode> {
    let mut letters = line.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        return Some(KeyCode::Char(letter));
    }
    let line = line.trim();
    NAMES.iter().find(|(name, _)| line.eq_ignore_ascii_case(name)).map(|(_, code)| *code)
}

//! Tables of keys. Each screen has one, and its keys, footer and help are made from it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::i18n::Both;

/// One row of a table. What asks for nothing, or has no words, is left empty.
#[derive(Clone, Copy, Debug)]
pub struct Binding<A: 'static, P: 'static = ()> {
    /// The keys, the first of them shown.
    pub codes: &'static [KeyCode],
    /// How the keys are written.
    pub shown: &'static str,
    /// What they ask for.
    pub action: A,
    /// Where the row stands, or is shown.
    pub place: P,
    /// One or two words, for the footer.
    pub short: Both,
    /// A sentence, for the help screen.
    pub long: Both,
}

/// What has no word of its own.
pub const NO: Both = ("", "");

/// A row.
pub const fn row<A: Copy, P: Copy>(
    codes: &'static [KeyCode],
    shown: &'static str,
    action: A,
    place: P,
    short: Both,
    long: Both,
) -> Binding<A, P> {
    Binding { codes, shown, action, place, short, long }
}

/// Whether `key` leaves whatever has the keys: Ctrl-C.
pub fn interrupts(key: &KeyEvent) -> bool {
    key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c')
}

/// What `key` asks for. With Ctrl none of the keys is meant, and Ctrl-C asks to quit.
pub fn asked<A: Copy, P>(table: &[Binding<A, P>], quit: A, key: &KeyEvent) -> Option<A> {
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return interrupts(key).then_some(quit);
    }
    table.iter().find(|binding| binding.codes.contains(&key.code)).map(|binding| binding.action)
}

/// Whether a key has a row of its own, whatever it does elsewhere.
pub fn is_own<A, P>(table: &[Binding<A, P>], code: KeyCode) -> bool {
    table.iter().any(|binding| binding.codes.contains(&code))
}

/// The rows of the help screen: how the keys are written, and what they do.
pub fn helped<A, P>(table: &'static [Binding<A, P>]) -> impl Iterator<Item = (String, Both)> {
    table.iter().filter(|binding| binding.long != NO).map(|binding| (binding.shown.to_owned(), binding.long))
}

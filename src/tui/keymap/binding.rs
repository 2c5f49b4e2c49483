//! Tables of keys. Every screen has one, from which its keys, footer and help are made.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::i18n::Both;

/// One row of a table. A row without keys only appears in the footer; a row without words does not appear at all.
#[derive(Clone, Copy, Debug)]
pub struct Binding<A: 'static, G: 'static = ()> {
    pub codes: &'static [KeyCode],
    pub shown: &'static str,
    pub action: A,
    /// The heading in the help, or the pages whose footer has the row.
    pub group: G,
    /// One or two words, for the footer.
    pub short: Both,
    /// A sentence, for the help screen.
    pub long: Both,
}

pub const NO: Both = ("", "");

pub const fn row<A: Copy, G: Copy>(
    codes: &'static [KeyCode],
    shown: &'static str,
    action: A,
    group: G,
    short: Both,
    long: Both,
) -> Binding<A, G> {
    Binding { codes, shown, action, group, short, long }
}

/// Whether `key` is Ctrl-C, which leaves whatever has the keys.
pub fn interrupts(key: &KeyEvent) -> bool {
    key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c')
}

/// The action of `key`. Keys with Ctrl are not in the tables, except for Ctrl-C, which quits.
pub fn asked<A: Copy, G>(table: &[Binding<A, G>], quit: A, key: &KeyEvent) -> Option<A> {
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return interrupts(key).then_some(quit);
    }
    table.iter().find(|binding| binding.codes.contains(&key.code)).map(|binding| binding.action)
}

pub fn is_own<A, G>(table: &[Binding<A, G>], code: KeyCode) -> bool {
    table.iter().any(|binding| binding.codes.contains(&code))
}

/// A key and what it does, for the palette.
#[derive(Clone, Debug)]
pub struct Listed {
    pub code: KeyCode,
    pub shown: String,
    pub says: Both,
}

/// The rows of a table that say what they do and have a key.
pub fn listed<A, G>(table: &'static [Binding<A, G>]) -> impl Iterator<Item = Listed> {
    table.iter().filter_map(|binding| {
        let says = if binding.long == NO { binding.short } else { binding.long };
        let code = *binding.codes.first().filter(|_| says != NO)?;
        Some(Listed { code, shown: binding.shown.to_owned(), says })
    })
}

pub fn helped<A, G>(table: &'static [Binding<A, G>]) -> impl Iterator<Item = (String, Both)> {
    table.iter().filter(|binding| binding.long != NO).map(|binding| (binding.shown.to_owned(), binding.long))
}

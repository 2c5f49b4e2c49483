//! The bytes of a keyboard, decoded into keys, in whatever pieces they come.
//!
//! The decoder knows what xterm, VTE, the Linux console, tmux and similar terminals send by default, according to
//! console_codes(4) and xterm's `ctlseqs`, and names keys as crossterm's reader does. An unknown sequence is skipped as
//! a whole, so that no part of it is taken for typing.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

const ESC: u8 = 0x1b;
const CTRL_C: u8 = 0x03;
pub const PASTE_ENDS: &[u8] = b"\x1b[201~";

/// Of a longer paste, the rest is skipped.
pub const PASTE_MAX: usize = 1 << 20;

/// No key is longer; anything longer is noise.
const SEQUENCE_MAX: usize = 64;

/// Keeps the bytes that are not a whole key yet.
#[derive(Debug, Default)]
pub struct Decoder {
    pending: Vec<u8>,
    paste: Option<Vec<u8>>,
}

enum Front {
    Key(KeyEvent, usize),
    Mouse(MouseEvent, usize),
    PasteBegins(usize),
    Noise(usize),
    Unfinished,
}

impl Decoder {
    /// Takes more bytes, and adds the keys that are complete now.
    pub fn feed(&mut self, bytes: &[u8], events: &mut Vec<Event>) {
        self.pending.extend_from_slice(bytes);
        let mut at = 0;
        loop {
            let rest = &self.pending[at..];
            let Some(paste) = &mut self.paste else {
                match front(rest) {
                    Front::Key(key, n) => {
                        events.push(Event::Key(key));
                        at += n;
                    }
                    Front::Mouse(mouse, n) => {
                        events.push(Event::Mouse(mouse));
                        at += n;
                    }
                    Front::PasteBegins(n) => {
                        self.paste = Some(Vec::new());
                        at += n;
                    }
                    Front::Noise(n) => at += n,
                    Front::Unfinished => break,
                }
                continue;
            };
            let end = rest.windows(PASTE_ENDS.len()).position(|window| window == PASTE_ENDS);
            // Terminals filter control characters out of a paste: this Ctrl-C was typed, and the end was lost.
            let given_up = rest.iter().position(|&b| b == CTRL_C).filter(|_| end.is_none());
            let text = end.or(given_up).unwrap_or(rest.len().saturating_sub(PASTE_ENDS.len() - 1));
            paste.extend(rest[..text].iter().take(PASTE_MAX.saturating_sub(paste.len())));
            at += text;
            if given_up.is_some() {
                self.paste = None;
            } else if end.is_some() {
                at += PASTE_ENDS.len();
                events.push(Event::Paste(String::from_utf8_lossy(paste).into_owned()));
                self.paste = None;
            } else {
                break;
            }
        }
        self.pending.drain(..at);
    }

    /// How many bytes wait for the rest of their key. Those of a paste do not.
    pub fn unfinished(&self) -> usize {
        if self.paste.is_none() { self.pending.len() } else { 0 }
    }

    /// Whether an escape has come that may be the key Esc or the first byte of another key.
    pub fn is_inside_a_key(&self) -> bool {
        self.paste.is_none() && self.pending.first() == Some(&ESC)
    }

    /// No more bytes have come in time: the escape was a key by itself.
    pub fn no_more_comes(&mut self, events: &mut Vec<Event>) {
        if !self.is_inside_a_key() {
            return;
        }
        match self.pending[..] {
            [ESC] => events.push(Event::Key(KeyCode::Esc.into())),
            [ESC, c @ (b'[' | b'O')] => {
                let mut key = character(char::from(c));
                key.modifiers |= KeyModifiers::ALT;
                events.push(Event::Key(key));
            }
            _ => {}
        }
        self.pending.clear();
    }
}

fn front(bytes: &[u8]) -> Front {
    match *bytes {
        [] | [ESC] => Front::Unfinished,
        [ESC, ESC, ..] => Front::Key(KeyCode::Esc.into(), 1),
        [ESC, b'[', b'[', ..] => match bytes.get(3) {
            // F1 to F5 on the Linux console.
            Some(c @ b'A'..=b'E') => Front::Key(KeyCode::F(1 + c - b'A').into(), 4),
            Some(_) => Front::Noise(3),
            None => Front::Unfinished,
        },
        [ESC, b'[', ..] => control_sequence(bytes),
        [ESC, b'O', ..] => match bytes.get(2) {
            Some(b'M') => Front::Key(KeyCode::Enter.into(), 3),
            Some(&c) => lettered(c).map_or(Front::Noise(3), |code| Front::Key(code.into(), 3)),
            None => Front::Unfinished,
        },
        [ESC, ..] => match front(&bytes[1..]) {
            Front::Key(mut key, n) => {
                key.modifiers |= KeyModifiers::ALT;
                Front::Key(key, n + 1)
            }
            Front::Noise(n) | Front::PasteBegins(n) | Front::Mouse(_, n) => Front::Noise(n + 1),
            Front::Unfinished => Front::Unfinished,
        },
        [b'\r', ..] => Front::Key(KeyCode::Enter.into(), 1),
        [b'\t', ..] => Front::Key(KeyCode::Tab.into(), 1),
        // Terminals disagree on which of the two Backspace sends.
        [0x08 | 0x7f, ..] => Front::Key(KeyCode::Backspace.into(), 1),
        [0, ..] => Front::Key(control(' '), 1),
        [c @ 0x01..=0x1a, ..] => Front::Key(control(char::from(c - 1 + b'a')), 1),
        [c @ 0x1c..=0x1f, ..] => Front::Key(control(char::from(c - 0x1c + b'4')), 1),
        [first, ..] => {
            let length = match first {
                0xc2..=0xdf => 2,
                0xe0..=0xef => 3,
                0xf0..=0xf4 => 4,
                _ => 1,
            };
            match std::str::from_utf8(&bytes[..length.min(bytes.len())]) {
                Ok(text) => match text.chars().next() {
                    Some(c) if !c.is_control() => Front::Key(character(c), length),
                    _ => Front::Noise(length),
                },
                Err(e) if e.error_len().is_none() => Front::Unfinished,
                Err(_) => Front::Noise(1),
            }
        }
    }
}

/// `ESC [`, numbers, and a letter or `~` at the end; the second number encodes the modifiers.
fn control_sequence(bytes: &[u8]) -> Front {
    let Some(length) = bytes[2..].iter().position(|b| !(0x20..=0x3f).contains(b)) else {
        return if bytes.len() > SEQUENCE_MAX { Front::Noise(bytes.len()) } else { Front::Unfinished };
    };
    let end = 2 + length;
    if !(0x40..=0x7e).contains(&bytes[end]) {
        return Front::Noise(end);
    }
    if bytes[2] == b'<' {
        return mouse(&bytes[3..end], bytes[end]).map_or(Front::Noise(end + 1), |mouse| Front::Mouse(mouse, end + 1));
    }
    let numbers = std::str::from_utf8(&bytes[2..end]).unwrap_or_default();
    let mut numbers = numbers.split(';').map(|n| n.split(':').next().and_then(|n| n.parse::<u8>().ok()));
    let (number, held) = (numbers.next().flatten(), numbers.next().flatten());
    let code = match (bytes[end], number) {
        (b'~', Some(200)) => return Front::PasteBegins(end + 1),
        (b'~', Some(n)) => numbered(n),
        (b'Z', _) => Some(KeyCode::BackTab),
        // With any other first number it is no key but the answer to a query, such as the cursor's position.
        (letter, None | Some(1)) => lettered(letter),
        _ => None,
    };
    let Some(code) = code else { return Front::Noise(end + 1) };
    let held = held.unwrap_or(1).saturating_sub(1);
    let mut modifiers = if code == KeyCode::BackTab { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
    for (bit, modifier) in [(1, KeyModifiers::SHIFT), (2, KeyModifiers::ALT), (4, KeyModifiers::CONTROL)] {
        modifiers.set(modifier, modifiers.contains(modifier) || held & bit != 0);
    }
    Front::Key(KeyEvent::new(code, modifiers), end + 1)
}

/// The button and the cell, from 1, of an SGR report: the left button pressed, or the wheel turned; nothing else is used.
fn mouse(numbers: &[u8], end: u8) -> Option<MouseEvent> {
    let mut numbers = std::str::from_utf8(numbers).ok()?.split(';').map(str::parse::<u16>);
    let mut next = || numbers.next()?.ok();
    let (button, column, row) = (next()?, next()?.checked_sub(1)?, next()?.checked_sub(1)?);
    let kind = match (button, end) {
        (0, b'M') => MouseEventKind::Down(MouseButton::Left),
        (64, b'M') => MouseEventKind::ScrollUp,
        (65, b'M') => MouseEventKind::ScrollDown,
        _ => return None,
    };
    Some(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE })
}

fn lettered(letter: u8) -> Option<KeyCode> {
    Some(match letter {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'P'..=b'S' => KeyCode::F(1 + letter - b'P'),
        _ => return None,
    })
}

fn numbered(number: u8) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => KeyCode::F(number - 10),
        17..=21 => KeyCode::F(number - 11),
        23 | 24 => KeyCode::F(number - 12),
        _ => return None,
    })
}

fn control(c: char) -> KeyEvent {
    KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL)
}

fn character(c: char) -> KeyEvent {
    let modifiers = if c.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
    KeyEvent::new(KeyCode::Char(c), modifiers)
}

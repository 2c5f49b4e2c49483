//! The table of the workbench's keys.

use crossterm::event::{KeyCode::Char, KeyEvent, KeyModifiers};
use epollscope::tui::keymap::{Action, KEYS, action};

#[test]
fn no_key_means_two_things() {
    for (i, a) in KEYS.iter().enumerate() {
        for b in &KEYS[i + 1..] {
            assert!(a.codes.iter().all(|code| !b.codes.contains(code)), "{} and {}", a.shown, b.shown);
            assert_ne!(a.action, b.action);
        }
    }
}

#[test]
fn control_keys_are_not_letters() {
    assert_eq!(action(&KeyEvent::new(Char('m'), KeyModifiers::CONTROL)), None);
    assert_eq!(action(&KeyEvent::new(Char('c'), KeyModifiers::CONTROL)), Some(Action::Quit));
    assert_eq!(action(&KeyEvent::new(Char('c'), KeyModifiers::NONE)), Some(Action::Connect));
}

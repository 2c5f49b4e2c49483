//! The keys of lessons. The footer is made from this table.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::Page;
use crate::trace::lang::Both;

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the table below says in words what each of them does")]
pub enum Action {
    Go,
    Back,
    Choose(usize),
    Up,
    Down,
    PageUp,
    PageDown,
    Hint,
    Skip,
    Play,
    Next,
    Again,
    List,
    Swap,
    Quit,
}

/// One row of the table: the keys, how they are written, what they ask for, where they are shown, and in what words.
pub struct Binding {
    codes: &'static [KeyCode],
    /// How the keys are written.
    pub shown: &'static str,
    action: Action,
    on: &'static [Kind],
    /// One or two words.
    pub short: Both,
}

/// A kind of page, as far as keys differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The list of lessons.
    List,
    /// Something to read before a step without a question, or before the first.
    Read,
    /// A question with choices.
    Choices,
    /// A question with a number.
    Number,
    /// What the kernel answered.
    Told,
    /// After the last step.
    Over,
}

use Action as A;
use KeyCode::{Char, Down, Enter, Esc, Left, PageDown, PageUp, Right, Tab, Up};
use Kind::{Choices, List, Number, Over, Read, Told};

const fn row(
    codes: &'static [KeyCode],
    shown: &'static str,
    action: Action,
    on: &'static [Kind],
    short: Both,
) -> Binding {
    Binding { codes, shown, action, on, short }
}

const KEYS: &[Binding] = &[
    row(&[Enter, Right, Char(' ')], "Enter", A::Go, &[List], ("take it", "开始")),
    row(&[Enter, Right, Char(' ')], "Enter", A::Go, &[Read, Told], ("go on", "继续")),
    row(&[Char('1')], "1", A::Choose(0), &[], ("", "")),
    row(&[Char('2')], "2", A::Choose(1), &[], ("", "")),
    row(&[Char('3')], "3", A::Choose(2), &[], ("", "")),
    row(&[Char('4')], "4", A::Choose(3), &[], ("", "")),
    row(&[Up, Char('k')], "↑ ↓", A::Up, &[List], ("choose", "选择")),
    row(&[], "1–", A::Up, &[Choices], ("choose", "选择")),
    row(&[Down, Char('j')], "↓", A::Down, &[], ("", "")),
    row(&[Enter, Right, Char(' ')], "Enter", A::Go, &[Choices, Number], ("predict", "预测")),
    row(&[Char('g')], "g", A::Play, &[Over], ("play on by hand", "动手继续")),
    row(&[Char('n')], "n", A::Next, &[Over], ("next lesson", "下一课")),
    row(&[Enter, Right, Char(' ')], "Enter", A::Go, &[], ("", "")),
    row(&[Char('h'), Char('?')], "h", A::Hint, &[Choices, Number], ("hint", "提示")),
    row(&[Char('s')], "s", A::Skip, &[Choices, Number], ("show it", "看答案")),
    row(&[Left, KeyCode::Backspace], "←", A::Back, &[Read, Choices, Number, Told, Over], ("back", "后退")),
    row(&[PageDown], "PgDn", A::PageDown, &[], ("", "")),
    row(&[PageUp], "PgUp", A::PageUp, &[], ("", "")),
    row(&[], ", .", A::Back, &[Told, Over], ("call by call", "逐次调用")),
    row(&[Tab], "Tab", A::Swap, &[Read, Choices, Number, Told, Over], ("resize", "换大小")),
    row(&[Char('r')], "r", A::Again, &[Read, Choices, Number, Told, Over], ("restart", "重来")),
    row(&[Char('l'), Esc], "l", A::List, &[Read, Choices, Number, Told, Over], ("lessons", "课程表")),
    row(&[Char('q')], "q", A::Quit, &[List, Read, Choices, Number, Told, Over], ("quit", "退出")),
];

/// What `key` asks for.
pub(super) fn action(key: &KeyEvent) -> Option<Action> {
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return (key.code == Char('c')).then_some(Action::Quit);
    }
    KEYS.iter().find(|binding| binding.codes.contains(&key.code)).map(|binding| binding.action)
}

/// The keys that are shown on a page.
pub fn shown_on(kind: Kind) -> impl Iterator<Item = &'static Binding> {
    KEYS.iter().filter(move |binding| binding.on.contains(&kind))
}

impl Page {
    /// Its kind.
    pub(super) fn kind(self, asks: Option<bool>) -> Kind {
        match (self, asks) {
            (Self::List, _) => Kind::List,
            (Self::Ask, Some(true)) => Kind::Number,
            (Self::Ask, Some(false)) => Kind::Choices,
            (Self::Intro | Self::Ask, _) => Kind::Read,
            (Self::Told, _) => Kind::Told,
            (Self::Over, _) => Kind::Over,
        }
    }
}

//! The keys of a demo. Every other key of the workbench takes over.

use crossterm::event::{KeyCode, KeyEvent};

use crate::i18n::Both;
use crate::tui::keymap;
use crate::tui::keymap::binding::{self, NO};

/// What a key asks for; the table below says what each does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Pause,
    Back,
    Forward,
    CaptionBack,
    CaptionForward,
    Start,
    Now,
    Slower,
    Faster,
    Projector,
    CallsView,
    Language,
    Copy,
    Save,
    TakeOver,
    Quit,
}

type Binding = binding::Binding<Action>;

use Action as A;
use KeyCode::{Char, End, Home, Left, PageDown, PageUp, Right};

const fn row(codes: &'static [KeyCode], shown: &'static str, action: Action, short: Both) -> Binding {
    binding::row(codes, shown, action, (), short, NO)
}

pub const KEYS: &[Binding] = &[
    row(&[Char(' ')], "Space", A::Pause, ("pause", "暂停")),
    row(&[Left], "← →", A::Back, ("step", "逐次")),
    row(&[Right], "→", A::Forward, NO),
    row(&[PageUp], "PgUp PgDn", A::CaptionBack, ("caption", "字幕")),
    row(&[PageDown], "PgDn", A::CaptionForward, NO),
    row(&[Char('q')], "q", A::Quit, ("leave", "离开")),
    row(&[], "", A::TakeOver, ("other keys: take over", "其他键：接管")),
    row(&[Char('-')], "- +", A::Slower, ("speed", "速度")),
    row(&[Char('+'), Char('=')], "+", A::Faster, NO),
    row(&[Char('v')], "v", A::CallsView, ("code", "代码")),
    row(&[Char('L')], "L", A::Language, NO),
    row(&[Char('y')], "y", A::Copy, ("copy", "复制")),
    row(&[Char('O')], "O", A::Save, ("save", "保存")),
    row(&[Char('P')], "P", A::Projector, ("projector", "投影")),
    row(&[Home], "Home", A::Start, NO),
    row(&[End], "End", A::Now, NO),
];

/// What `key` asks for. A key of the workbench that is not in this table takes over.
pub(super) fn action(key: &KeyEvent) -> Option<Action> {
    binding::asked(KEYS, Action::Quit, key).or_else(|| keymap::action(key).map(|_| Action::TakeOver))
}

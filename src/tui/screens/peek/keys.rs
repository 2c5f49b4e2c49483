//! The keys of a look at a running process.

use crossterm::event::{KeyCode, KeyEvent};

use crate::i18n::Both;
use crate::tui::keymap::binding::{self, NO};

/// What a key asks for; the table below says what each does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Hold,
    Up,
    Down,
    PageUp,
    PageDown,
    Start,
    End,
    Trace,
    Save,
    Projector,
    Help,
    Quit,
}

type Binding = binding::Binding<Action>;

use Action as A;
use KeyCode::{Char, Down, End, F, Home, PageDown, PageUp, Up};

const fn row(codes: &'static [KeyCode], shown: &'static str, action: Action, short: Both, long: Both) -> Binding {
    binding::row(codes, shown, action, (), short, long)
}

#[rustfmt::skip]
pub const KEYS: &[Binding] = &[
    row(&[Up, Char('k')], "↑", A::Up, ("up", "上移"), ("scroll up", "向上滚动")),
    row(&[Down, Char('j')], "↓", A::Down, ("down", "下移"), ("scroll down", "向下滚动")),
    row(&[PageUp], "PgUp", A::PageUp, NO, ("a page up", "上移一页")),
    row(&[PageDown], "PgDn", A::PageDown, NO, ("a page down", "下移一页")),
    row(&[Home], "Home", A::Start, NO, ("to the beginning", "到开头")),
    row(&[End], "End", A::End, NO, ("to the end", "到末尾")),
    row(&[Char(' ')], "Space", A::Hold, ("keep this look", "保留所见"),
        ("keep what is shown, or look on; the process is not stopped", "保留所见，或继续查看；进程不会停下")),
    row(&[Char('t')], "t", A::Trace, ("trace", "跟踪"),
        ("trace its calls from now on, with all panels; it is slower then, and runs on when you quit",
         "从现在起跟踪它的调用，显示全部面板；它会变慢，退出后继续运行")),
    row(&[Char('O')], "O", A::Save, NO, ("save the screen: picture or text", "保存屏幕：图片或文本")),
    row(&[Char('P')], "P", A::Projector, NO, ("projector mode: no shades of grey", "投影模式：没有灰色")),
    row(&[Char('?'), F(1)], "?", A::Help, ("help", "帮助"), ("all keys", "全部按键")),
    row(&[Char('q')], "q", A::Quit, ("quit", "退出"),
        ("leave; the process runs on as before; Ctrl-C too", "退出，进程照常运行；也可用 Ctrl-C")),
];

pub(super) fn action(key: &KeyEvent) -> Option<Action> {
    binding::asked(KEYS, Action::Quit, key)
}

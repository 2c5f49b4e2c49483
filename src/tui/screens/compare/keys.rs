//! The keys of a comparison. The keys of the past are in the [table of the workbench](crate::tui::keymap).

use crossterm::event::{KeyCode, KeyEvent};

use crate::i18n::Both;
use crate::tui::keymap::binding::{self, NO};
use crate::tui::keymap::{Move, movement};

/// What a key asks for; the table below says what each does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Travel(Move),
    /// By a step of the scene; whether forward.
    Step(bool),
    Variant,
    Up,
    Down,
    CostTable,
    Steps,
    Breakpoints,
    Code,
    Language,
    Copy,
    Projector,
    Help,
    Save,
    Quit,
}

type Binding = binding::Binding<Action>;

use Action as A;
use KeyCode::{Char, Down, End, Enter, Esc, Left, PageDown, PageUp, Right, Tab, Up};

const fn row(codes: &'static [KeyCode], shown: &'static str, action: Action, short: Both, long: Both) -> Binding {
    binding::row(codes, shown, action, (), short, long)
}

#[rustfmt::skip]
pub const KEYS: &[Binding] = &[
    row(&[Char(' '), Right, Char('.')], "Space", A::Travel(Move::ForwardCall), NO,
        ("the next call in every variant, and the next step of the scene if necessary; at the end the table; → and . too",
         "每个变体的下一次调用，必要时先执行场景的下一段；到末尾后打开表格；也可用 → 和 .")),
    row(&[Left, Char(',')], "← ,", A::Travel(Move::BackCall), NO,
        ("go back one call, in every variant", "所有变体都回看更早一次调用的时刻")),
    row(&[], "Space ← →", A::Travel(Move::ForwardCall), ("call", "调用"), NO),
    row(&[], "PgUp PgDn", A::Step(true), ("step", "段"), NO),
    row(&[PageDown], "PgDn", A::Step(true), NO,
        ("to the end of this step of the scene, or of the next one", "到场景这一段的末尾，或下一段的末尾")),
    row(&[PageUp], "PgUp", A::Step(false), NO, ("to the end of the previous step", "到更早一段的末尾")),
    row(&[], "{ }", A::Travel(Move::ForwardFinding), ("finding", "发现项"), NO),
    row(&[Char('{')], "{", A::Travel(Move::BackFinding), NO,
        ("the previous finding or difference, in any of the variants", "任一变体更早的发现项，或出现差异之处")),
    row(&[Char('}')], "}", A::Travel(Move::ForwardFinding), NO, ("the next one", "更晚的一个")),
    row(&[End], "End", A::Travel(Move::Now), NO,
        ("play the whole scene and go to its end", "场景的末尾；会执行完整个场景")),
    row(&[Char('t'), Enter], "t", A::CostTable, ("table", "表格"),
        ("what each variant cost and kept in the finished steps; again to close",
         "已结束的各段中各自的开销与留存；再按一次关闭")),
    row(&[Char('?'), KeyCode::F(1)], "?", A::Help, ("help", "帮助"), ("all keys", "全部按键")),
    row(&[Char('q')], "q", A::Quit, ("leave", "离开"), ("leave; Ctrl-C too", "退出；也可用 Ctrl-C")),
    row(&[], "/", A::Travel(Move::Search), ("search", "搜索"), NO),
    row(&[], ">", A::Travel(Move::Play), ("play", "播放"), NO),
    row(&[Tab], "Tab", A::Variant, ("variant", "变体"),
        ("choose the next variant (▶): [ ] : / n N go by its calls, and the others follow",
         "选择下一个变体（▶）：[ ] : / n N 按它的调用移动，其余跟随")),
    row(&[], "↑ ↓", A::Up, ("client", "客户端"), NO),
    row(&[Up], "↑", A::Up, NO,
        ("draw the bytes of the previous client; scroll the table", "画出上一个客户端的字节；滚动表格")),
    row(&[Down], "↓", A::Down, NO, ("draw the bytes of the next client", "画出下一个客户端的字节")),
    row(&[Char('B')], "B", A::Breakpoints, NO,
        ("breakpoints: playback stops where one of the servers would; each step has already run to its end",
         "断点：任一变体命中时播放停下；显示之前，各变体已执行完这一段")),
    row(&[Esc], "Esc", A::Steps, NO, ("close what is open", "关闭打开的面板")),
    row(&[Char('v')], "v", A::Code, NO,
        ("the code of the chosen variant, with its next call marked; again to close",
         "所选变体的代码，标出下一次调用；再按一次关闭")),
    row(&[Char('L')], "L", A::Language, NO, ("its code, in Python or C", "它的代码（Python 或 C）")),
    row(&[Char('y')], "y", A::Copy, NO,
        ("copy the differences so far, or the table", "复制目前的差异，或表格")),
    row(&[Char('O')], "O", A::Save, NO,
        ("save the screen: a picture, its text, or the recording of the chosen variant",
         "保存屏幕：图片、文本，或所选变体的录制文件")),
    row(&[Char('P')], "P", A::Projector, NO,
        ("projector mode on or off: no shades of grey", "投影模式：没有灰色；或恢复原样")),
];

pub(super) fn action(key: &KeyEvent) -> Option<Action> {
    binding::asked(KEYS, Action::Quit, key).or_else(|| movement(key).map(Action::Travel))
}

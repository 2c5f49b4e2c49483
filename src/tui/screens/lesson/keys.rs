//! The keys of lessons. The keys of the past are in the [table of the workbench](crate::tui::keymap).

use crossterm::event::{KeyCode, KeyEvent};

use crate::tui::keymap::binding::{self, NO, row};

/// What a key asks for; the table below says what each does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    PlayOn,
    Breakpoints,
    Projector,
    Help,
    CallsView,
    Language,
    Copy,
    Save,
    Again,
    List,
    Swap,
    Quit,
}

type Binding = binding::Binding<Action, &'static [PageKind]>;

/// Pages that have the same keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageKind {
    List,
    /// Text before the first step, or before a step without a question.
    Read,
    Choices,
    Number,
    /// The calls of a step whose answer is not told yet.
    Played,
    Answer,
    /// The task after the last step, not done or done.
    Task,
    Done,
    Over,
    Held,
}

use Action as A;
use KeyCode::{Char, Down, Enter, Esc, Left, PageDown, PageUp, Right, Tab, Up};
use PageKind::{Answer, Choices, Done, Held, List, Number, Over, Played, Read, Task};

const ANY: &[PageKind] = &[Read, Choices, Number, Played, Answer, Task, Done, Over, Held];

#[rustfmt::skip]
pub const KEYS: &[Binding] = &[
    row(&[Enter, Right, Char(' ')], "Enter", A::Go, &[List], ("take it", "开始"), NO),
    row(&[Enter, Right, Char(' ')], "Enter", A::Go, &[], NO,
        ("go on: to the next page; → and Space too", "继续到下一页；也可用 → 和 Space")),
    row(&[], "Space", A::Go, &[Played], ("next call", "下一次调用"),
        ("after a prediction: see the calls of the step one by one, → too; > plays them, and Enter goes to the answer",
         "作出预测后：逐次看这一节的调用，也可用 →；> 播放，Enter 直接看回答")),
    row(&[], ">", A::Go, &[Played], ("play", "播放"), NO),
    row(&[], "Enter", A::Go, &[Played], ("to the answer", "看回答"), NO),
    row(&[], "Enter", A::Go, &[Read, Answer, Done, Held], ("go on", "继续"), NO),
    row(&[], "Enter", A::Go, &[Task], ("do it", "动手"), NO),
    row(&[Char('1')], "1–4", A::Choose(0), &[], NO, ("choose a prediction; ↑ ↓ too", "选择一个预测；也可用 ↑ ↓")),
    row(&[Char('2')], "2", A::Choose(1), &[], NO, NO),
    row(&[Char('3')], "3", A::Choose(2), &[], NO, NO),
    row(&[Char('4')], "4", A::Choose(3), &[], NO, NO),
    row(&[Up, Char('k')], "↑ ↓", A::Up, &[List], ("choose", "选择"), NO),
    row(&[], "1–", A::Up, &[Choices], ("choose", "选择"), NO),
    row(&[Down, Char('j')], "↓", A::Down, &[], NO, NO),
    row(&[], "Enter", A::Go, &[Choices, Number], ("predict", "预测"), NO),
    row(&[], "/", A::Up, &[List], ("search", "搜索"), NO),
    row(&[Char('g')], "g", A::PlayOn, &[Over], ("play on by hand", "动手继续"),
        ("at the task and after the last step: drive the lesson's own server, or the lab, yourself",
         "做任务时，以及最后一节之后，用课程里的服务器或实验室（lab）动手继续")),
    row(&[], "Enter", A::Go, &[Over], ("next lesson", "下一课"), NO),
    row(&[Char('h')], "h", A::Hint, &[Choices, Number, Task], ("hint", "提示"), ("show a hint with the question", "看提示")),
    row(&[Char('s')], "s", A::Skip, &[Choices, Number], ("show it", "看答案"),
        ("show the kernel's answer without a prediction", "不预测，直接看内核的回答")),
    row(&[], "s", A::Skip, &[Task], ("leave it", "跳过"), NO),
    row(&[Left, KeyCode::Backspace], "←", A::Back, ANY, ("back", "后退"),
        ("back one page; the scene is replayed up to there", "后退一页；更早的各节会重新执行")),
    row(&[PageDown], "PgDn", A::PageDown, &[], NO,
        ("scroll the text down, PgUp up; ↑ ↓ too", "文字下翻，PgUp 上翻；也可用 ↑ ↓")),
    row(&[PageUp], "PgUp", A::PageUp, &[], NO, NO),
    row(&[], ", .", A::Back, &[Answer, Over, Held], ("call by call", "逐次调用"), NO),
    row(&[Tab], "Tab", A::Swap, ANY, ("resize", "换大小"),
        ("give more room to the other half of a small screen", "在小屏幕上把大半让给另一部分")),
    row(&[Char('r')], "r", A::Again, ANY, ("restart", "重来"), ("restart the lesson", "从头开始这一课")),
    row(&[Char('l'), Esc], "l Esc", A::List, ANY, ("lessons", "课程表"),
        ("the list of lessons; Esc first closes what is open and goes back to now",
         "课程表；Esc 先关闭打开的面板，或回到现在")),
    row(&[Char('B')], "B", A::Breakpoints, &[], NO,
        ("breakpoints: they hold the lesson in the midst of a step, before its answer is told, and Enter goes on with it; the playing of the past stops there too",
         "断点：让课程停在一节的中途，先不给出回答，Enter 继续；回看播放也会停下")),
    row(&[Char('v')], "v", A::CallsView, &[], NO,
        ("the panel of calls: the waits with reasons, every call with its result, or the code: of a lab its script",
         "调用面板：等待及其原因、每次调用及其结果，或代码；实验室（lab）则是脚本")),
    row(&[Char('L')], "L", A::Language, &[], NO, ("the server's code, in Python or C", "服务器的代码（Python 或 C）")),
    row(&[Char('y')], "y", A::Copy, &[], NO,
        ("copy the answer with its calls, the last call, or the code", "复制回答及其调用、最后一次调用，或代码")),
    row(&[Char('O')], "O", A::Save, &[], NO,
        ("save the screen: a picture, its text, or the recording so far", "保存屏幕：图片、文本，或到此为止的录制文件")),
    row(&[Char('P')], "P", A::Projector, &[], NO,
        ("projector mode on or off: no shades of grey", "投影模式：没有灰色；或恢复原样")),
    row(&[Char('?'), KeyCode::F(1)], "?", A::Help, ANY, ("help", "帮助"), ("all keys", "全部按键")),
    row(&[Char('q')], "q", A::Quit, &[List, Read, Choices, Number, Played, Answer, Task, Done, Over, Held], ("leave", "离开"),
        ("leave; your progress is kept", "退出；进度已保存")),
];

pub(super) fn action(key: &KeyEvent) -> Option<Action> {
    binding::asked(KEYS, Action::Quit, key)
}

pub fn shown_on(kind: PageKind) -> impl Iterator<Item = &'static Binding> {
    KEYS.iter().filter(move |binding| binding.group.contains(&kind))
}

/// The pages of a lesson.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    Intro,
    /// Before a step, with its question.
    Ask,
    /// After a step that was predicted: its calls are seen one by one.
    Played,
    /// After a step, with the kernel's answer.
    Answer,
    /// After the last step: what the learner is to bring about.
    Task,
    Over,
}

impl Page {
    /// Its kind; `asks` is whether the question asks for a number, if there is one.
    pub(super) fn kind(self, asks: Option<bool>) -> PageKind {
        match (self, asks) {
            (Self::Ask, Some(true)) => PageKind::Number,
            (Self::Ask, Some(false)) => PageKind::Choices,
            (Self::Intro | Self::Ask, _) => PageKind::Read,
            (Self::Played, _) => PageKind::Played,
            (Self::Answer, _) => PageKind::Answer,
            (Self::Task, _) => PageKind::Task,
            (Self::Over, _) => PageKind::Over,
        }
    }
}

//! The keys of a program that is watched. The keys of the past are in the [table of the workbench](crate::tui::keymap).

use crossterm::event::{KeyCode, KeyEvent};

use crate::i18n::Both;
use crate::tui::keymap::binding::{self, NO};
use crate::tui::keymap::{Move, movement};

/// What a key asks for; the table below says what each does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Step,
    NextWait,
    Run,
    Slower,
    Faster,
    Thread,
    Epoll,
    /// Types to the program.
    Keys,
    Output,
    Breakpoints,
    Connect,
    Send,
    SendAmount,
    Type,
    Reading,
    End,
    Reset,
    Close,
    Up,
    Down,
    PageUp,
    PageDown,
    Inspect,
    Travel(Move),
    Timebase,
    CallsView,
    Copy,
    Save,
    Projector,
    Lessons,
    Help,
    Escape,
    Quit,
}

type Binding = binding::Binding<Action>;

use Action as A;
use KeyCode::{Char, Down, Enter, Esc, F, PageDown, PageUp, Tab, Up};

const fn row(codes: &'static [KeyCode], shown: &'static str, action: Action, short: Both, long: Both) -> Binding {
    binding::row(codes, shown, action, (), short, long)
}

#[rustfmt::skip]
pub const KEYS: &[Binding] = &[
    row(&[Char(' ')], "Space", A::Step, ("step", "单步"),
        ("make the next call, of the selected thread or of any; pause a running program; in the past, go one call later",
         "执行选中线程（或任一线程）的下一个调用；程序运行时则暂停；回看时前进到下一次调用")),
    row(&[Char('w')], "w", A::NextWait, ("wait", "等待"),
        ("run until the next epoll_wait has returned; in the past, go there",
         "运行到下一次 epoll_wait 返回；回看时跳到那一刻")),
    row(&[Char('r')], "r", A::Run, ("run", "运行"),
        ("run freely, or pause; also while you look at the past", "自由运行，或暂停；回看时也可以")),
    row(&[Char('c')], "c", A::Connect, ("connect", "连接"),
        ("connect a new client to the program's own listener, and select it", "用新客户端连接程序自己的监听套接字，并选中它")),
    row(&[Char('s')], "s", A::Send, ("send", "发送"),
        ("send as many bytes as last time, 3,000 at first", "发送与上次同样多的字节，最初为 3,000")),
    row(&[Char('v')], "v", A::CallsView, ("view", "视图"),
        ("the panel of calls: the waits with reasons, every call with its result, or the source around the next call",
         "调用面板：等待及其原因、每次调用及其结果，或下一个调用所在的源码")),
    row(&[Char('?'), F(1)], "?", A::Help, ("help", "帮助"), ("all keys", "全部按键")),
    row(&[Char('q')], "q", A::Quit, ("quit", "退出"),
        ("end the program (SIGTERM) and quit; one that ran already is let go of, and runs on",
         "结束程序（SIGTERM）并退出；早已在运行的则放开，继续运行")),
    row(&[F(2)], "F2", A::Keys, ("type to it", "向它输入"),
        ("type to the program, on its own terminal; F2 again ends that", "在程序自己的终端上向它输入；再按 F2 结束")),
    row(&[Char('e')], "e", A::Epoll, ("epoll", "epoll"),
        ("look at the next epoll object, of this process or another; after the last, at that which is in use",
         "查看下一个 epoll 对象，属于这个或别的进程；最后一个之后，是正在使用的那个")),
    row(&[Tab], "Tab", A::Thread, ("thread", "线程"),
        ("select the next thread for Space and w; after the last, any", "为 Space 和 w 选中下一个线程；最后一个之后，是任一线程")),
    row(&[Enter], "Enter", A::Inspect, ("inspect", "详情"),
        ("show everything about the selected fd: state, history, bytes", "查看选中 fd 的全部详情：状态、历史、字节")),
    row(&[Char('u')], "u", A::Output, ("output", "输出"),
        ("show more of what the program writes, or less", "多显示或少显示程序的输出")),
    row(&[], "Ctrl-C", A::Quit, NO,
        ("is typed to the program, all of whose threads go on for it; twice ends the watch",
         "送给程序，并让它的全部线程继续运行；按两次结束观察")),
    row(&[Char('B')], "B", A::Breakpoints, NO,
        ("breakpoints: hold the program at a report, an error, a call, an empty return, a stranded byte",
         "断点：在某个报告、错误、调用、空返回或滞留处让程序停住")),
    row(&[Char('-')], "-", A::Slower, NO, ("run slower: a limit of calls per second", "放慢运行：限定每秒的调用次数")),
    row(&[Char('+'), Char('=')], "+", A::Faster, NO, ("run faster", "加快运行")),
    row(&[Char('S')], "S", A::SendAmount, NO, ("choose how many bytes to send", "指定要发送的字节数")),
    row(&[Char('t')], "t", A::Type, NO, ("type a text and have the client send it", "输入一段文本，由客户端发送")),
    row(&[Char('f')], "f", A::Reading, NO,
        ("freeze the client: it stops reading, or reads again", "冻结客户端：停止读取，或恢复读取")),
    row(&[Char('h')], "h", A::End, NO, ("half-close: close its sending side", "半关闭：关闭其写方向")),
    row(&[Char('R')], "R", A::Reset, NO, ("reset its connection (RST)", "重置其连接（RST）")),
    row(&[Char('x')], "x", A::Close, NO, ("close its connection", "关闭其连接")),
    row(&[Up, Char('k')], "↑", A::Up, NO, ("select the fd above", "选中上一个 fd")),
    row(&[Down, Char('j')], "↓", A::Down, NO, ("select the fd below", "选中下一个 fd")),
    row(&[PageUp], "PgUp", A::PageUp, NO, ("ten fds or lines up", "上移十个 fd，或十行")),
    row(&[PageDown], "PgDn", A::PageDown, NO, ("ten fds or lines down", "下移十个 fd，或十行")),
    row(&[Char('b')], "b", A::Timebase, NO, ("the scope's timebase: by calls, or by time", "示波器的时基：按调用，或按时间")),
    row(&[Char('y')], "y", A::Copy, NO, ("copy the sentence on the selected fd, or the last call", "复制选中 fd 的说明，或下一个调用")),
    row(&[Char('O')], "O", A::Save, NO,
        ("save the screen: picture, text, or recording", "保存屏幕：图片、文本，或录制文件")),
    row(&[Char('P')], "P", A::Projector, NO,
        ("projector mode: fewer panels, no shades of grey", "投影模式：面板更少，没有灰色")),
    row(&[Char('l')], "l", A::Lessons, NO, ("the lessons; q comes back", "课程；q 返回")),
    row(&[Esc], "Esc", A::Escape, NO,
        ("close what is open; if nothing is open, back to now", "关闭打开的面板；没有打开的面板时回到现在")),
];

pub(super) fn action(key: &KeyEvent) -> Option<Action> {
    binding::asked(KEYS, Action::Quit, key).or_else(|| movement(key).map(Action::Travel))
}

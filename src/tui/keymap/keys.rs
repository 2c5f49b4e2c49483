//! The keys of the workbench, and those of the past, which work on every screen. The help, the footer and the tables of
//! `docs/guide.md` are made from this table; no other file binds a key of the workbench.

use crossterm::event::{KeyCode, KeyEvent};

use super::binding::{Listed, NO, asked, row};
use crate::i18n::Both;

/// What a key asks for; the table below says what each does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Step,
    NextWait,
    Run,
    Slower,
    Faster,
    Connect,
    Send,
    SendAmount,
    Type,
    Reading,
    End,
    Reset,
    Close,
    Trigger,
    OneShot,
    Policy,
    Breakpoints,
    Up,
    Down,
    PageUp,
    PageDown,
    Inspect,
    Travel(Move),
    Escape,
    Timebase,
    CallsView,
    Only,
    Language,
    Projector,
    Copy,
    Save,
    Help,
    Guide,
    TaskAgain,
    Lessons,
    Tour,
    Compare,
    /// Asks for a part of a name. Its key has Ctrl, and the stack of screens answers it.
    Find,
    Quit,
}

/// A move along a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Move {
    BackCall,
    ForwardCall,
    BackWait,
    ForwardWait,
    BackFinding,
    ForwardFinding,
    BackHit,
    ForwardHit,
    Start,
    Now,
    /// To a call by its number, which the user is asked for.
    Call,
    /// To a call that matches a query, which the user is asked for.
    Search,
    Play,
    Slower,
    Faster,
}

/// The rows under one heading of the help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Server,
    Client,
    Policy,
    Look,
    /// What else there is.
    Find,
    /// The same on every screen that shows the past.
    Past,
}

impl Group {
    pub const ALL: [Self; 6] = [Self::Server, Self::Client, Self::Policy, Self::Find, Self::Look, Self::Past];

    pub fn heading(self) -> Both {
        match self {
            Self::Server => ("Drive the server", "驱动服务器"),
            Self::Client => ("Act as a client", "扮演客户端"),
            Self::Policy => ("Switch the policy", "切换策略"),
            Self::Look => ("Look", "查看"),
            Self::Find => ("Find your way", "指引"),
            Self::Past => ("Travel in time", "回看"),
        }
    }
}

/// A row of [`KEYS`].
pub type Binding = super::binding::Binding<Action, Group>;

use Action as A;
use Group::{Client, Find, Look, Past, Policy, Server};
use KeyCode::{Char, Down, End, Enter, Home, Left, Right, Up};

/// The table. The footer shows keys in this order, as many as fit.
#[rustfmt::skip]
pub const KEYS: &[Binding] = &[
    row(&[Char(' ')], "Space", A::Step, Server, ("step", "单步"),
        ("make the next system call; pause a running server; in the past, go one call later",
         "执行下一个系统调用；服务器运行时则暂停；回看时前进到下一次调用")),
    row(&[Char('c')], "c", A::Connect, Client, ("connect", "连接"),
        ("connect a new client and select it", "连接一个新客户端，并选中它")),
    row(&[Char('s')], "s", A::Send, Client, ("send 3,000", "发送 3,000"),
        ("send as many bytes as last time, 3,000 at first", "发送与上次同样多的字节，最初为 3,000")),
    row(&[Char('m')], "m", A::Trigger, Policy, ("edge", "改为边缘"),
        ("switch level and edge, by EPOLL_CTL_MOD on all fds",
         "在水平触发与边缘触发之间切换，对每个 fd 调用 EPOLL_CTL_MOD")),
    row(&[Char('w')], "w", A::NextWait, Server, ("wait", "等待"),
        ("run until the next epoll_wait has returned; in the past, go there",
         "运行到下一次 epoll_wait 返回；回看时跳到那一刻")),
    row(&[Char('?')], "?", A::Help, Look, ("help", "帮助"), ("all keys", "全部按键")),
    row(&[KeyCode::F(1)], "F1", A::Guide, Find, ("guide", "向导"),
        ("the guide through the first minute", "第一分钟的向导")),
    row(&[Char('q')], "q", A::Quit, Look, ("quit", "退出"),
        ("close everything (step 7) and quit; Ctrl-C too", "关闭全部 fd（第 7 步）并退出；也可用 Ctrl-C")),
    row(&[Char('r')], "r", A::Run, Server, ("run", "运行"),
        ("run freely, or pause; also while you look at the past", "自由运行，或暂停；回看时也可以")),
    row(&[Char('p')], "p", A::Policy, Policy, ("policy", "策略"),
        ("show and change every choice of the policy", "查看和修改策略的每个选项")),
    row(&[Enter], "Enter", A::Inspect, Look, ("inspect", "详情"),
        ("show everything about the selected fd: state, history, bytes", "查看选中 fd 的全部详情：状态、历史、字节")),
    row(&[Left, Char(',')], "← ,", A::Travel(Move::BackCall), Past, ("back", "后退"),
        ("go back one call", "回看更早一次调用的时刻")),
    row(&[Right, Char('.')], "→ .", A::Travel(Move::ForwardCall), Past, NO, ("one call later", "前进到下一次调用")),
    row(&[Char('t')], "t", A::Type, Client, ("type", "输入"), ("type a text and send it", "输入一段文本并发送")),
    row(&[], "Ctrl-P", A::Find, Find, ("find", "查找"),
        ("find any action, lesson, scene or demo", "查找操作、课程、场景或演示")),
    row(&[Char('l')], "l", A::Lessons, Find, ("lessons", "课程"), ("the lessons; q comes back", "课程；q 返回")),
    row(&[Char('g')], "g", A::TaskAgain, Find, NO, ("in the task of a lesson, begin it again", "做课程的任务时，重新开始")),
    row(&[Char('d')], "d", A::Tour, Find, NO, ("the tour, which plays by itself; q comes back", "自动播放的导览；q 返回")),
    row(&[Char('C')], "C", A::Compare, Find, NO,
        ("compare level and edge side by side; q comes back", "并排比较水平与边缘；q 返回")),
    row(&[Char('S')], "S", A::SendAmount, Client, NO, ("choose how many bytes to send", "指定要发送的字节数")),
    row(&[Char('f')], "f", A::Reading, Client, NO,
        ("freeze the client, or let it read again", "冻结客户端：停止读取，或恢复读取")),
    row(&[Char('h')], "h", A::End, Client, NO,
        ("half-close: close its sending side", "半关闭：关闭其写方向")),
    row(&[Char('R')], "R", A::Reset, Client, NO, ("reset its connection (RST)", "重置其连接（RST）")),
    row(&[Char('x')], "x", A::Close, Client, NO, ("close its connection", "关闭其连接")),
    row(&[Char('o')], "o", A::OneShot, Policy, NO,
        ("switch one-shot on or off, by EPOLL_CTL_MOD", "打开或关闭一次性，对每个 fd 调用 EPOLL_CTL_MOD")),
    row(&[Char('B')], "B", A::Breakpoints, Server, NO,
        ("breakpoints: hold the server at a report, an error, a call, an empty return, a stranded byte",
         "断点：在某个报告、错误、调用、空返回或滞留处让服务器停住")),
    row(&[Char('-')], "-", A::Slower, Server, NO,
        ("run slower: a limit of calls per second", "放慢运行：限定每秒的调用次数")),
    row(&[Char('+'), Char('=')], "+", A::Faster, Server, NO, ("run faster", "加快运行")),
    row(&[Up, Char('k')], "↑", A::Up, Look, NO, ("select the fd above", "选中上一个 fd")),
    row(&[Down, Char('j')], "↓", A::Down, Look, NO, ("select the fd below", "选中下一个 fd")),
    row(&[KeyCode::PageUp], "PgUp", A::PageUp, Look, NO, ("ten fds or lines up", "上移十个 fd，或十行")),
    row(&[KeyCode::PageDown], "PgDn", A::PageDown, Look, NO, ("ten fds or lines down", "下移十个 fd，或十行")),
    row(&[Char('[')], "[", A::Travel(Move::BackWait), Past, NO,
        ("go back to before the last return of epoll_wait", "回看上一次 epoll_wait 返回之前的时刻")),
    row(&[Char(']')], "]", A::Travel(Move::ForwardWait), Past, NO,
        ("after the next return of epoll_wait", "前进到下一次 epoll_wait 返回之后")),
    row(&[Char('{')], "{", A::Travel(Move::BackFinding), Past, NO,
        ("the previous finding: something that went wrong or was wasted", "更早的一个发现项，即出错或浪费之处")),
    row(&[Char('}')], "}", A::Travel(Move::ForwardFinding), Past, NO, ("the next finding", "更晚的一个发现项")),
    row(&[Home], "Home", A::Travel(Move::Start), Past, NO, ("go to the beginning", "回看最初的时刻")),
    row(&[End], "End", A::Travel(Move::Now), Past, NO, ("back to now", "回到现在")),
    row(&[Char(':')], ":", A::Travel(Move::Call), Past, NO, ("go to a call by its number", "跳到指定编号的调用")),
    row(&[Char('/')], "/", A::Travel(Move::Search), Past, NO,
        ("search the calls: recv, fd 5, EAGAIN, IN, a client's name, \"text\"",
         "搜索调用：recv、fd 5、EAGAIN、IN、客户端名、\"文本\"")),
    row(&[Char('n')], "n", A::Travel(Move::ForwardHit), Past, NO, ("search again, later", "继续搜索更晚的调用")),
    row(&[Char('N')], "N", A::Travel(Move::BackHit), Past, NO, ("search again, earlier", "继续搜索更早的调用")),
    row(&[Char('>')], ">", A::Travel(Move::Play), Past, NO,
        ("play from the moment shown, or stop; - and + set the speed",
         "从所看的时刻开始播放，或停止；- 和 + 调整速度")),
    row(&[KeyCode::Esc], "Esc", A::Escape, Look, NO,
        ("close what is open; if nothing is open, back to now", "关闭打开的面板；没有打开的面板时回到现在")),
    row(&[Char('b')], "b", A::Timebase, Look, NO,
        ("the scope's timebase: by calls, or by time", "示波器的时基：按调用，或按时间")),
    row(&[Char('v')], "v", A::CallsView, Look, NO,
        ("the panel of calls: waits, every call, or the code", "调用面板：等待、每次调用，或代码")),
    row(&[Char('F')], "F", A::Only, Look, NO,
        ("show and search only the calls of the selected fd", "只显示和搜索选中 fd 的调用")),
    row(&[Char('L')], "L", A::Language, Look, NO,
        ("the server's code, in Python or C", "服务器的代码（Python 或 C）")),
    row(&[Char('y')], "y", A::Copy, Look, NO,
        ("copy the sentence, the last call, or the details", "复制说明、最后一次调用，或全部详情")),
    row(&[Char('O')], "O", A::Save, Look, NO,
        ("save the screen: picture, text, or recording", "保存屏幕：图片、文本，或录制文件")),
    row(&[Char('P')], "P", A::Projector, Look, NO,
        ("projector mode: fewer panels, no shades of grey", "投影模式：面板更少，没有灰色")),
];

pub fn action(key: &KeyEvent) -> Option<Action> {
    asked(KEYS, Action::Quit, key)
}

/// Whether `key` acts on the server or its clients, and does not only look at them.
pub(crate) fn needs_server(key: &KeyEvent) -> bool {
    let binding = KEYS.iter().find(|binding| Some(binding.action) == action(key));
    binding.is_some_and(|binding| matches!(binding.group, Group::Server | Group::Client | Group::Policy))
}

pub(crate) fn movement(key: &KeyEvent) -> Option<Move> {
    match action(key)? {
        Action::Travel(to) => Some(to),
        Action::Slower => Some(Move::Slower),
        Action::Faster => Some(Move::Faster),
        _ => None,
    }
}

/// The rows of the past for the help and the palette of a screen that uses some of these keys for itself.
pub fn past(is_own: impl Fn(KeyCode) -> bool) -> impl Iterator<Item = Listed> {
    KEYS.iter().filter(|binding| binding.group == Past).filter_map(move |binding| {
        let mut free = binding.codes.iter().zip(binding.shown.split(' ')).filter(|(code, _)| !is_own(**code));
        let (code, first) = free.next()?;
        let shown = std::iter::once(first).chain(free.map(|(_, shown)| shown)).collect::<Vec<_>>().join(" ");
        Some(Listed { code: *code, shown, says: binding.long })
    })
}

//! The sentences in Chinese; the terms are those of [`i18n`](crate::i18n).

use super::fact::{Besides, By, Fact, Idle, MANY, Room, Since, State, What};
use super::not_reported::UNSEEN;
use crate::i18n::grouped;
use crate::record::Interest;

pub(super) fn say(fact: Fact) -> String {
    match fact {
        Fact::PutBack { after, state, more } => {
            let state = if more { of(state) } else { still(state) };
            format!("水平触发：{state}；第 {} 次等待报告后，已放回就绪列表", nth(after))
        }
        Fact::Added(state, since) => format!("EPOLL_CTL_ADD 时已就绪：{}{}", found(state), since_then(since)),
        Fact::Modified { rearms, state, since } => {
            let checks = if rearms.contains(Interest::ONESHOT) { "重新启用" } else { "重新检查" };
            ["EPOLL_CTL_MOD ", checks, "时已就绪：", &found(state), &since_then(since)].concat()
        }
        Fact::Arrived { edge, what, since, besides } => {
            let new = match what {
                What::Bytes(n) => format!("新到 {} 字节", grouped(n)),
                What::Datagrams { bytes: 0, .. } => "新到一个空数据报".to_owned(),
                What::Datagrams { bytes, one: true } => format!("新到一个 {} 字节的数据报", grouped(bytes)),
                What::Datagrams { bytes, one: false } => format!("新到数据报，共 {} 字节", grouped(bytes)),
                What::Messages(n) => format!("新到一条或多条消息，共 {} 字节", grouped(n)),
                What::Writes(1) => "计数器被写入".to_owned(),
                What::Writes(n) => format!("计数器被写入 {} 次", grouped(n)),
            };
            let besides = match besides {
                Besides::Nothing => String::new(),
                Besides::Older(n) => format!("，此外还有更早的 {} 字节未读", grouped(n)),
                Besides::Read(ready) => format!("，并已读完；现在就绪的是 {ready}"),
                Besides::Few(ready) => format!("，但未读的少于 SO_RCVLOWAT；现在就绪的是 {ready}"),
            };
            since_wait(edge, since) + &new + &besides
        }
        Fact::SomeArrived { edge, received: 0, since } => since_wait(edge, since) + "有新数据可读，有多少没有查询",
        Fact::SomeArrived { edge, received, since } => {
            let received = grouped(received);
            since_wait(edge, since) + &format!("有新字节到达；服务器随后读取了 {received} 字节")
        }
        Fact::Connected(Some(n)) => format!("有客户端连接；{} 个连接等待接受", grouped(n)),
        Fact::Connected(None) => "有客户端连接".to_owned(),
        Fact::Ended { unread: Some(0) } => "对端已结束发送；没有未读字节，读会返回 0".to_owned(),
        Fact::Ended { unread: Some(n) } => format!("对端已结束发送；{} 字节未读", grouped(n)),
        Fact::Ended { unread: None } => "对端已结束发送；未读字节数未知".to_owned(),
        Fact::EndedBut(ready) => format!("对端已结束发送，这会唤醒所有等待者；现在就绪的是 {ready}"),
        Fact::Woke(By::Shut, State::Room) => format!("{}，这会唤醒所有等待者；现在就绪的是 OUT", woken(By::Shut)),
        Fact::Woke(by, state) => format!("{}，这会唤醒所有等待者；{}", woken(by), of(state)),
        Fact::Failed => "连接被重置或出错；ERR 和 HUP 不关注也会报告".to_owned(),
        Fact::FinAcked => "对端确认了本端的 FIN，TCP 状态因此变化".to_owned(),
        Fact::Space(room) => match room {
            Room::Again => "发送缓冲区腾出了空间，或改了大小",
            Room::Freed => "发送缓冲区释放了内存，或改了大小，因此有空间",
            Room::Terminal => "终端已送出写入的字节，因此有空间",
            Room::PipeResized => "管道改了大小，并且有空间",
            Room::CounterRead => "计数器被读取，因此还能增加",
        }
        .to_owned(),
        Fact::FoundFull { edge, unread } => {
            let unread = unread.map_or_else(String::new, |n| "；".to_owned() + &of(State::Bytes(n)));
            since_wait(edge, 0) + "写入时管道已满，这唤醒了读端" + &unread
        }
        Fact::Urgent => "收到一个紧急字节".to_owned(),
        Fact::BecameReady(state @ (State::Expired(_) | State::ShutRead { .. })) => of(state),
        Fact::BecameReady(State::List) => "被注册的 epoll 里来了新的事件".to_owned(),
        Fact::BecameReady(State::FileEvent) => "所监视的文件夹有新的事件".to_owned(),
        Fact::BecameReady(state) => match of(state) {
            of if of.starts_with("HUP") || of.starts_with("ERR") => of,
            of => "变为就绪：".to_owned() + &of,
        },
        Fact::Unseen(state) => format!("已经就绪：{}；从记录看不出它为何进入就绪列表", of(state)),
        Fact::AtWork { by, state } => format!("第 {} 次等待已报告它，服务器正在处理：{}", nth(by), of(state)),
        Fact::Due => "已在就绪列表（推断）中，现在等待就会报告它".to_owned(),
        Fact::Behind { before, max_events } => {
            format!("已在就绪列表（推断）中，前面还有 {}；maxevents 为 {max_events}", many(before))
        }
        Fact::ListFull { before, max_events } => {
            let turn = match before {
                0 => "下一次等待从它开始".to_owned(),
                n => format!("就绪列表（推断）中前面还有 {}", many(n)),
            };
            format!("已经就绪，但还没轮到它就达到了 maxevents（{max_events}）；{turn}")
        }
        Fact::Disarmed { by } => disarmed(by),
        Fact::NotAsked(ready) => format!("已经就绪（{ready}），但掩码没有关注这个事件"),
        Fact::UnreadNotAsked(n) => format!("{}，但掩码没有关注 IN", of(State::Bytes(n))),
        Fact::Stranded { since, state } => {
            let new = if matches!(state, State::Clients(_)) { "连接" } else { "数据" };
            let but = of(state);
            let though = if but.starts_with('有') { "虽" } else { "虽然" };
            ["边缘触发：", though, &but, "，但", &point(since), "再无新", new, "，因此滞留"].concat()
        }
        Fact::NothingNew { since, state } => ["边缘触发：", &of(state), "，但", &point(since), "没有新的变化"].concat(),
        Fact::LowWater { unread, low } => format!("{}，少于 SO_RCVLOWAT（{}）", of(State::Bytes(unread)), grouped(low)),
        Fact::PassedOver(state) => format!("{}，但注册用了 EPOLLEXCLUSIVE，被唤醒的是另一个 epoll", of(state)),
        Fact::NotWoken(state) => format!("{}，但它不在就绪列表（推断）中", of(state)),
        Fact::Idle(idle) => self::idle(idle).to_owned(),
        Fact::Unknown => "未读字节数未知".to_owned(),
    }
}

/// What has woken whoever waits.
fn woken(by: By) -> &'static str {
    match by {
        By::Shut => "本端关闭了收发方向",
        By::PeerShut => "对端关闭了收发方向",
        By::Closed => "另一端的最后一个已关闭",
        By::Opened => "FIFO 有了第一个读端或写端",
        By::Urgent => "收到一个紧急字节",
        By::Connected => "连接成功",
        By::LowWater => "设置了 SO_RCVLOWAT",
        By::Failed => "来过一个错误，已由某个调用返回",
        By::Room => "一度有空间可写",
    }
}

/// The number of a wait, as an ordinal: `等待 #3` would read as "wait for #3".
fn nth(wait: u32) -> String {
    grouped(u64::from(wait))
}

/// What a sentence on an arrival begins with.
fn since_wait(edge: bool, wait: u32) -> String {
    let since = if wait > 0 { point(wait) } else { String::new() };
    if edge { format!("边缘触发：{since}") } else { since }
}

fn disarmed(by: u32) -> String {
    let by = if by == UNSEEN { "观察开始前".to_owned() } else { format!("第 {} 次等待", nth(by)) };
    ["一次性：", &by, "报告后已停用，直到 EPOLL_CTL_MOD 重新启用"].concat()
}

fn point(since: u32) -> String {
    match since {
        0 => "注册之后".to_owned(),
        UNSEEN => "观察开始之后".to_owned(),
        since => format!("第 {} 次等待之后", nth(since)),
    }
}

fn many(n: u64) -> String {
    if n < MANY { format!("{} 个", grouped(n)) } else { format!("{} 个以上", grouped(MANY)) }
}

fn since_then(since: Since) -> String {
    match since {
        Since::Nothing => String::new(),
        Since::Arrived(n) => format!("；此后又到 {} 字节", grouped(n)),
        Since::Now(ready) => format!("；现在就绪的是 {ready}"),
    }
}

/// How it stands, as a clause.
pub(super) fn of(state: State) -> String {
    let clause = match state {
        State::Bytes(n) => return format!("有 {} 字节未读", grouped(n)),
        State::Datagrams(0) => "有一个空数据报未读",
        State::Datagrams(n) => return format!("有一个 {} 字节的数据报未读", grouped(n)),
        State::Messages(n) => return format!("有一条或多条消息未读，共 {} 字节", grouped(n)),
        State::Clients(0) => "有连接等待接受",
        State::Clients(n) => return format!("有 {} 个连接等待接受", grouped(n)),
        State::Counter => "计数器不为 0",
        State::Expired(0) => "定时器已到期",
        State::Expired(1) => "定时器已到期一次",
        State::Expired(n) => return format!("定时器已到期 {} 次", grouped(n)),
        State::Signal => "有信号等待处理",
        State::FileEvent => "有一个所监视文件夹的事件未读",
        State::ProcessEnded => "进程已结束",
        State::ProcessReaped => "HUP：进程已结束，父进程也已等待过它",
        State::TerminalClosed => "HUP：终端的另一端已关闭",
        State::HungUp => "ERR 和 HUP：终端的另一端已关闭，这一端因此挂断",
        State::List => "被注册的 epoll 有事件可报告",
        State::Readable => "有数据可读",
        State::UrgentTaken => "紧急字节已读，它的空位还在队列里",
        State::End => "流的末尾未读",
        State::EndRead => "流的末尾已读",
        State::Ended => "对端已结束发送",
        State::Dead => "连接已被重置或出错",
        State::ConnectFailed => "连接失败，未连接的套接字总是 HUP",
        State::NotConnected => "HUP：套接字没有连接",
        State::Down => "HUP：两个方向都已结束，包括本端和对端",
        State::BothEnded => "HUP：两个方向都已结束",
        State::ShutBoth => "HUP：本端关闭了两个方向",
        State::UnixDown { unread } => {
            let down = "HUP：两个方向都已结束；对端关闭时，AF_UNIX 两个方向都结束，TCP 只结束一个";
            return if unread > 0 { format!("{down}；{}", of(State::Bytes(unread))) } else { down.to_owned() };
        }
        State::UnixReset { unread } => {
            let reset = "ERR 和 HUP：对端关闭时还有字节未读，一次读取会得到 ECONNRESET";
            return if unread > 0 { format!("{reset}；{}", of(State::Bytes(unread))) } else { reset.to_owned() };
        }
        State::ShutRead { empty: true } => "本端已停止接收，读取得到 0",
        State::ShutRead { empty: false } => "本端已停止接收",
        State::NoWriter { unread: 0 } => "HUP：最后一个写端已关闭，读取得到 0",
        State::NoWriter { unread } => return format!("HUP：最后一个写端已关闭；{}", of(State::Bytes(unread))),
        State::NoReader => "ERR：最后一个读端已关闭，写入得到 EPIPE",
        State::Error => "ERR：有错误等待领取，例如 ICMP 表示对端端口已关闭；读取一次就会清除",
        State::KeptError => "ERR：错误队列里有错误，例如 ICMP 表示对端端口已关闭；用 MSG_ERRQUEUE 接收就会取走",
        State::Urgent => "有一个紧急字节未读",
        State::Room => "发送缓冲区有空间",
        State::PipeRoom => "管道有空间",
        State::CounterRoom => "计数器还能增加",
        State::Ready(ready) => return ready.to_string(),
    };
    clause.to_owned()
}

/// The same of what keeps a level-triggered registration on the list.
fn still(state: State) -> String {
    match state {
        State::Bytes(_) | State::Datagrams(_) | State::Messages(_) | State::Clients(_) => "仍".to_owned() + &of(state),
        State::Dead => "连接已失效，关闭之前一直就绪".to_owned(),
        State::Room => "发送缓冲区有空间，且关注了 EPOLLOUT".to_owned(),
        State::Ready(ready) => format!("{ready} 仍然成立"),
        state => of(state),
    }
}

fn found(state: State) -> String {
    match state {
        State::Bytes(n) => format!("{} 字节未读", grouped(n)),
        state => of(state),
    }
}

fn idle(idle: Idle) -> &'static str {
    match idle {
        Idle::Unread => "没有未读字节",
        Idle::Datagrams => "没有未读的数据报",
        Idle::Clients => "没有连接等待接受",
        Idle::Counter => "计数器为 0",
        Idle::Timer => "定时器在读取或设置之后没有到期",
        Idle::Signal => "没有信号等待处理",
        Idle::FileEvent => "没有未读的文件夹事件",
        Idle::Process => "进程还没有结束",
        Idle::List => "被注册的 epoll 没有事件可报告",
        Idle::Connecting => "连接既没有成功也没有失败",
        Idle::NoRoom => "发送缓冲区的空间还不够报告 EPOLLOUT",
        Idle::QueueFull => "对端的队列已满，或发送缓冲区的空间还不够报告 EPOLLOUT",
        Idle::UnreadNoRoom => "没有未读字节，发送缓冲区的空间也不够报告 EPOLLOUT",
        Idle::PipeFull => "管道没有空闲的页",
        Idle::CounterFull => "计数器已到最大值",
        Idle::NeverOut => "掩码关注 OUT，但这类文件只会因 IN 就绪",
        Idle::NeverIn => "掩码关注 IN，但管道的写端只会因 OUT 就绪",
        Idle::NotAsked => "掩码没有关注 IN 或 OUT",
    }
}

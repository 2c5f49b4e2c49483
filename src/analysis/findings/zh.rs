//! The sentences in Chinese; the terms are those of [`i18n`](crate::i18n).

use super::fact::Fact;
use super::habits::HERD;
use crate::i18n::grouped;
use crate::record::{SPIN, errno_name};

pub(super) fn say(fact: Fact) -> String {
    match fact {
        Fact::Stranded { bytes: 0 } => "边缘触发：流的末尾未读，而且不会再有报告".to_owned(),
        Fact::Stranded { bytes } => format!("边缘触发：{} 字节未读，而且不会再有报告", grouped(bytes)),
        Fact::Unread => "边缘触发：它可读，而且不会再有报告".to_owned(),
        Fact::Waiting { clients: 0 } => "边缘触发：有连接等待接受，要等到下一个连接到来".to_owned(),
        Fact::Waiting { clients } => format!("边缘触发：{} 个连接等待接受，要等到下一个连接到来", grouped(clients)),
        Fact::Spin { no_fd: true } => {
            format!("没有空闲的 fd，无法接受连接，这次等待和更早的连续 {} 次都报告了监听套接字", SPIN - 1)
        }
        Fact::Spin { no_fd: false } => format!("这次等待的报告毫无结果，更早的连续 {} 次也一样", SPIN - 1),
        Fact::Ignored { ready } => format!("连续 {SPIN} 次报告 {ready:#}，程序没有任何处理"),
        Fact::OutArmed => "水平触发：报告了 EPOLLOUT，却没有发送任何数据；没有待发数据时不应关注它".to_owned(),
        Fact::Empty { timeout } => format!("epoll_wait 返回空列表，超时 {timeout}"),
        Fact::Interrupted { call } => format!("信号中断了 {call}，返回 EINTR"),
        Fact::Hung { call } => format!("{call} 在阻塞模式的 fd 上睡眠，整个线程随之停住"),
        Fact::Ghost => "它已关闭却仍被报告；副本保留了它的注册".to_owned(),
        Fact::NoFd { raw } => format!("accept4 没有空闲的 fd 可用：{}", errno_name(raw)),
        Fact::DelAfterClose => "关闭之后才 EPOLL_CTL_DEL，fd 已不存在，得到 EBADF".to_owned(),
        Fact::Starved { busy, calls } => format!("它已就绪，而最近 {calls} 次调用全都用于 fd {busy}"),
        Fact::Full { max_events } => format!("达到了 maxevents（{max_events}），还有就绪的 fd 留给下一次等待"),
        Fact::Short { sent, len } => format!(
            "{} 字节里只发出了 {} 字节，程序没有关注 EPOLLOUT 就去等待，其余的不会发出",
            grouped(len.into()),
            grouped(sent.into())
        ),
        Fact::Closed { call } => format!("这个 fd 在同一批事件里已关闭，之后又 {call}：EBADF，或者已是别的连接"),
        Fact::Disarmed => "报告后已停用，程序没有 EPOLL_CTL_MOD 就去等待，不会再有报告".to_owned(),
        Fact::Twice { other } => {
            format!("fd {other} 是同一个 epoll 里的同一个打开文件描述，每个事件都报告两次")
        }
        Fact::Leak { count } => format!("{} 个连接已读到末尾却一直开着", grouped(count)),
        Fact::Herd => format!("监听套接字 {HERD} 次报告给一个线程，而它的客户端每次都被别的线程抢先接受"),
        Fact::Lost { count } => format!("缺失 {} 条记录，两个列表的内容存疑", grouped(count)),
    }
}

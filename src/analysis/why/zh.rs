//! The sentences in Chinese; the terms are those of [`i18n`](crate::i18n).

use super::fact::{Besides, Fact, Found, Left, MANY, Still};
use crate::i18n::{grouped, joined};

pub(super) fn say(fact: Fact) -> String {
    match fact {
        Fact::PutBack { after, still } => {
            format!("水平触发：{}；第 {} 次等待报告后，已放回就绪列表", still_true(still), nth(after))
        }
        Fact::Added(what) => format!("EPOLL_CTL_ADD 时已就绪：{}", found(what)),
        Fact::Modified(what) => format!("EPOLL_CTL_MOD 重新检查时已就绪：{}", found(what)),
        Fact::Arrived { edge, bytes, since, besides } => {
            let besides = match besides {
                Besides::Nothing => String::new(),
                Besides::Older(n) => format!("，此外还有更早的 {} 字节未读", grouped(n)),
                Besides::Read(ready) => format!("，并已读完；现在就绪的是 {ready}"),
            };
            since_wait(edge, since) + &format!("新到 {} 字节", grouped(bytes)) + &besides
        }
        Fact::SomeArrived { edge, received: 0, since } => since_wait(edge, since) + "有新数据可读，有多少没有查询",
        Fact::SomeArrived { edge, received, since } => {
            let received = grouped(received);
            since_wait(edge, since) + &format!("有新字节到达；服务器随后读取了 {received} 字节")
        }
        Fact::Connected(Some(left)) => format!("有客户端连接；{}", lies(left)),
        Fact::Connected(None) => "有客户端连接".to_owned(),
        Fact::Ended { unread: Some(n) } => format!("对端已结束发送；{} 字节未读", grouped(n)),
        Fact::Ended { unread: None } => "对端已结束发送；未读字节数未知".to_owned(),
        Fact::Failed => "连接被重置或出错；ERR 和 HUP 不关注也会报告".to_owned(),
        Fact::FinAcked => "对端确认了本端的 FIN，TCP 状态因此变化".to_owned(),
        Fact::Space => "发送缓冲区腾出了空间".to_owned(),
        Fact::Urgent => "收到一个紧急字节".to_owned(),
        Fact::BecameReady(ready) => format!("变为就绪：{ready}"),
        Fact::Unseen(ready) => format!("已经就绪（{ready}）；从记录看不出它为何进入就绪列表"),
        Fact::AtWork { by, left } => format!("第 {} 次等待已报告它，服务器正在处理：{}", nth(by), lies(left)),
        Fact::Due => "已在就绪列表（推断）中，下一次等待会报告它".to_owned(),
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
        Fact::Disarmed { by } => {
            format!("一次性：第 {} 次等待报告后已停用，直到 EPOLL_CTL_MOD 重新启用", nth(by))
        }
        Fact::NotAsked(ready) => format!("已经就绪（{ready}），但掩码没有关注这个事件"),
        Fact::Stranded { since, left } => {
            let since = if since > 0 { since_wait(false, since) } else { "注册之后".to_owned() };
            let new = match left {
                Left::Bytes(_) | Left::End | Left::Something => "数据",
                Left::Clients(_) => "连接",
            };
            [&joined("边缘触发：虽有", &lies(left)), "，但", &since, "再无新", new, "，因此滞留"].concat()
        }
        Fact::NobodyWaits => "没有连接等待接受".to_owned(),
        Fact::NothingUnread => "没有未读字节".to_owned(),
        Fact::Unknown => "未读字节数未知".to_owned(),
    }
}

/// The number of a wait, as an ordinal: `等待 #3` would read as "wait for #3".
fn nth(wait: u32) -> String {
    grouped(u64::from(wait))
}

/// What a sentence on an arrival begins with.
fn since_wait(edge: bool, wait: u32) -> String {
    let since = if wait > 0 { format!("第 {} 次等待之后", nth(wait)) } else { String::new() };
    if edge { format!("边缘触发：{since}") } else { since }
}

fn many(n: u64) -> String {
    if n < MANY { format!("{} 个", grouped(n)) } else { format!("{} 个以上", grouped(MANY)) }
}

fn still_true(still: Still) -> String {
    match still {
        Still::Dead => "连接已失效，关闭之前一直就绪".to_owned(),
        Still::Left(left) => joined("仍有", &lies(left)),
        Still::Ended => "对端已结束发送，此后一直就绪".to_owned(),
        Still::Readable => "有数据可读".to_owned(),
        Still::Writable => "发送缓冲区有空间，且关注了 EPOLLOUT".to_owned(),
        Still::Ready(ready) => format!("{ready} 仍然成立"),
    }
}

fn found(what: Found) -> String {
    match what {
        Found::Left(left) => lies(left),
        Found::Ready(ready) => ready.to_string(),
    }
}

fn lies(left: Left) -> String {
    match left {
        Left::Bytes(n) => format!("{} 字节未读", grouped(n)),
        Left::Something => "数据可读".to_owned(),
        Left::End => "流的末尾未读".to_owned(),
        Left::Clients(n) => format!("{} 个连接等待接受", grouped(n)),
    }
}

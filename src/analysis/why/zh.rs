//! The sentences in Chinese; the terms are those of [`lang`](crate::i18n).

use super::{Besides, Fact, Found, Left, MANY, Still, wait};
use crate::i18n::grouped;

pub(super) fn say(fact: Fact) -> String {
    match fact {
        Fact::PutBack { after, still } => {
            format!("水平触发：{}；等待 {} 报告后放回就绪列表", still_true(still), wait(after))
        }
        Fact::Added(what) => format!("EPOLL_CTL_ADD 时已就绪：{}", found(what)),
        Fact::Modified(what) => format!("EPOLL_CTL_MOD 重新启用它时已就绪：{}", found(what)),
        Fact::Arrived { edge, bytes, since, besides } => {
            let besides = match besides {
                Besides::Nothing => String::new(),
                Besides::Older(n) => format!("，加上之前未读的 {} 字节", grouped(n)),
                Besides::Read(ready) => format!("，并已读完；现在就绪的是 {ready}"),
            };
            format!("{}{}新到 {} 字节{besides}", trigger(edge), since_wait(since), grouped(bytes))
        }
        Fact::SomeArrived { edge, received: 0, since } => {
            format!("{}{}有新内容可读；未询问有多少", trigger(edge), since_wait(since))
        }
        Fact::SomeArrived { edge, received, since } => {
            let received = grouped(received);
            format!("{}{}有新字节到达；服务器随后读取了 {received} 字节", trigger(edge), since_wait(since))
        }
        Fact::Connected(Some(left)) => format!("有客户端连接；{}", lies(left)),
        Fact::Connected(None) => "有客户端连接".to_owned(),
        Fact::Ended { unread: Some(n) } => format!("对端已结束发送；{} 字节未读", grouped(n)),
        Fact::Ended { unread: None } => "对端已结束发送；未读字节数未知".to_owned(),
        Fact::Failed => "连接被重置或出错；ERR 和 HUP 无需关注也会报告".to_owned(),
        Fact::FinAcked => "对端确认了它的结束（FIN）：TCP 状态变了".to_owned(),
        Fact::Space => "发送缓冲区腾出了空间".to_owned(),
        Fact::Urgent => "收到一个紧急字节".to_owned(),
        Fact::BecameReady(ready) => format!("变为就绪：{ready}"),
        Fact::Unseen(ready) => format!("已经就绪（{ready}）；记录中看不出它为何进入就绪列表"),
        Fact::AtWork { by, left } => format!("等待 {} 已报告它，服务器正在处理：{}", wait(by), lies(left)),
        Fact::Due => "已在就绪列表（推断）中：下一次等待会报告它".to_owned(),
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
        Fact::Disarmed { by } => format!("一次性：等待 {} 报告后即停用，直到 EPOLL_CTL_MOD", wait(by)),
        Fact::NotAsked(ready) => format!("已经就绪（{ready}），但掩码没有关注该事件"),
        Fact::Stranded { since, left } => {
            let since = if since > 0 { format!("等待 {} 之后", wait(since)) } else { "注册之后".to_owned() };
            let new = match left {
                Left::Bytes(_) | Left::End | Left::Something => "没有新数据",
                Left::Clients(_) => "没有新连接",
            };
            format!("边缘触发：{since}{new}，尽管仍有 {}：滞留", lies(left))
        }
        Fact::NobodyWaits => "没有连接等待接受".to_owned(),
        Fact::NothingUnread => "没有未读字节".to_owned(),
        Fact::Unknown => "未读字节数未知".to_owned(),
    }
}

fn trigger(edge: bool) -> &'static str {
    if edge { "边缘触发：" } else { "" }
}

fn since_wait(number: u32) -> String {
    if number > 0 { format!("等待 {} 之后", wait(number)) } else { String::new() }
}

fn many(n: u64) -> String {
    if n < MANY { format!("{} 个", grouped(n)) } else { format!("{} 个以上", grouped(MANY)) }
}

fn still_true(still: Still) -> String {
    match still {
        Still::Dead => "连接已失效，关闭之前一直如此".to_owned(),
        Still::Left(left) => format!("仍有 {}", lies(left)),
        Still::Ended => "对端已结束发送，此后一直如此".to_owned(),
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
        Left::Something => "内容可读".to_owned(),
        Left::End => "流的结尾未读".to_owned(),
        Left::Clients(n) => format!("{} 个连接等待接受", grouped(n)),
    }
}

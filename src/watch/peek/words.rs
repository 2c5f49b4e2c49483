//! What a look at a running process says, in words.

use super::error::{YAMA, has_yama};
use super::item::{PeekedItem, Registered};
use super::look::{Peeked, PeekedEpoll, Waiting};
use crate::i18n::{Lang, grouped, words};
use crate::record::{Addr, Interest, Ready};

impl PeekedEpoll {
    /// Who waits in it, and whether a wait would report something.
    pub fn says(&self, lang: Lang) -> String {
        let said = |waiting: &Waiting| {
            let Waiting { tid, seconds } = waiting;
            match seconds {
                0 => tid.to_string(),
                _ => words!(lang, "{tid} ({seconds} s and more)", "{tid}（至少 {seconds} 秒）"),
            }
        };
        let list: Vec<String> = self.waiting.iter().map(said).collect();
        let list = list.join(", ");
        let waits = match self.waiting.len() {
            0 => lang.of("no thread waits in it", "没有线程在等待").to_owned(),
            1 => words!(lang, "thread {list} waits in it", "线程 {list} 正在等待"),
            _ => words!(lang, "threads {list} wait in it", "线程 {list} 正在等待"),
        };
        let due = match self.would_report {
            Some(true) => lang.of("; a wait would report something now", "；现在等待会有报告"),
            Some(false) => lang.of("; a wait would report nothing now", "；现在等待不会有报告"),
            None => "",
        };
        waits + due
    }
}

impl PeekedItem {
    /// Its address, or what it is.
    pub fn who(&self, lang: Lang) -> String {
        match self.addr {
            Addr::NONE => self.what.clone(),
            addr if self.queue.is_some() => words!(lang, "listener {addr}", "监听 {addr}"),
            addr => addr.to_string(),
        }
    }

    /// What it asks for, without the trigger.
    pub fn mask(&self) -> Interest {
        self.interest - Interest::ET
    }

    /// What it is no longer: a ghost, or armed.
    pub fn is_off(&self, lang: Lang) -> Vec<String> {
        let ghost = match self.registered {
            Registered::GhostClosed => Some(lang.of(
                "ghost: its fd is closed, and a copy keeps the registration",
                "幽灵：它的 fd 已关闭，副本保留了注册",
            )),
            Registered::GhostReused => Some(lang.of(
                "ghost: its fd is another file by now, and a copy keeps the registration",
                "幽灵：它的 fd 现在是另一个文件，副本保留了注册",
            )),
            Registered::File | Registered::Unknown => None,
        };
        let off = (!self.is_armed()).then_some(lang.of("disarmed until EPOLL_CTL_MOD", "已停用，直到 EPOLL_CTL_MOD"));
        ghost.into_iter().chain(off).map(str::to_owned).collect()
    }

    /// How its queues stand.
    pub fn queues(&self, lang: Lang) -> Vec<String> {
        let mut said = Vec::new();
        if let Some((pending, limit)) = self.queue {
            said.push(words!(
                lang,
                "{pending} of {limit} wait to be accepted",
                "{pending} 个连接等待接受，最多 {limit} 个"
            ));
        }
        if let Some((unread, unsent, ready)) = self.depths {
            let (unread, unsent) = (grouped(unread.into()), grouped(unsent.into()));
            said.push(words!(lang, "{unread} unread, {unsent} unsent", "未读 {unread}，未发 {unsent}"));
            if !ends(ready).is_empty() {
                said.push(format!("{:#}", ends(ready)));
            }
        }
        said
    }

    /// The events of it that tell of an end.
    pub fn ends(&self) -> Ready {
        self.depths.map_or(Ready::empty(), |(.., ready)| ends(ready))
    }

    /// That something is left there of which no report tells.
    pub fn strands(&self, epoll: &PeekedEpoll, lang: Lang) -> Option<&'static str> {
        self.is_stranded(epoll).then_some(lang.of(
            "STRANDED: no report is due, and none comes until something new arrives",
            "滞留：没有待发的报告，要等到有新的到达",
        ))
    }
}

fn ends(ready: Ready) -> Ready {
    ready & (Ready::RDHUP | Ready::HUP | Ready::ERR)
}

/// Why copies of the fds of a process are refused, where they are.
pub fn refusal(peeked: &[Peeked], lang: Lang) -> Option<String> {
    let errno = peeked.iter().find_map(|process| process.refused)?;
    Some(if has_yama() {
        words!(
            lang,
            "the kernel allows no copies of the fds ({errno:?}), so queues are unknown: {YAMA} is not 0; try with sudo",
            "内核不允许复制 fd（{errno:?}），因此队列未知：{YAMA} 不是 0；请用 sudo"
        )
    } else {
        words!(
            lang,
            "the kernel allows no copies of the fds ({errno:?}), so queues are unknown; try with sudo, and in a container with --cap-add=SYS_PTRACE",
            "内核不允许复制 fd（{errno:?}），因此队列未知；请用 sudo，在容器里还要 --cap-add=SYS_PTRACE"
        )
    })
}

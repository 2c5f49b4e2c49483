//! `epollscope watch -p PID`: the epolls of a running process, as they are now.

use std::fmt::Write as _;

use crate::cli::messages::{print, tell};
use crate::error::Failure;
use crate::i18n::{Lang, Message, grouped, words};
use crate::record::{Addr, Interest, Ready, Tid};
use crate::watch::{Peeked, PeekedEpoll, PeekedItem, Registered, peek};

pub(super) fn run(pid: u32, lang: Lang) -> Result<u8, Failure> {
    let peeked = peek(Tid(pid)).map_err(|error| Failure::refused(Message::new(|lang| error.words(lang))))?;
    let mut text = String::new();
    for process in &peeked {
        // Writing into a String does not fail.
        let _ = of_process(process, &mut text, lang);
    }
    print(&text)?;
    if let Some(errno) = peeked.iter().find_map(|process| process.refused) {
        tell(&words!(
            lang,
            "the kernel allows no copies of the fds ({errno:?}), so queues are unknown; try with sudo, and in a container with --cap-add=SYS_PTRACE",
            "内核不允许复制 fd（{errno:?}），因此队列未知；请用 sudo，在容器里还要 --cap-add=SYS_PTRACE"
        ));
    }
    Ok(0)
}

fn of_process(process: &Peeked, text: &mut String, lang: Lang) -> std::fmt::Result {
    let Peeked { pid, name, epolls, .. } = process;
    writeln!(text, "{name} ({pid})")?;
    if epolls.is_empty() {
        let none = lang.of("no epoll", "没有 epoll");
        writeln!(text, "  {none}")?;
    }
    for epoll in epolls {
        let waits = match &epoll.waiting[..] {
            [] => lang.of("no thread waits in it", "没有线程在等待").to_owned(),
            [one] => words!(lang, "thread {one} waits in it", "线程 {one} 正在等待"),
            several => {
                let list: Vec<String> = several.iter().map(Tid::to_string).collect();
                let list = list.join(", ");
                words!(lang, "threads {list} wait in it", "线程 {list} 正在等待")
            }
        };
        let due = match epoll.would_report {
            Some(true) => lang.of("; a wait would report something now", "；现在等待会有报告"),
            Some(false) => lang.of("; a wait would report nothing now", "；现在等待不会有报告"),
            None => "",
        };
        writeln!(text, "  epoll {}: {waits}{due}", epoll.fd)?;
        for item in &epoll.items {
            writeln!(text, "{}", of_item(item, epoll, lang))?;
        }
    }
    Ok(())
}

fn of_item(item: &PeekedItem, epoll: &PeekedEpoll, lang: Lang) -> String {
    let who = match item.addr {
        Addr::NONE => item.what.clone(),
        addr if item.queue.is_some() => words!(lang, "listener {addr}", "监听 {addr}"),
        addr => addr.to_string(),
    };
    let trigger = if item.interest.is_edge() { lang.of("edge", "边缘") } else { lang.of("level", "水平") };
    let shown = format!("{:#}", item.interest - Interest::ET);
    let mut line = format!("  {:>6}  {who:<30} {trigger:<5}  {shown:<30}", item.fd.to_string());
    let mut add = |said: String| {
        line.push_str(if line.ends_with(' ') { " " } else { "; " });
        line.push_str(&said);
    };
    match item.registered {
        Registered::GhostClosed => add(words!(
            lang,
            "ghost: its fd is closed, and a copy keeps the registration",
            "幽灵：它的 fd 已关闭，副本保留了注册"
        )),
        Registered::GhostReused => add(words!(
            lang,
            "ghost: its fd is another file by now, and a copy keeps the registration",
            "幽灵：它的 fd 现在是另一个文件，副本保留了注册"
        )),
        Registered::File | Registered::Unknown => {}
    }
    if !item.is_armed() {
        add(lang.of("disarmed until EPOLL_CTL_MOD", "已停用，直到 EPOLL_CTL_MOD").to_owned());
    }
    if let Some((pending, limit)) = item.queue {
        add(words!(lang, "{pending} of {limit} wait to be accepted", "{pending} 个连接等待接受，最多 {limit} 个"));
    }
    if let Some((unread, unsent, ready)) = item.depths {
        let (unread, unsent) = (grouped(unread.into()), grouped(unsent.into()));
        add(words!(lang, "{unread} unread, {unsent} unsent", "未读 {unread}，未发 {unsent}"));
        let ends = ready & (Ready::RDHUP | Ready::HUP | Ready::ERR);
        if !ends.is_empty() {
            add(format!("{ends:#}"));
        }
    }
    if item.is_stranded(epoll) {
        add(lang
            .of(
                "STRANDED: no report is due, and none comes until something new arrives",
                "滞留：没有待发的报告，要等到有新的到达",
            )
            .to_owned());
    }
    line
}

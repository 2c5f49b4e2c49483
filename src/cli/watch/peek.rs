//! `epollscope watch -p PID`: the epolls of a running process, on the screen, or as they are now.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::cli::args::WatchArgs;
use crate::cli::messages::{json_stdout, no_screen, print, quiet, tell};
use crate::error::Failure;
use crate::i18n::{Both, Lang, Message};
use crate::record::{Addr, Tid};
use crate::tui::terminal::{Signals, Terminal};
use crate::tui::{PeekScreen, Stack, Theme, run as show};
use crate::watch::{PeekError, Peeked, PeekedEpoll, PeekedItem, Peeker, Registered, Start, process_named, refusal};

const INSTEAD: Both = ("`--format text` needs no screen", "`--format text` 不需要屏幕");

/// The running process that is meant, if one is.
pub(super) fn meant(args: &WatchArgs) -> Result<Option<Tid>, Failure> {
    Ok(match (args.pid, &args.name) {
        (Some(pid), _) => Some(Tid(pid)),
        (None, Some(name)) => Some(process_named(name).map_err(refused)?),
        (None, None) => None,
    })
}

pub(super) fn run(
    pid: Tid,
    args: &WatchArgs,
    lang: Lang,
    theme: impl FnOnce() -> Result<Theme, Failure>,
) -> Result<u8, Failure> {
    let mut looker = Peeker::new(pid);
    let peeked = looker.look().map_err(refused)?;
    if args.json {
        let processes: Vec<Value> = peeked.iter().map(json_of).collect();
        let text = format!("{:#}\n", json!({ "processes": processes }));
        quiet(std::io::Write::write_all(&mut json_stdout(), text.as_bytes()))?;
    } else if args.wants_screen() && Terminal::check().is_ok() {
        let theme = theme()?;
        return if on_screen(pid, looker, peeked, theme.clone(), lang)? {
            super::screen::run(Start::Attach(pid), args, theme, lang).map(|(status, _)| status)
        } else {
            Ok(0)
        };
    } else {
        let mut text = String::new();
        for process in &peeked {
            // Writing into a String does not fail.
            let _ = of_process(process, &mut text, lang);
        }
        print(&text)?;
    }
    if let Some(why) = refusal(&peeked, lang) {
        tell(&why);
    }
    Ok(0)
}

#[allow(clippy::needless_pass_by_value, reason = "it stands where an error is handed over")]
fn refused(error: PeekError) -> Failure {
    Failure::refused(Message::new(|lang| error.words(lang)))
}

/// Shows it until it is left; whether it is to be traced then.
fn on_screen(pid: Tid, looker: Peeker, peeked: Vec<Peeked>, theme: Theme, lang: Lang) -> Result<bool, Failure> {
    let signals = Signals::block().map_err(Failure::refused)?;
    let mut screen = PeekScreen::new(pid, (looker, peeked), theme, lang).map_err(Failure::refused)?;
    let mut terminal = Terminal::enter().map_err(no_screen(INSTEAD))?;
    let ended = show(Stack::new(&mut screen), &mut terminal, &signals, &mut |_: &_| Ok(()));
    drop(terminal);
    ended.map_err(Failure::refused)?;
    Ok(screen.wants_trace())
}

fn of_process(process: &Peeked, text: &mut String, lang: Lang) -> std::fmt::Result {
    let Peeked { pid, name, epolls, .. } = process;
    writeln!(text, "{name} ({pid})")?;
    if epolls.is_empty() {
        let none = lang.of("no epoll", "没有 epoll");
        writeln!(text, "  {none}")?;
    }
    for epoll in epolls {
        writeln!(text, "  epoll {}: {}", epoll.fd, epoll.says(lang))?;
        for item in &epoll.items {
            writeln!(text, "{}", of_item(item, epoll, lang))?;
        }
    }
    Ok(())
}

fn of_item(item: &PeekedItem, epoll: &PeekedEpoll, lang: Lang) -> String {
    let trigger = if item.interest.is_edge() { lang.of("edge", "边缘") } else { lang.of("level", "水平") };
    let (shown, who) = (format!("{:#}", item.mask()), item.who(lang));
    let mut said = item.is_off(lang);
    said.extend(item.queues(lang));
    said.extend(item.strands(epoll, lang).map(str::to_owned));
    let line = format!("  {:>6}  {who:<30} {trigger:<5}  {shown:<30}", item.fd.to_string());
    match (said.join("; "), line.ends_with(' ')) {
        (said, _) if said.is_empty() => line,
        (said, true) => format!("{line} {said}"),
        (said, false) => format!("{line}; {said}"),
    }
}

fn json_of(process: &Peeked) -> Value {
    let epolls: Vec<Value> = process.epolls.iter().map(json_of_epoll).collect();
    json!({ "pid": process.pid.0, "name": process.name.to_string(), "epolls": epolls })
}

fn json_of_epoll(epoll: &PeekedEpoll) -> Value {
    let waiting: Vec<u32> = epoll.waiting.iter().map(|waiting| waiting.tid.0).collect();
    let registrations: Vec<Value> = epoll.items.iter().map(|item| json_of_item(item, epoll)).collect();
    json!({
        "fd": epoll.fd.0,
        "waiting": waiting,
        "would_report": epoll.would_report,
        "registrations": registrations,
    })
}

fn json_of_item(item: &PeekedItem, epoll: &PeekedEpoll) -> Value {
    let ghost = match item.registered {
        Registered::GhostClosed => Some("closed"),
        Registered::GhostReused => Some("reused"),
        Registered::File | Registered::Unknown => None,
    };
    json!({
        "fd": item.fd.0,
        "data": format!("{:#x}", item.data),
        "what": item.what,
        "addr": (item.addr != Addr::NONE).then(|| item.addr.to_string()),
        "events": format!("{:#}", item.mask()),
        "trigger": if item.interest.is_edge() { "edge" } else { "level" },
        "armed": item.is_armed(),
        "ghost": ghost,
        "pending": item.queue.map(|(pending, _)| pending),
        "limit": item.queue.map(|(_, limit)| limit),
        "unread": item.depths.map(|(unread, ..)| unread),
        "unsent": item.depths.map(|(_, unsent, _)| unsent),
        "ready": item.depths.map(|(.., ready)| format!("{ready:#}")),
        "stranded": item.is_stranded(epoll),
    })
}

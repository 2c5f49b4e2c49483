//! A moment in words, as an item of the list that a page has beside its screens. The page's script has no other words: it
//! searches this list, and asks it for the sentence on an fd.

use std::collections::HashMap;
use std::fmt::{self, Write as _};

use super::moments::PageMoment;
use crate::analysis::{Finding, why};
use crate::i18n::{Lang, grouped, words};
use crate::record::{Call, Fd, Record};
use crate::trace::text;
use crate::trace::world::Wait;
use crate::tui::capture::svg::Escaped;
use crate::tui::navigator::client_behind;
use crate::tui::widgets::View;

/// The most fds whose sentences are followed.
const FOLLOWED: usize = 24;

/// What was last said of each fd.
pub(super) struct Telling {
    lang: Lang,
    /// By the epoll and the fd that is registered there.
    said: HashMap<(Fd, Fd), String>,
    /// The number of the next item.
    next: usize,
}

impl Telling {
    pub(super) fn new(lang: Lang) -> Self {
        Self { lang, said: HashMap::new(), next: 0 }
    }

    /// The moment of `view`.
    pub(super) fn item(&mut self, view: &View<'_>, moment: &PageMoment) -> String {
        let mut item = String::new();
        // Nothing fails to be written into a string.
        let _ = self.write(&mut item, view, moment);
        item
    }

    fn write(&mut self, out: &mut String, view: &View<'_>, moment: &PageMoment) -> fmt::Result {
        let lang = self.lang;
        let records: Vec<Record> = view.timeline.range(moment.from, moment.at).collect();
        let call = text::calls(records.iter().copied(), lang).pop();
        let is_wait = records.iter().any(|record| matches!(record.call.plain(), Call::EpollWait { .. }));
        let mut fds: Vec<Fd> = records.iter().filter_map(|record| fd_of(record, view)).collect();
        fds.sort_unstable_by_key(|fd| fd.0);
        fds.dedup();
        let (id, number) = (self.next, moment.call);
        self.next += 1;
        write!(out, "<li id=\"m{id}\" data-call=\"{number}\"")?;
        if !fds.is_empty() {
            let fds: Vec<String> = fds.iter().map(ToString::to_string).collect();
            write!(out, " data-fds=\"{}\"", fds.join(" "))?;
        }
        out.write_str(if is_wait { " data-wait>" } else { ">" })?;
        if moment.left_out > 0 {
            let n = grouped(moment.left_out);
            let gap = words!(lang, "{n} calls are left out here", "这里略去 {n} 次调用");
            write!(out, "<p class=\"gap\">{gap}</p>")?;
        }
        let number = grouped(number);
        write!(out, "<a href=\"#{}\" data-to=\"m{id}\"><span class=\"number\">{number}</span> ", moment.call)?;
        match call {
            None => write!(out, "{}", lang.of("the beginning", "开头"))?,
            Some((record, told)) => {
                if let Some(client) = client_behind(&record, view.world).filter(|_| !view.by_hand) {
                    let client = words!(lang, "client {client}: ", "客户端 {client}：");
                    write!(out, "{}", Escaped(&client))?;
                }
                write!(out, "<code>{}</code>", Escaped(&told))?;
            }
        }
        out.write_str("</a>")?;
        self.reports(out, view)?;
        self.sentences(out, view)?;
        let after = if moment.left_out > 0 { moment.from } else { moment.from.min(moment.at) };
        let known = |finding: &&Finding| (after + 1..=moment.at).contains(&finding.position());
        for finding in view.timeline.findings().until(moment.at).filter(known) {
            self.finding(out, finding)?;
        }
        out.write_str("</li>\n")
    }

    /// Each event of a wait that returned right now, and why.
    fn reports(&self, out: &mut String, view: &View<'_>) -> fmt::Result {
        let epolls = view.world.epolls().chain(view.world.last_epoll());
        let mut waits = epolls.flat_map(|epoll| epoll.waits().rev());
        let Some(wait) = waits.find(|wait| wait.moment == view.world.moments()) else { return Ok(()) };
        for report in wait.reports.iter().take(FOLLOWED) {
            let (who, why) = (report.who.name(self.lang), why::reported(report, self.lang));
            let said = format!("fd {} {who} {}  {why}", report.fd, report.ready);
            write!(out, "<p>{}</p>", Escaped(&said))?;
        }
        Ok(())
    }

    /// The sentence on each registration, where it is another one than before.
    fn sentences(&mut self, out: &mut String, view: &View<'_>) -> fmt::Result {
        let lang = self.lang;
        let shown = view.world.epoll();
        // Why an empty return reported none of them is said whole.
        let is_empty = |wait: &Wait| wait.moment == view.world.moments() && wait.ret.is_some_and(|ret| ret.raw() == 0);
        let whole = shown.and_then(|epoll| epoll.waits().next_back()).is_some_and(is_empty);
        let mut now = HashMap::new();
        for (epoll, item) in
            shown.into_iter().flat_map(|epoll| epoll.items().take(FOLLOWED).map(move |item| (epoll, item)))
        {
            let (fd, who, why) = (item.fd, view.world.name_of(item, lang), view.why(epoll, item));
            let said = words!(lang, "fd {fd} {who}: {why}", "fd {fd} {who}：{why}");
            let place = (epoll.fd, fd);
            if whole || self.said.get(&place).is_none_or(|before| *before != said) {
                write!(out, "<p data-why=\"{fd}\">{}</p>", Escaped(&said))?;
            }
            now.insert(place, said);
        }
        // Those of another epoll that is open are registered there still.
        let others: Vec<Fd> =
            view.world.epolls().map(|other| other.fd).filter(|fd| shown.is_none_or(|shown| shown.fd != *fd)).collect();
        let (kept, gone): (HashMap<_, _>, HashMap<_, _>) = self
            .said
            .drain()
            .filter(|(place, _)| !now.contains_key(place))
            .partition(|((of, _), _)| others.contains(of));
        let mut gone: Vec<Fd> = gone.into_keys().map(|(_, fd)| fd).collect();
        gone.sort_unstable_by_key(|fd| fd.0);
        for fd in gone {
            let gone = words!(lang, "fd {fd}: no longer registered", "fd {fd}：已不再注册");
            write!(out, "<p data-why=\"{fd}\">{gone}</p>")?;
        }
        self.said = now;
        self.said.extend(kept);
        Ok(())
    }

    fn finding(&self, out: &mut String, finding: &Finding) -> fmt::Result {
        let (lang, lint) = (self.lang, finding.lint());
        let (name, said) = (lint.name(lang), finding.sentence(lang));
        let times = if finding.count > 1 { format!(" ×{}", grouped(finding.count)) } else { String::new() };
        let said = words!(lang, "{name}{times}: {said}", "{name}{times}：{said}");
        write!(out, "<p class=\"finding\">{}</p><p class=\"fix\">{}</p>", Escaped(&said), Escaped(lint.remedy(lang)))
    }
}

/// The server's fd that a call or an event is about. What a client does is about the other end of its connection.
fn fd_of(record: &Record, view: &View<'_>) -> Option<Fd> {
    let is_event = matches!(record.call, Call::Event { .. });
    let fd = record.call.fd().filter(|_| is_event || record.call.is_syscall())?;
    if view.by_hand || view.world.serves(record.tid) {
        return Some(fd);
    }
    let (_, client) = view.world.file_of(record.tid, fd)?;
    view.world.file(client.stream()?.other?).map(|file| file.fd)
}

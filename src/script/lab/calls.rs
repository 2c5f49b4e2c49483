//! What each verb does.

use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use super::Held;
use super::bounded::{ENDLESS, bounded, too_many};
use super::names::is_open;
use crate::analysis::why;
use crate::i18n::Lang;
use crate::i18n::words;
use crate::probe::Waited;
use crate::record::{Call, CtlOp, Fd, Interest, Ready, Ret, SigMask, SockOpt, Tid, Timeout};
use crate::script::Lab;
use crate::script::Outcome;
use crate::script::words::refusal;
use crate::script::{MOST_EVENTS, Name, Value, Verb};
use crate::sys::{self, Errno, Events};
use crate::trace::text;

/// The most registrations of which an empty return says why they were not reported.
const SHOWN: usize = 8;

impl Lab {
    pub(super) fn make_call(&mut self, verb: &Verb) -> Outcome {
        let lang = self.lang;
        if let Some(bound) = too_many(self.held.len(), self.task_counts().into_iter().max().unwrap_or(0), lang) {
            return Outcome::refused(bound);
        }
        if let Some(made) = self.make(verb) {
            return self.keep(made);
        }
        let said = match verb {
            Verb::Thread { name, does } => return self.start_thread(name, does.as_deref()),
            Verb::Fork { name } => return self.fork(name),
            Verb::Buffer { name, file, size } => return self.buffer(name, file, *size),
            Verb::Take { buffer, count } => self.take(buffer, *count),
            Verb::Pending { buffer } => self.pending(buffer),
            Verb::Open { of, .. } => return self.no_fifo(of),
            Verb::Fromfd { name, of } => return self.alias(name, of),
            Verb::Limit { fds } => {
                return match self.limit.lower(*fds) {
                    Ok(()) => Outcome::done(words!(
                        lang,
                        "no fd number from {fds} on is available",
                        "无法得到编号 {fds} 及以上的 fd"
                    )),
                    Err(errno) => Outcome::refused(refusal(errno, lang)),
                };
            }
            Verb::Scale { call, few, many } => return self.scale(*call, *few, *many),
            Verb::Join { thread } => self.join(thread),
            Verb::End { child } => self.end(child),
            Verb::In { task, does } => self.make_in(task, does),
            Verb::Signal { to, restart } => self.signal(to.as_ref(), *restart),
            Verb::Mask { how } => self.mask(*how),
            Verb::Fileno { file } => self.fileno(file),
            Verb::Blocking { file, yes } => self.on(file, |lab, fd| lab.tap.set_blocking(&fd, *yes).map(|()| 0)),
            Verb::Raise { .. } => {
                let result = self.tap.raise();
                self.finish(result.map(|()| 0))
            }
            Verb::Add { epoll, file, interest } => self.ctl(CtlOp::Add, epoll, file, *interest),
            Verb::Mod { epoll, file, interest } => self.ctl(CtlOp::Mod, epoll, file, *interest),
            Verb::Del { epoll, file } => self.ctl(CtlOp::Del, epoll, file, Interest::empty()),
            Verb::Ctl { epoll, file, op, interest } => self.ctl(CtlOp::from_number(*op), epoll, file, *interest),
            Verb::Wait { epoll, max, timeout, kept, manner } => {
                let said = if manner.nanos.is_some() || manner.mask.is_some() {
                    self.wait_with(epoll, *max, (Timeout(*timeout), manner.nanos), manner.mask)
                } else if manner.nowhere || *max == 0 || *max > MOST_EVENTS {
                    self.wait_nowhere(epoll, *max, *timeout)
                } else {
                    self.wait(epoll, *max, *timeout)
                };
                if let Some(name) = kept {
                    self.kept.insert(name.clone(), self.events().to_vec());
                }
                said
            }
            Verb::Write { file, what } => self.write(file, what),
            Verb::Fill { file } => self.fill(file),
            Verb::Read { file, count } => self.read(file, *count),
            Verb::Post { file, count } => self.post(file, *count),
            Verb::Recv { file, count, flags } => self.recv(file, *count, *flags),
            Verb::Drain { file } => self.drain(file),
            Verb::Arm { file, first, every } => {
                self.on(file, |lab, fd| lab.tap.set_timer(&fd, *first, *every).map(|()| 0))
            }
            Verb::ArmAt { file, at, every } => {
                let at_ns = self.clock.monotonic(u64::from(*at) * 1_000_000);
                self.on(file, |lab, fd| lab.tap.set_timer_at(&fd, at_ns, *at, *every).map(|()| 0))
            }
            Verb::Touch { path } => self.touch(path),
            Verb::Remove { path } => self.remove(path),
            Verb::Oob { file, byte } => {
                let result = self.transfer(file, |lab, fd, _| lab.tap.send_oob(&fd, &[*byte]));
                self.finish(result.map(|n| n as u64))
            }
            Verb::Shutdown { file, how } => self.on(file, |lab, fd| lab.tap.shutdown(&fd, *how).map(|()| 0)),
            Verb::Set { file, option, value } => {
                self.on(file, |lab, fd| lab.tap.setsockopt(&fd, *option, *value).map(|()| 0))
            }
            Verb::Get { file, option } => self.get_option(file, *option),
            Verb::Bind { file } => self.bind(file),
            Verb::Listen { file, backlog } => self.listen(file, *backlog),
            Verb::ConnectTo { file, to } => self.connect_to(file, to),
            Verb::Close { file } => self.close(file),
            Verb::Reset { file } => {
                let _ = self.on(file, |lab, fd| lab.tap.setsockopt(&fd, SockOpt::Linger, 0).map(|()| 0));
                self.close(file)
            }
            Verb::Poll { file } => self.poll(file),
            Verb::Depth { file } => self.depth(file),
            Verb::Fdinfo { epoll, raw: false } => self.fdinfo(epoll),
            Verb::Fdinfo { epoll, raw: true } => self.raw_fdinfo(epoll),
            Verb::Flags { file } => self.flags(file),
            Verb::Kcmp { a, b } => self.kcmp(a, b),
            _ => String::new(),
        };
        Outcome::done(said)
    }

    fn ctl(&mut self, op: CtlOp, epoll: &Name, file: &Name, interest: Interest) -> String {
        let fd = self.number_of(file);
        let token = self.next_token(fd);
        let result = self
            .with(epoll, |lab, epoll| sys::by_number(fd, |file| lab.tap.epoll_ctl(&epoll, op, &file, interest, token)));
        if result.is_ok() {
            self.register(sys::gettid(), epoll, file, fd);
        }
        self.finish(result.map(|()| 0)) + &self.refusal()
    }

    fn wait(&mut self, epoll: &Name, max: u32, timeout: i32) -> String {
        let call = Call::EpollWaitEnter { epfd: self.number_of(epoll), max_events: max, timeout: Timeout(timeout) };
        self.make_wait(call, max, timeout)
    }

    /// The same by epoll_pwait, or with nanoseconds by epoll_pwait2.
    fn wait_with(&mut self, epoll: &Name, max: u32, timeout: (Timeout, Option<u32>), mask: Option<SigMask>) -> String {
        let call = self.wait_call(self.number_of(epoll), max, timeout, mask);
        self.make_wait(call, max, timeout.0.0)
    }

    fn make_wait(&mut self, call: Call, max: u32, timeout: i32) -> String {
        let mut events = Events::with_room(max);
        let waited = self.bounded_wait(timeout, |lab| lab.tap.wait_as(&call, &mut events, of_token));
        let result = match waited {
            Waited::Returned(result) => result,
            Waited::Orders => Ok(0),
        };
        let events: Vec<(u64, Ready)> = events.iter().collect();
        let events = self.by_name(&events);
        self.last.events = Some(events.clone());
        self.returned(result, events)
    }

    /// Makes a wait with this timeout, which is interrupted where a scene has waited for long enough.
    pub(super) fn bounded_wait<T>(&mut self, timeout: i32, call: impl FnOnce(&mut Self) -> T) -> T {
        let (entered, left) = (Instant::now(), self.taken.left());
        let (waited, interrupted) = match timeout {
            0 => (call(self), None),
            ..0 => bounded(ENDLESS.min(left), || call(self)),
            _ => bounded(left, || call(self)),
        };
        match interrupted {
            Some(time) => self.interrupted(Some(time)),
            None => self.taken.wait(entered.elapsed()),
        }
        waited
    }

    /// Why the kernel refused the last call, as far as there is more to say than its errno does.
    pub(super) fn refusal(&mut self) -> String {
        self.note();
        // This program has interrupted it.
        if self.last.blocked.is_some() {
            return String::new();
        }
        let last = self.timeline.len().checked_sub(1).and_then(|last| self.timeline.get(last));
        last.map_or_else(String::new, |last| self.why_refused(last.tid, &last.call))
    }

    pub(super) fn why_refused(&self, tid: Tid, call: &Call) -> String {
        let why = why::refused(self.timeline.now(), tid, call, self.lang);
        why.map_or_else(String::new, |why| words!(self.lang, ": {why}", "：{why}"))
    }

    /// What an epoll_wait returned, with its event list.
    pub(super) fn returned(&mut self, result: Result<usize, Errno>, events: Vec<(Name, Ready)>) -> String {
        let said = self.finish(result.map(|n| n as u64));
        match result {
            Ok(_) => format!("{said}  [{}]", Value::Events(events).words(self.lang)),
            Err(_) => said + &self.refusal(),
        }
    }

    /// Why the last wait reported each of the first of its events; where it reported nothing, why not, for each of the
    /// first registrations.
    pub fn reasons(&self) -> Vec<String> {
        let (world, last, lang) = (self.timeline.now(), &self.last, self.lang);
        let Some(events) = last.events.as_ref().filter(|_| matches!(last.result, Some(Ok(_)))) else {
            return Vec::new();
        };
        let Some((id, epoll)) = world.epoll().and_then(|epoll| self.inferred(epoll.fd)) else { return Vec::new() };
        let line = |name: String, why: String| words!(lang, "{name}: {why}", "{name}：{why}");
        if events.is_empty() {
            let why = |item| line(self.shown_as(id, item), why::not_reported(world, epoll, item, lang));
            return epoll.items().take(SHOWN).map(why).collect();
        }
        let wait = epoll.waits().filter(|wait| wait.returned.is_some()).max_by_key(|wait| wait.returned);
        let reports = wait.into_iter().flat_map(|wait| &wait.reports).take(SHOWN);
        reports.map(|report| line(report.who.name(lang), why::reported(report, lang))).collect()
    }

    /// The call waited without end, for this long, until it was interrupted.
    pub(super) fn interrupted(&mut self, waited: Option<Duration>) {
        self.last.blocked = waited.or(self.last.blocked);
        self.taken.wait(waited.unwrap_or_default());
    }

    fn poll(&mut self, file: &Name) -> String {
        let fd = self.number_of(file);
        let mask = match self.get(file) {
            Some(Held::Epoll(_)) => sys::would_report(fd).map(|yes| if yes { Ready::IN } else { Ready::empty() }).ok(),
            _ => sys::poll(fd).ok().filter(|_| is_open(fd)),
        };
        self.last.mask = mask;
        match mask {
            Some(mask) => words!(self.lang, "poll says {mask}", "poll 得到 {mask}"),
            None => words!(self.lang, "poll says NVAL: fd {fd} is not open", "poll 得到 NVAL：fd {fd} 没有打开"),
        }
    }

    fn depth(&mut self, file: &Name) -> String {
        let fd = self.number_of(file);
        match sys::sample(fd) {
            Ok(Call::Sample { unread, .. }) => self.finish(Ok(unread.into())),
            _ if is_open(fd) => self.lang.of("it has no count of unread bytes", "它没有未读字节数可查").to_owned(),
            _ => self.is_closed(fd),
        }
    }

    fn is_closed(&self, fd: Fd) -> String {
        words!(self.lang, "fd {fd} is not open", "fd {fd} 没有打开")
    }

    fn fileno(&mut self, file: &Name) -> String {
        let fd = self.number_of(file);
        let said = self.finish(Ok(u64::from(fd.0.unsigned_abs())));
        if self.get(file).is_some() { said } else { words!(self.lang, "{said}, closed", "{said}，已关闭") }
    }

    fn fdinfo(&mut self, epoll: &Name) -> String {
        let (fd, lang) = (self.number_of(epoll), self.lang);
        let Ok(entries) = sys::fdinfo(fd, 1000) else { return self.is_closed(fd) };
        let mut list = Vec::new();
        for entry in &entries {
            self.tap.say(*entry);
            if let Call::Fdinfo { fd, interest, .. } = entry {
                let name = self.holder(*fd).map_or_else(|| fd.to_string(), Name::clone);
                list.push(format!("{name} {interest}"));
            }
        }
        self.last.result = Some(Ok(entries.len() as u64));
        let list = match self.get(epoll) {
            _ if !list.is_empty() => list.join(", "),
            Some(Held::Epoll(_)) => lang.of("empty", "空").to_owned(),
            _ => lang.of("none, since it is not an epoll object", "没有，因为它不是 epoll 对象").to_owned(),
        };
        words!(lang, "interest list: {list}", "兴趣列表：{list}")
    }

    fn close(&mut self, file: &Name) -> String {
        let real = self.real(file).clone();
        let result = match self.held.remove(&real) {
            Some(held) => self.let_go(&real, held),
            None => self.tap.close_number(self.number_of(file)),
        };
        self.finish(result.map(|()| 0))
    }

    /// Closes what `name` stood for. Its other names stand for a closed number from here on, as it does.
    pub(super) fn let_go(&mut self, name: &Name, held: Held) -> Result<(), Errno> {
        let number = held.number();
        self.close_names(name, number);
        self.tap.close(held.into_fd())
    }

    /// What was `name`'s has this number no more.
    pub(super) fn close_names(&mut self, name: &Name, number: Fd) {
        self.closed.insert(name.clone(), number);
        let others: Vec<Name> = self.aliases.iter().filter(|(_, of)| *of == name).map(|(it, _)| it.clone()).collect();
        for other in others {
            self.aliases.remove(&other);
            self.closed.insert(other, number);
        }
    }

    pub(super) fn on(
        &mut self,
        file: &Name,
        call: impl FnOnce(&mut Self, BorrowedFd<'_>) -> Result<usize, Errno>,
    ) -> String {
        let result = self.with(file, call);
        self.finish(result.map(|n| n as u64))
    }

    pub(super) fn finish(&mut self, result: Result<u64, Errno>) -> String {
        self.last.result = Some(result);
        said(result, self.lang)
    }
}

pub(super) fn said(result: Result<u64, Errno>, lang: Lang) -> String {
    match result {
        Ok(n) => format!("= {n}"),
        Err(errno) => text::result(Ret::error(errno), lang),
    }
}

/// The fd of a registration, from what its events carry.
#[allow(clippy::cast_possible_truncation, reason = "the lower half is the fd")]
pub(super) fn of_token(token: u64) -> Fd {
    Fd((token as u32).cast_signed())
}

//! What each verb does.

use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use super::Held;
use super::bounded::{ENDLESS, bounded, too_many};
use crate::i18n::Lang;
use crate::i18n::words;
use crate::probe::Waited;
use crate::record::{Call, CtlOp, Fd, Interest, Ready, Ret, SockOpt, Timeout};
use crate::script::Lab;
use crate::script::Outcome;
use crate::script::words::refusal;
use crate::script::{Name, Value, Verb};
use crate::sys::{self, Errno, Events, number};
use crate::trace::text;

impl Lab {
    pub(super) fn make_call(&mut self, verb: &Verb) -> Outcome {
        let lang = self.lang;
        if let Some(bound) = too_many(self.held.len(), self.sleepers.len().max(self.children.len()), lang) {
            return Outcome::refused(bound);
        }
        if let Some(made) = self.make(verb) {
            return self.keep(made);
        }
        let said = match verb {
            Verb::Thread { name, epoll, max, timeout } => return self.start_thread(name, epoll, *max, *timeout),
            Verb::Fork { name } => return self.fork(name),
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
            Verb::Fileno { file } => {
                let number = self.number_of(file);
                self.finish(number.map(|fd| u64::from(fd.0.unsigned_abs())))
            }
            Verb::Blocking { file, yes } => self.on(file, |lab, fd| lab.tap.set_blocking(&fd, *yes).map(|()| 0)),
            Verb::Raise { file } => self.on(file, |lab, _| lab.tap.raise().map(|()| 0)),
            Verb::Add { epoll, file, interest } => self.ctl(CtlOp::Add, epoll, file, *interest),
            Verb::Mod { epoll, file, interest } => self.ctl(CtlOp::Mod, epoll, file, *interest),
            Verb::Del { epoll, file } => self.ctl(CtlOp::Del, epoll, file, Interest::empty()),
            Verb::Wait { epoll, max, timeout, kept } => {
                let said = self.wait(epoll, *max, *timeout);
                if let Some(name) = kept {
                    self.kept.insert(name.clone(), self.events().to_vec());
                }
                said
            }
            Verb::Write { file, what } => self.write(file, what),
            Verb::Fill { file } => self.fill(file),
            Verb::Read { file, count } => self.read(file, *count),
            Verb::Drain { file } => self.drain(file),
            Verb::Oob { file, byte } => {
                let result = self.transfer(file, |lab, fd, _| lab.tap.send_oob(&fd, &[*byte]));
                self.finish(result.map(|n| n as u64))
            }
            Verb::Shutdown { file, how } => self.on(file, |lab, fd| lab.tap.shutdown(&fd, *how).map(|()| 0)),
            Verb::Set { file, option, value } => {
                self.on(file, |lab, fd| lab.tap.setsockopt(&fd, *option, *value).map(|()| 0))
            }
            Verb::Close { file } => self.close(file),
            Verb::Reset { file } => {
                let _ = self.on(file, |lab, fd| lab.tap.setsockopt(&fd, SockOpt::Linger, 0).map(|()| 0));
                self.close(file)
            }
            Verb::Poll { file } => self.poll(file),
            Verb::Depth { file } => self.on(file, |_, fd| match sys::sample(number(&fd))? {
                Call::Sample { unread, .. } => Ok(unread as usize),
                _ => Ok(0),
            }),
            Verb::Fdinfo { epoll } => self.fdinfo(epoll),
            _ => String::new(),
        };
        Outcome::done(said)
    }

    fn ctl(&mut self, op: CtlOp, epoll: &Name, file: &Name, interest: Interest) -> String {
        let real = self.real(epoll).clone();
        let (Some(Held::Epoll(object)), Ok(fd)) = (self.held.get(&real), self.named(file)) else {
            return self.not_an_epoll(epoll);
        };
        let token = (self.registered.len() as u64) << 32 | u64::from(fd.0.cast_unsigned());
        let result = sys::by_number(fd, |file| self.tap.epoll_ctl(object, op, &file, interest, token));
        self.registered.push((file.clone(), fd));
        if result.is_ok() {
            self.tell_name(file, fd);
        }
        self.finish(result.map(|()| 0))
    }

    fn wait(&mut self, epoll: &Name, max: u32, timeout: i32) -> String {
        let real = self.real(epoll).clone();
        let Some(Held::Epoll(object)) = self.held.get(&real) else { return self.not_an_epoll(epoll) };
        let mut events = Events::with_room(max);
        let mut call = || self.tap.epoll_wait(object, &mut events, Timeout(timeout), of_token);
        let entered = Instant::now();
        let (waited, interrupted) = match timeout {
            0 => (call(), None),
            ..0 => bounded(ENDLESS.min(self.taken.left()), call),
            _ => bounded(self.taken.left(), call),
        };
        let result = match waited {
            Waited::Returned(result) => result,
            Waited::Orders => Ok(0),
        };
        match interrupted {
            Some(time) => self.interrupted(Some(time)),
            None => self.taken.wait(entered.elapsed()),
        }
        let events: Vec<(u64, Ready)> = events.iter().collect();
        let events = self.by_name(&events);
        self.last.events = Some(events.clone());
        let events = Value::Events(events).words(self.lang);
        format!("{}  [{events}]", self.finish(result.map(|n| n as u64)))
    }

    /// The call waited without end, for this long, until it was interrupted.
    pub(super) fn interrupted(&mut self, waited: Option<Duration>) {
        self.last.blocked = waited.or(self.last.blocked);
        self.taken.wait(waited.unwrap_or_default());
    }

    fn poll(&mut self, file: &Name) -> String {
        let said = self.get(file).map(|held| (held.number(), matches!(held, Held::Epoll(_))));
        let mask = match said {
            Some((fd, true)) => sys::would_report(fd).map(|yes| if yes { Ready::IN } else { Ready::empty() }),
            Some((fd, false)) => sys::poll(fd),
            None => Err(Errno::EBADF),
        };
        self.last.mask = Some(mask.unwrap_or_default());
        match mask {
            Ok(mask) => words!(self.lang, "poll says {mask}", "poll 得到 {mask}"),
            Err(errno) => self.finish(Err(errno)),
        }
    }

    fn fdinfo(&mut self, epoll: &Name) -> String {
        let Some(Held::Epoll(object)) = self.get(epoll) else { return self.not_an_epoll(epoll) };
        let entries = match sys::fdinfo(number(object), 1000) {
            Ok(entries) => entries,
            Err(errno) => return self.finish(Err(errno)),
        };
        let mut list = Vec::new();
        for entry in &entries {
            self.tap.say(*entry);
            if let Call::Fdinfo { fd, interest, .. } = entry {
                list.push(format!("{} {interest}", self.name_of(*fd)));
            }
        }
        self.last.result = Some(Ok(entries.len() as u64));
        let lang = self.lang;
        let list = if list.is_empty() { lang.of("empty", "空").to_owned() } else { list.join(", ") };
        words!(lang, "interest list: {list}", "兴趣列表：{list}")
    }

    fn close(&mut self, file: &Name) -> String {
        let real = self.real(file).clone();
        let Some(held) = self.held.remove(&real) else { return self.finish(Err(Errno::EBADF)) };
        self.let_go(&real, held);
        self.finish(Ok(0))
    }

    /// Closes what `name` stood for. Its other names stand for a closed number from here on, as it does.
    pub(super) fn let_go(&mut self, name: &Name, held: Held) {
        let number = held.number();
        self.closed.insert(name.clone(), number);
        let others: Vec<Name> = self.aliases.iter().filter(|(_, of)| *of == name).map(|(it, _)| it.clone()).collect();
        for other in others {
            self.aliases.remove(&other);
            self.closed.insert(other, number);
        }
        let _ = self.tap.close(held.into_fd());
    }

    fn on(&mut self, file: &Name, call: impl FnOnce(&mut Self, BorrowedFd<'_>) -> Result<usize, Errno>) -> String {
        let result = self.with(file, call);
        self.finish(result.map(|n| n as u64))
    }

    /// Makes a call on the fd that `file` names, by number: a script may name one that it has closed.
    pub(super) fn with<T>(
        &mut self,
        file: &Name,
        call: impl FnOnce(&mut Self, BorrowedFd<'_>) -> Result<T, Errno>,
    ) -> Result<T, Errno> {
        let fd = self.named(file)?;
        sys::by_number(fd, |fd| call(self, fd))
    }

    /// The number that `file` stands for, or stood for until it was closed.
    fn named(&self, file: &Name) -> Result<Fd, Errno> {
        self.number_of(file).or_else(|errno| self.closed.get(file).copied().ok_or(errno))
    }

    pub(super) fn number_of(&self, file: &Name) -> Result<Fd, Errno> {
        self.get(file).map(Held::number).ok_or(Errno::EBADF)
    }

    pub(super) fn not_an_epoll(&mut self, name: &Name) -> String {
        // What the kernel would say.
        let errno = if self.get(name).is_some() { Errno::EINVAL } else { Errno::EBADF };
        let failed = self.finish(Err(errno));
        words!(self.lang, "{failed}: \"{name}\" is not an open epoll object", "{failed}：“{name}”不是打开的 epoll 对象")
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

//! What a name stands for: the fd, and after its close the number that it had. A call on a closed name is made with that
//! number, as a program makes it that has kept the number, so that it is the kernel that says what comes of it.

use std::os::fd::BorrowedFd;

use super::Held;
use crate::i18n::words;
use crate::record::Fd;
use crate::script::{Lab, Name, Verb};
use crate::sys::{self, Errno};

/// The names in a verb on whose fds it makes calls: first one whose number must be its own, then one whose number may be
/// that of another file of the scene by now. A close or a wait would take something away from that file; what a read or
/// EPOLL_CTL_ADD by a stale number does is worth a look.
fn operands(verb: &Verb) -> [Option<&Name>; 2] {
    match verb {
        Verb::Thread { does: Some(does), .. } | Verb::In { does, .. } => operands(does),
        Verb::Add { epoll, file, .. }
        | Verb::Mod { epoll, file, .. }
        | Verb::Del { epoll, file }
        | Verb::Ctl { epoll, file, .. } => [Some(epoll), Some(file)],
        Verb::ConnectTo { file: a, to: b } | Verb::Kcmp { a, b } => [Some(a), Some(b)],
        Verb::Wait { epoll: own, .. }
        | Verb::Fdinfo { epoll: own, .. }
        | Verb::Fromfd { of: own, .. }
        | Verb::Dup { of: own, .. }
        | Verb::Close { file: own }
        | Verb::Reset { file: own } => [Some(own), None],
        Verb::Connect { listener: file, .. }
        | Verb::Accept { listener: file, .. }
        | Verb::Write { file, .. }
        | Verb::Fill { file }
        | Verb::Read { file, .. }
        | Verb::Drain { file }
        | Verb::Recv { file, .. }
        | Verb::Post { file, .. }
        | Verb::Arm { file, .. }
        | Verb::ArmAt { file, .. }
        | Verb::Get { file, .. }
        | Verb::Bind { file }
        | Verb::Listen { file, .. }
        | Verb::Buffer { file, .. }
        | Verb::Flags { file }
        | Verb::Oob { file, .. }
        | Verb::Shutdown { file, .. }
        | Verb::Set { file, .. }
        | Verb::Blocking { file, .. }
        | Verb::Fileno { file }
        | Verb::Poll { file }
        | Verb::PollFor { file, .. }
        | Verb::Depth { file } => [None, Some(file)],
        _ => [None, None],
    }
}

impl Lab {
    /// Why no call is made for `verb`; nothing where it is made.
    pub(super) fn not_called(&self, verb: &Verb) -> Option<String> {
        let operands = operands(verb).into_iter().enumerate();
        operands.filter_map(|(i, name)| Some((i == 0, name?))).find_map(|(own, name)| {
            let Some(fd) = self.numbered(name) else {
                return Some(words!(
                    self.lang,
                    "\"{name}\" is no fd; nothing was called",
                    "“{name}”不是 fd；没有发出调用"
                ));
            };
            // A child has numbers of its own.
            if self.get(name).is_some() || self.is_of_child(verb) {
                return None;
            }
            match self.holder(fd) {
                Some(now) if own => Some(words!(
                    self.lang,
                    "fd {fd} is now {now}; nothing was called",
                    "fd {fd} 现在是 {now}；没有发出调用"
                )),
                None if is_open(fd) => Some(words!(
                    self.lang,
                    "fd {fd} is now a file of the program that runs this scene; nothing was called",
                    "fd {fd} 现在属于运行此场景的程序；没有发出调用"
                )),
                _ => None,
            }
        })
    }

    /// A remark where `verb` made its call on another file than the one that its name stood for.
    pub(super) fn stale(&self, verb: &Verb) -> String {
        let [_, file] = operands(verb);
        let file = file.filter(|_| !self.is_of_child(verb));
        let closed = file.filter(|file| self.get(file).is_none()).and_then(|file| self.numbered(file));
        let now = closed.and_then(|fd| Some((fd, self.holder(fd)?)));
        now.map_or_else(String::new, |(fd, now)| words!(self.lang, "; fd {fd} is now {now}", "；fd {fd} 现在是 {now}"))
    }

    fn is_of_child(&self, verb: &Verb) -> bool {
        matches!(verb, Verb::In { task, .. } if self.tasks.get(task).is_some_and(|task| task.worker.is_child()))
    }

    /// The name that the fd behind `name` is held by.
    pub(super) fn real<'a>(&'a self, name: &'a Name) -> &'a Name {
        self.aliases.get(name).unwrap_or(name)
    }

    pub(super) fn get(&self, name: &Name) -> Option<&Held> {
        self.held.get(self.real(name))
    }

    /// The name that an open fd is held by.
    pub(super) fn holder(&self, fd: Fd) -> Option<&Name> {
        self.held.iter().find(|(_, held)| held.number() == fd).map(|(name, _)| name)
    }

    /// The number that `name` stands for, or stood for until it was closed.
    fn numbered(&self, name: &Name) -> Option<Fd> {
        self.get(name).map(Held::number).or_else(|| self.closed.get(name).copied())
    }

    /// The same of a name that a call is made on: [`Lab::not_called`] has seen that it has a number.
    pub(super) fn number_of(&self, name: &Name) -> Fd {
        self.numbered(name).unwrap_or(Fd(-1))
    }

    /// Makes a call on the fd that `name` stands for, by number.
    pub(super) fn with<T>(
        &mut self,
        name: &Name,
        call: impl FnOnce(&mut Self, BorrowedFd<'_>) -> Result<T, Errno>,
    ) -> Result<T, Errno> {
        let fd = self.number_of(name);
        sys::by_number(fd, |fd| call(self, fd))
    }
}

/// Whether any file of the process has this number.
pub(super) fn is_open(fd: Fd) -> bool {
    sys::by_number(fd, sys::blocks).is_ok()
}

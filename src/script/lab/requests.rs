//! What a line asks of a thread or a child: the call, and what it takes along.

use crate::record::{
    Call, CtlOp, Fd, Foreign, Interest, MsgFlags, Ready, Ret, SigMask, Signal, Tid, Timeout, TimeoutNs, WaitMask,
};
use crate::script::{Lab, Name, Quantity, Verb};

/// A call of a thread or a child, of which all is given but the result.
pub(super) struct Request {
    pub(super) call: Call,
    /// What a registration carries.
    pub(super) token: u64,
    /// What is written.
    pub(super) bytes: Vec<u8>,
    /// It may wait without limit.
    pub(super) endless: bool,
    /// The epoll and the file of an epoll_ctl.
    pub(super) registers: Option<(Name, Name)>,
}

impl From<Call> for Request {
    fn from(call: Call) -> Self {
        Self { call, token: 0, bytes: Vec::new(), endless: true, registers: None }
    }
}

impl Lab {
    /// The request of `tid` that a verb stands for; the parser lets no other verb through.
    pub(super) fn request(&self, tid: Tid, verb: &Verb) -> Option<Request> {
        let (flags, ret) = (MsgFlags::empty(), Ret::OK);
        let call = match verb {
            Verb::Add { epoll, file, interest } => return Some(self.ctl_request(CtlOp::Add, epoll, file, *interest)),
            Verb::Mod { epoll, file, interest } => return Some(self.ctl_request(CtlOp::Mod, epoll, file, *interest)),
            Verb::Del { epoll, file } => return Some(self.ctl_request(CtlOp::Del, epoll, file, Interest::empty())),
            Verb::Ctl { epoll, file, op, interest } => {
                return Some(self.ctl_request(CtlOp::from_number(*op), epoll, file, *interest));
            }
            Verb::Wait { epoll, max, timeout, manner, .. } => {
                let timeouts = (Timeout(*timeout), manner.nanos);
                let call = self.wait_call(self.number_of(epoll), *max, timeouts, manner.mask);
                return Some(Request { endless: *timeout < 0, ..Request::from(call) });
            }
            Verb::PollFor { file, asked, timeout } => {
                let (fd, timeout) = (self.number_of(file), Timeout(*timeout));
                let call = Call::Ppoll { fd, asked: *asked, timeout, ready: Ready::empty(), ret };
                return Some(Request { endless: timeout.0 < 0, ..Request::from(call) });
            }
            Verb::Read { file, count } => {
                let fd = self.number_of(file);
                if self.is_tcp(tid, fd) {
                    Call::Recvfrom { fd, len: *count, flags, ret }
                } else {
                    Call::Read { fd, len: *count, ret }
                }
            }
            Verb::Recv { file, count, flags } => {
                Call::Recvfrom { fd: self.number_of(file), len: *count, flags: *flags, ret }
            }
            Verb::Write { file, what } => return Some(self.write_request(tid, file, what.bytes())),
            Verb::Post { file, count } => {
                return Some(self.write_request(tid, file, count.to_ne_bytes().to_vec()));
            }
            Verb::Oob { file, byte } => {
                let call = Call::Sendto { fd: self.number_of(file), len: 1, flags: MsgFlags::OOB, ret };
                return Some(Request { bytes: vec![*byte], ..Request::from(call) });
            }
            Verb::Shutdown { file, how } => Call::Shutdown { fd: self.number_of(file), how: *how, ret },
            Verb::Close { file } => Call::Close { fd: self.number_of(file), ret },
            Verb::Mask { how } => Call::RtSigprocmask { how: *how, signal: Signal::Alrm, ret },
            _ => return None,
        };
        Some(call.into())
    }

    fn ctl_request(&self, op: CtlOp, epoll: &Name, file: &Name, interest: Interest) -> Request {
        let (epfd, fd) = (self.number_of(epoll), self.number_of(file));
        let call = Call::EpollCtl { epfd, op, fd, interest, ret: Ret::OK };
        let registers = Some((epoll.clone(), file.clone()));
        Request { token: self.next_token(fd), registers, ..Request::from(call) }
    }

    fn write_request(&self, tid: Tid, file: &Name, bytes: Vec<u8>) -> Request {
        let (fd, len, ret) = (self.number_of(file), u32::try_from(bytes.len()).unwrap_or(u32::MAX), Ret::OK);
        let call = if self.is_tcp(tid, fd) {
            Call::Sendto { fd, len, flags: MsgFlags::empty(), ret }
        } else {
            Call::Write { fd, len, ret }
        };
        Request { bytes, ..Request::from(call) }
    }

    /// Which of the calls that wait this is.
    pub(super) fn wait_call(
        &self,
        epfd: Fd,
        max_events: u32,
        (timeout, nanos): (Timeout, Option<u32>),
        mask: Option<SigMask>,
    ) -> Call {
        let sigmask = WaitMask::new(Some(self.masked(mask)));
        match nanos {
            Some(ns) => {
                let timeout_ns = TimeoutNs::new(Some(ns.into()));
                Call::Foreign(Foreign::EpollPwait2Enter { epfd, max_events, timeout, timeout_ns, sigmask })
            }
            None if mask.is_some() => Call::Foreign(Foreign::EpollPwaitEnter { epfd, max_events, timeout, sigmask }),
            None => Call::EpollWaitEnter { epfd, max_events, timeout },
        }
    }

    /// The mask while a call waits: what the line says, or the thread's own. A signal that a signalfd waits for stays blocked:
    /// it would end the program.
    fn masked(&self, mask: Option<SigMask>) -> SigMask {
        let own = if self.alarm_blocked { SigMask::ALRM } else { SigMask::empty() };
        let usr2 = if self.signals { SigMask::USR2 } else { SigMask::empty() };
        mask.unwrap_or(own) | usr2
    }

    fn is_tcp(&self, tid: Tid, fd: Fd) -> bool {
        let file = self.timeline.now().file_of(tid, fd);
        file.is_some_and(|(_, file)| file.stream().is_some() || file.listener().is_some())
    }
}

impl Verb {
    /// The verbs of which a thread or a child can make the call, by their words.
    pub(in crate::script) const ASKED: [&str; 18] = [
        "add",
        "mod",
        "del",
        "register",
        "modify",
        "unregister",
        "ctl",
        "wait",
        "poll",
        "read",
        "recv",
        "write",
        "post",
        "oob",
        "shutdown",
        "close",
        "block",
        "unblock",
    ];
}

impl Quantity {
    /// What is written.
    pub(super) fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Bytes(count) => (b'a'..=b'z').cycle().take(*count).collect(),
            Self::Text(text) => text.clone(),
        }
    }
}

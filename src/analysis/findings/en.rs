//! The sentences in English.

use super::fact::Fact;
use super::habits::HERD;
use crate::i18n::grouped;
use crate::record::{SPIN, errno_name};

pub(super) fn say(fact: Fact) -> String {
    match fact {
        Fact::Stranded { bytes: 0 } => {
            "edge: the end of the stream is unread, and no report will come for it".to_owned()
        }
        Fact::Stranded { bytes: 1 } => "edge: 1 byte is unread, and no report will come for it".to_owned(),
        Fact::Stranded { bytes } => {
            format!("edge: {} bytes are unread, and no report will come for them", grouped(bytes))
        }
        Fact::Unread => "edge: it can be read, and no report will come for it".to_owned(),
        Fact::Waiting { clients: 0 } => {
            "edge: a connection waits, and is not reported until another client connects".to_owned()
        }
        Fact::Waiting { clients: 1 } => {
            "edge: 1 connection waits, and is not reported until another client connects".to_owned()
        }
        Fact::Waiting { clients } => {
            format!("edge: {} connections wait, and are not reported until another client connects", grouped(clients))
        }
        Fact::Spin { no_fd: true } => format!(
            "no fd is free, so that no client is accepted, and this wait and the {} waits before it reported the listener",
            SPIN - 1
        ),
        Fact::Spin { no_fd: false } => {
            format!("nothing was done about the reports of this wait and of the {} waits before it", SPIN - 1)
        }
        Fact::Ignored { ready } => {
            format!("{ready:#} was reported {SPIN} times in a row, and nothing was done about it")
        }
        Fact::OutArmed => {
            "level: EPOLLOUT was reported, but nothing was sent: it is armed with nothing to send".to_owned()
        }
        Fact::Empty { timeout } => format!("epoll_wait returned no event: timeout {timeout}"),
        Fact::Interrupted { call } => format!("a signal interrupted {call}: EINTR"),
        Fact::Hung { call } => format!("{call} on a blocking fd blocks the whole thread"),
        Fact::Ghost => "it was closed but is still reported: a duplicate keeps its registration".to_owned(),
        Fact::NoFd { raw } => format!("accept4 found no free fd: {}", errno_name(raw)),
        Fact::DelAfterClose => "EPOLL_CTL_DEL after close: EBADF, the fd is no longer open".to_owned(),
        Fact::Starved { busy, calls } => {
            format!("it is ready, but the last {calls} calls were all for fd {busy}")
        }
        Fact::Full { max_events } => {
            format!("maxevents ({max_events}) was reached, but more was ready: it is left for the next wait")
        }
        Fact::Short { sent, len } => format!(
            "only {} of {} bytes were sent, and the program waits without asking for EPOLLOUT: the rest is not sent",
            grouped(sent.into()),
            grouped(len.into())
        ),
        Fact::Closed { call } => {
            format!("{call} after the fd was closed in the same batch of events: EBADF, or another connection by then")
        }
        Fact::Disarmed => {
            "its report has disarmed it, and the program waits without EPOLL_CTL_MOD: it is not reported again"
                .to_owned()
        }
        Fact::Twice { other } => {
            format!("fd {other} is the same open file description in the same epoll: each event is reported twice")
        }
        Fact::Leak { count } => {
            format!("the end of {} connections was read, and they stay open", grouped(count))
        }
        Fact::Herd => {
            format!("the listener was reported {HERD} times to a thread for whose client another one was faster")
        }
        Fact::Lost { count: 1 } => "1 record is missing: the contents of the lists are uncertain".to_owned(),
        Fact::Lost { count } => {
            format!("{} records are missing: the contents of the lists are uncertain", grouped(count))
        }
    }
}

//! The sentences in English.

use super::{Fact, errno};
use crate::analysis::why::grouped;
use crate::probe::SPIN;

pub(super) fn say(fact: Fact) -> String {
    match fact {
        Fact::Stranded { bytes: 0 } => {
            "edge: the end of the stream lies unread, and no report will tell of it: stranded".to_owned()
        }
        Fact::Stranded { bytes: 1 } => "edge: 1 byte lies unread, and no report will tell of it: stranded".to_owned(),
        Fact::Stranded { bytes } => {
            format!("edge: {} bytes lie unread, and no report will tell of them: stranded", grouped(bytes))
        }
        Fact::Waiting { clients: 1 } => "edge: 1 connection waits to be accepted until another one comes".to_owned(),
        Fact::Waiting { clients } => {
            format!("edge: {} connections wait to be accepted until another one comes", grouped(clients))
        }
        Fact::Spin => format!("nothing came of this wait's reports, nor of the {} waits before: a spin", SPIN - 1),
        Fact::OutArmed => {
            "level: EPOLLOUT was reported and nothing was sent: it is armed with nothing to send".to_owned()
        }
        Fact::Empty { timeout } => format!("epoll_wait returned without an event: timeout {timeout}"),
        Fact::Interrupted { call } => format!("a signal interrupted {call}: EINTR"),
        Fact::Hung { ms } => {
            format!("recvfrom slept {} ms on a blocking fd, and with it the whole thread", grouped(ms))
        }
        Fact::Ghost => "it was closed and reports all the same: a duplicate keeps its registration, a ghost".to_owned(),
        Fact::NoFd { raw } => format!("accept4 found no free fd: {}", errno(raw)),
        Fact::DelAfterClose => "EPOLL_CTL_DEL after close: EBADF, the fd is gone".to_owned(),
        Fact::Starved { busy, calls } => {
            format!("it is ready, and the last {calls} calls were all about fd {busy}: it starves")
        }
        Fact::Full { max_events } => {
            format!("maxevents ({max_events}) was reached, and more was ready: it is left for the next wait")
        }
        Fact::Lost { count: 1 } => "1 record is missing: what the lists hold is in doubt".to_owned(),
        Fact::Lost { count } => format!("{} records are missing: what the lists hold is in doubt", grouped(count)),
    }
}

//! TCP streams that are under way.
//!
//! The peer's kernel may acknowledge what has come some milliseconds later, and epoll hears of that then: of a FIN, and of
//! bytes where there was no room to send. A line is over when that is over too, or what the next lines come to would be a
//! matter of time.

use std::thread;
use std::time::{Duration, Instant};

use super::Held;
use crate::record::{Annotation, Call, Fd};
use crate::script::Lab;
use crate::sys;
use crate::trace::world::File;

/// A receiver's kernel puts off an acknowledgement for no longer than this: `TCP_DELACK_MAX` of Linux, 200 ms.
const PUT_OFF: Duration = Duration::from_millis(200);

impl Lab {
    /// Waits until each FIN that can arrive is acknowledged, and notes which were since the last line; and until bytes are
    /// that fill a send buffer. Whether any was.
    pub(super) fn settle_ends(&mut self) -> bool {
        let sockets = self.held.values().filter(|held| matches!(held, Held::Tcp(_))).map(Held::number);
        let ends: Vec<Fd> = sockets.clone().filter(|fd| self.ending.contains(fd) || in_flight(*fd)).collect();
        let settled = sockets.filter(|fd| self.settle_full(*fd)).count() > 0;
        let acked = |fd: &Fd| sys::by_number(*fd, sys::wait_for_fin_ack).unwrap_or_else(|_| !in_flight(*fd));
        let (acked, ending): (Vec<Fd>, Vec<Fd>) = ends.into_iter().partition(acked);
        self.ending = ending.into_iter().collect();
        for &fd in &acked {
            self.tap.say(Call::Annotation(Annotation::FinAcked { fd }));
        }
        settled || !acked.is_empty()
    }

    /// Waits until what a full socket has sent is acknowledged. Whether it had to.
    fn settle_full(&self, fd: Fd) -> bool {
        let file = self.timeline.now().file_of(sys::gettid(), fd).map(|(_, file)| file);
        if !file.and_then(File::stream).is_some_and(|stream| stream.full) {
            return false;
        }
        let lacks = || sys::by_number(fd, sys::unacked).is_ok_and(|bytes| bytes > 0);
        let had_to = lacks();
        let end = Instant::now() + PUT_OFF;
        while lacks() && Instant::now() < end {
            thread::yield_now();
        }
        had_to
    }
}

fn in_flight(fd: Fd) -> bool {
    sys::by_number(fd, sys::fin_in_flight).unwrap_or(false)
}

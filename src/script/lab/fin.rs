//! Ends of TCP streams that are under way.
//!
//! The peer's kernel may acknowledge a FIN some milliseconds after shutdown has returned, and epoll hears of it then. A
//! line is over when that is over too, or what the next lines come to would be a matter of time.

use super::Held;
use crate::record::{Annotation, Call, Fd};
use crate::script::Lab;
use crate::sys;

impl Lab {
    /// Waits until each FIN that can arrive is acknowledged, and notes which were since the last line. Whether any was.
    pub(super) fn settle_ends(&mut self) -> bool {
        let sockets = self.held.values().filter(|held| matches!(held, Held::Tcp(_))).map(Held::number);
        let ends: Vec<Fd> = sockets.filter(|fd| self.ending.contains(fd) || in_flight(*fd)).collect();
        let acked = |fd: &Fd| sys::by_number(*fd, sys::wait_for_fin_ack).unwrap_or_else(|_| !in_flight(*fd));
        let (acked, ending): (Vec<Fd>, Vec<Fd>) = ends.into_iter().partition(acked);
        self.ending = ending.into_iter().collect();
        for &fd in &acked {
            self.tap.say(Call::Annotation(Annotation::FinAcked { fd }));
        }
        !acked.is_empty()
    }
}

fn in_flight(fd: Fd) -> bool {
    sys::by_number(fd, sys::fin_in_flight).unwrap_or(false)
}

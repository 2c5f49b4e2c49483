//! What the tracer does to hold threads, and to let them go on.

use super::decode::{Entered, Returned};
use super::holds::HeldCall;
use super::memory::Memory;
use super::numbers::old;
use super::tracer::{Tracer, path_chunk};
use crate::record::{Call, Chunk, Ret, Tid};
use crate::sys::Errno;
use crate::sys::ptrace::trace;

impl Tracer {
    /// Whether a thread that is about to make this call is held before it.
    pub(super) fn is_to_be_held(&mut self, tid: Tid, entered: &Entered, line: Option<Chunk>) -> bool {
        let is_wait = entered.wait(Memory(tid)).is_some();
        let creates = [old::EPOLL_CREATE, libc::SYS_epoll_create1].contains(&entered.number);
        // An epoll of a Python program that has only begun is one that a module of the library tries out.
        let marker = self.threads.of.get(&tid).and_then(|thread| thread.marker.as_ref());
        let is_tried_out = creates && marker.is_some_and(|marker| !marker.is_own());
        let is_epoll = is_wait || entered.number == libc::SYS_epoll_ctl || creates && !is_tried_out;
        if !self.started {
            return false;
        }
        let Some(judged) = self.orders.holds().wants(is_epoll, is_wait) else { return false };
        let Some(thread) = self.threads.of.get(&tid) else { return false };
        let process = thread.process;
        let Some(call) = self.before(tid, entered) else { return false };
        self.held.push(HeldCall { tid, process, call, line, judged });
        true
    }

    /// A call as it is before it is made. `None` for one that has no record.
    fn before(&mut self, tid: Tid, entered: &Entered) -> Option<Call> {
        let memory = Memory(tid);
        if let Some(wait) = entered.wait(memory) {
            return Some(wait);
        }
        if entered.number == libc::SYS_execve {
            let path = path_chunk(&memory.string(entered.arguments[0], Chunk::MAX));
            return Some(Call::Execve { path, ret: Ret::OK });
        }
        // As if it had failed: nothing is read that it has not written yet, and nothing is noted.
        let ret = Ret::error(Errno::EAGAIN);
        if let Some(born) = super::calls::born_of(entered, ret, memory) {
            return Some(born);
        }
        let table = self.threads.table(tid)?;
        Returned { entered, ret, memory, table, parts: Vec::new() }.call()
    }

    /// Lets those threads go on that are to.
    pub(super) fn let_go(&mut self) {
        for tid in self.orders.holds().take_let_go() {
            if let Some(on) = self.entered(tid, true) {
                // ESRCH: it was killed meanwhile, which is told next.
                let _ = trace(tid, on);
            }
        }
    }

    /// Tells of those that are held, after all records of before.
    pub(super) fn tell_held(&mut self) {
        for held in self.held.drain(..) {
            self.orders.holds().add(held);
        }
    }
}

//! A thread that sleeps in an epoll_wait, and what it tells.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

use crate::record::{Fd, Nanos, Ready};
use crate::sys::{Errno, Events, TaskState, Wake};

/// A thread that makes one epoll_wait.
pub(super) struct Sleeper {
    pub(super) epfd: Fd,
    pub(super) endless: bool,
    pub(super) wake: Wake,
    pub(super) state: Option<TaskState>,
    pub(super) shared: Arc<Shared>,
    pub(super) thread: Option<JoinHandle<()>>,
    /// Where in the timeline its return is noted.
    pub(super) returned: Option<u64>,
}

/// What the thread tells. Nothing of it can make the thread sleep: it would be taken for asleep in its call.
#[derive(Default)]
pub(super) struct Shared {
    pub(super) entered: OnceLock<(Wake, Nanos)>,
    pub(super) returned: OnceLock<(Nanos, Result<usize, Errno>, Events)>,
    pub(super) woken: AtomicBool,
}

/// When the wait returned, what, and the event list by token.
pub(super) type Back = (Nanos, Result<usize, Errno>, Vec<(u64, Ready)>);

impl Sleeper {
    pub(super) fn is_through(&self) -> bool {
        self.shared.returned.get().is_some()
    }

    pub(super) fn sleeps(&self) -> bool {
        self.state.as_ref().is_none_or(TaskState::sleeps)
    }

    pub(super) fn events(&self) -> Option<Back> {
        let (t, result, events) = self.shared.returned.get()?;
        Some((*t, *result, events.iter().collect()))
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take() {
            self.wake.wake();
            let _ = thread.join();
        }
    }
}

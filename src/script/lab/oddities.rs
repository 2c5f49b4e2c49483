//! Calls with arguments that make no sense, and what the kernel says of a file when it is asked directly.

use crate::i18n::words;
use crate::record::{FcntlCmd, Timeout};
use crate::script::{Lab, Name};
use crate::sys;

/// The flags that F_GETFL can show, by their names in fcntl(2).
const FLAGS: [(i32, &str); 5] = [
    (libc::O_APPEND, "O_APPEND"),
    (libc::O_NONBLOCK, "O_NONBLOCK"),
    (libc::O_ASYNC, "O_ASYNC"),
    (libc::O_DIRECT, "O_DIRECT"),
    (libc::O_PATH, "O_PATH"),
];

impl Lab {
    /// A wait whose event list is nowhere, or has no sensible length: nothing can be stored in it.
    pub(super) fn wait_nowhere(&mut self, epoll: &Name, max: u32, timeout: i32) -> String {
        let result = self.bounded_wait(timeout, |lab| {
            lab.with(epoll, |lab, fd| lab.tap.epoll_wait_nowhere(&fd, max, Timeout(timeout)))
        });
        self.last.events = Some(Vec::new());
        let said = self.finish(result.map(|n| n as u64));
        if result.is_err() { said + &self.refusal() } else { said }
    }

    /// fcntl(2) with `F_GETFL`.
    pub(super) fn flags(&mut self, file: &Name) -> String {
        let result = self.with(file, |lab, fd| lab.tap.fcntl(&fd, FcntlCmd::GetFl, 0));
        let names = result.map_or_else(|_| String::new(), |flags| format!(" {}", names_of(flags)));
        self.finish(result.map(|flags| flags as u64)) + &names
    }

    /// kcmp(2): 0 where both are the same open file description.
    pub(super) fn kcmp(&mut self, a: &Name, b: &Name) -> String {
        let other = self.number_of(b);
        let result = self.with(a, |lab, a| sys::by_number(other, |b| lab.tap.kcmp(&a, &b)));
        let same = matches!(result, Ok(0));
        let said = self.finish(result.map(u64::from));
        if result.is_err() {
            said
        } else if same {
            words!(self.lang, "{said}: the same open file description", "{said}：同一个打开文件描述")
        } else {
            words!(self.lang, "{said}: two open file descriptions", "{said}：两个打开文件描述")
        }
    }

    /// The lines of `/proc/PID/fdinfo/EPFD`, as they are.
    pub(super) fn raw_fdinfo(&mut self, epoll: &Name) -> String {
        match std::fs::read_to_string(format!("/proc/thread-self/fdinfo/{}", self.number_of(epoll))) {
            Ok(text) => text.trim_end().to_owned(),
            Err(error) => error.to_string(),
        }
    }
}

fn names_of(flags: usize) -> String {
    let flags = i32::try_from(flags).unwrap_or(0);
    let access = match flags & libc::O_ACCMODE {
        libc::O_RDONLY => "O_RDONLY",
        libc::O_WRONLY => "O_WRONLY",
        _ => "O_RDWR",
    };
    let others = FLAGS.iter().filter(|(flag, _)| flags & flag != 0).map(|(_, name)| *name);
    std::iter::once(access).chain(others).collect::<Vec<_>>().join("|")
}

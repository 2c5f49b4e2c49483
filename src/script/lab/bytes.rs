//! Moving bytes: once, or until it goes no further.

use std::os::fd::BorrowedFd;

use super::Held;
use super::bounded::{ENDLESS, bounded};
use crate::i18n::{Both, grouped, joined, words};
use crate::record::FdKind;
use crate::script::Lab;
use crate::script::{Name, Quantity};
use crate::sys::{self, Errno};
use crate::trace::world::Nature;

/// The size of one write or read of `fill` and `drain`, in bytes.
const STEP: usize = 64 * 1024;

impl Lab {
    pub(super) fn write(&mut self, file: &Name, what: &Quantity) -> String {
        let bytes = what.bytes();
        let result = self
            .transfer(file, |lab, fd, tcp| if tcp { lab.tap.send(&fd, &bytes) } else { lab.tap.write(&fd, &bytes) });
        self.finish(result.map(|n| n as u64))
    }

    pub(super) fn read(&mut self, file: &Name, count: u32) -> String {
        let result = self.read_bytes(file, count);
        let said = self.got(result);
        let number =
            self.last.text.as_ref().and_then(|text| Some(u64::from_ne_bytes(text.as_slice().try_into().ok()?)));
        let lang = self.lang;
        match (self.timeline.now().file_of(sys::gettid(), self.number_of(file)).map(|(_, file)| file.nature()), number)
        {
            (Some(Nature::Made(FdKind::Eventfd2)), Some(n)) => {
                words!(lang, "{said} (counter {n})", "{said}（计数 {n}）")
            }
            (Some(Nature::Made(FdKind::TimerfdCreate)), Some(n)) => {
                words!(lang, "{said} (expirations: {n})", "{said}（到期 {n} 次）")
            }
            _ => said,
        }
    }

    /// One read, or of a TCP socket one recv.
    pub(super) fn read_bytes(&mut self, file: &Name, count: u32) -> Result<Vec<u8>, Errno> {
        let mut buffer = vec![0; count as usize];
        let result =
            self.transfer(
                file,
                |lab, fd, tcp| if tcp { lab.tap.recv(&fd, &mut buffer) } else { lab.tap.read(&fd, &mut buffer) },
            );
        result.map(|n| {
            buffer.truncate(n);
            buffer
        })
    }

    /// What a verb has read.
    pub(super) fn got(&mut self, result: Result<Vec<u8>, Errno>) -> String {
        let count = result.as_ref().map(|bytes| bytes.len() as u64).map_err(|errno| *errno);
        self.last.text = result.ok();
        self.finish(count)
    }

    pub(super) fn fill(&mut self, file: &Name) -> String {
        let bytes = vec![b'x'; STEP];
        self.repeat(file, ("written", "写入"), |lab, fd, tcp| {
            if tcp { lab.tap.send(&fd, &bytes) } else { lab.tap.write(&fd, &bytes) }
        })
    }

    pub(super) fn drain(&mut self, file: &Name) -> String {
        let mut buffer = vec![0; STEP];
        self.last.text = Some(Vec::new());
        self.repeat(file, ("read", "读出"), move |lab, fd, tcp| {
            let result = if tcp { lab.tap.recv(&fd, &mut buffer) } else { lab.tap.read(&fd, &mut buffer) };
            if let Some(text) = lab.last.text.as_mut().filter(|text| text.len() < STEP) {
                text.extend(&buffer[..result.unwrap_or(0)]);
            }
            result
        })
    }

    /// The same call until it fails or moves nothing; EAGAIN is where it should end.
    fn repeat(
        &mut self,
        file: &Name,
        word: Both,
        mut call: impl FnMut(&mut Self, BorrowedFd<'_>, bool) -> Result<usize, Errno>,
    ) -> String {
        let (mut moved, mut calls) = (0_u64, 0_u64);
        let end = loop {
            calls += 1;
            let result = self.transfer(file, &mut call);
            moved += result.unwrap_or(0) as u64;
            match result {
                Ok(0) => break ("the end", "流的末尾（EOF）"),
                // A write that was interrupted after it had moved something says what it moved.
                _ if self.last.blocked.is_some() => break ("it blocked", "无限等待"),
                Ok(_) if self.taken.is_beyond() => break ("a limit of the lab", "lab 的上限"),
                Ok(_) => {}
                Err(Errno::EAGAIN) => break ("EAGAIN", "EAGAIN"),
                Err(errno) => return self.finish(Err(errno)),
            }
        };
        self.last.result = Some(Ok(moved));
        let (moved, word, end) =
            (grouped(moved), self.lang.pick(word), self.lang.of(end.0.to_owned(), joined("直到", end.1)));
        let s = if calls == 1 { "" } else { "s" };
        words!(
            self.lang,
            "{moved} bytes {word} in {calls} call{s}, until {end}",
            "{calls} 次调用，{word} {moved} 字节，{end}"
        )
    }

    /// A call on the fd that `file` names, and whether that is a TCP socket; interrupted where it waits without end.
    pub(super) fn transfer(
        &mut self,
        file: &Name,
        call: impl FnOnce(&mut Self, BorrowedFd<'_>, bool) -> Result<usize, Errno>,
    ) -> Result<usize, Errno> {
        let tcp = matches!(self.get(file), Some(Held::Tcp(_) | Held::Listener(_)));
        let moved = self.with(file, |lab, fd| lab.waiting(fd, |lab| call(lab, fd, tcp)))?;
        self.taken.move_bytes(moved as u64);
        Ok(moved)
    }

    /// A call that waits if the fd is a blocking one.
    pub(super) fn waiting<T>(&mut self, fd: BorrowedFd<'_>, call: impl FnOnce(&mut Self) -> T) -> T {
        if sys::blocks(fd) != Ok(true) {
            return call(self);
        }
        let bound = ENDLESS.min(self.taken.left());
        let (done, waited) = bounded(bound, || sys::let_through(true, || call(self)));
        self.interrupted(waited);
        done
    }
}

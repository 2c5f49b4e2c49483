//! A buffer in user space over an fd, as a TLS library or a buffered reader has one: what it holds, epoll cannot see.

use std::collections::VecDeque;

use super::Buffer;
use crate::i18n::words;
use crate::script::{Lab, Name, Outcome};
use crate::sys::Errno;

impl Lab {
    pub(super) fn buffer(&mut self, name: &Name, file: &Name, size: u32) -> Outcome {
        let buffer = Buffer { file: file.clone(), size, bytes: VecDeque::new() };
        self.buffers.insert(name.clone(), buffer);
        self.last.result = Some(Ok(0));
        Outcome::done(words!(
            self.lang,
            "{name} = a buffer of {size} bytes over {file}",
            "{name} = {file} 之上的缓冲区，{size} 字节"
        ))
    }

    /// Takes bytes out of the buffer; one that is empty is filled first, with one read.
    pub(super) fn take(&mut self, name: &Name, count: u32) -> String {
        let Some(buffer) = self.buffers.get(name) else { return String::new() };
        let (file, size) = (buffer.file.clone(), buffer.size);
        let mut bytes = Ok(Vec::new());
        if buffer.bytes.is_empty() {
            bytes = self.read_bytes(&file, size);
        }
        let Some(buffer) = self.buffers.get_mut(name) else { return String::new() };
        let result: Result<Vec<u8>, Errno> = bytes.map(|bytes| {
            buffer.bytes.extend(bytes);
            let count = buffer.bytes.len().min(count as usize);
            buffer.bytes.drain(..count).collect()
        });
        let left = buffer.bytes.len();
        let taken = result.as_ref().map(|bytes| bytes.len() as u64).map_err(|errno| *errno);
        self.last.text = result.ok();
        let said = self.finish(taken);
        words!(self.lang, "{said}, {left} left in the buffer", "{said}，缓冲区中还剩 {left}")
    }

    /// How much the buffer holds.
    pub(super) fn pending(&mut self, name: &Name) -> String {
        let pending = self.buffers.get(name).map_or(0, |buffer| buffer.bytes.len());
        self.finish(Ok(pending as u64))
    }
}

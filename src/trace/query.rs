//! What the calls are searched for, as it is typed: `recvfrom`, `fd 5`, `EAGAIN`, or a text that went through.

use super::Timeline;
use crate::record::{Call, Fd, Record, errno_by_name};

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// A call on this fd, or a report of it.
    Fd(Fd),
    /// A call that failed so, by the error's number.
    Errno(i32),
    /// A part of a call's name, or of what was received or sent.
    Text(String),
}

impl Query {
    /// Reads what was typed: an error's name is that error, all that is no fd is text.
    pub fn new(typed: &str) -> Self {
        let typed = typed.trim();
        let number = typed.strip_prefix("fd").and_then(|number| number.trim().parse().ok());
        match (number, errno_by_name(typed)) {
            (Some(fd), _) => Self::Fd(Fd(fd)),
            (None, Some(errno)) => Self::Errno(errno),
            (None, None) => Self::Text(typed.to_owned()),
        }
    }

    /// Whether `record` of `timeline` is such a call, or a part of one.
    pub fn matches(&self, record: &Record, timeline: &Timeline) -> bool {
        let call = &record.call;
        let is_part = matches!(call, Call::Event { .. } | Call::Data { .. });
        match self {
            Self::Fd(fd) => (call.is_syscall() || is_part) && call.fd() == Some(*fd),
            Self::Errno(errno) => call.ret().is_some_and(|ret| ret.raw() == -errno),
            Self::Text(text) if text.is_empty() => false,
            Self::Text(text) => call.is_syscall() && call.name().contains(&**text) || has(record, timeline, text),
        }
    }
}

/// Whether `text` begins in the bytes of this record; it may end in those that follow.
fn has(record: &Record, timeline: &Timeline, text: &str) -> bool {
    let Call::Data { fd, dir, chunk } = record.call else { return false };
    let mut bytes = chunk.bytes().to_vec();
    let wanted = bytes.len() + text.len() - 1;
    for next in timeline.range(record.seq.0, timeline.len()) {
        match next.call {
            Call::Data { fd: on, dir: way, chunk } if (on, way) == (fd, dir) && bytes.len() < wanted => {
                bytes.extend_from_slice(chunk.bytes());
            }
            _ => break,
        }
    }
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Errno;
    use crate::record::{Chunk, Dir, Nanos, Ret, Seq, Tid};

    /// The numbers of the records that are found.
    fn found(typed: &str, calls: &[Call]) -> Vec<u64> {
        let mut timeline = Timeline::default();
        calls.iter().for_each(|call| timeline.push(Record { seq: Seq(0), t: Nanos(0), tid: Tid(1), call: *call }));
        let query = Query::new(typed);
        let records = timeline.range(0, timeline.len()).filter(|record| query.matches(record, &timeline));
        records.map(|record| record.seq.0).collect()
    }

    #[test]
    fn what_is_typed_is_found_where_it_is() {
        let recv = |fd, ret| Call::Recvfrom { fd: Fd(fd), len: 64, oob: false, ret };
        let data = |bytes| Call::Data { fd: Fd(5), dir: Dir::In, chunk: Chunk::new(bytes) };
        let calls = [
            recv(5, Ret::value(30)),
            data(b"abcdefghijklmnopqrstuvwx"),
            data(b"yz recv"),
            recv(6, Ret::error(Errno::EAGAIN)),
            Call::Lost { count: 5 },
        ];
        assert_eq!(found("fd 5", &calls), [1, 2, 3]);
        assert_eq!(found("fd6", &calls), [4]);
        assert_eq!(found("EAGAIN", &calls), [4]);
        assert_eq!(found("recv", &calls), [1, 3, 4]);
        assert_eq!(found("wxyz r", &calls), [2], "across two chunks, where it begins");
        assert_eq!(found("xz", &calls), [0; 0]);
        assert_eq!(found(" ", &calls), [0; 0]);
    }
}

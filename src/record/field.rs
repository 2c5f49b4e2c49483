//! What a field of a call is to those who go through its fields: a line of a trace file, a line of text, a comparison.

use std::fmt;

use serde::de::DeserializeOwned;

use super::addr::Addr;
use super::chunk::Chunk;
use super::constant::{Constant, Phase};
use super::flags::{Interest, Mask, MsgFlags, Ready, TimerFlags, WaitMask};
use super::json::{self, Bytes};
use super::policy::Policy;
use super::types::{Fd, Tid, Timeout, TimeoutNs};

/// The type of a field of a call. [`fmt::Display`] with `{:#}` is how it stands among a call's arguments.
pub(crate) trait Field: Copy + fmt::Display {
    /// Adds it to a line of a trace file: `,"key":value`.
    fn put(self, key: &str, line: &mut String);

    fn take<S: Source>(key: &'static str, line: &mut S) -> Result<Self, S::Error>;

    /// Whether it is one of the arguments that a line of text shows.
    fn is_given(self) -> bool {
        true
    }

    /// Whether there is something to show of it, where it came back from the call.
    fn is_known(self) -> bool {
        true
    }

    /// Shows it to `each`, if that looks for its type.
    fn visit(&mut self, _each: &mut impl Each) {}

    /// It, where it is an fd.
    fn fd(mut self) -> Option<Fd> {
        struct Found(Option<Fd>);
        impl Each for Found {
            fn fd(&mut self, fd: &mut Fd) {
                self.0 = Some(*fd);
            }
        }
        let mut found = Found(None);
        self.visit(&mut found);
        found.0
    }
}

/// A line of a trace file, its fields by their names.
pub(crate) trait Source {
    type Error;

    fn optional<T: DeserializeOwned>(&mut self, key: &'static str) -> Result<Option<T>, Self::Error>;

    fn required<T: DeserializeOwned>(&mut self, key: &'static str) -> Result<T, Self::Error>;

    /// All fields as those of one value.
    fn whole<T: DeserializeOwned>(&mut self) -> Result<T, Self::Error>;

    /// A mistake in what the line says: what is wrong, and what was expected.
    fn wrong(&self, what: String) -> Self::Error;

    /// Whether the line is of the entry of a call.
    fn enter(&mut self) -> Result<bool, Self::Error> {
        Ok(self.optional::<Phase>("phase")?.is_some())
    }

    /// Whether the line has flags.
    fn has_flags(&mut self) -> Result<bool, Self::Error> {
        Ok(self.optional::<serde::de::IgnoredAny>("flags")?.is_some())
    }
}

/// Looks at fields of some types, and may change them, in the order in which a call has them.
pub(crate) trait Each {
    fn fd(&mut self, _fd: &mut Fd) {}
    /// A number that the call brought into being.
    fn new_fd(&mut self, _fd: &mut Fd) {}
    fn tid(&mut self, _tid: &mut Tid) {}
    fn addr(&mut self, _addr: &mut Addr) {}
    fn interest(&mut self, _interest: &mut Interest) {}
    fn ready(&mut self, _ready: &mut Ready) {}
}

/// The types that are one value under their key, which a line must have; how it is written, and which [`Each`] sees it.
macro_rules! values {
    ($( $type:ty: |$value:ident, $line:ident| $put:expr $(=> $each:ident)?; )*) => {$(
        impl Field for $type {
            #[inline]
            fn put(self, key: &str, line: &mut String) {
                let ($value, $line) = (self, line);
                json::key($line, key);
                $put;
            }

            fn take<S: Source>(key: &'static str, line: &mut S) -> Result<Self, S::Error> {
                line.required(key)
            }

            $( fn visit(&mut self, each: &mut impl Each) {
                each.$each(self);
            } )?
        }
    )*};
}

values! {
    i32: |number, line| json::signed(line, number.into());
    u32: |number, line| json::digits(line, number.into());
    u64: |number, line| json::digits(line, number);
    bool: |yes, line| line.push_str(if yes { "true" } else { "false" });
    Timeout: |timeout, line| json::signed(line, timeout.0.into());
    Fd: |fd, line| json::signed(line, fd.0.into()) => fd;
    Tid: |tid, line| json::digits(line, tid.0.into()) => tid;
    Interest: |mask, line| Mask::put(mask, line) => interest;
    Ready: |mask, line| Mask::put(mask, line) => ready;
    TimerFlags: |mask, line| Mask::put(mask, line);
}

impl<T: Constant + DeserializeOwned> Field for T {
    fn put(self, key: &str, line: &mut String) {
        json::key(line, key);
        json::word(line, self.name());
    }

    fn take<S: Source>(key: &'static str, line: &mut S) -> Result<Self, S::Error> {
        line.required(key)
    }
}

impl Field for Addr {
    fn put(self, key: &str, line: &mut String) {
        json::key(line, key);
        if self == Self::NONE {
            line.push_str("null");
        } else {
            json::word(line, &self.to_string());
        }
    }

    fn take<S: Source>(key: &'static str, line: &mut S) -> Result<Self, S::Error> {
        line.required(key)
    }

    fn is_known(self) -> bool {
        self != Self::NONE
    }

    fn visit(&mut self, each: &mut impl Each) {
        each.addr(self);
    }
}

/// Missing where there are none.
impl Field for MsgFlags {
    #[inline]
    fn put(self, key: &str, line: &mut String) {
        if !self.is_empty() {
            json::key(line, key);
            Mask::put(self, line);
        }
    }

    fn take<S: Source>(key: &'static str, line: &mut S) -> Result<Self, S::Error> {
        Ok(line.optional(key)?.unwrap_or_default())
    }

    fn is_given(self) -> bool {
        !self.is_empty()
    }
}

/// Missing where the thread's own mask stays.
impl Field for WaitMask {
    fn put(self, key: &str, line: &mut String) {
        if let Some(mask) = self.get() {
            json::key(line, key);
            Mask::put(mask, line);
        }
    }

    fn take<S: Source>(key: &'static str, line: &mut S) -> Result<Self, S::Error> {
        line.optional(key).map(Self::new)
    }
}

/// Missing where it is not known.
impl Field for TimeoutNs {
    fn put(self, key: &str, line: &mut String) {
        if let Some(ns) = self.get() {
            json::key(line, key);
            json::digits(line, ns);
        }
    }

    fn take<S: Source>(key: &'static str, line: &mut S) -> Result<Self, S::Error> {
        line.optional(key).map(Self::new)
    }
}

impl Field for Chunk {
    fn put(self, key: &str, line: &mut String) {
        json::key(line, key);
        line.push('"');
        json::bytes(line, self.bytes());
        line.push('"');
    }

    fn take<S: Source>(key: &'static str, line: &mut S) -> Result<Self, S::Error> {
        let Bytes(bytes) = line.required(key)?;
        let (len, most) = (bytes.len(), Self::MAX);
        if len > most {
            return Err(line.wrong(format!("`{key}` has {len} bytes, expected at most {most}")));
        }
        Ok(Self::new(&bytes))
    }
}

/// Its fields stand beside those of the record.
impl Field for Policy {
    fn put(self, _: &str, line: &mut String) {
        // A policy has no value that JSON lacks.
        let object = serde_json::to_string(&self).unwrap_or_default();
        line.push(',');
        line.push_str(object.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or_default());
    }

    /// The server may trust a policy's numbers, so they are held to what [`Policy`] promises.
    fn take<S: Source>(_: &'static str, line: &mut S) -> Result<Self, S::Error> {
        let policy: Self = line.whole()?;
        let bounds =
            [("read_size", policy.read_size, Self::MAX_READ_SIZE), ("max_events", policy.max_events, Self::MAX_EVENTS)];
        for (field, value, most) in bounds {
            if !(1..=most).contains(&value) {
                return Err(line.wrong(format!("`{field}` is {value}, expected 1 to {most}")));
            }
        }
        Ok(policy)
    }
}

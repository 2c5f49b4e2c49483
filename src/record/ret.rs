//! The result of a system call, as the kernel gives it.

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use nix::errno::Errno;
use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

use super::field::Source;
use super::json;
use super::types::Fd;

/// The highest error number in the kernel's convention for results: -4095 to -1 are errors.
const MAX_ERRNO: i32 = 4095;

/// What a system call returned: a number that is not negative, or the error's number negated, as in the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ret(i32);

impl Ret {
    /// Success without a value.
    pub const OK: Self = Self(0);

    /// A success; `value` is cut at `i32::MAX`.
    pub fn value(value: usize) -> Self {
        Self(i32::try_from(value).unwrap_or(i32::MAX))
    }

    pub fn error(errno: Errno) -> Self {
        Self(-(errno as i32))
    }

    /// From the kernel's convention: negative is an error's number.
    pub fn from_raw(raw: i32) -> Self {
        Self(raw.max(-MAX_ERRNO))
    }

    /// What a system call that moves bytes returned: 2^31 of them at most, or an error's number. read(2)
    #[allow(clippy::cast_possible_truncation, reason = "the kernel gives no more than that")]
    #[inline]
    pub(crate) fn returned(raw: i64) -> Self {
        Self(raw as i32)
    }

    #[inline]
    pub fn result(self) -> Result<usize, Errno> {
        usize::try_from(self.0).map_err(|_| Errno::from_raw(-self.0))
    }

    /// In the kernel's convention.
    pub fn raw(self) -> i32 {
        self.0
    }

    pub fn ok(self) -> Option<u32> {
        u32::try_from(self.0).ok()
    }

    pub fn errno(self) -> Option<Errno> {
        (self.0 < 0).then(|| Errno::from_raw(-self.0))
    }

    pub fn fd(self) -> Option<Fd> {
        (self.0 >= 0).then_some(Fd(self.0))
    }

    pub fn is(self, errno: Errno) -> bool {
        self == Self::error(errno)
    }

    /// Adds the result to a line of a trace file: `,"ret":0` or `,"errno":"EAGAIN"`; an error without a name is a number.
    #[inline]
    pub(crate) fn put(self, line: &mut String) {
        match self.errno() {
            None => {
                json::key(line, "ret");
                json::signed(line, self.0.into());
            }
            Some(errno) => {
                json::key(line, "errno");
                match errno {
                    // What a nonblocking server gets all the time.
                    Errno::EAGAIN => json::word(line, "EAGAIN"),
                    Errno::UnknownErrno => json::signed(line, (-self.0).into()),
                    _ => json::word(line, &errno_name(-self.0)),
                }
            }
        }
    }

    pub(crate) fn take<S: Source>(line: &mut S) -> Result<Self, S::Error> {
        match (line.optional("ret")?, line.optional("errno")?) {
            (Some(Success(ret)), None) | (None, Some(Failure(ret))) => Ok(ret),
            (None, None) => Err(line.wrong("neither `ret` nor `errno`, expected one of them".to_owned())),
            (Some(_), Some(_)) => Err(line.wrong("both `ret` and `errno`, expected one of them".to_owned())),
        }
    }
}

struct Success(Ret);

impl<'de> Deserialize<'de> for Success {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = i64::deserialize(deserializer)?;
        match i32::try_from(raw) {
            Ok(value @ 0..) => Ok(Self(Ret(value))),
            _ => Err(D::Error::invalid_value(
                Unexpected::Signed(raw),
                &"0 to 2147483647; a call that failed has `errno` instead",
            )),
        }
    }
}

struct Failure(Ret);

impl<'de> Deserialize<'de> for Failure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameOrNumber;
        impl Visitor<'_> for NameOrNumber {
            type Value = Failure;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an error's name such as \"EAGAIN\", or its number from 1 to {MAX_ERRNO}")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
                let number = errno_by_name(name).ok_or_else(|| E::invalid_value(Unexpected::Str(name), &self))?;
                Ok(Failure(Ret::from_raw(-number)))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
                match i32::try_from(number) {
                    Ok(raw @ 1..=MAX_ERRNO) => Ok(Failure(Ret::from_raw(-raw))),
                    _ => Err(E::invalid_value(Unexpected::Signed(number), &self)),
                }
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
                self.visit_i64(i64::try_from(number).unwrap_or(i64::MAX))
            }
        }
        deserializer.deserialize_any(NameOrNumber)
    }
}

impl From<Result<usize, Errno>> for Ret {
    fn from(result: Result<usize, Errno>) -> Self {
        result.map_or_else(Self::error, Self::value)
    }
}

impl From<Result<(), Errno>> for Ret {
    fn from(result: Result<(), Errno>) -> Self {
        result.map_or_else(Self::error, |()| Self::OK)
    }
}

/// The highest error number that Linux uses for its own, by errno(3).
const LAST_ERRNO: i32 = 133;

/// The symbolic name of an error number, `"EAGAIN"`; the number itself where it has no name.
pub fn errno_name(raw: i32) -> String {
    match Errno::from_raw(raw) {
        Errno::UnknownErrno => raw.to_string(),
        errno => format!("{errno:?}"),
    }
}

pub fn errno_names() -> impl Iterator<Item = String> {
    (1..=LAST_ERRNO).map(errno_name)
}

pub fn errno_by_name(name: &str) -> Option<i32> {
    static NAMES: LazyLock<HashMap<String, i32>> =
        LazyLock::new(|| (1..=LAST_ERRNO).map(|raw| (errno_name(raw), raw)).collect());
    NAMES.get(name).copied()
}

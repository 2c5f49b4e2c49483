//! The operation of epoll_ctl(2), which may be a number that the kernel does not know.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

use super::field::{Field, Source};
use super::json;

/// The operation of epoll_ctl(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CtlOp {
    /// `EPOLL_CTL_ADD`
    Add,
    /// `EPOLL_CTL_MOD`
    Mod,
    /// `EPOLL_CTL_DEL`
    Del,
    /// None of these.
    Unknown(i32),
}

impl CtlOp {
    const NAMES: [(&'static str, Self); 3] =
        [("EPOLL_CTL_ADD", Self::Add), ("EPOLL_CTL_MOD", Self::Mod), ("EPOLL_CTL_DEL", Self::Del)];

    /// As the kernel numbers them.
    pub fn number(self) -> i32 {
        match self {
            Self::Add => libc::EPOLL_CTL_ADD,
            Self::Mod => libc::EPOLL_CTL_MOD,
            Self::Del => libc::EPOLL_CTL_DEL,
            Self::Unknown(number) => number,
        }
    }

    pub fn from_number(number: i32) -> Self {
        let known = Self::NAMES.into_iter().map(|(_, op)| op).find(|op| op.number() == number);
        known.unwrap_or(Self::Unknown(number))
    }

    /// One of those that have a name.
    pub(crate) fn by_name(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(known, _)| *known == name).map(|(_, op)| op)
    }

    fn name(self) -> Option<&'static str> {
        Self::NAMES.into_iter().find(|(_, op)| *op == self).map(|(name, _)| name)
    }
}

impl fmt::Display for CtlOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => self.number().fmt(f),
        }
    }
}

/// Its name, or its number where it has none.
impl Field for CtlOp {
    fn put(self, key: &str, line: &mut String) {
        json::key(line, key);
        match self.name() {
            Some(name) => json::word(line, name),
            None => json::signed(line, self.number().into()),
        }
    }

    fn take<S: Source>(key: &'static str, line: &mut S) -> Result<Self, S::Error> {
        line.required(key)
    }
}

impl<'de> Deserialize<'de> for CtlOp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameOrNumber;
        impl Visitor<'_> for NameOrNumber {
            type Value = CtlOp;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let names = CtlOp::NAMES.map(|(name, _)| name).join(", ");
                write!(f, "an operation, one of {names}")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<CtlOp, E> {
                CtlOp::by_name(name).ok_or_else(|| E::invalid_value(Unexpected::Str(name), &self))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<CtlOp, E> {
                let number = i32::try_from(number).map_err(|_| E::invalid_value(Unexpected::Signed(number), &self))?;
                Ok(CtlOp::from_number(number))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<CtlOp, E> {
                self.visit_i64(i64::try_from(number).unwrap_or(i64::MAX))
            }
        }
        deserializer.deserialize_any(NameOrNumber)
    }
}

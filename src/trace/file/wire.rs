//! The values of the file's fields that are not plain numbers, each with its own word on what was expected there.

use std::fmt;
use std::marker::PhantomData;
use std::net::SocketAddr;

use bitflags::Flags;
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Unexpected, Visitor};

use super::names::{Constant, bits_by_name};
use crate::record::{Addr, Ret, errno_by_name};

/// The highest error number that the kernel's convention for results leaves room for.
const MAX_ERRNO: i64 = 4095;

/// A constant under its name.
#[derive(Debug)]
pub(super) struct Named<T>(pub(super) T);

impl<'de, T: Constant> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name<T>(PhantomData<T>);
        impl<T: Constant> Visitor<'_> for Name<T> {
            type Value = Named<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}, one of {}", T::WHAT, T::names())
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
                T::by_name(name).map(Named).ok_or_else(|| E::invalid_value(Unexpected::Str(name), &self))
            }
        }
        deserializer.deserialize_str(Name(PhantomData))
    }
}

/// A mask as a list of names and hexadecimal strings.
#[derive(Debug)]
pub(super) struct Mask<F>(pub(super) F);

impl<'de, F: Flags<Bits = u32>> Deserialize<'de> for Mask<F> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List<F>(PhantomData<F>);
        impl<'de, F: Flags<Bits = u32>> Visitor<'de> for List<F> {
            type Value = Mask<F>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of event names")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut bits = 0;
                while let Some(Entry::<F>(entry, _)) = list.next_element()? {
                    bits |= entry;
                }
                Ok(Mask(F::from_bits_retain(bits)))
            }
        }
        deserializer.deserialize_seq(List(PhantomData))
    }
}

struct Entry<F>(u32, PhantomData<F>);

impl<'de, F: Flags<Bits = u32>> Deserialize<'de> for Entry<F> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name<F>(PhantomData<F>);
        impl<F: Flags<Bits = u32>> Visitor<'_> for Name<F> {
            type Value = Entry<F>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one of ")?;
                F::FLAGS.iter().try_for_each(|flag| write!(f, "EPOLL{}, ", flag.name()))?;
                f.write_str("or other bits as \"0x40\"")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
                let bits = bits_by_name::<F>(name);
                bits.map_or_else(
                    || Err(E::invalid_value(Unexpected::Str(name), &self)),
                    |bits| Ok(Entry(bits, PhantomData)),
                )
            }
        }
        deserializer.deserialize_str(Name(PhantomData))
    }
}

/// The flags of recvfrom and sendto. Others than `MSG_OOB` are refused, since they change what the call means.
#[derive(Debug, Default)]
pub(super) struct TransferFlags {
    /// `MSG_OOB`
    pub(super) oob: bool,
}

#[derive(Clone, Copy)]
struct MsgOob;

impl Constant for MsgOob {
    const WHAT: &'static str = "a flag";
    const ALL: &'static [Self] = &[Self];

    fn name(self) -> &'static str {
        "MSG_OOB"
    }
}

impl<'de> Deserialize<'de> for TransferFlags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let flags = Vec::<Named<MsgOob>>::deserialize(deserializer)?;
        Ok(Self { oob: !flags.is_empty() })
    }
}

/// What a call that succeeded returned.
#[derive(Debug)]
pub(super) struct Success(pub(super) Ret);

impl<'de> Deserialize<'de> for Success {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = i64::deserialize(deserializer)?;
        match i32::try_from(raw) {
            Ok(value @ 0..) => Ok(Self(Ret::from_raw(value))),
            _ => Err(D::Error::invalid_value(
                Unexpected::Signed(raw),
                &"0 to 2147483647; a call that failed has `errno` instead",
            )),
        }
    }
}

/// Why a call failed.
#[derive(Debug)]
pub(super) struct Failure(pub(super) Ret);

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
                    Ok(raw) if (1..=MAX_ERRNO).contains(&number) => Ok(Failure(Ret::from_raw(-raw))),
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

/// An address with its port, or null. Not an `Option`, which would let the field be missing.
#[derive(Debug)]
pub(super) struct Address(pub(super) Addr);

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Address;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an address such as \"127.0.0.1:9292\" or \"[::1]:9292\", or null")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                let addr: SocketAddr = text.parse().map_err(|_| E::invalid_value(Unexpected::Str(text), &self))?;
                Ok(Address(addr.into()))
            }

            fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
                Ok(Address(Addr::NONE))
            }
        }
        deserializer.deserialize_any(Text)
    }
}

/// Bytes in the escaping of [`slice::escape_ascii`].
#[derive(Debug)]
pub(super) struct Bytes(pub(super) Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Escaped;
        impl Visitor<'_> for Escaped {
            type Value = Bytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(r#"printable ASCII, every other byte as \n, \r, \t, \\, \", \' or \x1b"#)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                match unescape(text) {
                    Ok(bytes) => Ok(Bytes(bytes)),
                    Err(rest) => {
                        let start: String = rest.chars().take(4).collect();
                        Err(E::invalid_value(Unexpected::Str(&start), &self))
                    }
                }
            }
        }
        deserializer.deserialize_str(Escaped)
    }
}

/// The bytes, or what is left of the text at the first mistake.
fn unescape(text: &str) -> Result<Vec<u8>, &str> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (byte, used) = match first {
            '\\' => escape(&rest[1..]).ok_or(rest)?,
            ' '..='~' => (first as u8, 1),
            _ => return Err(rest),
        };
        bytes.push(byte);
        rest = &rest[used..];
    }
    Ok(bytes)
}

/// The byte of the escape that begins after its backslash, and the length of it all.
fn escape(after: &str) -> Option<(u8, usize)> {
    let byte = match after.bytes().next()? {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'x' => {
            let digits = after.get(1..3).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
            return Some((u8::from_str_radix(digits, 16).ok()?, 4));
        }
        same @ (b'\\' | b'"' | b'\'') => same,
        _ => return None,
    };
    Some((byte, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_comes_back() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(unescape(&all.escape_ascii().to_string()), Ok(all));
    }

    #[test]
    fn a_wrong_escape_is_found() {
        for (text, rest) in [
            (r"ab\q", r"\q"),
            (r"\x1", r"\x1"),
            (r"\x+1", r"\x+1"),
            ("\\", "\\"),
            ("aé", "é"),
            ("\n", "\n"),
            ("\\xé", "\\xé"),
        ] {
            assert_eq!(unescape(text), Err(rest), "{text:?}");
        }
    }
}

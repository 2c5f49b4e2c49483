//! Pieces of a JSON line, put together without [`std::fmt`] where there are many: it would take most of the time of a recording.

use std::fmt::Write as _;

use bitflags::Flags;

use super::names::{Constant, bits_of};
use crate::record::{Addr, Ret, errno_name};

/// `,"key":`
#[inline]
fn key(line: &mut String, key: &str) {
    line.push_str(",\"");
    line.push_str(key);
    line.push_str("\":");
}

/// `,"key":7`
#[inline]
pub(super) fn number(line: &mut String, name: &str, number: impl Into<i64>) {
    key(line, name);
    signed(line, number);
}

/// A number.
#[inline]
pub(super) fn signed(line: &mut String, number: impl Into<i64>) {
    let number = number.into();
    if number < 0 {
        line.push('-');
    }
    digits(line, number.unsigned_abs());
}

/// A number without a sign.
#[inline]
pub(super) fn digits(line: &mut String, mut number: u64) {
    let (mut text, mut at) = ([b'0'; 20], 20);
    loop {
        at -= 1;
        text[at] = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
        if number == 0 {
            break;
        }
    }
    line.push_str(std::str::from_utf8(&text[at..]).unwrap_or_default());
}

/// `,"key":"EPOLL_CTL_ADD"`
pub(super) fn constant<T: Constant>(line: &mut String, name: &str, value: T) {
    key(line, name);
    line.push('"');
    line.push_str(value.name());
    line.push('"');
}

/// `,"ret":0` or `,"errno":"EAGAIN"`; an error without a name is a number.
#[inline]
pub(super) fn ret(line: &mut String, ret: Ret) {
    match ret.errno() {
        None => number(line, "ret", ret.raw()),
        Some(nix::errno::Errno::EAGAIN) => line.push_str(r#","errno":"EAGAIN""#),
        Some(nix::errno::Errno::UnknownErrno) => number(line, "errno", -ret.raw()),
        Some(_) => {
            line.push_str(",\"errno\":\"");
            line.push_str(&errno_name(-ret.raw()));
            line.push('"');
        }
    }
}

/// `,"key":["EPOLLIN","0x40"]`
pub(super) fn mask<F: Flags<Bits = u32>>(line: &mut String, name: &str, mask: &F) {
    key(line, name);
    line.push('[');
    let (names, rest) = bits_of(mask);
    let mut before = "\"EPOLL";
    for name in names {
        line.push_str(before);
        line.push_str(name);
        line.push('"');
        before = ",\"EPOLL";
    }
    if rest != 0 {
        line.push_str(if before.starts_with(',') { ",\"" } else { "\"" });
        // Writing into a String does not fail.
        let _ = write!(line, "{rest:#x}");
        line.push('"');
    }
    line.push(']');
}

/// `,"addr":"127.0.0.1:9292"`, or null.
pub(super) fn address(line: &mut String, addr: Addr) {
    key(line, "addr");
    match addr.socket_addr() {
        Some(addr) => {
            let _ = write!(line, "\"{addr}\"");
        }
        None => line.push_str("null"),
    }
}

/// The bytes in the escaping of [`slice::escape_ascii`], and that in the escaping of a JSON string.
#[inline]
pub(super) fn bytes(line: &mut String, bytes: &[u8]) {
    let mut rest = bytes;
    while !rest.is_empty() {
        let plain = rest.iter().take_while(|byte| matches!(byte, b' '..=b'~') && !b"\"'\\".contains(byte)).count();
        let (clear, other) = rest.split_at(plain);
        line.push_str(std::str::from_utf8(clear).unwrap_or_default());
        let Some((escaped, after)) = other.split_first() else { return };
        for byte in escaped.escape_ascii() {
            if matches!(byte, b'"' | b'\\') {
                line.push('\\');
            }
            line.push(char::from(byte));
        }
        rest = after;
    }
}

/// `,"key":"ab\\n"`
pub(super) fn string(line: &mut String, name: &str, content: &[u8]) {
    key(line, name);
    line.push('"');
    bytes(line, content);
    line.push('"');
}

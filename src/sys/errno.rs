//! What an error number means, in the words of the C library: those that errno(3) and strace have.

use std::io;

use super::Errno;

/// What the C library says of an error. strerror(3)
pub fn describe(errno: Errno) -> String {
    match errno {
        Errno::UnknownErrno => "unknown error".to_owned(),
        errno => describe_raw(errno as i32),
    }
}

/// The same of an error number, also of one that has no name.
pub fn describe_raw(number: i32) -> String {
    let text = io::Error::from_raw_os_error(number).to_string();
    text.strip_suffix(&format!(" (os error {number})")).unwrap_or(&text).to_owned()
}

//! Files that somebody else may have written, read as text.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use crate::i18n::{Message, message};

/// The text of a file of at most `most` bytes, or what is wrong with it.
///
/// # Errors
/// It is missing, no regular file, too large, or no text; or the file system refused.
pub fn text(path: &Path, most: u64) -> Result<String, Message> {
    let unreadable = |error: io::Error| message!("cannot be read: {error}", "无法读取：{error}");
    // Asked before it is opened: a FIFO would keep the caller until somebody writes.
    let metadata = fs::metadata(path).map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(("is a directory, not a file", "是目录，不是文件").into());
    }
    if !metadata.is_file() {
        return Err(("is not a file", "不是文件").into());
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(most + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > most {
        return Err(message!("is larger than {} KiB", "大于 {} KiB", most >> 10));
    }
    String::from_utf8(bytes).map_err(|error| {
        let byte = error.utf8_error().valid_up_to() + 1;
        message!("is not text in UTF-8: byte {byte} is wrong", "不是 UTF-8 文本，第 {byte} 个字节有误")
    })
}

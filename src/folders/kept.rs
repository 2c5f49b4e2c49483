//! Files that the program keeps, which several instances of it may change at the same time.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::text;
use crate::i18n::{Message, message, shown, words};

/// The largest file that is read, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// What is in the file: nothing where there is none.
pub fn kept<T: Default + DeserializeOwned>(file: &Path) -> Result<T, Message> {
    if !file.exists() {
        return Ok(T::default());
    }
    let read = text(file, MAX_FILE).and_then(|text| {
        serde_json::from_str(&text).map_err(|error| message!("cannot be read: {error}", "无法读取：{error}"))
    });
    read.map_err(|what| {
        let file = shown(file);
        Message::new(|lang| {
            let what = what.words(lang);
            words!(
                lang,
                "{file} {what}; progress is kept again once it is moved away",
                "{file} {what}；移走它之后才能保存进度"
            )
        })
    })
}

/// Changes what is in the file, and gives it as it is then. The file is replaced as a whole, so that a crash leaves the old
/// one or the new one. One that can't be read is left as it is.
///
/// # Errors
/// What is wrong with the file, or what the file system refused.
pub fn change<T>(file: &Path, change: impl FnOnce(&mut T)) -> Result<T, Message>
where
    T: Default + DeserializeOwned + Serialize,
{
    replace(file, change).unwrap_or_else(|error| Err(message!("{}: {error}", "{}：{error}", shown(file))))
}

fn replace<T>(file: &Path, change: impl FnOnce(&mut T)) -> io::Result<Result<T, Message>>
where
    T: Default + DeserializeOwned + Serialize,
{
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder)?;
    // Whoever holds the lock does so for the few lines below.
    let locked = File::open(folder)?;
    locked.lock()?;
    let mut all: T = match kept(file) {
        Ok(all) => all,
        Err(wrong) => return Ok(Err(wrong)),
    };
    change(&mut all);
    let new = file.with_extension("new");
    // One that a crash has left, or that is no file at all.
    let _ = fs::remove_file(&new);
    let mut out = File::create_new(&new)?;
    out.write_all(serde_json::to_string_pretty(&all)?.as_bytes())?;
    out.sync_all()?;
    fs::rename(&new, file)?;
    Ok(Ok(all))
}

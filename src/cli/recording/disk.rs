//! Whether a recording is about to fill its disk: a server that runs freely writes some ten megabytes a second.

use std::fs::File;
use std::time::{Duration, Instant};

use nix::sys::statvfs::fstatvfs;

use crate::i18n::{Lang, grouped, words};

/// How often the disk is looked at; a shorter stretch is no measure of speed.
const EVERY: Duration = Duration::from_secs(1);
/// A warning comes this long before the disk is full.
const SOON: Duration = Duration::from_mins(10);

/// The disk as it was at the last look.
pub(super) struct Disk {
    looked: Instant,
    len: u64,
    warned: bool,
}

impl Disk {
    pub(super) fn new() -> Self {
        Self { looked: Instant::now(), len: 0, warned: false }
    }

    /// A warning, once, where the file grows so fast that its disk is soon full.
    pub(super) fn look(&mut self, file: &File, lang: Lang) -> Option<String> {
        let within = self.looked.elapsed();
        if self.warned || within < EVERY {
            return None;
        }
        let metadata = file.metadata().ok().filter(std::fs::Metadata::is_file)?;
        let grown = metadata.len().saturating_sub(self.len);
        (self.looked, self.len) = (Instant::now(), metadata.len());
        let disk = fstatvfs(file).ok()?;
        let free = disk.blocks_available().saturating_mul(disk.fragment_size());
        let left = left(grown, within, free).filter(|left| *left < SOON)?;
        self.warned = true;
        let (free, minutes) = (grouped(free >> 20), grouped(left.as_secs().div_ceil(60)));
        Some(words!(
            lang,
            "at this speed the recording fills its disk within {minutes} min: {free} MiB are free",
            "照这个速度，录制文件将在 {minutes} 分钟内写满磁盘：只剩 {free} MiB"
        ))
    }
}

/// How long the free bytes last, where so many were written within this time.
fn left(grown: u64, within: Duration, free: u64) -> Option<Duration> {
    let millis = u128::from(free) * within.as_millis() / u128::from(Some(grown).filter(|grown| *grown > 0)?);
    Some(Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_free_lasts_as_the_speed_says() {
        let second = Duration::from_secs(1);
        assert_eq!(left(10 << 20, second, 600 << 20), Some(60 * second));
        assert_eq!(left(1, second, 1), Some(second));
        assert_eq!(left(0, second, 1), None);
        assert_eq!(left(1, Duration::from_hours(1), u64::MAX), Some(Duration::from_millis(u64::MAX)));
    }
}

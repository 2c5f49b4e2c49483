//! The first line: what was recorded, where and when.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::{LineError, TraceError, printable};
use crate::record::SAMPLED_AFTER_WAIT;

const FORMAT: &str = "epollscope-trace";

const VERSION: u64 = 1;

/// What a recording says of itself. The strings come from the file and may be anything: escape them before they go to a
/// terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The kernel's release, as `uname -r` gives it.
    pub kernel: String,
    /// When the recording began, in UTC, as RFC 3339 writes it: `2026-03-01T09:30:00Z`; `None` if its times are
    /// not those of a clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<String>,
    /// What was recorded: `serve 127.0.0.1:9292`.
    pub source: String,
    /// How many of the fds that a wait reported were sampled after it, the first ones. A sample right after a wait explains
    /// the report of its fd, so whoever reads must know which reports have one.
    #[serde(default = "sampled_by_older")]
    pub sampled_after_wait: usize,
}

/// The number in all versions that did not write it.
fn sampled_by_older() -> usize {
    16
}

#[derive(Serialize)]
struct Line<'a> {
    format: &'a str,
    version: u64,
    #[serde(flatten)]
    header: &'a Header,
}

impl Header {
    /// A header for a recording of `source` that begins now, under the running kernel.
    pub fn now(source: impl Into<String>) -> Self {
        let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease");
        Self {
            kernel: kernel.map_or_else(|_| "unknown".to_owned(), |text| text.trim().to_owned()),
            started: Some(rfc3339(SystemTime::now())),
            source: source.into(),
            sampled_after_wait: SAMPLED_AFTER_WAIT,
        }
    }

    /// For a recording whose first line is missing.
    pub(super) fn none() -> Self {
        Self {
            kernel: "unknown".to_owned(),
            started: None,
            source: "a recording without its first line".to_owned(),
            sampled_after_wait: sampled_by_older(),
        }
    }

    pub(super) fn to_line(&self) -> serde_json::Result<String> {
        serde_json::to_string(&Line { format: FORMAT, version: VERSION, header: self })
    }

    /// Reads the first line of `file`. An unknown format or version is refused before anything else is read, since the rest
    /// may mean something else there.
    pub(super) fn parse(line: &str, file: &str) -> Result<Self, TraceError> {
        let other = |what: &str| TraceError::NotATrace { file: file.to_owned(), what: what.to_owned() };
        let value: Value = serde_json::from_str(line).map_err(|_| other("its first line is not JSON"))?;
        match value.get("format").and_then(Value::as_str) {
            Some(FORMAT) => {}
            Some(format) => return Err(other(&format!("its format is {:?}", printable(format)))),
            None => return Err(other("its first line has no `format`")),
        }
        match value.get("version") {
            Some(version) if version.as_u64() == Some(VERSION) => {}
            Some(version) => {
                return Err(TraceError::Version { file: file.to_owned(), version: printable(&version.to_string()) });
            }
            None => return Err(other("its first line has no `version`")),
        }
        serde_json::from_value(value).map_err(|error| LineError::from(error).at(file, 1))
    }
}

/// The time in UTC, to the second; times before 1970 are shown as its first second.
/// The time by RFC 3339, to the second, in UTC.
pub(crate) fn rfc3339(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // Days are counted from 1 March of the year 0, so that a leap day is the last of its year, and years come in eras
    // of 400, all of one length.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = (era * 400 + year + u64::from(month >= 10), if month < 10 { month + 3 } else { month - 9 });
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        let known = [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_772_357_400, "2026-03-01T09:30:00Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ];
        for (seconds, text) in known {
            assert_eq!(rfc3339(UNIX_EPOCH + Duration::from_secs(seconds)), text);
        }
    }
}

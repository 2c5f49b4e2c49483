//! Records as a trace file.

use epollscope::record::Record;
use epollscope::trace::{Header, Writer};

pub(crate) const HEADER: &str =
    r#"{"format":"epollscope-trace","version":1,"kernel":"6.18","started":"2026-03-01T09:30:00Z","source":"test"}"#;

pub(crate) fn header() -> Header {
    Header {
        kernel: "6.18".into(),
        started: Some("2026-03-01T09:30:00Z".into()),
        source: "test".into(),
        sampled_after_wait: 16,
    }
}

/// The file that the records make.
pub(crate) fn written(records: &[Record]) -> String {
    let mut writer = Writer::new(Vec::new(), &header()).expect("a vector takes all");
    for record in records {
        writer.write(record).expect("a vector takes all");
        writer.flush().expect("a vector takes all");
    }
    let file = writer.finish().expect("a vector takes all");
    assert!(file.is_ascii());
    String::from_utf8(file).expect("it is ASCII")
}

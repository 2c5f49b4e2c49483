//! Records into JSON.

use std::fmt;
use std::io::{self, Write};

use super::header::Header;
use super::lines::{Format, Lines};
use super::variant;
use crate::record::{Call, Field as _, Record, Returns, Row as _, json};

/// Writes a recording. Use a [`BufWriter`](io::BufWriter) unless every line must be visible at once.
pub type Writer<W> = Lines<W, Json>;

impl<W: Write> Writer<W> {
    /// Begins a recording: writes `header`.
    pub fn new(mut out: W, header: &Header) -> io::Result<Self> {
        let mut line = header.to_line()?;
        line.push('\n');
        out.write_all(line.as_bytes())?;
        Ok(Self::of(out, Json::default()))
    }

    /// Continues a file of several servers, whose header is already written, with the records of `variant`.
    pub fn of_variant(out: W, variant: &str) -> Self {
        Self::of(out, Json { variant: Some(variant.to_owned()), at: At::Fields })
    }
}

/// The lines of a trace file.
#[derive(Debug, Default)]
pub struct Json {
    /// The server whose lines they are, in a file of several.
    variant: Option<String>,
    at: At,
}

/// How far a line is written.
#[derive(Debug, Default)]
enum At {
    #[default]
    Fields,
    /// In the event list; `first` if it has no entry yet.
    Events { first: bool },
    /// In the string of bytes.
    Bytes,
}

impl Format for Json {
    fn begin(&mut self, line: &mut String, record: &Record) -> fmt::Result {
        let Record { seq, t, tid, call } = record;
        match &self.variant {
            None => line.push('{'),
            Some(variant) => variant::begin(line, variant)?,
        }
        line.push_str("\"seq\":");
        json::digits(line, seq.0);
        line.push_str(",\"t_ns\":");
        json::digits(line, t.0);
        line.push_str(",\"tid\":");
        json::digits(line, tid.0.into());
        line.push_str(",\"call\":\"");
        line.push_str(call.name());
        line.push('"');
        call.put(line);
        self.at = At::Fields;
        if let Some((Returns::Events, ret)) = call.returned()
            && ret.ok().is_some()
        {
            line.push_str(r#","events":["#);
            self.at = At::Events { first: true };
        }
        Ok(())
    }

    fn part(&mut self, line: &mut String, part: &Record) -> fmt::Result {
        match part.call {
            Call::Event { fd, ready, .. } => {
                if !matches!(self.at, At::Events { first: true }) {
                    line.push(',');
                }
                self.at = At::Events { first: false };
                line.push_str("{\"fd\":");
                json::signed(line, fd.0.into());
                ready.put("events", line);
                line.push('}');
            }
            Call::Data { chunk, .. } => {
                if !matches!(self.at, At::Bytes) {
                    line.push_str(r#","data":""#);
                }
                self.at = At::Bytes;
                json::bytes(line, chunk.bytes());
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, line: &mut String) -> fmt::Result {
        line.push_str(match self.at {
            At::Fields => "}",
            At::Events { .. } => "]}",
            At::Bytes => "\"}",
        });
        Ok(())
    }
}

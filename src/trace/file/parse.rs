//! One line of text into the records that it stands for.
//!
//! A line is taken apart into its fields first, whose values stay text; then the table of calls takes those that it wants,
//! each with serde's exact message where it is not as it should be. So what one call's field is called does not bind
//! another's, and fields without a meaning here are passed over.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::error::{LineError, printable};
use crate::record::json::Bytes;
use crate::record::{Call, Chunk, CtlOp, Dir, Fd, Nanos, Ready, Record, Returns, Row, Seq, Source, Tid};

/// What a line turned out to be.
#[derive(Debug)]
pub(super) enum Parsed {
    /// Its records were appended; the first has this number.
    Records(Seq),
    /// A call of this name, which this version does not know.
    Unknown(Seq, String),
}

/// Appends the records of a line to `records`. After a mistake, what was appended is without meaning.
pub(super) fn line(text: &str, records: &mut VecDeque<Record>) -> Result<Parsed, LineError> {
    if !text.trim_ascii_start().starts_with('{') {
        let what = "this is no JSON object, expected one such as {\"seq\":7,…}".to_owned();
        return Err(LineError { column: Some(1), what, broken: true });
    }
    let Fields(fields) = serde_json::from_str(text)?;
    let mut line = Line { text, fields };
    let seq = Seq(line.required("seq")?);
    let name: Name<'_> = line.required_here("call")?;
    line.complete(&name.0)?;
    // An unknown call's fields may mean something else, so nothing is expected of them.
    let Some(call) = Call::take(&name.0, &mut line)? else { return Ok(Parsed::Unknown(seq, printable(&name.0))) };
    let (t, tid) = (Nanos(line.required("t_ns")?), line.required("tid")?);
    let mut parts = Parts { next: Some(seq.0), t, tid, records };
    parts.add(call)?;
    if let (Some((returns, _)), Some(fd)) = (call.returned(), call.fd()) {
        parts.add_parts(returns, fd, &mut line)?;
    }
    Ok(Parsed::Records(seq))
}

/// A line by its fields.
struct Line<'a> {
    text: &'a str,
    /// Each with its value as it is written.
    fields: Vec<(Cow<'a, str>, &'a str)>,
}

impl<'a> Line<'a> {
    /// The kernel passes over the mask of `EPOLL_CTL_DEL`, so a line may lack it.
    fn complete(&mut self, call: &str) -> Result<(), LineError> {
        if call == "epoll_ctl" && self.value("events")?.is_none() {
            let op: CtlOp = self.required("op")?;
            if op != CtlOp::Del {
                return Err(self.missing("events", &format!("the mask of {op}")));
            }
            self.fields.push((Cow::Borrowed("events"), "[]"));
        }
        Ok(())
    }

    /// The text of a field's value.
    fn value(&self, key: &str) -> Result<Option<&'a str>, LineError> {
        let mut named = self.fields.iter().filter(|(name, _)| name == key).map(|(_, value)| *value);
        let first = named.next();
        match named.next() {
            Some(second) => Err(LineError {
                column: Some(self.before(second) + 1),
                ..LineError::new(format!("duplicate field `{key}`"))
            }),
            None => Ok(first),
        }
    }

    /// How many bytes stand before `value` in the line.
    fn before(&self, value: &str) -> usize {
        value.as_ptr().addr().saturating_sub(self.text.as_ptr().addr())
    }

    fn read<T: Deserialize<'a>>(&self, value: &'a str) -> Result<T, LineError> {
        serde_json::from_str(value).map_err(|error| {
            let error = LineError::from(error);
            LineError { column: error.column.map(|column| self.before(value) + column), ..error }
        })
    }

    fn required_here<T: Deserialize<'a>>(&self, key: &str) -> Result<T, LineError> {
        let value = self.value(key)?.ok_or_else(|| self.missing(key, ""))?;
        self.read(value)
    }

    fn missing(&self, key: &str, expected: &str) -> LineError {
        let expected = if expected.is_empty() { String::new() } else { format!(", expected {expected}") };
        LineError { column: Some(self.text.len()), ..LineError::new(format!("missing field `{key}`{expected}")) }
    }
}

impl Source for Line<'_> {
    type Error = LineError;

    fn optional<T: DeserializeOwned>(&mut self, key: &'static str) -> Result<Option<T>, LineError> {
        self.value(key)?.map(|value| self.read(value)).transpose()
    }

    fn required<T: DeserializeOwned>(&mut self, key: &'static str) -> Result<T, LineError> {
        match self.value(key)? {
            Some(value) => self.read(value),
            // What serde says of a null it would say of any other value.
            None => Err(match serde_json::from_str::<T>("null") {
                Err(error) => self.missing(key, error.to_string().split(", expected ").nth(1).unwrap_or_default()),
                Ok(_) => self.missing(key, ""),
            }),
        }
    }

    fn whole<T: DeserializeOwned>(&mut self) -> Result<T, LineError> {
        Ok(serde_json::from_str(self.text)?)
    }

    fn wrong(&self, what: String) -> LineError {
        LineError::new(what)
    }
}

#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

struct Fields<'a>(Vec<(Cow<'a, str>, &'a str)>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
                let mut fields = Vec::with_capacity(10);
                while let Some((Name(key), value)) = map.next_entry::<Name<'de>, &'de RawValue>()? {
                    fields.push((key, value.get()));
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

#[derive(Deserialize)]
#[serde(expecting = "an event such as {\"fd\":5,\"events\":[\"EPOLLIN\"]}")]
struct Reported {
    fd: Fd,
    events: Ready,
}

/// The records of one line, numbered from the line's own `seq`.
struct Parts<'a> {
    next: Option<u64>,
    t: Nanos,
    tid: Tid,
    records: &'a mut VecDeque<Record>,
}

impl Parts<'_> {
    fn add(&mut self, call: Call) -> Result<(), LineError> {
        let seq =
            self.next.ok_or_else(|| LineError::new("`seq` is too high to count on, expected a smaller number"))?;
        self.next = seq.checked_add(1);
        self.records.push_back(Record { seq: Seq(seq), t: self.t, tid: self.tid, call });
        Ok(())
    }

    /// What follows a call that returns this: its events, or its bytes.
    fn add_parts(&mut self, returns: Returns, of: Fd, line: &mut Line<'_>) -> Result<(), LineError> {
        let dir = match returns {
            Returns::Received => Dir::In,
            Returns::Sent => Dir::Out,
            Returns::Events => {
                let events: Option<Vec<Reported>> = line.optional("events")?;
                return events
                    .into_iter()
                    .flatten()
                    .try_for_each(|Reported { fd, events: ready }| self.add(Call::Event { epfd: of, fd, ready }));
            }
            Returns::Ret | Returns::Fd | Returns::Tid => return Ok(()),
        };
        let Some(Bytes(bytes)) = line.optional("data")? else { return Ok(()) };
        bytes.chunks(Chunk::MAX).try_for_each(|chunk| self.add(Call::Data { fd: of, dir, chunk: Chunk::new(chunk) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_in_the_table_is_read() {
        for (name, _) in Call::names() {
            let text = format!(r#"{{"seq":1,"t_ns":2,"tid":3,"call":"{name}"}}"#);
            match line(&text, &mut VecDeque::new()) {
                // A policy that says nothing is the usual one; a stop and a woken thread have nothing to say.
                Ok(Parsed::Records(Seq(1))) => {
                    assert!(["policy", "follow", "stop", "woken"].contains(&name), "{name}");
                }
                Ok(other) => panic!("{name}: {other:?}"),
                Err(mistake) => assert!(mistake.what.contains("expected"), "{name}: {}", mistake.what),
            }
        }
    }
}

//! `"twin"`: the first field of each line of a recording of `compare`, with the name of the variant whose line it is.

use std::fmt::Write as _;

const BEGINS: &str = r#"{"twin":"#;

/// Writes `{"twin":"NAME",`; the rest of the line follows without its brace.
pub(super) fn begin(line: &mut String, variant: &str) -> std::fmt::Result {
    write!(line, "{BEGINS}{},", serde_json::Value::from(variant))
}

/// Whose line it is. The field is removed, so the rest is a line like any other. A line without the field is not changed.
pub(super) fn take(line: &mut Vec<u8>) -> Option<String> {
    let rest = line.strip_prefix(BEGINS.as_bytes())?;
    let mut names = serde_json::Deserializer::from_slice(rest).into_iter::<String>();
    let name = names.next()?.ok()?;
    let behind = BEGINS.len() + names.byte_offset();
    if line.get(behind) != Some(&b',') {
        return None;
    }
    line.splice(..=behind, *b"{");
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_is_put_in_and_taken_out() {
        for name in ["edge+drain", "", "a \"b\" \\", "边缘"] {
            let mut line = String::new();
            begin(&mut line, name).expect("a string takes all");
            let mut line = (line + r#""seq":1}"#).into_bytes();
            assert_eq!(take(&mut line).as_deref(), Some(name));
            assert_eq!(line, br#"{"seq":1}"#);
        }
        for other in [r#"{"seq":1,"twin":"a"}"#, r#"{"twin":1,"seq":1}"#, r#"{"twin":"a"#, r#"{"twin":"a"}"#, ""] {
            let mut line = other.as_bytes().to_vec();
            assert_eq!(take(&mut line), None, "{other}");
            assert_eq!(line, other.as_bytes());
        }
    }
}

//! Copying by OSC 52: the terminal is asked to put a text on the clipboard of its user, also over ssh. A terminal that
//! does not allow it ignores that.

/// The most bytes of a text that are sent: what common terminals take in one sequence.
const MOST: usize = 72 << 10;

/// What is written to the terminal. The text is encoded, so that nothing in it can be a command.
pub fn copying(text: &str) -> String {
    let cut = text.floor_char_boundary(MOST);
    format!("\x1b]52;c;{}\x1b\\", base64(&text.as_bytes()[..cut]))
}

/// Bytes as RFC 4648 encodes them.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |i: usize| u32::from(three.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * i) & 63) as usize];
            out.push(if i <= three.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
#[test]
fn base64_is_that_of_rfc_4648() {
    for (plain, coded) in
        [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("ß\u{ff}", "w5/Dvw==")]
    {
        assert_eq!(base64(plain.as_bytes()), coded);
    }
    assert_eq!(copying("a\x1b"), "\x1b]52;c;YRs=\x1b\\");
}

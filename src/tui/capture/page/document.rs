//! The HTML around screens and words: one file that asks nobody for anything, and may not.

use std::fmt::{self, Write as _};

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::i18n::Lang;
use crate::tui::capture::svg::Escaped;
use crate::tui::terminal::base64;

const STYLE: &str = include_str!("page.css");

/// What a page is about.
#[derive(Clone, Debug, Default)]
pub struct About {
    pub title: String,
    /// A line each: when and where it was recorded, what is missing.
    pub facts: Vec<String>,
}

/// A page with this body, which has to be escaped, and without a script of its own.
pub fn plain_page(about: &About, lang: Lang, body: &str) -> String {
    document(about, lang, body, &Value::Null, "\"use strict\";")
}

/// Writes a page with this body and this script. Both the script and the style are known by their hash, and nothing else
/// is allowed: no other script, no picture, no request.
pub(super) fn document(about: &About, lang: Lang, body: &str, data: &Value, script: &str) -> String {
    let mut page = String::new();
    // Nothing fails to be written into a string.
    let _ = write_document(&mut page, about, lang, body, data, script);
    page
}

fn write_document(out: &mut String, about: &About, lang: Lang, body: &str, data: &Value, script: &str) -> fmt::Result {
    let hash = |text: &str| format!("'sha256-{}'", base64(&Sha256::digest(text.as_bytes())));
    let title = Escaped(&about.title);
    writeln!(out, "<!doctype html>\n<html lang=\"{}\">", lang.of("en", "zh-CN"))?;
    writeln!(out, "<meta charset=\"utf-8\">")?;
    writeln!(
        out,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src {}; style-src {}; \
         base-uri 'none'; form-action 'none'\">",
        hash(script),
        hash(STYLE)
    )?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
    writeln!(out, "<meta name=\"referrer\" content=\"no-referrer\">")?;
    writeln!(out, "<meta name=\"generator\" content=\"epollscope {}\">", env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "<title>{title}</title>\n<style>{STYLE}</style>")?;
    writeln!(out, "<header>\n<h1>{title}</h1>")?;
    for fact in &about.facts {
        writeln!(out, "<p>{}</p>", Escaped(fact))?;
    }
    writeln!(out, "</header>\n<main>\n{body}</main>")?;
    writeln!(out, "<script type=\"application/json\" id=\"frames\">{}</script>", in_script(data))?;
    writeln!(out, "<script>{script}</script>\n</html>")
}

/// JSON that no text in it can end.
fn in_script(data: &Value) -> String {
    data.to_string().replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_text_ends_what_it_stands_in() {
        let evil = "</script><script>alert(1)</script><!--";
        let about = About { title: evil.to_owned(), facts: vec![format!("\"{evil}&amp;\u{1b}")] };
        let page = document(&about, Lang::En, "", &json!([evil]), "0");
        assert!(!page.contains("alert(1)</script>") && !page.contains("<!--"), "{page}");
        assert_eq!(page.matches("<script").count(), 2, "{page}");
        assert!(page.contains("&quot;&lt;/script&gt;") && page.contains("&amp;amp;\u{fffd}"), "{page}");
    }
}

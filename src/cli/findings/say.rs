//! Findings as text, as JSON, and as a JUnit report.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::proof::{Proof, Told};
use crate::analysis::findings::{Finding, Findings, Lint};
use crate::i18n::{Lang, grouped, words};
use crate::record::Nanos;

/// `spin: fd 5 (:43210): …`
pub(in crate::cli) fn line(finding: &Finding, lang: Lang) -> String {
    let (name, said) = (finding.lint().name(lang), finding.sentence(lang));
    words!(lang, "{name}: {said}", "{name}：{said}")
}

/// What to do about it, and the lesson: `read until EAGAIN (epollscope lesson 8)`.
fn remedy(lint: Lint, lang: Lang) -> String {
    let remedy = lint.remedy(lang);
    match lint.lesson() {
        Some(lesson) => words!(lang, "{remedy} (epollscope lesson {lesson})", "{remedy}（epollscope lesson {lesson}）"),
        None => remedy.to_owned(),
    }
}

/// `#278  1.407946  recvfrom(5, 1024) = -1 EAGAIN  @ server.py:20`
fn call(Told { record, call, at }: &Told) -> String {
    let at = at.map(|at| format!("  @ {at}")).unwrap_or_default();
    format!("#{:<6} {:>11}  {call}{at}", record.seq, seconds(record.t))
}

fn seconds(Nanos(t): Nanos) -> String {
    format!("{}.{:06}", t / 1_000_000_000, t % 1_000_000_000 / 1_000)
}

/// All of them, each with its proof and its remedy.
pub(in crate::cli) fn text(findings: &Findings, proof: &Proof, lang: Lang) -> String {
    let count = findings.len() as u64 + findings.dropped();
    let mut text = match count {
        0 => return lang.of("no findings\n", "没有发现项\n").to_owned(),
        1 => lang.of("1 finding\n", "1 个发现项\n").to_owned(),
        _ => {
            let count = grouped(count);
            words!(lang, "{count} findings\n", "{count} 个发现项\n")
        }
    };
    for finding in findings.iter() {
        let times = if finding.count > 1 { format!(" ×{}", grouped(finding.count)) } else { String::new() };
        // Writing into a String does not fail.
        let _ = writeln!(text, "  {}{times}", line(finding, lang));
        for told in proof.calls(finding) {
            let _ = writeln!(text, "      {}", call(told));
        }
        let _ = writeln!(text, "      → {}", remedy(finding.lint(), lang));
    }
    text
}

/// One object; the names are English in either language.
pub(super) fn json(findings: &Findings, proof: &Proof, lang: Lang) -> Value {
    let calls = |finding| -> Vec<Value> {
        let calls = proof.calls(finding).iter();
        calls
            .map(|Told { record, call, at }| {
                json!({ "seq": record.seq.0, "t": record.t.0, "tid": record.tid.0, "call": call,
                        "at": at.map(|at| at.to_string()) })
            })
            .collect()
    };
    let all: Vec<Value> = findings
        .iter()
        .map(|finding| {
            let lint = finding.lint();
            json!({ "name": lint.name(Lang::En), "count": finding.count, "seq": finding.seq, "last": finding.last,
                    "fd": finding.fd.map(|fd| fd.0), "said": finding.sentence(lang), "remedy": lint.remedy(lang),
                    "lesson": lint.lesson(), "proof": calls(finding) })
        })
        .collect();
    json!({ "findings": all, "dropped": findings.dropped() })
}

/// A test for each thing that is looked for; it fails where that was found.
pub(super) fn junit(name: &str, findings: &Findings, proof: &Proof, lang: Lang) -> String {
    let mut found: BTreeMap<Lint, Vec<&Finding>> = BTreeMap::new();
    for finding in findings.iter() {
        found.entry(finding.lint()).or_default().push(finding);
    }
    let (name, tests) = (xml(name), Lint::ALL.len());
    let mut report = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{}\">\n",
        found.len()
    );
    for lint in Lint::ALL {
        let test = xml(lint.name(Lang::En));
        let Some(of) = found.get(lint) else {
            // Writing into a String does not fail.
            let _ = writeln!(report, "    <testcase classname=\"epollscope\" name=\"{test}\"/>");
            continue;
        };
        let mut body = String::new();
        for finding in of {
            let _ = writeln!(body, "{} ×{}", line(finding, lang), grouped(finding.count));
            for told in proof.calls(finding) {
                let _ = writeln!(body, "    {}", call(told));
            }
        }
        let (message, body) = (xml(&remedy(*lint, lang)), xml(&body));
        let _ = writeln!(
            report,
            "    <testcase classname=\"epollscope\" name=\"{test}\">\n      <failure message=\"{message}\">{body}</failure>\n    </testcase>"
        );
    }
    report + "  </testsuite>\n</testsuites>\n"
}

/// Text in a document of XML 1.0, which has no place for most control characters, escaped or not.
pub(in crate::cli) fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\n' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_xml_is_escaped() {
        assert_eq!(xml("a<b>\u{1b}&\"\n"), "a&lt;b&gt;\\u{1b}&amp;&quot;\n");
    }
}

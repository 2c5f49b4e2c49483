//! The report for other programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::points::Points;
use super::text;
use crate::cli::findings::xml;
use crate::grade::{Graded, Uses, Verdict};
use crate::i18n::Lang;
use crate::record::Interest;

/// The name of a verdict, which does not depend on the language.
fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Unclean(_) => "unclean",
        Verdict::Fail(_) => "fail",
        Verdict::NotApplicable(_) => "not-applicable",
    }
}

pub(super) fn json(graded: &[Graded], lang: Lang) -> Value {
    let cases: Vec<Value> = graded.iter().map(|one| case(one, lang)).collect();
    let [pass, unclean, fail, none] = text::counts(graded);
    let uses = text::uses(graded).map(|Uses { listener, connection }| {
        json!({ "listener": listener.as_ref().map(trigger), "connections": connection.as_ref().map(trigger) })
    });
    json!({ "cases": cases, "uses": uses, "pass": pass, "unclean": unclean, "fail": fail, "not-applicable": none })
}

fn trigger((interest, at): &(Interest, String)) -> Value {
    json!({ "trigger": if interest.contains(Interest::ET) { "edge" } else { "level" }, "at": at })
}

fn case(one: &Graded, lang: Lang) -> Value {
    let Graded { case, verdict, took, .. } = one;
    let mut all = json!({
        "id": case.id, "title": lang.pick(case.title), "expects": lang.pick(case.expects),
        "catches": lang.pick(case.catches), "lesson": case.lesson, "verdict": word(verdict),
        "seconds": took.as_secs_f64(),
    });
    let more = match verdict {
        Verdict::Pass => json!({}),
        Verdict::NotApplicable(why) => json!({ "reason": why }),
        Verdict::Unclean(said) | Verdict::Fail(said) => json!({
            "seen": said.seen, "mistake": said.mistake.map(|mistake| mistake.name(lang)),
            "remedy": said.mistake.map(|mistake| mistake.remedy(lang)), "proof": said.proof, "moment": said.moment,
        }),
    };
    if let (Value::Object(all), Value::Object(more)) = (&mut all, more) {
        all.extend(more);
    }
    all
}

/// The lines below a case, as the text has them.
fn lines(one: &Graded, lang: Lang) -> String {
    let mut lines = Vec::new();
    // Writing into memory does not fail.
    let _ = text::case(&mut lines, one, lang);
    let lines = String::from_utf8_lossy(&lines).into_owned();
    let lines: Vec<&str> = lines.lines().skip(1).map(str::trim_start).collect();
    lines.join("\n")
}

/// A test for each case. What does not apply is skipped.
pub(super) fn junit(graded: &[Graded], lang: Lang) -> String {
    let [_, unclean, fail, none] = text::counts(graded);
    let seconds: f64 = graded.iter().map(|one| one.took.as_secs_f64()).sum();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"epollscope grade\" tests=\"{}\" failures=\"{}\" skipped=\"{none}\" time=\"{seconds:.3}\">\n",
        graded.len(),
        unclean + fail
    );
    for one in graded {
        let Graded { case, verdict, took, .. } = one;
        let test =
            format!("    <testcase classname=\"epollscope\" name=\"{}\" time=\"{:.3}\"", case.id, took.as_secs_f64());
        // Writing into a String does not fail.
        let _ = match verdict {
            Verdict::Pass => writeln!(out, "{test}/>"),
            Verdict::NotApplicable(why) => {
                writeln!(out, "{test}>\n      <skipped message=\"{}\"/>\n    </testcase>", xml(why))
            }
            Verdict::Unclean(said) | Verdict::Fail(said) => {
                let (seen, body) = (xml(&said.seen), xml(&lines(one, lang)));
                let kind = word(verdict);
                writeln!(
                    out,
                    "{test}>\n      <failure type=\"{kind}\" message=\"{seen}\">{body}</failure>\n    </testcase>"
                )
            }
        };
    }
    out + "  </testsuite>\n</testsuites>\n"
}

/// The tests with their points. What does not apply is worth nothing.
pub(super) fn gradescope(graded: &[Graded], points: &Points, lang: Lang) -> Value {
    let test = |one: &Graded| {
        let (score, most) = points.of(one);
        let status = match one.verdict {
            Verdict::Unclean(_) | Verdict::Fail(_) => "failed",
            Verdict::Pass | Verdict::NotApplicable(_) => "passed",
        };
        json!({ "name": format!("{}: {}", one.case.id, lang.pick(one.case.title)), "score": score, "max_score": most,
                "status": status, "output": lines(one, lang) })
    };
    let tests: Vec<Value> = graded.iter().map(test).collect();
    let mut summary = Vec::new();
    // Writing into memory does not fail.
    let _ = text::summary(&mut summary, graded, lang);
    json!({ "output": String::from_utf8_lossy(&summary).trim(), "tests": tests })
}

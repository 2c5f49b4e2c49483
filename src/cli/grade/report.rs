//! The report for other programs.

use serde_json::{Value, json};

use super::text;
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

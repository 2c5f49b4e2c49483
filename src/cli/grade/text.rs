//! The report as text.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr as _;

use crate::grade::{Case, Graded, Said, Uses, Verdict};
use crate::i18n::{Lang, words};
use crate::record::Interest;

/// Where the sentences below a case begin.
const INDENT: &str = "            ";

pub(super) fn list(out: &mut impl Write, cases: &[&Case], lang: Lang) -> io::Result<()> {
    for case in cases {
        let (title, expects, catches) = (lang.pick(case.title), lang.pick(case.expects), lang.pick(case.catches));
        writeln!(out, "{:<20} {title}", case.id)?;
        let lesson = case.lesson;
        writeln!(out, "{:20} {}", "", words!(lang, "expects: {expects}", "期望：{expects}"))?;
        writeln!(
            out,
            "{:20} {}",
            "",
            words!(lang, "catches: {catches} (lesson {lesson})", "针对：{catches}（第 {lesson} 课）")
        )?;
    }
    Ok(())
}

/// The name of a verdict.
pub(super) fn name(verdict: &Verdict, lang: Lang) -> &'static str {
    match verdict {
        Verdict::Pass => lang.of("pass", "通过"),
        Verdict::Unclean(_) => lang.of("UNCLEAN", "不规范"),
        Verdict::Fail(_) => lang.of("FAIL", "失败"),
        Verdict::NotApplicable(_) => lang.of("n/a", "不适用"),
    }
}

pub(super) fn case(out: &mut impl Write, one: &Graded, lang: Lang) -> io::Result<()> {
    let name = name(&one.verdict, lang);
    let pad = " ".repeat(9_usize.saturating_sub(name.width()));
    writeln!(out, "{name}{pad} {:<20} {}", one.case.id, lang.pick(one.case.title))?;
    match &one.verdict {
        Verdict::Pass => Ok(()),
        Verdict::NotApplicable(why) => writeln!(out, "{INDENT}{why}"),
        Verdict::Unclean(said) | Verdict::Fail(said) => {
            sentences(said, lang).iter().try_for_each(|sentence| writeln!(out, "{INDENT}{sentence}"))?;
            said.proof.iter().try_for_each(|call| writeln!(out, "{INDENT}  {call}"))
        }
    }
}

/// What was expected and seen, which mistake it is, and what to do about it.
pub(super) fn sentences(said: &Said, lang: Lang) -> Vec<String> {
    let Said { expected, seen, mistake, .. } = said;
    let mut all =
        vec![words!(lang, "expected: {expected}", "期望：{expected}"), words!(lang, "seen: {seen}", "所见：{seen}")];
    if let Some(mistake) = mistake {
        let (name, remedy) = (mistake.name(lang), mistake.remedy(lang));
        let lesson = mistake.lesson().map(|n| words!(lang, " (lesson {n})", "（第 {n} 课）")).unwrap_or_default();
        all.push(words!(lang, "mistake: {name}", "错误：{name}"));
        all.push(words!(lang, "mend it: {remedy}{lesson}", "改法：{remedy}{lesson}"));
    }
    all
}

pub(super) fn summary(out: &mut impl Write, graded: &[Graded], lang: Lang) -> io::Result<()> {
    if graded.is_empty() {
        return Ok(());
    }
    let [pass, unclean, fail, none] = counts(graded);
    writeln!(out)?;
    if let Some(uses) = uses(graded) {
        writeln!(out, "{}", registers(uses, lang))?;
    }
    writeln!(
        out,
        "{}",
        words!(
            lang,
            "{pass} passed, {unclean} unclean, {fail} failed, {none} not applicable",
            "通过 {pass}，不规范 {unclean}，失败 {fail}，不适用 {none}"
        )
    )
}

pub(super) fn points(out: &mut impl Write, (got, all): (f64, f64), lang: Lang) -> io::Result<()> {
    writeln!(out, "{}", words!(lang, "{got} of {all} points", "{got} 分，满分 {all}"))
}

/// How many passed, were unclean, failed, and were not applicable.
pub(super) fn counts(graded: &[Graded]) -> [usize; 4] {
    let mut counts = [0; 4];
    for one in graded {
        counts[match one.verdict {
            Verdict::Pass => 0,
            Verdict::Unclean(_) => 1,
            Verdict::Fail(_) => 2,
            Verdict::NotApplicable(_) => 3,
        }] += 1;
    }
    counts
}

/// How it registers, by the first case that has shown it.
pub(super) fn uses(graded: &[Graded]) -> Option<&Uses> {
    graded.iter().map(|one| &one.uses).find(|uses| uses.connection.is_some())
}

/// Level or edge, and where that is said in the source.
fn registers(uses: &Uses, lang: Lang) -> String {
    let trigger = |of: &Option<(Interest, String)>| {
        let Some((interest, at)) = of else { return lang.of("unknown", "未知").to_owned() };
        let trigger = if interest.contains(Interest::ET) {
            lang.of("edge-triggered", "边缘触发")
        } else {
            lang.of("level-triggered", "水平触发")
        };
        if at.is_empty() { trigger.to_owned() } else { format!("{trigger} ({at})") }
    };
    let (listener, connection) = (trigger(&uses.listener), trigger(&uses.connection));
    words!(lang, "listener {listener}, connections {connection}", "监听套接字 {listener}，连接 {connection}")
}

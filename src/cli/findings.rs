//! `epollscope findings`: what is wrong in a recording.

mod proof;
mod say;

use std::path::Path;

use super::messages;
use super::reading::Recorded;
use crate::analysis::findings::Findings;
use crate::cli::args::{FindingsFormat, FindingsRule};
use crate::error::Failure;
use crate::i18n::{Lang, grouped, message};
use crate::trace::World;

pub(super) use proof::Proof;
pub(super) use say::{line, text, xml};

pub(super) fn run(
    file: &Path,
    variant: Option<&str>,
    format: FindingsFormat,
    rule: FindingsRule,
    lang: Lang,
) -> Result<(), Failure> {
    let mut recorded = Recorded::open(file, variant, lang)?;
    recorded.tell_variant();
    let (mut world, mut findings, mut proof) =
        (World::recorded(recorded.header()), Findings::default(), Proof::default());
    let mut found = 0;
    for record in &mut recorded {
        proof.keep(&record);
        world.apply(&record);
        findings.apply(&record, &world);
        // The oldest are dropped where there are too many.
        let all = findings.len() as u64 + findings.dropped();
        let new = usize::try_from(all - found).unwrap_or(usize::MAX);
        for finding in findings.iter().rev().take(new) {
            proof.find(finding, lang);
        }
        found = all;
    }
    let name = recorded.name.clone();
    let wrong = recorded.close();
    messages::print(&match format {
        FindingsFormat::Text => text(&findings, &proof, lang),
        FindingsFormat::Json => format!("{:#}\n", say::json(&findings, &proof, lang)),
        FindingsFormat::Junit => say::junit(&name, &findings, &proof, lang),
    })?;
    if wrong > 0 {
        return Err(Failure::check(message!(
            "{name}: {wrong} lines could not be read; the rest was looked through",
            "{name}：{wrong} 行无法读取；其余已检查"
        )));
    }
    match rule {
        FindingsRule::Deny if found > 0 => Err(denied(found)),
        FindingsRule::Deny | FindingsRule::Show => Ok(()),
    }
}

/// The failure of `--findings deny`.
pub(super) fn denied(found: u64) -> Failure {
    let (count, s) = (grouped(found), if found == 1 { "" } else { "s" });
    Failure::check(message!("{count} finding{s}", "{count} 个发现项"))
}

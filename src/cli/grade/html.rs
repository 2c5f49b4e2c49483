//! The report as a page: every case with its verdict, and what proves it.

use std::fmt::{self, Write as _};

use super::text;
use crate::grade::{Graded, Verdict};
use crate::i18n::Lang;
use crate::tui::capture::{About, Escaped, plain_page};

/// `graded` as a page that asks nobody for anything. What the server has said or done is escaped.
pub(super) fn page(graded: &[Graded], points: Option<(f64, f64)>, command: &str, lang: Lang) -> String {
    let mut summary = Vec::new();
    // Writing into memory does not fail, here and below.
    let _ = text::summary(&mut summary, graded, lang);
    if let Some(points) = points {
        let _ = text::points(&mut summary, points, lang);
    }
    let summary = String::from_utf8_lossy(&summary);
    let mut facts = vec![command.to_owned()];
    facts.extend(summary.lines().filter(|line| !line.is_empty()).map(str::to_owned));
    let mut body = String::new();
    let _ = cases(&mut body, graded, lang);
    let title = lang.of("epollscope grade: an echo server", "epollscope grade：一个回显服务器").to_owned();
    plain_page(&About { title, facts }, lang, &body)
}

fn cases(out: &mut String, graded: &[Graded], lang: Lang) -> fmt::Result {
    writeln!(out, "<ul class=\"cases\">")?;
    for one in graded {
        let Graded { case, verdict, .. } = one;
        let class = if matches!(verdict, Verdict::Pass) { "" } else { " class=\"finding\"" };
        let (name, title) = (text::name(verdict, lang), Escaped(lang.pick(case.title)));
        writeln!(out, "<li id=\"{0}\"><strong{class}>{name}</strong> <code>{0}</code> · {title}", case.id)?;
        match verdict {
            Verdict::Pass => {}
            Verdict::NotApplicable(why) => writeln!(out, "<p>{}</p>", Escaped(why))?,
            Verdict::Unclean(said) | Verdict::Fail(said) => {
                for sentence in text::sentences(said, lang) {
                    writeln!(out, "<p>{}</p>", Escaped(&sentence))?;
                }
                if !said.proof.is_empty() {
                    let calls: Vec<String> = said.proof.iter().map(|call| Escaped(call).to_string()).collect();
                    writeln!(out, "<pre>{}</pre>", calls.join("\n"))?;
                }
            }
        }
        writeln!(out, "</li>")?;
    }
    writeln!(out, "</ul>")
}

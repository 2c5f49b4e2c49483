//! A lesson as a page: it asks before it shows, as on the terminal.

use std::fmt::{self, Write as _};

use super::document::{About, document};
use super::prose::write_blocks;
use super::run::{Looked, SCRIPT, body, look};
use crate::i18n::{Lang, words};
use crate::lesson::{Lesson, Question, StepProse, TakenStep};
use crate::script::Value;
use crate::tui::WorkbenchScreen;
use crate::tui::capture::svg::Escaped;

const LEADS: &str = concat!(include_str!("page.js"), include_str!("lesson.js"));

/// Writes a lesson, and its recording that has been read, as a page. Returns how many moments it has, too.
pub fn lesson_page(
    screen: &mut WorkbenchScreen,
    (lesson, taken): (&Lesson, &[TakenStep]),
    mut about: About,
    lang: Lang,
) -> (u64, String) {
    let mut looked = look(screen, &mut about, None, lang);
    looked.frames["start"] = 0.into();
    let mut told = String::new();
    // Nothing fails to be written into a string.
    let _ = write_lesson(&mut told, lesson, taken, &looked, lang);
    told.push_str(&body(&looked.items, lang));
    let script = if taken.is_empty() { SCRIPT } else { LEADS };
    (looked.moments.len() as u64, document(&about, lang, &told, &looked.frames, script))
}

fn write_lesson(out: &mut String, lesson: &Lesson, taken: &[TakenStep], looked: &Looked, lang: Lang) -> fmt::Result {
    let prose = lesson.prose(lang);
    writeln!(out, "<div id=\"lesson\">")?;
    write_blocks(out, &prose.intro)?;
    // The last moment whose call was made before `position`.
    let moment = |position: u64| looked.moments.iter().rposition(|moment| moment.from < position).unwrap_or(0);
    for (i, ((step, said), came)) in lesson.steps.iter().zip(&prose.steps).zip(taken).enumerate() {
        let (n, all) = (i + 1, lesson.steps.len());
        write!(out, "<section class=\"step\" data-from=\"{}\" data-to=\"{}\"", moment(came.from), moment(came.to))?;
        if let Some(question) = &step.question {
            write_right(out, question, came)?;
        }
        writeln!(out, ">\n<h2>{}</h2>", words!(lang, "Step {n} of {all}", "第 {n} 节，共 {all} 节"))?;
        write_blocks(out, &said.text)?;
        write_question(out, step.question.as_ref(), said, lang)?;
        writeln!(out, "<div class=\"stage\"></div>")?;
        write_answer(out, step.question.as_ref(), said, came, lang)?;
        writeln!(out, "</section>")?;
    }
    let score = lang.of("predicted {0} of {1}", "预测对 {0} / {1}");
    writeln!(out, "<p id=\"score\" role=\"status\" data-words=\"{score}\"></p>")?;
    writeln!(out, "<section id=\"rest\">")?;
    if prose.task.is_some() {
        writeln!(
            out,
            "<p>{}</p>",
            lang.of(
                "The lesson ends with a task for you, which needs the kernel. In a terminal:",
                "这一课的最后有一个任务，要由内核来判断。请在终端中运行：",
            )
        )?;
        writeln!(out, "<pre><code>epollscope lesson {}</code></pre>", Escaped(&lesson.id))?;
    }
    if !prose.play.is_empty() {
        writeln!(out, "<h2>{}</h2>", lang.of("Try it yourself", "接着玩"))?;
        write_blocks(out, &prose.play)?;
    }
    writeln!(out, "</section>\n</div>")
}

/// The answers that come true, as the page's script reads them.
fn write_right(out: &mut String, question: &Question, came: &TakenStep) -> fmt::Result {
    let Some(answered) = came.answered.as_ref().filter(|answered| answered.value.is_clear()) else { return Ok(()) };
    let right: Vec<String> = match &answered.value {
        Value::Number(n) if question.number => vec![n.to_string()],
        value => {
            let agrees = |(_, choice): &(usize, &Value)| question.measure.agrees(choice, value);
            question.choices.iter().enumerate().filter(agrees).map(|(i, _)| i.to_string()).collect()
        }
    };
    write!(out, " data-right=\"{}\"", right.join(" "))
}

fn write_question(out: &mut String, question: Option<&Question>, said: &StepProse, lang: Lang) -> fmt::Result {
    writeln!(out, "<form class=\"question\">")?;
    let look = match question {
        None => lang.of("Play it", "播放"),
        Some(question) => {
            write_blocks(out, &said.question)?;
            if question.number {
                let label = lang.of("your prediction, a number", "你的预测（一个数）");
                writeln!(
                    out,
                    "<p><input type=\"text\" inputmode=\"numeric\" autocomplete=\"off\" aria-label=\"{label}\" \
                     placeholder=\"{label}\"> <button>{}</button></p>",
                    lang.of("predict", "预测")
                )?;
            } else {
                for i in 0..question.choices.len() {
                    let (n, shown) = (i + 1, question.shown(said, i, lang));
                    writeln!(
                        out,
                        "<p><button type=\"button\" data-choice=\"{i}\">{n}) {}</button></p>",
                        Escaped(&shown)
                    )?;
                }
            }
            if !said.hint.is_empty() {
                writeln!(out, "<details><summary>{}</summary>", lang.of("A hint", "提示"))?;
                write_blocks(out, &said.hint)?;
                writeln!(out, "</details>")?;
            }
            lang.of("Show it without a prediction", "不预测，直接看")
        }
    };
    writeln!(out, "<p><button type=\"button\" class=\"look\">{look}</button></p>\n</form>")
}

fn write_answer(
    out: &mut String,
    question: Option<&Question>,
    said: &StepProse,
    came: &TakenStep,
    lang: Lang,
) -> fmt::Result {
    let answer = lang.of("The kernel's answer", "内核的回答");
    let summary = if question.is_some() { answer } else { lang.of("What happened", "发生了什么") };
    writeln!(out, "<details class=\"answer\"><summary>{summary}</summary>")?;
    if let (Some(question), Some(answered)) = (question, &came.answered) {
        let value = answered.choice.map_or_else(|| answered.value.words(lang), |i| question.shown(said, i, lang));
        writeln!(
            out,
            "<p><strong>{}</strong> <span class=\"came\">{}</span><span class=\"did-not\">{}</span></p>",
            Escaped(&value),
            lang.of("(as you predicted)", "（正如你的预测）"),
            lang.of("(not as you predicted)", "（与你的预测不同）")
        )?;
        for i in 0..question.choices.len() {
            let Some(answer) = question.answer(said, i).filter(|answer| !answer.assumes.is_empty()) else { continue };
            let chosen = if question.number { question.choices.get(i).map(ToString::to_string) } else { None };
            writeln!(out, "<div data-assumes=\"{}\">", Escaped(&chosen.unwrap_or_else(|| i.to_string())))?;
            writeln!(out, "<p><em>{}) {}</em></p>", i + 1, Escaped(&question.shown(said, i, lang)))?;
            write_blocks(out, &answer.assumes)?;
            writeln!(out, "</div>")?;
        }
    }
    write_blocks(out, &came.why)?;
    if let Some(answered) = came.answered.as_ref().filter(|answered| !answered.proof.is_empty()) {
        writeln!(out, "<p>{}</p>\n<pre>", lang.of("The calls that prove it:", "作为证明的调用："))?;
        answered.shown(lang).iter().try_for_each(|line| writeln!(out, "{}", Escaped(line)))?;
        writeln!(out, "</pre>")?;
    }
    writeln!(out, "</details>\n<p><button type=\"button\" class=\"next\">{}</button></p>", lang.of("Go on", "继续"))
}

//! A check of what was learned: predictions on situations that no lesson shows, one for each misconception. It tells nothing
//! before the end, and is kept with its date, to be compared with one taken before.

use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::plain::{PlainError, Reply, reply, write_blocks};
use super::{Block, Lesson, LessonRun, LessonSource, ids};
use crate::folders;
use crate::i18n::{Lang, Message, words};
use crate::trace::rfc3339;

/// Its situations are written as the steps of a lesson are; the hint of each names the lesson to take.
pub fn source() -> LessonSource {
    LessonSource {
        id: "check".to_owned(),
        folder: "src/lesson/check".to_owned(),
        toml: include_str!("check/lesson.toml").to_owned(),
        en: Some(include_str!("check/en.md").to_owned()),
        zh: Some(include_str!("check/zh.md").to_owned()),
    }
}

/// A check that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// When, by RFC 3339.
    pub date: String,
    pub answers: Vec<CheckAnswer>,
}

/// What was predicted of one situation, and what the kernel did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckAnswer {
    pub question: String,
    /// `None`: no prediction was made.
    pub predicted: Option<String>,
    pub kernel: String,
    pub right: bool,
}

impl Checked {
    fn right(&self) -> usize {
        self.answers.iter().filter(|answer| answer.right).count()
    }

    fn is_right(&self, question: &str) -> bool {
        self.answers.iter().any(|answer| answer.right && answer.question == question)
    }
}

/// All checks that were kept, oldest first.
///
/// # Errors
/// What is wrong with the file.
pub fn kept() -> Result<Vec<Checked>, Message> {
    file().map_or_else(|| Ok(Vec::new()), |file| folders::kept(&file))
}

fn file() -> Option<PathBuf> {
    Some(folders::state()?.join("checks.json"))
}

/// Keeps a check, and gives those that were kept before.
///
/// # Errors
/// What is wrong with the file, or what the file system refused.
pub fn keep(checked: &Checked) -> Result<Vec<Checked>, Message> {
    let Some(file) = file() else { return Ok(Vec::new()) };
    let mut all: Vec<Checked> = folders::change(&file, |all: &mut Vec<Checked>| all.push(checked.clone()))?;
    all.pop();
    Ok(all)
}

/// Asks for a prediction on each situation, a line each from `answers`, and plays it. `None` where the answers ended early.
///
/// # Errors
/// It could not be written or read, or a situation is not what it claims to be.
pub fn take(lang: Lang, answers: &mut impl BufRead, out: &mut impl Write) -> Result<Option<Checked>, PlainError> {
    let lesson = lesson();
    let prose = lesson.prose(lang);
    writeln!(out, "{}\n", prose.title)?;
    write_blocks(out, &prose.intro)?;
    let mut run = LessonRun::open(Rc::clone(&lesson), lang)?;
    let mut checked = Checked { date: rfc3339(SystemTime::now()), answers: Vec::new() };
    let all = lesson.steps.len();
    for (i, (step, said)) in lesson.steps.iter().zip(&prose.steps).enumerate() {
        let Some(question) = &step.question else { continue };
        let n = i + 1;
        writeln!(out, "-- {n}/{all} --\n")?;
        write_blocks(out, &said.text)?;
        let most = question.choices.len();
        let put = words!(
            lang,
            "Your prediction, 1 to {most} (Enter: I don't know): ",
            "你的预测（1 到 {most}，不知道就按回车）："
        );
        let predicted = match reply(question, said, (&put, false), lang, answers, out)? {
            Reply::Predicted(value) => Some(value),
            Reply::Nothing => None,
            Reply::End => return Ok(None),
        };
        let Some(answered) = run.advance()? else { continue };
        checked.answers.push(CheckAnswer {
            question: step.id.clone(),
            right: predicted.as_ref().is_some_and(|value| question.measure.agrees(value, &answered.value)),
            predicted: predicted.map(|value| value.words(Lang::En)),
            kernel: answered.value.words(Lang::En),
        });
    }
    Ok(Some(checked))
}

/// What came of a check: each wrong prediction with the kernel's answer, why, and the lesson to take; and what has changed
/// since the one before.
///
/// # Errors
/// It could not be written.
pub fn report(checked: &Checked, before: Option<&Checked>, lang: Lang, out: &mut impl Write) -> std::io::Result<()> {
    let lesson = lesson();
    let prose = lesson.prose(lang);
    let of = lesson.steps.len();
    for (n, (step, said)) in (1..).zip(lesson.steps.iter().zip(&prose.steps)) {
        let Some(answer) = checked.answers.iter().find(|answer| answer.question == step.id) else { continue };
        let question = &answer.question;
        let shown = |value: &str| {
            let asked = step.question.as_ref()?;
            let choice = asked.choices.iter().position(|choice| choice.words(Lang::En) == value)?;
            Some(asked.shown(said, choice, lang))
        };
        let unknown = || lang.of("no prediction", "没有预测").to_owned();
        let predicted =
            answer.predicted.as_deref().map_or_else(unknown, |it| shown(it).unwrap_or_else(|| it.to_owned()));
        let kernel = shown(&answer.kernel).unwrap_or_else(|| answer.kernel.clone());
        if answer.right {
            writeln!(out, "{}", words!(lang, "✓ {n}/{of} {question}: {kernel}", "✓ {n}/{of} {question}：{kernel}"))?;
            continue;
        }
        writeln!(out, "\n✗ {n}/{of} {question}")?;
        write_blocks(out, &said.question)?;
        let verdict = words!(
            lang,
            "  your prediction:     {predicted}\n  the kernel's answer: {kernel}\n",
            "  你的预测：{predicted}\n  内核的回答：{kernel}\n"
        );
        writeln!(out, "{verdict}")?;
        let why: Vec<Block> = said.why.iter().chain(&said.hint).cloned().collect();
        write_blocks(out, &why)?;
    }
    let (right, of) = (checked.right(), checked.answers.len());
    writeln!(out, "\n{}", words!(lang, "{right} of {of} right.", "{of} 题对了 {right} 题。"))?;
    let Some(before) = before else { return Ok(()) };
    let (day, then, of) = (before.date.get(..10).unwrap_or(&before.date), before.right(), before.answers.len());
    writeln!(out, "{}", words!(lang, "Before, on {day}: {then} of {of}.", "上一次，{day}：{of} 题对了 {then} 题。"))?;
    let changed = |better: bool| {
        let ids = lesson.steps.iter().map(|step| &*step.id);
        let changed = ids.filter(|id| checked.is_right(id) == better && before.is_right(id) != better);
        changed.collect::<Vec<_>>().join(lang.of(", ", "、"))
    };
    for (ids, (en, zh)) in [
        (changed(true), ("Right now, and not before", "这次对、上次错")),
        (changed(false), ("Right before, and not now", "上次对、这次错")),
    ] {
        if !ids.is_empty() {
            writeln!(out, "{}{}{ids}", lang.of(en, zh), lang.of(": ", "："))?;
        }
    }
    Ok(())
}

/// Checks as comma-separated values, a prediction a line, for a class.
///
/// # Errors
/// It could not be written.
pub fn csv(all: &[Checked], out: &mut impl Write) -> std::io::Result<()> {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    writeln!(out, "date,question,predicted,kernel,right")?;
    for Checked { date, answers } in all {
        for CheckAnswer { question, predicted, kernel, right } in answers {
            let fields = [date, question, predicted.as_deref().unwrap_or(""), kernel].map(quoted);
            writeln!(out, "{},{}", fields.join(","), u8::from(*right))?;
        }
    }
    Ok(())
}

fn lesson() -> Rc<Lesson> {
    // A test verifies it.
    let lesson = Lesson::load(&source(), &ids());
    Rc::new(lesson.unwrap_or_else(|wrong| unreachable!("the built-in check is sound: {wrong:?}")))
}

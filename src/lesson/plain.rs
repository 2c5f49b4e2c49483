//! A lesson as linear text: for screen readers, pipes and slides.

use std::io::{self, BufRead, Read as _, Write};
use std::rc::Rc;

use super::{
    Answered, Block, Found, Lesson, LessonRun, Question, Said, Standing, StepProse, TaskRun, Trouble, lay_out,
};
use crate::i18n::{Lang, words};
use crate::record::Record;
use crate::script::{Reader, Value};

const WIDTH: usize = 78;

/// How a lesson in plain text ended early.
#[derive(Debug, thiserror::Error)]
pub enum PlainError {
    /// It could not be written or read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The lesson is not what it claims to be.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

/// Gives the lesson to `out`, and takes predictions, a line each, from `answers`; where there are none any more, it
/// goes on without. `keep` is told of every step that was taken, `record` of every record.
pub fn give(
    lesson: &Rc<Lesson>,
    lang: Lang,
    answers: &mut impl BufRead,
    out: &mut impl Write,
    mut keep: impl FnMut(Standing),
    mut record: impl FnMut(&Record) -> io::Result<()>,
) -> Result<(), PlainError> {
    let prose = lesson.prose(lang);
    writeln!(out, "{}\n{}\n", prose.title, "=".repeat(unicode_width::UnicodeWidthStr::width(&*prose.title)))?;
    write_blocks(out, &prose.intro)?;
    let mut session = LessonRun::open(Rc::clone(lesson), lang)?;
    session.news().iter().try_for_each(&mut record)?;
    write_said(out, &session.said)?;
    let mut standing = Standing { of: lesson.steps.len(), ..Standing::default() };
    for (i, step) in lesson.steps.iter().enumerate() {
        let Some(said) = prose.steps.get(i) else { break };
        let (n, all) = (i + 1, lesson.steps.len());
        writeln!(
            out,
            "{}",
            words!(
                lang,
                "-- Step {n}/{all} --
",
                "-- 第 {n}/{all} 节 --
"
            )
        )?;
        write_blocks(out, &said.text)?;
        let predicted = match &step.question {
            Some(question) => ask(question, said, lang, answers, out)?,
            None => None,
        };
        let advanced = session.advance();
        session.news().iter().try_for_each(&mut record)?;
        let answered = advanced?;
        if predicted.is_some() {
            write_calls(out, &session, lang)?;
        } else {
            write_said(out, &session.said)?;
        }
        if let (Some(question), Some(answered)) = (&step.question, &answered) {
            let predicted = predicted.filter(|_| answered.value.is_clear());
            standing.predicted += usize::from(predicted.is_some());
            standing.right +=
                usize::from(predicted.as_ref().is_some_and(|p| question.measure.agrees(p, &answered.value)));
            write_answer(out, question, said, answered, predicted.as_ref(), lang)?;
        }
        write_blocks(out, &session.filled(&said.why))?;
        if let Some(answered) = answered.filter(|answered| !answered.proof.is_empty()) {
            writeln!(out, "{}", lang.of("The calls that prove it:", "作为证明的调用："))?;
            answered.shown(lang).iter().try_for_each(|line| writeln!(out, "{line}"))?;
            writeln!(out)?;
        }
        write_program(out, lesson, i + 1, lang)?;
        standing.steps = i + 1;
        keep(standing);
    }
    if let (Some(said), Some(task)) = (&prose.task, session.begin_task()?) {
        standing.task = take_task(&mut session, &task, said, lesson.reader.clone(), lang, answers, out)?;
        keep(standing);
    }
    session.end().iter().try_for_each(&mut record)?;
    writeln!(out, "-- {} --\n", lang.of("Try it yourself", "接着玩"))?;
    write_blocks(out, &prose.play)?;
    out.flush()?;
    Ok(())
}

fn ask(
    question: &Question,
    prose: &StepProse,
    lang: Lang,
    answers: &mut impl BufRead,
    out: &mut impl Write,
) -> Result<Option<Value>, PlainError> {
    let what = if question.number {
        lang.of("Your prediction, a number", "你的预测（一个数）").to_owned()
    } else {
        let most = question.choices.len();
        words!(lang, "Your prediction, 1 to {most}", "你的预测（1 到 {most}）")
    };
    let put = words!(lang, "{what}; ? for a hint, Enter to see: ", "{what}；? 看提示，回车看答案：");
    Ok(match reply(question, prose, (&put, true), lang, answers, out)? {
        Reply::Predicted(value) => Some(value),
        Reply::Nothing | Reply::End => None,
    })
}

/// What was answered to a question.
pub(super) enum Reply {
    Predicted(Value),
    /// An empty line.
    Nothing,
    /// There are no more lines.
    End,
}

/// Writes a question and `put`, and reads lines until one is an answer. Where there are `hints`, `?` asks for one.
pub(super) fn reply(
    question: &Question,
    prose: &StepProse,
    (put, hints): (&str, bool),
    lang: Lang,
    answers: &mut impl BufRead,
    out: &mut impl Write,
) -> Result<Reply, PlainError> {
    write_blocks(out, &prose.question)?;
    if !question.number {
        for i in 0..question.choices.len() {
            writeln!(out, "  {}) {}", i + 1, question.shown(prose, i, lang))?;
        }
        writeln!(out)?;
    }
    loop {
        write!(out, "{put}")?;
        out.flush()?;
        let mut line = String::new();
        let read = answers.by_ref().take(4096).read_line(&mut line)?;
        writeln!(out)?;
        match line.trim() {
            _ if read == 0 => return Ok(Reply::End),
            "" => return Ok(Reply::Nothing),
            "?" | "h" if hints => write_blocks(out, &prose.hint)?,
            answer => match prediction(question, answer) {
                Some(value) => return Ok(Reply::Predicted(value)),
                None => writeln!(out, "{}", lang.of("That is not one of them.", "没有这个选项。"))?,
            },
        }
    }
}

/// Takes lines of the scene until the task is done, or there are no more; whether it is done.
fn take_task(
    session: &mut LessonRun,
    task: &TaskRun,
    prose: &StepProse,
    mut reader: Reader,
    lang: Lang,
    answers: &mut impl BufRead,
    out: &mut impl Write,
) -> Result<bool, PlainError> {
    writeln!(out, "-- {} --\n", lang.of("Your turn", "轮到你了"))?;
    write_blocks(out, &prose.text)?;
    loop {
        let stands = task.look(|measure| session.play().measure(measure));
        for stand in &stands {
            let mark = match (stand.is_met, stand.is_spoiled) {
                (true, _) => lang.of("ok", "成立"),
                (_, true) => lang.of("spoiled", "已无法成立"),
                _ => lang.of("not yet", "未成立"),
            };
            writeln!(out, "    {}", words!(lang, "{mark}: {}", "{mark}：{}", stand.words(lang)))?;
        }
        writeln!(out)?;
        if task.is_done() {
            writeln!(out, "{}\n", lang.of("The kernel says: done.", "内核说：完成了。"))?;
            write_blocks(out, &session.filled(&prose.why))?;
            return Ok(true);
        }
        let put = lang.of(
            "Instead of keys, a line of the scene, such as `run`, `send a 3000` or `policy read drain` (`epollscope lab --verbs` lists all); ? for a hint, Enter to leave it: ",
            "这里不用按键，请写场景的一行，如 `run`、`send a 3000`、`policy read drain`（`epollscope lab --verbs` 列出全部）；? 看提示，回车跳过：",
        );
        write!(out, "{put}")?;
        out.flush()?;
        let mut line = String::new();
        let read = answers.by_ref().take(4096).read_line(&mut line)?;
        writeln!(out)?;
        match line.trim() {
            "" => return Ok(false),
            _ if read == 0 => return Ok(false),
            "?" | "h" => write_blocks(out, &prose.hint)?,
            text => match reader.line(text) {
                Ok(Some(line)) => write_said(out, &[session.typed(&line)])?,
                Ok(None) => {}
                Err(diagnostic) => writeln!(out, "{}", diagnostic.what.words(lang))?,
            },
        }
    }
}

/// What was predicted by this answer: the number of a choice, or a number.
pub fn prediction(question: &Question, answer: &str) -> Option<Value> {
    let digits = answer.replace([',', '_', ' '], "");
    let number: Option<u64> = digits.parse().ok();
    if question.number {
        return number.map(Value::Number);
    }
    let at = usize::try_from(number?).ok()?.checked_sub(1)?;
    question.choices.get(at).cloned()
}

fn write_answer(
    out: &mut impl Write,
    question: &Question,
    prose: &StepProse,
    answered: &Answered,
    predicted: Option<&Value>,
    lang: Lang,
) -> io::Result<()> {
    let value = answered.choice.map_or_else(|| answered.value.words(lang), |i| question.shown(prose, i, lang));
    let came_true = predicted.map(|predicted| question.measure.agrees(predicted, &answered.value));
    let verdict = match came_true {
        Some(true) => lang.of(" (as you predicted)", "（正如你的预测）"),
        Some(false) => lang.of(" (not as you predicted)", "（与你的预测不同）"),
        None => "",
    };
    writeln!(
        out,
        "{}{value}{verdict}
",
        lang.of("The kernel's answer: ", "内核的回答：")
    )?;
    let wrong = predicted.filter(|_| came_true == Some(false));
    if let Some(answer) = wrong.and_then(|wrong| question.choice_of(wrong)).and_then(|i| question.answer(prose, i)) {
        write_blocks(out, &answer.assumes)?;
    }
    Ok(())
}

fn write_said(out: &mut impl Write, said: &[Said]) -> io::Result<()> {
    for Said { line, said, .. } in said {
        writeln!(out, "    {line:<32} {said}")?;
    }
    writeln!(out)
}

/// Each line with its calls, in their order: who has predicted them sees them before the answer.
fn write_calls(out: &mut impl Write, session: &LessonRun, lang: Lang) -> io::Result<()> {
    const FIRST: usize = 8;
    const LAST: usize = 4;
    for said in &session.said {
        writeln!(out, "    {:<32} {}", said.line, said.said)?;
        let calls = session.calls(said);
        let more = calls.len().saturating_sub(FIRST + LAST);
        for (i, call) in calls.iter().enumerate().filter(|(i, _)| *i < FIRST || *i >= FIRST + more) {
            if more > 0 && i == FIRST + more {
                writeln!(out, "      {}", words!(lang, "… {more} more", "… 另有 {more} 次"))?;
            }
            writeln!(out, "      {call}")?;
        }
    }
    writeln!(out)
}

/// The lines of the program in which the last step has found a mistake.
fn write_program(out: &mut impl Write, lesson: &Lesson, steps: usize, lang: Lang) -> io::Result<()> {
    let program = lesson.program(steps, lang);
    let found: Vec<_> = program.iter().enumerate().filter(|(_, line)| line.found == Found::Now).collect();
    if found.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", lang.of("The lines of the program that this step has found:", "这一节在程序里发现的行："))?;
    for (i, line) in found {
        writeln!(out, "    {:>2}  {}", i + 1, line.text.trim_start())?;
    }
    writeln!(out)
}

pub(super) fn write_blocks(out: &mut impl Write, blocks: &[Block]) -> io::Result<()> {
    for line in lay_out(blocks, WIDTH) {
        let line: String = line.into_iter().map(|(_, text)| text).collect();
        writeln!(out, "{line}")?;
    }
    if blocks.is_empty() { Ok(()) } else { writeln!(out) }
}

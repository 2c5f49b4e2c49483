//! The check of a lesson: is what it teaches what this kernel does?

use std::iter;
use std::rc::Rc;
use std::time::Instant;

use super::{Lesson, LessonRun, LessonSource, Task, Trouble, run::is_call};
use crate::i18n::{Lang, Message, message};
use crate::record::Record;
use crate::script::{Diagnostic, Does, Line};

/// What came of the check of one lesson.
#[derive(Clone, Debug)]
pub struct Report {
    pub id: String,
    /// How many claims were checked: each `expect`, and each answer.
    pub claims: usize,
    pub steps: usize,
    pub millis: u128,
    /// What is wrong, each with where it stands; nothing, where the lesson is true.
    pub wrong: Vec<String>,
}

/// Reads a lesson and plays it, and reports in `lang` what is not as it claims; `record` gets every record.
pub fn verify(source: &LessonSource, known: &[String], lang: Lang, mut record: impl FnMut(&Record)) -> Report {
    let began = Instant::now();
    let mut report = Report { id: source.id.clone(), claims: 0, steps: 0, millis: 0, wrong: Vec::new() };
    match Lesson::load(source, known) {
        Ok(lesson) => play(&Rc::new(lesson), source, lang, &mut report, &mut record),
        Err(diagnostics) => report.wrong = diagnostics.iter().map(|diagnostic| diagnostic.words(lang)).collect(),
    }
    report.millis = began.elapsed().as_millis();
    report
}

fn claims(lines: &[Line]) -> usize {
    lines.iter().filter(|line| matches!(line.does, Does::Expect(_))).count()
}

fn play(lesson: &Rc<Lesson>, source: &LessonSource, lang: Lang, report: &mut Report, record: &mut impl FnMut(&Record)) {
    let mut session = match LessonRun::open(Rc::clone(lesson), lang) {
        Ok(session) => session,
        Err(trouble) => return report.wrong.push(trouble.words(lang)),
    };
    session.news().iter().for_each(&mut *record);
    report.claims += claims(&lesson.scene);
    check(&mut session, source, lang, report, record);
    session.end().iter().for_each(record);
    if let Some(task) = lesson.task.as_deref().filter(|_| report.wrong.is_empty()) {
        let played = check_task(lesson, task, source, lang, report);
        if let Err(trouble) = played {
            report.wrong.push(trouble.words(lang));
        }
    }
}

/// Plays the solution of the task, which must reach its goal, and each obvious way, which must not, each from the end of the
/// last step.
fn check_task(
    lesson: &Rc<Lesson>,
    task: &Task,
    source: &LessonSource,
    lang: Lang,
    report: &mut Report,
) -> Result<(), Trouble> {
    let file = format!("{}/lesson.toml", source.folder);
    for (way, solves) in iter::once((&task.solution, true)).chain(task.wrong.iter().map(|way| (way, false))) {
        let mut session = LessonRun::open(Rc::clone(lesson), lang)?;
        while session.next().is_some() {
            session.advance()?;
        }
        let Some(run) = session.begin_task()? else { return Ok(()) };
        report.claims += 1;
        let mut stands = run.look(|measure| session.play().measure(measure));
        let mut wrong = |line: usize, what: Message| {
            report.wrong.push(Diagnostic::of_line(&file, &source.toml, line, what).words(lang));
        };
        if run.is_done() {
            wrong(task.line, ("the goal is reached before the learner begins", "还没有动手，目标就已达到").into());
            return Ok(());
        }
        for line in way {
            session.try_line(line)?;
            stands = run.look(|measure| session.play().measure(measure));
        }
        let first = way.first().map_or(task.line, |line| line.number);
        if solves && !run.is_done() {
            let open = stands.iter().filter(|stand| !stand.is_met).map(|stand| stand.words(lang));
            let open = open.collect::<Vec<_>>().join(lang.of(", ", "，"));
            wrong(first, message!("the solution does not reach the goal: {open}", "这个解法没有达到目标：{open}"));
        }
        if !solves && run.is_done() {
            wrong(
                first,
                (
                    "this way reaches the goal too, but it is named as a wrong one",
                    "这种做法也达到了目标，而它被列为错误的做法",
                )
                    .into(),
            );
        }
    }
    Ok(())
}

fn check(
    session: &mut LessonRun,
    source: &LessonSource,
    lang: Lang,
    report: &mut Report,
    record: &mut impl FnMut(&Record),
) {
    let lesson = Rc::clone(&session.lesson);
    for step in &lesson.steps {
        let advanced = session.advance();
        session.news().iter().for_each(&mut *record);
        let answered = match advanced {
            Ok(answered) => answered,
            Err(trouble) => return report.wrong.push(trouble.words(lang)),
        };
        report.steps += 1;
        report.claims += claims(&step.run);
        let (Some(question), Some(answered)) = (&step.question, answered) else { continue };
        report.claims += 1;
        let file = format!("{}/lesson.toml", source.folder);
        let mut wrong = |what: Message, calls: &str| {
            let wrong = Diagnostic::of_line(&file, &source.toml, question.line, what).words(lang);
            report.wrong.push(wrong + calls);
        };
        if answered.choice.is_none() && answered.value.is_clear() {
            let (value, calls) = (answered.value.words(lang), answered.shown(lang).join("\n"));
            let what = message!(
                "the kernel's answer is {value}, but no choice says so",
                "内核的回答是“{value}”，没有选项这样说"
            );
            wrong(what, &format!("\n{calls}"));
        }
        for name in &question.proof {
            if !answered.proof.iter().any(|line| is_call(line, name)) {
                let what = message!(
                    "the proof \"{name}\" is not a call of this step that returned",
                    "作为证明的“{name}”不是这一节里返回了的调用"
                );
                wrong(what, "");
            }
        }
    }
}

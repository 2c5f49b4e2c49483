//! A lesson that was played to its end, with nobody to ask.

use std::io;
use std::rc::Rc;

use super::plain::PlainError;
use super::{Answered, Block, Lesson, LessonRun};
use crate::i18n::Lang;
use crate::record::Record;

/// What a step came to.
#[derive(Clone, Debug)]
pub struct TakenStep {
    /// The positions before the first and after the last of its records.
    pub from: u64,
    pub to: u64,
    pub answered: Option<Answered>,
    /// Why, with the numbers that were measured.
    pub why: Vec<Block>,
}

/// Plays all steps of a lesson; `record` is told of every record.
pub fn take(
    lesson: &Rc<Lesson>,
    lang: Lang,
    mut record: impl FnMut(&Record) -> io::Result<()>,
) -> Result<Vec<TakenStep>, PlainError> {
    let mut run = LessonRun::open(Rc::clone(lesson), lang)?;
    run.news().iter().try_for_each(&mut record)?;
    let mut taken = Vec::new();
    for i in 0..lesson.steps.len() {
        let from = run.play().timeline().len();
        let answered = run.advance()?;
        run.news().iter().try_for_each(&mut record)?;
        let why = lesson.prose(lang).steps.get(i).map_or_else(Vec::new, |said| run.filled(&said.why));
        taken.push(TakenStep { from, to: run.play().timeline().len(), answered, why });
    }
    run.end().iter().try_for_each(&mut record)?;
    Ok(taken)
}

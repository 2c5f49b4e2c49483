//! A lesson as it was read and found sound, before anything of it has run.

use std::rc::Rc;

use super::loading::{Loading, Proses};
use super::manifest;
use super::task::Task;
use super::{Answer, LessonSource, Prose, StepProse, builtin, ids};
use crate::i18n::{Both, Lang};
use crate::script::{Diagnostic, Line, Measure, Reader, Value};

/// A lesson, read and checked: its steps, with what is played and asked, and its prose in one language or both.
///
/// ```
/// # use epollscope::i18n::Lang;
/// # use epollscope::lesson::{Lesson, find, ids};
/// let source = find("1").expect("the first lesson");
/// let lesson = Lesson::load(&source, &ids()).expect("no mistake in it");
/// assert!(lesson.steps.iter().any(|step| step.question.is_some()));
/// assert_ne!(lesson.prose(Lang::En).title, lesson.prose(Lang::Zh).title);
/// ```
#[derive(Clone, Debug)]
pub struct Lesson {
    pub id: String,
    /// Its folder, as it is named in mistakes.
    pub folder: String,
    /// Ids of lessons that should be taken before.
    pub needs: Vec<String>,
    /// The heading that it stands under in the list.
    pub group: Option<Both>,
    pub scene: Vec<Line>,
    pub steps: Vec<Step>,
    /// What the learner is to bring about after the last step.
    pub task: Option<Rc<Task>>,
    /// Reads what is typed after the last step.
    pub reader: Reader,
    /// The prose in English and Chinese; of a lesson in one language, twice that.
    pub(super) prose: [Prose; 2],
}

/// One step of a lesson.
#[derive(Clone, Debug)]
pub struct Step {
    pub id: String,
    pub run: Vec<Line>,
    pub question: Option<Question>,
    /// Parts of the lines of the program that have the mistakes which it finds.
    pub(super) finds: Vec<String>,
    /// What the prose speaks of, with what it means.
    pub(super) holes: Vec<(String, Measure)>,
}

/// A question. What is right is nowhere in it.
#[derive(Clone, Debug)]
pub struct Question {
    pub measure: Measure,
    pub choices: Vec<Value>,
    /// A number is typed.
    pub number: bool,
    /// The names of the calls that prove the answer.
    pub proof: Vec<String>,
    /// Where it stands in `lesson.toml`.
    pub(super) line: usize,
    /// The choices as they were written.
    pub(super) written: Vec<String>,
}

/// The built-in lessons, in their order.
pub fn lessons() -> Vec<Rc<Lesson>> {
    let known = ids();
    builtin().iter().filter_map(|source| Lesson::load(source, &known).ok()).map(Rc::new).collect()
}

impl Lesson {
    /// Reads a lesson, and checks all that can be checked without running it; reports everything that is wrong. `known`
    /// are the ids that it may link to.
    pub fn load(source: &LessonSource, known: &[String]) -> Result<Self, Vec<Diagnostic>> {
        let file = |name: &str| format!("{}/{name}", source.folder);
        let mut diagnostics: Vec<Diagnostic> = Vec::new();
        let mut proses = Proses::new();
        for (name, text) in [("en.md", &source.en), ("zh.md", &source.zh)] {
            let Some(text) = text else { continue };
            match Prose::read(&file(name), text) {
                Ok(prose) => proses.push((name, prose)),
                Err(mut wrong) => diagnostics.append(&mut wrong),
            }
        }
        let toml = file("lesson.toml");
        let manifest = match manifest::read(&toml, &source.toml) {
            Ok(manifest) if diagnostics.is_empty() => manifest,
            manifest => {
                diagnostics.extend(manifest.err());
                return Err(diagnostics);
            }
        };
        let mut loading = Loading { source, file: toml, known, diagnostics };
        let lesson = loading.lesson(&manifest, proses);
        match lesson {
            Some(lesson) if loading.diagnostics.is_empty() => Ok(lesson),
            _ => Err(loading.diagnostics),
        }
    }

    /// Its prose in this language, or in the one that it has.
    pub fn prose(&self, lang: Lang) -> &Prose {
        let [en, zh] = &self.prose;
        lang.of(en, zh)
    }
}

impl Question {
    /// What is said to choice `i`.
    pub fn answer<'a>(&self, prose: &'a StepProse, i: usize) -> Option<&'a Answer> {
        let written = self.written.get(i)?;
        prose.answers.iter().find(|answer| answer.value == *written)
    }

    /// How choice `i` is shown: by its label, or by its value.
    pub fn shown(&self, prose: &StepProse, i: usize, lang: Lang) -> String {
        let label = self.answer(prose, i).and_then(|answer| answer.label.clone());
        label.or_else(|| self.choices.get(i).map(|value| value.words(lang))).unwrap_or_default()
    }

    pub fn choice_of(&self, value: &Value) -> Option<usize> {
        self.choices.iter().position(|choice| self.measure.agrees(choice, value))
    }
}

//! Reading a lesson: its manifest becomes lines, questions and a task, and all that is wrong is reported at once.

use std::rc::Rc;

use super::manifest::{self, Manifest};
use super::program::program;
use super::task::{self, Task};
use super::{Lesson, LessonSource, Prose, Question, Step, group};
use crate::i18n::Message;
use crate::i18n::message;
use crate::script::{Diagnostic, Line, Reader, Value};

const MAX_STEPS: usize = 64;

/// The prose of a lesson in the languages that it has.
pub(super) type Proses = Vec<(&'static str, Prose)>;

/// A lesson that is being read.
pub(super) struct Loading<'a> {
    pub(super) source: &'a LessonSource,
    /// Its `lesson.toml`, as it is named in mistakes.
    pub(super) file: String,
    pub(super) known: &'a [String],
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Loading<'_> {
    pub(super) fn lesson(&mut self, manifest: &Manifest, proses: Proses) -> Option<Lesson> {
        if manifest.step.is_empty() || manifest.step.len() > MAX_STEPS {
            let what = message!(
                "a lesson has 1 to {MAX_STEPS} steps ([[step]]); this one has {}",
                "一课有 1 到 {MAX_STEPS} 节（[[step]]），这一课有 {} 节",
                manifest.step.len()
            );
            self.diagnostics.push(Diagnostic::of_file(&self.file, what));
            return None;
        }
        for need in manifest.needs.iter().filter(|need| !self.known.contains(need.get_ref())) {
            self.at(
                need,
                message!("needs \"{}\", but there is no such lesson", "需要“{}”，但没有这一课", need.get_ref()),
            );
        }
        for need in manifest.needs.iter().filter(|need| *need.get_ref() == self.source.id) {
            self.at(need, ("the lesson needs itself", "这一课需要它自己"));
        }
        for (i, step) in manifest.step.iter().enumerate() {
            if manifest.step[..i].iter().any(|before| before.id.get_ref() == step.id.get_ref()) {
                self.at(
                    &step.id,
                    message!("the step \"{}\" is there twice", "“{}”这一节出现了两次", step.id.get_ref()),
                );
            }
        }
        for (name, prose) in &proses {
            self.check_prose(name, prose, manifest);
            for part in manifest.step.iter().flat_map(|step| &step.finds) {
                if !program(prose).any(|line| line.contains(part.get_ref())) {
                    let part_of = part.get_ref();
                    self.at(
                        part,
                        message!(
                            "\"{part_of}\" is in no line of the program in the introduction of {name}",
                            "{name} 的引言里，程序没有一行含“{part_of}”"
                        ),
                    );
                }
            }
        }
        let group = manifest.group.as_ref().and_then(|name| {
            let group = group::heading(name.get_ref());
            if group.is_none() {
                let (name_of, all) = (name.get_ref(), group::names());
                self.at(
                    name,
                    message!(
                        "there is no group \"{name_of}\": the groups are {all}",
                        "没有“{name_of}”这一组；有 {all}"
                    ),
                );
            }
            group
        });
        let mut reader = Reader::new(&self.file, 1);
        let scene = self.script(&mut reader, &manifest.scene);
        let mut steps = Vec::new();
        for (i, step) in manifest.step.iter().enumerate() {
            let run = self.script(&mut reader, &step.run);
            let question = step.question.as_ref().and_then(|question| self.question(&mut reader, question));
            let holes = self.holes(&mut reader, proses.iter().map(|(name, prose)| (*name, prose.steps.get(i))));
            let finds = step.finds.iter().map(|part| part.get_ref().clone()).collect();
            steps.push(Step { id: step.id.get_ref().clone(), run, question, finds, holes });
        }
        let task = manifest.task.as_ref().map(|task| Rc::new(self.task(&mut reader, task)));
        let needs = manifest.needs.iter().map(|need| need.get_ref().clone()).collect();
        let (id, folder) = (self.source.id.clone(), self.source.folder.clone());
        let mut proses = proses.into_iter().map(|(_, prose)| prose);
        let first = proses.next()?;
        let second = proses.next().unwrap_or_else(|| first.clone());
        Some(Lesson { id, folder, needs, group, scene, steps, task, reader, prose: [first, second] })
    }

    /// Reports what is wrong with a value of `lesson.toml`.
    pub(super) fn at<T>(&mut self, value: &toml::Spanned<T>, what: impl Into<Message>) {
        let line = self.source.toml[..value.span().start].matches('\n').count() + 1;
        self.diagnostics.push(Diagnostic::of_line(&self.file, &self.source.toml, line, what.into()));
    }

    fn script(&mut self, reader: &mut Reader, text: &toml::Spanned<String>) -> Vec<Line> {
        reader.go_to(manifest::first_line(&self.source.toml, text));
        let mut lines = Vec::new();
        for line in text.get_ref().lines() {
            match reader.line(line) {
                Ok(line) => lines.extend(line),
                Err(diagnostic) => self.diagnostics.push(diagnostic),
            }
        }
        lines
    }

    fn task(&mut self, reader: &mut Reader, task: &manifest::Task) -> Task {
        let line = manifest::first_line(&self.source.toml, &task.goal);
        let begin = self.script(reader, &task.begin);
        let [goal, never] = [&task.goal, &task.never].map(|text| {
            let lines = self.script(reader, text);
            if lines.iter().any(|line| task::claim(line).is_none()) || text == &task.goal && lines.is_empty() {
                self.at(text, ("goal and never have lines with `expect`", "goal 和 never 里是以 `expect` 开头的行"));
            }
            lines
        });
        if task.wrong.is_empty() {
            let what = (
                "a task names an obvious way that does not reach the goal: wrong = [\"run\"]",
                "任务要写出至少一种明显却达不到目标的做法，如 wrong = [\"run\"]",
            );
            self.at(&task.goal, what);
        }
        // Each way goes on from the same point: a reader knows the names and the policy of what it has read.
        let mut way = |text: &toml::Spanned<String>| self.script(&mut reader.clone(), text);
        let solution = way(&task.solution);
        let wrong = task.wrong.iter().map(way).collect();
        Task { begin, goal, never, solution, wrong, line }
    }

    fn question(&mut self, reader: &mut Reader, question: &manifest::Question) -> Option<Question> {
        let toml = &self.source.toml;
        let line = manifest::first_line(toml, &question.asks);
        reader.go_to(line + 1);
        let measure =
            reader.measure(question.asks.get_ref()).map_err(|diagnostic| self.diagnostics.push(diagnostic)).ok()?;
        let mut choices: Vec<Value> = Vec::new();
        for choice in &question.choices {
            reader.go_to(manifest::first_line(toml, choice) + 1);
            match reader.value(&measure, choice.get_ref()) {
                Ok(value) if choices.iter().any(|other| measure.agrees(other, &value)) => {
                    self.at(
                        choice,
                        message!("the choice \"{}\" is there twice", "“{}”这个选项出现了两次", choice.get_ref()),
                    );
                }
                Ok(value) => choices.push(value),
                Err(diagnostic) => self.diagnostics.push(diagnostic),
            }
        }
        if question.choices.len() < 2 {
            self.at(&question.asks, ("a question has at least two choices", "一个问题至少有两个选项"));
        }
        if question.number && choices.iter().any(|choice| !matches!(choice, Value::Number(_))) {
            let what = (
                "number = true needs a measure that is a number; this one is not",
                "number = true 只用于结果是数的量，这个量不是",
            );
            self.at(&question.asks, what);
        }
        if question.proof.is_empty() && !measure.is_timed() {
            let what = (
                "a question needs calls that prove its answer: proof = [\"epoll_wait\"]",
                "答案要由调用来证明，如 proof = [\"epoll_wait\"]",
            );
            self.at(&question.asks, what);
        }
        let texts = |list: &[toml::Spanned<String>]| list.iter().map(|text| text.get_ref().clone()).collect();
        let (proof, written) = (texts(&question.proof), texts(&question.choices));
        Some(Question { measure, choices, number: question.number, proof, line, written })
    }
}

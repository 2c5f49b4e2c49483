//! A lesson as it was read and found sound, before anything of it has run.

use std::rc::Rc;

use super::manifest::{self, Manifest};
use super::task::{self, Task};
use super::{Answer, Block, LessonSource, Prose, StepProse, Style, builtin, ids};
use crate::i18n::{Both, Lang, Message, joined, message, words};
use crate::script::{Diagnostic, Line, Measure, Reader, Value};

const MAX_STEPS: usize = 64;

/// A lesson, read and checked: its steps, with what is played and asked, and its prose in both languages.
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
    pub scene: Vec<Line>,
    pub steps: Vec<Step>,
    /// What the learner is to bring about after the last step.
    pub task: Option<Rc<Task>>,
    /// Reads what is typed after the last step.
    pub reader: Reader,
    en: Prose,
    zh: Prose,
}

/// One step of a lesson.
#[derive(Clone, Debug)]
pub struct Step {
    pub id: String,
    pub run: Vec<Line>,
    pub question: Option<Question>,
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
        let prose = |name: &str, text: &str| Prose::read(&file(name), text);
        let (toml, en, zh) = (file("lesson.toml"), prose("en.md", &source.en), prose("zh.md", &source.zh));
        let manifest = manifest::read(&toml, &source.toml).map_err(|diagnostic| vec![diagnostic]);
        let mut diagnostics: Vec<Diagnostic> = Vec::new();
        let mut sound = |mut wrong: Vec<Diagnostic>| diagnostics.append(&mut wrong);
        let (manifest, en, zh) =
            (manifest.map_err(&mut sound).ok(), en.map_err(&mut sound).ok(), zh.map_err(&mut sound).ok());
        let (Some(manifest), Some(en), Some(zh)) = (manifest, en, zh) else { return Err(diagnostics) };
        let mut loading = Loading { source, file: toml, known, diagnostics };
        let lesson = loading.lesson(&manifest, en, zh);
        match lesson {
            Some(lesson) if loading.diagnostics.is_empty() => Ok(lesson),
            _ => Err(loading.diagnostics),
        }
    }

    pub fn prose(&self, lang: Lang) -> &Prose {
        lang.of(&self.en, &self.zh)
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

struct Loading<'a> {
    source: &'a LessonSource,
    file: String,
    known: &'a [String],
    diagnostics: Vec<Diagnostic>,
}

impl Loading<'_> {
    fn lesson(&mut self, manifest: &Manifest, en: Prose, zh: Prose) -> Option<Lesson> {
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
        for (name, prose) in [("en.md", &en), ("zh.md", &zh)] {
            self.check_prose(name, prose, manifest);
        }
        let mut reader = Reader::new(&self.file, 1);
        let scene = self.script(&mut reader, &manifest.scene);
        let mut steps = Vec::new();
        for (i, step) in manifest.step.iter().enumerate() {
            let run = self.script(&mut reader, &step.run);
            let question = step.question.as_ref().and_then(|question| self.question(&mut reader, question));
            let proses = [("en.md", en.steps.get(i)), ("zh.md", zh.steps.get(i))];
            let holes = self.holes(&mut reader, proses);
            steps.push(Step { id: step.id.get_ref().clone(), run, question, holes });
        }
        let task = manifest.task.as_ref().map(|task| Rc::new(self.task(&mut reader, task)));
        let needs = manifest.needs.iter().map(|need| need.get_ref().clone()).collect();
        let folder = self.source.folder.clone();
        Some(Lesson { id: self.source.id.clone(), folder, needs, scene, steps, task, reader, en, zh })
    }

    /// Reports what is wrong with a value of `lesson.toml`.
    fn at<T>(&mut self, value: &toml::Spanned<T>, what: impl Into<Message>) {
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

    /// What the prose of a step wants to be filled in, in both languages.
    fn holes(&mut self, reader: &mut Reader, proses: [(&str, Option<&StepProse>); 2]) -> Vec<(String, Measure)> {
        let mut holes: Vec<(String, Measure)> = Vec::new();
        for (name, prose) in proses {
            let Some(prose) = prose else { continue };
            for hole in prose.why.iter().flat_map(Block::holes) {
                match reader.measure(&hole) {
                    Ok(measure) if !holes.iter().any(|(known, _)| *known == hole) => holes.push((hole, measure)),
                    Ok(_) => {}
                    Err(diagnostic) => {
                        let what = Message::new(|lang| {
                            let what = diagnostic.what.words(lang);
                            words!(lang, "in {{{hole}}}: {what}", "{{{hole}}} 里：{what}")
                        });
                        self.prose_mistake(name, prose.line, what);
                    }
                }
            }
        }
        holes
    }

    fn prose_mistake(&mut self, name: &str, line: usize, what: Message) {
        let text = if name == "en.md" { &self.source.en } else { &self.source.zh };
        self.diagnostics.push(Diagnostic::of_line(&format!("{}/{name}", self.source.folder), text, line, what));
    }

    /// The prose has the steps and answers of the manifest, and its links lead somewhere.
    fn check_prose(&mut self, name: &str, prose: &Prose, manifest: &Manifest) {
        let ids: Vec<&str> = manifest.step.iter().map(|step| &**step.id.get_ref()).collect();
        let said: Vec<&str> = prose.steps.iter().map(|step| &*step.id).collect();
        if ids != said {
            let what = Message::new(|lang| {
                let [here, there] = [list(&said, lang), list(&ids, lang)];
                words!(
                    lang,
                    "its steps are {here}, but those of lesson.toml are {there}",
                    "它的各节是 {here}，而 lesson.toml 里是 {there}"
                )
            });
            self.diagnostics.push(Diagnostic::of_file(&format!("{}/{name}", self.source.folder), what));
            return;
        }
        let empty: [(Both, bool); 4] = [
            (("the lesson has no introduction", "这一课没有引言"), prose.intro.is_empty()),
            (("the lesson has no section \"## play\"", "这一课没有“## play”一节"), prose.play.is_empty()),
            (
                ("the task needs a section \"## task\" with a \"### why\"", "任务要有“## task”一节和它的“### why”"),
                manifest.task.is_some()
                    && prose.task.as_ref().is_none_or(|task| task.text.is_empty() || task.why.is_empty()),
            ),
            (
                (
                    "there is a section \"## task\", but no [task] in lesson.toml",
                    "有“## task”一节，但 lesson.toml 里没有 [task]",
                ),
                manifest.task.is_none() && prose.task.is_some(),
            ),
        ];
        for (what, _) in empty.into_iter().filter(|(_, empty)| *empty) {
            self.prose_mistake(name, 1, what.into());
        }
        for block in prose.blocks() {
            for inline in block.inlines() {
                if let Style::Link(target) = &inline.style
                    && !target.starts_with("https://")
                    && !self.known.contains(target)
                {
                    let what = message!(
                        "a link leads to \"{target}\", but there is no such lesson",
                        "有链接指向“{target}”，但没有这一课"
                    );
                    self.prose_mistake(name, 1, what);
                }
            }
        }
        for (step, prose) in manifest.step.iter().zip(&prose.steps) {
            self.check_step(name, step, prose);
        }
    }

    fn check_step(&mut self, name: &str, step: &manifest::Step, prose: &StepProse) {
        let mut missing: Vec<Message> = Vec::new();
        if let Some(question) = &step.question {
            let parts = [("### question", &prose.question), ("### hint", &prose.hint), ("### why", &prose.why)];
            missing.extend(parts.iter().filter(|(_, blocks)| blocks.is_empty()).map(|(part, _)| (*part, *part).into()));
            for choice in &question.choices {
                let answer = prose.answers.iter().find(|answer| answer.value == *choice.get_ref());
                if answer.is_none_or(|answer| answer.assumes.is_empty()) {
                    missing.push(message!(
                        "### answer {} (the belief behind this choice)",
                        "### answer {}（选它的人以为什么成立）",
                        choice.get_ref()
                    ));
                }
            }
        }
        missing.extend((prose.text.is_empty() && prose.question.is_empty()).then(|| ("its text", "正文").into()));
        if !missing.is_empty() {
            let (id, all) = (&prose.id, |lang: Lang| {
                missing.iter().map(|part| part.words(lang)).collect::<Vec<_>>().join(lang.of(", ", "、"))
            });
            let what = Message::new(|lang| {
                let lacks = all(lang);
                lang.of(format!("step \"{id}\" lacks {lacks}"), joined(&format!("“{id}”这一节缺少"), &lacks))
            });
            self.prose_mistake(name, prose.line, what);
        }
        for answer in &prose.answers {
            let choices = step.question.as_ref().map_or(&[][..], |question| &question.choices);
            if !choices.iter().any(|choice| *choice.get_ref() == answer.value) {
                self.prose_mistake(
                    name,
                    answer.line,
                    message!("\"{}\" is not a choice in lesson.toml", "“{}”不是 lesson.toml 里的选项", answer.value),
                );
            }
        }
    }
}

fn list(names: &[&str], lang: Lang) -> String {
    if names.is_empty() { lang.of("none", "空的").to_owned() } else { names.join(", ") }
}

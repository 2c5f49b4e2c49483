//! What can be wrong with the prose of a lesson, each with the line on which it stands.

use super::loading::Loading;
use super::manifest::{self, Manifest};
use super::{Block, Prose, StepProse, Style};
use crate::i18n::{Both, Lang, Message, joined, message, words};
use crate::script::{Diagnostic, Measure, Reader};

impl Loading<'_> {
    /// What the prose of a step wants to be filled in, in both languages.
    pub(super) fn holes<'p>(
        &mut self,
        reader: &mut Reader,
        proses: impl Iterator<Item = (&'static str, Option<&'p StepProse>)>,
    ) -> Vec<(String, Measure)> {
        let mut holes: Vec<(String, Measure)> = Vec::new();
        for (name, prose) in proses {
            let Some(prose) = prose else { continue };
            for hole in prose.why.iter().flat_map(Block::holes) {
                match reader.measure(&hole) {
                    Ok(measure) if !holes.iter().any(|(known, _)| *known == hole) => holes.push((hole, measure)),
                    Ok(_) => {}
                    Err(diagnostic) => {
                        let written = hole.clone();
                        let what = Message::new(|lang| {
                            let what = diagnostic.what.words(lang);
                            words!(lang, "in {{{hole}}}: {what}", "{{{hole}}} 里：{what}")
                        });
                        let line = self.line_with(name, &format!("{{{written}}}")).unwrap_or(prose.line);
                        self.prose_mistake(name, line, what);
                    }
                }
            }
        }
        holes
    }

    fn prose_mistake(&mut self, name: &str, line: usize, what: Message) {
        let file = format!("{}/{name}", self.source.folder);
        let diagnostic = Diagnostic::of_line(&file, self.text(name), line, what);
        self.diagnostics.push(diagnostic);
    }

    fn text(&self, name: &str) -> &str {
        let text = if name == "en.md" { &self.source.en } else { &self.source.zh };
        text.as_deref().unwrap_or_default()
    }

    /// The number of the first line that has this in it.
    fn line_with(&self, name: &str, part: &str) -> Option<usize> {
        Some(self.text(name).lines().position(|line| line.contains(part))? + 1)
    }

    /// The prose has the steps and answers of the manifest, and its links lead somewhere.
    pub(super) fn check_prose(&mut self, name: &str, prose: &Prose, manifest: &Manifest) {
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
            // The first heading that is another one, or the end, where one is missing.
            let other = prose.steps.iter().zip(&ids).find(|(step, id)| step.id != **id).map(|(step, _)| step.line);
            let other = other.or_else(|| Some(prose.steps.get(ids.len())?.line));
            let line = other.or_else(|| self.line_with(name, "## play")).unwrap_or(1);
            self.prose_mistake(name, line, what);
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
        // What is there has its line; what is missing is missed at the end.
        let last = self.text(name).lines().count().max(1);
        let lines = [1, last, prose.task.as_ref().map_or(last, |task| task.line)];
        for ((what, _), line) in
            empty.into_iter().zip([lines[0], lines[1], lines[2], lines[2]]).filter(|((_, it), _)| *it)
        {
            self.prose_mistake(name, line, what.into());
        }
        for block in prose.blocks() {
            for inline in block.inlines() {
                if let Style::Link(target) = &inline.style
                    && !target.starts_with("https://")
                    && !self.known.contains(target)
                {
                    let written = format!("]({target})");
                    let what = message!(
                        "a link leads to \"{target}\", but there is no such lesson",
                        "有链接指向“{target}”，但没有这一课"
                    );
                    let line = self.line_with(name, &written).unwrap_or(1);
                    self.prose_mistake(name, line, what);
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

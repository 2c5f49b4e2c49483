//! What a list of lessons says about each: how long it takes, what to take before, how it stands, and which comes next.

use std::rc::Rc;

use super::{Block, Lesson, Progress, Standing, Style, lay_out};
use crate::i18n::{Lang, words};

/// What a reader reads in a minute, in cells: some 180 words.
const CELLS_A_MINUTE: usize = 1_100;
/// A step is played and looked at, and a task is tried.
const SECONDS_A_STEP: usize = 20;
const MINUTES_A_TASK: usize = 2;

impl Lesson {
    /// About how many minutes it takes: to read it, to look at what was done, and to try.
    pub fn minutes(&self) -> usize {
        let prose = self.prose(Lang::En);
        let blocks: Vec<_> = prose.blocks().cloned().collect();
        let lines = lay_out(&blocks, usize::MAX);
        let cells: usize = lines.iter().flatten().map(|(_, text)| unicode_width::UnicodeWidthStr::width(&**text)).sum();
        let task = if self.task.is_some() { MINUTES_A_TASK } else { 0 };
        (cells * 60 / CELLS_A_MINUTE + self.steps.len() * SECONDS_A_STEP).div_ceil(60) + task
    }

    pub fn questions(&self) -> usize {
        self.steps.iter().filter(|step| step.question.is_some()).count()
    }

    /// The number that its id begins with, or all of it.
    pub fn number(&self) -> &str {
        number(&self.id)
    }

    /// The lessons that should be taken before, by their numbers, and whether all were.
    pub fn needs(&self, progress: &Progress) -> (String, bool) {
        let taken = |id: &String| progress.of(id).is_some_and(Standing::is_done);
        let numbers: Vec<&str> = self.needs.iter().map(|id| number(id).trim_start_matches('0')).collect();
        (numbers.join(", "), self.needs.iter().all(taken))
    }

    /// Whether its number, its id, a title, a step or a term that it teaches has `part` in it.
    pub fn is_called(&self, part: &str) -> bool {
        let part = part.trim().to_lowercase();
        let mut names = [Lang::En, Lang::Zh].into_iter().map(|lang| self.prose(lang).title.to_lowercase());
        self.id.contains(&part) || names.any(|title| title.contains(&part)) || self.taught().contains(&part)
    }

    /// Whether its prose has `part` in it.
    pub fn mentions(&self, part: &str) -> bool {
        let part = part.trim().to_lowercase();
        let proses = [Lang::En, Lang::Zh].map(|lang| self.prose(lang));
        let mut inlines = proses.into_iter().flat_map(|prose| prose.blocks().flat_map(Block::inlines));
        inlines.any(|inline| inline.text.to_lowercase().contains(&part))
    }

    /// The names of its steps and the terms that it teaches, which its prose sets strong, in small letters.
    pub fn taught(&self) -> String {
        let steps = self.steps.iter().map(|step| step.id.to_lowercase());
        let proses = [Lang::En, Lang::Zh].map(|lang| self.prose(lang));
        let inlines = proses.into_iter().flat_map(|prose| prose.blocks().flat_map(Block::inlines));
        let terms = inlines.filter(|inline| inline.style == Style::Strong).map(|inline| inline.text.to_lowercase());
        steps.chain(terms).collect::<Vec<_>>().join("\n")
    }
}

fn number(id: &str) -> &str {
    id.split_once('-').map_or(id, |(number, _)| number)
}

/// The lesson to take next: the first that is not done and has all done that it needs; or else the first that is not done.
pub fn recommended(lessons: &[Rc<Lesson>], progress: &Progress) -> Option<usize> {
    let is_open = |lesson: &&Rc<Lesson>| !progress.of(&lesson.id).is_some_and(Standing::is_done);
    let is_ready = |lesson: &Rc<Lesson>| is_open(&lesson) && lesson.needs(progress).1;
    lessons.iter().position(is_ready).or_else(|| lessons.iter().position(|lesson| is_open(&lesson)))
}

impl Standing {
    /// How it went, in a few words.
    pub fn words(&self, lang: Lang) -> String {
        let (right, of) = (self.right, self.predicted);
        let task = if self.task { lang.of(", task", "，任务") } else { "" };
        match (self.is_done(), of) {
            (false, _) => format!("… {}/{}", self.steps, self.of),
            (true, 0) => lang.of("✓ done", "✓ 完成").to_owned() + task,
            (true, _) => words!(lang, "✓ {right} of {of} right", "✓ {of} 题对 {right} 题") + task,
        }
    }
}

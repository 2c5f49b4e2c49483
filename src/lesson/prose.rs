//! The prose of a lesson: Markdown, cut at its headings.
//!
//! `# Title` and what comes before the first step; then `## step-id` for each step, with `### question`, `### hint`,
//! `### answer VALUE` or `### answer VALUE: label` for each choice, and `### why`; then, where there is a task, `## task` with
//! `### hint` and `### why`; at last `## play`. The headings are the same in every language.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Parser, Tag, TagEnd};

use crate::i18n::{Both, spaced};
use crate::script::Diagnostic;

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inline {
    /// The text. In ordinary text `{reports a}` stands for what is measured.
    pub text: String,
    pub style: Style,
}

/// How a piece of text is set.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Style {
    #[default]
    Plain,
    Strong,
    /// Code: a call, a flag, a name.
    Code,
    /// A link to another lesson, by its id, or to a page.
    Link(String),
}

/// A paragraph, or what stands in the place of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    Paragraph(Vec<Inline>),
    /// An item of a list, with its number where the list has numbers.
    Item(Option<u64>, Vec<Inline>),
    Code(String),
}

/// What is said to one choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The value, as it was written.
    pub value: String,
    /// The words that the choice is shown by, where the value alone would not do.
    pub label: Option<String>,
    /// What one who chooses it takes for true.
    pub assumes: Vec<Block>,
    pub line: usize,
}

/// What is said at one step.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct StepProse {
    pub id: String,
    pub line: usize,
    /// Before it is played.
    pub text: Vec<Block>,
    pub question: Vec<Block>,
    pub hint: Vec<Block>,
    pub answers: Vec<Answer>,
    /// After it was played.
    pub why: Vec<Block>,
}

/// The prose of a lesson in one language.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Prose {
    pub title: String,
    pub intro: Vec<Block>,
    pub steps: Vec<StepProse>,
    /// The task after the last step: its text, its hint, and why what the learner did has reached it.
    pub task: Option<StepProse>,
    pub play: Vec<Block>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Intro,
    Text,
    Question,
    Hint,
    Answer,
    Why,
    SceneRunner,
}

struct Reading<'a> {
    file: &'a str,
    text: &'a str,
    prose: Prose,
    part: Part,
    diagnostics: Vec<Diagnostic>,
}

impl Reading<'_> {
    fn all(&mut self) {
        let mut inlines: Vec<Inline> = Vec::new();
        let mut styles = vec![Style::Plain];
        let mut code: Option<String> = None;
        let mut lists: Vec<Option<u64>> = Vec::new();
        for (event, range) in Parser::new(self.text).into_offset_iter() {
            let line = self.text[..range.start].matches('\n').count() + 1;
            match event {
                Event::Text(text) => match &mut code {
                    Some(code) => *code += &text,
                    None => inlines
                        .push(Inline { text: text.into_string(), style: styles.last().cloned().unwrap_or_default() }),
                },
                Event::Code(text) => inlines.push(Inline { text: text.into_string(), style: Style::Code }),
                Event::SoftBreak | Event::HardBreak => {
                    inlines.push(Inline { text: "\n".to_owned(), style: Style::Plain });
                }
                Event::Start(Tag::Strong | Tag::Emphasis) => styles.push(Style::Strong),
                Event::Start(Tag::Link { dest_url, .. }) => styles.push(Style::Link(dest_url.into_string())),
                Event::End(TagEnd::Strong | TagEnd::Emphasis | TagEnd::Link) => drop(styles.pop()),
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented)) => {
                    code = Some(String::new());
                }
                Event::End(TagEnd::CodeBlock) => {
                    let code = code.take().unwrap_or_default();
                    self.add(Block::Code(code.trim_end().to_owned()));
                }
                Event::Start(Tag::List(first)) => {
                    self.end_item(&mut inlines, &mut lists);
                    lists.push(first);
                }
                Event::End(TagEnd::List(_)) => drop(lists.pop()),
                Event::End(TagEnd::Item) => self.end_item(&mut inlines, &mut lists),
                Event::End(TagEnd::Paragraph) if lists.is_empty() => {
                    self.add(Block::Paragraph(joined(std::mem::take(&mut inlines))));
                }
                Event::End(TagEnd::Heading(level)) => {
                    let heading: String = std::mem::take(&mut inlines).into_iter().map(|inline| inline.text).collect();
                    self.heading(level, heading.trim(), line);
                }
                Event::Start(Tag::Paragraph | Tag::Heading { .. } | Tag::Item) | Event::End(TagEnd::Paragraph) => {}
                _ => {
                    let what = (
                        "this kind of Markdown is not supported; lessons have paragraphs, lists, code, emphasis and links",
                        "这种 Markdown 不会显示；可用的有段落、列表、代码、强调和链接",
                    );
                    self.diagnostics.push(Diagnostic::of_line(self.file, self.text, line, what));
                }
            }
        }
    }

    fn end_item(&mut self, inlines: &mut Vec<Inline>, lists: &mut [Option<u64>]) {
        if inlines.is_empty() {
            return;
        }
        let number = lists.last().copied().flatten();
        if let Some(Some(next)) = lists.last_mut() {
            *next += 1;
        }
        self.add(Block::Item(number, joined(std::mem::take(inlines))));
    }

    fn heading(&mut self, level: HeadingLevel, heading: &str, line: usize) {
        let wrong = match level {
            HeadingLevel::H1 if self.prose.title.is_empty() => {
                heading.clone_into(&mut self.prose.title);
                None
            }
            HeadingLevel::H1 => Some(("a lesson has one title", "一课只有一个标题")),
            HeadingLevel::H2 if heading == "task" => {
                self.prose.task = Some(StepProse { id: heading.to_owned(), line, ..StepProse::default() });
                self.part = Part::Text;
                None
            }
            HeadingLevel::H2 if heading == "play" => {
                self.part = Part::SceneRunner;
                None
            }
            HeadingLevel::H2 if self.prose.task.is_some() => Some(("a step comes before the task", "各节都在任务之前")),
            HeadingLevel::H2 => {
                self.prose.steps.push(StepProse { id: heading.to_owned(), line, ..StepProse::default() });
                self.part = Part::Text;
                None
            }
            HeadingLevel::H3 => self.part_of_step(heading, line),
            _ => Some((
                "headings are # title, ## step, and ### question, hint, answer or why",
                "标题只有 # 标题、## 节，以及 ### question、hint、answer 或 why",
            )),
        };
        if let Some(what) = wrong {
            self.diagnostics.push(Diagnostic::of_line(self.file, self.text, line, what));
        }
    }

    fn part_of_step(&mut self, heading: &str, line: usize) -> Option<Both> {
        let Prose { steps, task, .. } = &mut self.prose;
        let step = task.as_mut().or(steps.last_mut()).filter(|_| self.part != Part::SceneRunner);
        let Some(step) = step else {
            return Some((
                "this belongs to a step: a heading \"## step-id\" must come before it",
                "这属于一节，之前应有“## 节的 id”这样的标题",
            ));
        };
        self.part = match heading {
            "question" => Part::Question,
            "hint" => Part::Hint,
            "why" => Part::Why,
            _ => {
                let Some(answer) = heading.strip_prefix("answer ") else {
                    return Some((
                        "expected ### question, ### hint, ### answer VALUE or ### why",
                        "这里应为 ### question、### hint、### answer 值或 ### why",
                    ));
                };
                let (value, label) =
                    answer.split_once(':').map_or((answer, None), |(value, label)| (value, Some(label)));
                step.answers.push(Answer {
                    value: value.trim().to_owned(),
                    label: label.map(|label| label.trim().to_owned()).filter(|label| !label.is_empty()),
                    assumes: Vec::new(),
                    line,
                });
                Part::Answer
            }
        };
        None
    }

    fn add(&mut self, block: Block) {
        let Prose { intro, steps, task, play, .. } = &mut self.prose;
        let blocks = match (self.part, task.as_mut().or(steps.last_mut())) {
            (Part::SceneRunner, _) => play,
            (Part::Text, Some(step)) => &mut step.text,
            (Part::Question, Some(step)) => &mut step.question,
            (Part::Hint, Some(step)) => &mut step.hint,
            (Part::Why, Some(step)) => &mut step.why,
            (Part::Answer, Some(StepProse { answers, .. })) => match answers.last_mut() {
                Some(answer) => &mut answer.assumes,
                None => return,
            },
            _ => intro,
        };
        blocks.push(block);
    }
}

/// Joins the lines of a paragraph: with a space, but not between Chinese and Chinese.
fn joined(inlines: Vec<Inline>) -> Vec<Inline> {
    let wide = |c: Option<char>| c.is_some_and(|c| unicode_width::UnicodeWidthChar::width(c) == Some(2));
    let mut out: Vec<Inline> = Vec::new();
    let mut inlines = inlines.into_iter().peekable();
    while let Some(mut inline) = inlines.next() {
        if inline.text == "\n" {
            let before = out.last().and_then(|inline| inline.text.chars().next_back());
            let after = inlines.peek().and_then(|inline| inline.text.chars().next());
            let gap = before.zip(after).is_some_and(|(before, after)| spaced(before, after));
            inline.text = if (wide(before) || wide(after)) && !gap { String::new() } else { " ".to_owned() };
        }
        match out.last_mut() {
            Some(last) if last.style == inline.style && inline.style == Style::Plain => last.text += &inline.text,
            _ => out.push(inline),
        }
    }
    out
}

impl Prose {
    /// Reads Markdown; `file` is the name that diagnostics give it.
    pub fn read(file: &str, text: &str) -> Result<Self, Vec<Diagnostic>> {
        let mut reading = Reading { file, text, prose: Self::default(), part: Part::Intro, diagnostics: Vec::new() };
        reading.all();
        let Reading { prose, mut diagnostics, .. } = reading;
        if prose.title.is_empty() {
            let what = ("has no title: begin with \"# Title\"", "没有标题；以“# 标题”开头");
            diagnostics.push(Diagnostic::of_file(file, what));
        }
        if diagnostics.is_empty() { Ok(prose) } else { Err(diagnostics) }
    }

    pub(super) fn blocks(&self) -> impl Iterator<Item = &Block> + '_ {
        let steps = self.steps.iter().flat_map(StepProse::blocks);
        let task = self.task.iter().flat_map(StepProse::blocks);
        self.intro.iter().chain(steps).chain(task).chain(&self.play)
    }
}

impl StepProse {
    fn blocks(&self) -> impl Iterator<Item = &Block> + '_ {
        let answers = self.answers.iter().flat_map(|answer| &answer.assumes);
        self.text.iter().chain(&self.question).chain(&self.hint).chain(answers).chain(&self.why)
    }
}

impl Block {
    pub fn inlines(&self) -> &[Inline] {
        match self {
            Self::Paragraph(inlines) | Self::Item(_, inlines) => inlines,
            Self::Code(_) => &[],
        }
    }

    /// The same with each `{…}` of its text put through `fill`.
    #[must_use]
    pub fn filled(&self, fill: &impl Fn(&str) -> String) -> Self {
        let filled = |inlines: &[Inline]| {
            let one = |inline: &Inline| match inline.style {
                Style::Code => inline.clone(),
                _ => Inline { text: fill_in(&inline.text, fill), style: inline.style.clone() },
            };
            inlines.iter().map(one).collect()
        };
        match self {
            Self::Paragraph(inlines) => Self::Paragraph(filled(inlines)),
            Self::Item(number, inlines) => Self::Item(*number, filled(inlines)),
            Self::Code(code) => Self::Code(code.clone()),
        }
    }

    /// What stands between braces in its text.
    pub fn holes(&self) -> Vec<String> {
        let found = std::cell::RefCell::new(Vec::new());
        let _ = self.filled(&|hole: &str| {
            found.borrow_mut().push(hole.to_owned());
            String::new()
        });
        found.into_inner()
    }
}

fn fill_in(text: &str, fill: &impl Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((hole, after)) = after.split_once('}') else { break };
        out += before;
        out += &fill(hole.trim());
        rest = after;
    }
    out + rest
}

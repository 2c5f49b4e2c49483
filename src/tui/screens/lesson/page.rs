//! The text of a page: prose, question, answer, and what the scene did.

use ratatui::prelude::{Buffer, Rect, Span, Style};
use unicode_width::UnicodeWidthStr as _;

use super::{keys::Page, screen::LessonScreen};
use crate::i18n::words;
use crate::lesson::{Block, Found, Layout, ProgramLine, Question, Said, StepProse, Style as Prose, lay_out};
use crate::tui::Theme;
use crate::tui::widgets::{padded, put, task::standpoint, wrap};

/// A line of a page, in styled pieces.
pub(super) type Line = Vec<Span<'static>>;

/// The most lines of a script that are listed with their results.
const SAID: usize = 12;

pub(super) fn render(screen: &LessonScreen, area: Rect, buf: &mut Buffer) {
    let lines = lines(screen, usize::from(area.width), usize::from(area.height));
    // If not everything fits, the last row says so.
    let rows = if lines.len() > usize::from(area.height) { area.height.saturating_sub(1) } else { area.height };
    let most = lines.len().saturating_sub(usize::from(rows));
    let first = usize::from(screen.scroll).min(most);
    for (y, line) in (0..rows).zip(lines.iter().skip(first)) {
        put(area, y, line.clone(), buf);
    }
    if most > 0 {
        let up = if first > 0 { screen.lang.of("↑ PgUp: before", "↑ PgUp 上文") } else { "" };
        let down = if first < most { screen.lang.of("↓ PgDn: more", "↓ PgDn 下文") } else { "" };
        let line = vec![Span::styled(format!("{up}{}{down}", if first > 0 { "   " } else { "" }), screen.theme.notice)];
        put(area, rows, line, buf);
    }
}

fn lines(screen: &LessonScreen, width: usize, rows: usize) -> Vec<Line> {
    let page = Writer { screen, width, lines: Vec::new() };
    let (prose, step) = (screen.lesson.prose(screen.lang), screen.step());
    match screen.page {
        Page::Intro => page.blocks(&prose.intro).said().lines,
        Page::Played => page.played(rows).lines,
        Page::Task => prose.task.as_ref().map_or_else(Vec::new, |said| page.task(said).typed().lines),
        Page::Over => page.heading(screen.lang.of("Try it yourself", "接着玩")).blocks(&prose.play).typed().lines,
        Page::Ask | Page::Answer => {
            let Some(said) = prose.steps.get(step) else { return Vec::new() };
            match (screen.page, screen.question()) {
                // A hint comes first, so that it is visible at once.
                (Page::Ask, Some(question)) if screen.hint => page.question(question, said).blocks(&said.text).lines,
                (Page::Ask, Some(question)) => page.blocks(&said.text).question(question, said).lines,
                (Page::Ask, None) => page.blocks(&said.text).lines,
                (_, question) => page.answer(question, said).program().said().lines,
            }
        }
    }
}

pub(super) struct Writer<'a> {
    pub(super) screen: &'a LessonScreen,
    pub(super) width: usize,
    pub(super) lines: Vec<Line>,
}

impl Writer<'_> {
    fn gap(&mut self) {
        if self.lines.last().is_some_and(|line| !line.is_empty()) {
            self.lines.push(Line::new());
        }
    }

    pub(super) fn wrapped(&mut self, text: &str, style: Style) {
        let lines = wrap(text, self.width);
        self.lines.extend(lines.into_iter().map(|line| vec![Span::styled(line, style)]));
    }

    fn heading(mut self, text: &str) -> Self {
        self.gap();
        self.lines.push(vec![Span::styled(text.to_owned(), self.screen.theme.title)]);
        self
    }

    fn blocks(mut self, blocks: &[Block]) -> Self {
        self.gap();
        let theme = &self.screen.theme;
        self.lines.extend(lay_out(blocks, self.width).into_iter().map(|line| styled(theme, line)));
        self
    }

    fn question(self, question: &Question, prose: &StepProse) -> Self {
        let (theme, lang) = (&self.screen.theme, self.screen.lang);
        let page = if self.screen.hint { self.heading(lang.of("Hint", "提示")).blocks(&prose.hint) } else { self };
        let mut page = page.heading(lang.of("Predict", "先预测")).blocks(&prose.question);
        page.gap();
        if question.number {
            let value = format!("{}▏", page.screen.input.value());
            let label = lang.of("your number: ", "你的数：");
            page.lines.push(vec![Span::styled(label, theme.label), Span::styled(value, theme.title)]);
        }
        for i in 0..if question.number { 0 } else { question.choices.len() } {
            let selected = page.screen.choice == Some(i);
            let (mark, style) = if selected { ("▶", theme.selected) } else { (" ", theme.value) };
            let text = question.shown(prose, i, lang);
            let first = format!("{mark}{}) ", i + 1);
            for (n, line) in wrap(&text, page.width.saturating_sub(4)).into_iter().enumerate() {
                let lead = if n == 0 { first.clone() } else { "    ".to_owned() };
                let line = padded(&format!("{lead}{line}"), if selected { page.width } else { 0 });
                page.lines.push(vec![Span::styled(line, style)]);
            }
        }
        page
    }

    /// The task, what it asks for and how that stands, and once it is done why it is.
    fn task(self, prose: &StepProse) -> Self {
        let (theme, lang, screen) = (&self.screen.theme, self.screen.lang, self.screen);
        let hint = if screen.hint { self.heading(lang.of("Hint", "提示")).blocks(&prose.hint) } else { self };
        let mut page = hint.heading(lang.of("Your turn", "轮到你了"));
        if screen.is_task_done() {
            let word = lang.of("✓ the kernel says: done", "✓ 内核说：完成了");
            page.lines.push(vec![Span::styled(word, theme.good)]);
            return page.blocks(&prose.why);
        }
        page = page.blocks(&prose.text);
        page.gap();
        let (head, stands) = match (&screen.task, &screen.lesson.task) {
            (Some(begun), _) => {
                (lang.of("Your attempt, counted from its beginning:", "你的尝试，从任务开始时计数："), begun.stood())
            }
            (None, Some(task)) => (
                lang.of("Not begun yet. To hold, counted from its beginning:", "尚未开始。从任务开始时计数，应当："),
                task.wants(),
            ),
            (None, None) => return page,
        };
        page.wrapped(head, theme.label);
        for stand in &stands {
            page.lines.push(standpoint(stand, screen.task.is_some(), theme, lang));
        }
        if stands.iter().any(|stand| stand.is_spoiled) {
            page.wrapped(lang.of("Spoiled: Enter begins it again", "已无法完成：Enter 重新开始"), theme.notice);
        }
        page
    }

    fn answer(self, question: Option<&Question>, prose: &StepProse) -> Self {
        let (theme, lang, screen) = (&self.screen.theme, self.screen.lang, self.screen);
        let mut page = self;
        if let (Some(question), Some(answered)) = (question, &screen.answered) {
            let value = answered.choice.map_or_else(|| answered.value.words(lang), |i| question.shown(prose, i, lang));
            page.lines.push(vec![Span::styled(lang.of("The kernel's answer:", "内核的回答："), theme.label)]);
            page.wrapped(&value, theme.title);
            match &screen.predicted {
                Some(value) if question.measure.agrees(value, &answered.value) => {
                    let word = lang.of("✓ as you predicted", "✓ 正如你的预测");
                    page.lines.push(vec![Span::styled(word, theme.good)]);
                }
                Some(value) => {
                    let choice = question.choice_of(value);
                    let predicted = choice.map_or_else(|| value.words(lang), |i| question.shown(prose, i, lang));
                    let word = words!(lang, "✗ you predicted {predicted}", "✗ 你的预测是 {predicted}");
                    page.wrapped(&word, theme.notice);
                    if let Some(answer) = choice.and_then(|i| question.answer(prose, i)) {
                        page = page.blocks(&answer.assumes);
                    }
                }
                None => {}
            }
        }
        page = page.blocks(&screen.run.filled(&prose.why));
        let Some(answered) = screen.answered.as_ref().filter(|answered| !answered.proof.is_empty()) else {
            return page;
        };
        page = page.heading(lang.of("The calls that prove it", "作为证明的调用"));
        for call in &answered.shown(lang) {
            for line in proof(call, page.width) {
                page.lines.push(vec![Span::styled(line, theme.wave)]);
            }
        }
        page
    }

    /// The program that the lesson is about, with its mistakes as far as they are found.
    fn program(self) -> Self {
        let (theme, lang, screen) = (&self.screen.theme, self.screen.lang, self.screen);
        let program = screen.lesson.program(screen.run.played(), lang);
        if program.is_empty() {
            return self;
        }
        let mut page = self.heading(lang.of("The program: ✗ found, ✗✗ found here", "程序：✗ 已发现，✗✗ 在这一节发现"));
        for ProgramLine { text, found } in program {
            let (mark, style) = match found {
                Found::No => ("  ", theme.value),
                Found::Before => ("✗ ", theme.notice),
                Found::Now => ("✗✗", theme.alert),
            };
            page.lines.push(vec![Span::styled(mark, style), Span::styled(text, style)]);
        }
        page
    }

    /// The lines that the scene has played, with their results.
    fn said(self) -> Self {
        let said = &self.screen.run.said;
        if said.is_empty() {
            return self;
        }
        let heading = self.screen.lang.of("The script so far, with its results", "到此为止的脚本及结果");
        let mut page = self.heading(heading);
        page.did(said.iter().take(SAID));
        let more = said.len().saturating_sub(SAID);
        if more > 0 {
            page.lines.push(vec![Span::styled(format!("… +{more}"), page.screen.theme.label)]);
        }
        page
    }

    fn typed(self) -> Self {
        if self.screen.typed.is_empty() {
            return self;
        }
        let mut page = self;
        page.gap();
        let typed = &page.screen.typed;
        page.did(typed.iter().rev().take(SAID).rev());
        page
    }

    fn did<'b>(&mut self, said: impl Iterator<Item = &'b Said>) {
        let theme = &self.screen.theme;
        for Said { line, said, .. } in said {
            let beside = line.width() + 2 + said.width() <= self.width;
            let mut first = vec![Span::styled(line.clone(), theme.value)];
            if beside {
                first.push(Span::styled(format!("  {said}"), theme.label));
            }
            self.lines.push(first);
            if !beside {
                let rest = wrap(said, self.width.saturating_sub(2));
                self.lines.extend(rest.into_iter().map(|line| vec![Span::styled(format!("  {line}"), theme.label)]));
            }
        }
    }
}

/// A call of a proof, without its time, in lines of `width`; a result that does not fit goes on a line of its own.
fn proof(call: &str, width: usize) -> Vec<String> {
    let call = call.trim_start().split_once(' ').map_or(call, |(_, call)| call.trim_start());
    let squeezed = call.split_whitespace().collect::<Vec<_>>().join(" ");
    if squeezed.width() <= width {
        return vec![squeezed];
    }
    let (what, result) = match squeezed.rsplit_once(" = ") {
        Some((what, result)) => (what.to_owned(), Some(format!("  = {result}"))),
        None => (squeezed, None),
    };
    let result = result.into_iter().flat_map(|result| broken(&result, width));
    broken(&what, width).into_iter().chain(result).collect()
}

/// Lines of `width`, broken after punctuation: of a mask, or a list of events, every piece counts.
fn broken(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for piece in text.split_inclusive(['|', ',', ' ']) {
        match lines.last_mut() {
            Some(line) if line.trim_end().is_empty() || line.width() + piece.trim_end().width() <= width => {
                *line += piece;
            }
            _ => lines.push(format!("    {piece}")),
        }
    }
    // A space at an end would be cut, and the sign of the cut would take the place of the comma before it.
    lines.into_iter().map(|line| line.trim_end().to_owned()).collect()
}

fn styled(theme: &Theme, line: Layout) -> Line {
    let style = |prose: &Prose| match prose {
        Prose::Plain => theme.value,
        Prose::Strong => theme.title,
        Prose::Code => theme.wave,
        Prose::Link(_) => theme.notice,
    };
    line.into_iter().map(|(prose, text)| Span::styled(text, style(&prose))).collect()
}

#[cfg(test)]
#[test]
fn no_line_of_a_proof_is_wider_than_the_page() {
    let call = r#"0.1  sendto(5, "abcdefghijklmnopqrstuvwxyzabcdef"…, 1024) = 1024"#;
    let lines = proof(call, 46);
    assert_eq!(lines, [r#"sendto(5, "abcdefghijklmnopqrstuvwxyzabcdef"…,"#, "    1024)", "  = 1024"]);
    let wait = "0.1  epoll_wait(4) = 2  [5 EPOLLIN|EPOLLRDHUP, 6 EPOLLIN|EPOLLRDHUP]";
    assert!(proof(wait, 30).iter().all(|line| line.width() <= 30));
}

//! A lesson: its prose on one side, the workbench on the other; or the list of all.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::Span;
use tui_input::Input;
use unicode_width::UnicodeWidthStr as _;

use super::layout::{MINIMUM, bench, too_small};
use super::{padded, put};
use crate::record::Trigger;
use crate::script::Troupe;
use crate::teach::{Block, Laid, Lesson, Question, Said, StepProse, Style as Prose, lay};
use crate::trace::lang::words;
use crate::ui::Theme;
use crate::ui::classroom::{Classroom, Page, keys};

/// From this width on the workbench stands beside the prose.
const WIDE: u16 = 110;
/// Cells of prose on a wide screen.
const PROSE: u16 = 47;
/// Lines of a script that are shown with what they came to.
const SAID: usize = 12;

type Line = Vec<Span<'static>>;

pub(crate) fn render(room: &Classroom, area: Rect, buf: &mut Buffer) {
    buf.set_style(area, room.theme.base);
    if area.width < MINIMUM.0 || area.height < MINIMUM.1 {
        return too_small(room.lang, room.theme.alert, area, buf);
    }
    let [top, body, bottom] =
        Layout::vertical([Constraint::Length(1), Constraint::Min(1), Constraint::Length(2)]).areas(area);
    header(room, top, buf);
    footer(room, bottom, buf);
    match room.bench() {
        None => list(room, body, buf),
        Some(_) if room.page == Page::List => list(room, body, buf),
        Some(view) if area.width >= WIDE => {
            let [left, gap, right] =
                Layout::horizontal([Constraint::Length(PROSE), Constraint::Length(3), Constraint::Min(1)]).areas(body);
            rule(room, gap, buf);
            prose(room, Rect { x: left.x + 1, width: left.width - 1, ..left }, buf);
            bench(&view, right, buf);
        }
        Some(view) => {
            let rows = if room.bench_first { body.height / 3 } else { body.height.saturating_sub(8) };
            let [upper, lower] = Layout::vertical([Constraint::Length(rows), Constraint::Min(1)]).areas(body);
            prose(room, Rect { x: upper.x + 1, width: upper.width - 2, ..upper }, buf);
            bench(&view, lower, buf);
        }
    }
}

fn rule(room: &Classroom, gap: Rect, buf: &mut Buffer) {
    for y in gap.top()..gap.bottom() {
        buf.set_string(gap.x + 1, y, "│", room.theme.border);
    }
}

fn header(room: &Classroom, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (&room.theme, room.lang);
    let Some(lesson) = room.lesson().filter(|_| room.page != Page::List) else {
        let title = lang.of(" Lessons", " 课程表");
        return put(area, 0, vec![Span::styled(title, theme.title)], buf);
    };
    let (at, of) = (room.step(), lesson.steps.len());
    let step = match room.page {
        Page::Intro => lang.of("before the first step", "第一步之前").to_owned(),
        Page::Over => lang.of("all steps taken", "已走完").to_owned(),
        _ => words!(lang, "step {} of {of}", "第 {} 步，共 {of} 步", at + 1),
    };
    let (number, all) = (room.row + 1, room.lessons.len());
    let place = words!(lang, " Lesson {number}/{all} ", " 第 {number}/{all} 课 ");
    let mut line = vec![
        Span::styled(place, theme.label),
        Span::styled(format!(" {} ", lesson.prose(lang).title), theme.title),
        Span::styled(format!("  {step} "), theme.marker),
    ];
    let dots: String = (0..of)
        .map(|i| match room.page {
            Page::Over => "●",
            Page::Told if i <= at => "●",
            _ if i < at => "●",
            Page::Ask if i == at => "◉",
            _ => "○",
        })
        .collect();
    line.push(Span::styled(dots, theme.marker));
    if let Some(live) = room.session.as_ref().and_then(|session| session.play().troupe()).map(Troupe::live) {
        let badge = match live.policy().trigger {
            Trigger::Level => theme.level_badge(),
            Trigger::Edge => theme.edge_badge(),
        };
        // Half a word would be worse than none.
        if line.iter().map(Span::width).sum::<usize>() + 2 + badge.width() <= usize::from(area.width) {
            line.extend([Span::raw("  "), badge]);
        }
    }
    put(area, 0, line, buf);
}

fn footer(room: &Classroom, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (&room.theme, room.lang);
    if let Some(line) = &room.line {
        return typing(room, line, area, buf);
    }
    let mut rows: Vec<Line> = vec![Line::new()];
    let mut used = 0;
    for binding in keys::shown_on(room.kind()) {
        let word = format!(" {}", lang.pick(binding.short));
        let width = 2 + binding.shown.width() + word.width();
        if used + width > usize::from(area.width) {
            rows.push(Line::new());
            used = 0;
        }
        used += width;
        if let Some(row) = rows.last_mut() {
            row.push(Span::raw(if row.is_empty() { " " } else { "  " }));
            row.extend([Span::styled(binding.shown, theme.key), Span::styled(word, theme.value)]);
        }
    }
    // A word to the learner comes before the keys that are not of this page alone.
    rows.truncate(if room.word.is_some() { 1 } else { 2 });
    for (y, row) in (0..area.height).zip(rows) {
        put(area, y, row, buf);
    }
    if let Some((word, alert)) = &room.word {
        let style = if *alert { theme.alert } else { theme.notice };
        put(area, 1, vec![Span::raw(" "), Span::styled(word.clone(), style)], buf);
    }
}

fn typing(room: &Classroom, input: &Input, area: Rect, buf: &mut Buffer) {
    let theme = &room.theme;
    let label = " lab> ";
    let value = input.value();
    put(area, 0, vec![Span::styled(label, theme.marker), Span::styled(value.to_owned(), theme.title)], buf);
    let x = area.x + u16::try_from(label.width() + input.visual_cursor()).unwrap_or(u16::MAX);
    if x < area.right() {
        buf.set_style(Rect { x, width: 1, height: 1, ..area }, Style::new().add_modifier(Modifier::REVERSED));
    }
    let hint = room.lang.of(" Enter does it   Esc back to the lesson", " 回车执行   Esc 回到课程");
    put(area, 1, vec![Span::styled(hint, theme.value)], buf);
}

/// All lessons, with how far each was taken.
fn list(room: &Classroom, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (&room.theme, room.lang);
    let rows = usize::from(area.height);
    let first = room.row.saturating_sub(rows.saturating_sub(2)).min(room.lessons.len().saturating_sub(rows));
    for (y, (i, lesson)) in (0..area.height).zip(room.lessons.iter().enumerate().skip(first)) {
        let selected = i == room.row;
        let style = |style: Style| if selected { style.patch(theme.selected) } else { style };
        if selected {
            buf.set_style(Rect { y: area.y + y, height: 1, ..area }, theme.selected);
        }
        let standing = match room.progress.of(&lesson.id) {
            Some(standing) if standing.is_done() && standing.right < standing.predicted => {
                let (right, of) = (standing.right, standing.predicted);
                words!(lang, "✓ {right} of {of} predicted", "✓ 预测对 {right}/{of}")
            }
            Some(standing) if standing.is_done() => lang.of("✓ done", "✓ 完成").to_owned(),
            Some(standing) => format!("… {}/{}", standing.steps, standing.of),
            None => String::new(),
        };
        let number = lesson.id.split('-').next().unwrap_or_default();
        let title = lesson.prose(lang).title.clone();
        let pointer = if selected { "▶ " } else { "  " };
        let room_left = usize::from(area.width).saturating_sub(30);
        put(
            area,
            y,
            vec![
                Span::styled(pointer, style(theme.marker)),
                Span::styled(format!("{number}  "), style(theme.label)),
                Span::styled(padded(&title, room_left), style(theme.value)),
                Span::styled(standing, style(theme.good)),
            ],
            buf,
        );
    }
}

/// The page's prose, scrolled.
fn prose(room: &Classroom, area: Rect, buf: &mut Buffer) {
    let Some(lesson) = room.lesson() else { return };
    let lines = lines(room, lesson, usize::from(area.width));
    let rows = usize::from(area.height);
    let most = lines.len().saturating_sub(rows);
    let first = usize::from(room.scroll).min(most);
    for (y, line) in (0..area.height).zip(lines.iter().skip(first)) {
        put(area, y, line.clone(), buf);
    }
    if first < most && area.height > 0 {
        let more = room.lang.of(" ↓ PgDn: more ", " ↓ PgDn 还有 ");
        let x = area.right().saturating_sub(u16::try_from(more.width()).unwrap_or(0));
        buf.set_string(x, area.bottom() - 1, more, room.theme.notice);
    }
}

fn lines(room: &Classroom, lesson: &Lesson, width: usize) -> Vec<Line> {
    let page = Writer { room, width, lines: Vec::new() };
    let (prose, step) = (lesson.prose(room.lang), room.step());
    match room.page {
        Page::Intro => page.blocks(&prose.intro).said().lines,
        Page::Over => page.heading(room.lang.of("To go on playing", "接着玩")).blocks(&prose.play).typed().lines,
        Page::Ask | Page::Told => {
            let Some(said) = prose.steps.get(step) else { return Vec::new() };
            let question = lesson.steps.get(step).and_then(|step| step.question.as_ref());
            match (room.page, question) {
                (Page::Ask, Some(question)) => page.blocks(&said.text).question(question, said).lines,
                (Page::Ask, None) => page.blocks(&said.text).lines,
                (_, question) => page.answer(question, said).said().lines,
            }
        }
        Page::List => Vec::new(),
    }
}

/// A page, line by line.
struct Writer<'a> {
    room: &'a Classroom,
    width: usize,
    lines: Vec<Line>,
}

impl Writer<'_> {
    fn gap(&mut self) {
        if self.lines.last().is_some_and(|line| !line.is_empty()) {
            self.lines.push(Line::new());
        }
    }

    fn wrapped(&mut self, text: &str, style: Style) {
        let lines = super::wrap(text, self.width);
        self.lines.extend(lines.into_iter().map(|line| vec![Span::styled(line, style)]));
    }

    fn heading(mut self, text: &str) -> Self {
        self.gap();
        self.lines.push(vec![Span::styled(text.to_owned(), self.room.theme.title)]);
        self
    }

    fn blocks(mut self, blocks: &[Block]) -> Self {
        self.gap();
        let theme = &self.room.theme;
        self.lines.extend(lay(blocks, self.width).into_iter().map(|line| styled(theme, line)));
        self
    }

    fn question(self, question: &Question, prose: &StepProse) -> Self {
        let (theme, lang) = (&self.room.theme, self.room.lang);
        let mut page = self.heading(lang.of("Predict", "先预测")).blocks(&prose.question);
        page.gap();
        if question.number {
            let value = format!("{}▏", page.room.number.value());
            let label = lang.of("your number: ", "你的数：");
            page.lines.push(vec![Span::styled(label, theme.label), Span::styled(value, theme.title)]);
        }
        for i in 0..if question.number { 0 } else { question.choices.len() } {
            let selected = page.room.choice == Some(i);
            let (mark, style) = if selected { ("▶", theme.selected) } else { (" ", theme.value) };
            let text = question.shown(prose, i, lang);
            let first = format!("{mark}{} ", i + 1);
            for (n, line) in super::wrap(&text, page.width.saturating_sub(3)).into_iter().enumerate() {
                let lead = if n == 0 { first.clone() } else { "   ".to_owned() };
                let line = padded(&format!("{lead}{line}"), if selected { page.width } else { 0 });
                page.lines.push(vec![Span::styled(line, style)]);
            }
        }
        if page.room.hint { page.heading(lang.of("Hint", "提示")).blocks(&prose.hint) } else { page }
    }

    fn answer(self, question: Option<&Question>, prose: &StepProse) -> Self {
        let (theme, lang, room) = (&self.room.theme, self.room.lang, self.room);
        let mut page = self;
        if let (Some(question), Some(answered)) = (question, &room.answered) {
            let value = answered.choice.map_or_else(|| answered.value.words(lang), |i| question.shown(prose, i, lang));
            page.lines.push(vec![Span::styled(lang.of("The kernel's answer:", "内核的回答："), theme.label)]);
            page.wrapped(&value, theme.title);
            let came_true = room.predicted.as_ref().map(|value| question.measure.agrees(value, &answered.value));
            match came_true {
                Some(true) => {
                    let word = lang.of("✓ as you predicted", "✓ 正如你的预测");
                    page.lines.push(vec![Span::styled(word, theme.good)]);
                }
                Some(false) => {
                    let said = room.predicted.as_ref().and_then(|value| question.choice_of(value));
                    let predicted = match (said, &room.predicted) {
                        (Some(i), _) => question.shown(prose, i, lang),
                        (None, Some(value)) => value.words(lang),
                        (None, None) => String::new(),
                    };
                    page.wrapped(
                        &words!(lang, "✗ you predicted {predicted}", "✗ 你的预测是 {predicted}"),
                        theme.notice,
                    );
                    if let Some(answer) = said.and_then(|i| question.answer(prose, i)) {
                        page = page.blocks(&answer.assumes);
                    }
                }
                None => {}
            }
        }
        let why: Vec<Block> = match &room.session {
            Some(session) => prose.why.iter().map(|block| session.filled(block)).collect(),
            None => Vec::new(),
        };
        page = page.blocks(&why);
        let Some(answered) = room.answered.as_ref().filter(|answered| !answered.proof.is_empty()) else { return page };
        page = page.heading(lang.of("The calls that prove it", "作为证明的调用"));
        for call in &answered.shown() {
            for line in proof(call, page.width) {
                page.lines.push(vec![Span::styled(line, theme.wave)]);
            }
        }
        page
    }

    /// What was played, with what it came to.
    fn said(self) -> Self {
        let Some(session) = &self.room.session else { return self };
        let told = |said: &&Said| !said.line.starts_with("expect ") && said.line != "mark";
        let said: Vec<&Said> = session.said().iter().filter(told).collect();
        if said.is_empty() {
            return self;
        }
        let heading = self.room.lang.of("What was done", "做了什么");
        let mut page = self.heading(heading);
        page.did(said.iter().take(SAID).copied());
        let more = said.len().saturating_sub(SAID);
        if more > 0 {
            page.lines.push(vec![Span::styled(format!("… +{more}"), page.room.theme.label)]);
        }
        page
    }

    /// What was typed, with what it came to.
    fn typed(self) -> Self {
        if self.room.typed.is_empty() {
            return self;
        }
        let mut page = self;
        page.gap();
        let typed = &page.room.typed;
        page.did(typed.iter().rev().take(SAID).rev());
        page
    }

    fn did<'b>(&mut self, said: impl Iterator<Item = &'b Said>) {
        let theme = &self.room.theme;
        for Said { line, said } in said {
            let beside = line.width() + 2 + said.width() <= self.width;
            let mut first = vec![Span::styled(line.clone(), theme.value)];
            if beside {
                first.push(Span::styled(format!("  {said}"), theme.label));
            }
            self.lines.push(first);
            if !beside {
                let rest = super::wrap(said, self.width.saturating_sub(2));
                self.lines.extend(rest.into_iter().map(|line| vec![Span::styled(format!("  {line}"), theme.label)]));
            }
        }
    }
}

/// A call of a proof in lines of `width`: without its time, the result on a line of its own where it does not fit.
fn proof(call: &str, width: usize) -> Vec<String> {
    let call = call.trim_start().split_once(' ').map_or(call, |(_, call)| call.trim_start());
    let squeezed = call.split_whitespace().collect::<Vec<_>>().join(" ");
    if squeezed.width() <= width {
        return vec![squeezed];
    }
    match squeezed.rsplit_once(" = ") {
        Some((what, result)) => vec![what.to_owned(), format!("  = {result}")],
        None => vec![squeezed],
    }
}

fn styled(theme: &Theme, line: Laid) -> Line {
    let style = |prose: &Prose| match prose {
        Prose::Plain => theme.value,
        Prose::Strong => theme.title,
        Prose::Code => theme.wave,
        Prose::Link(_) => theme.notice,
    };
    line.into_iter().map(|(prose, text)| Span::styled(text, style(&prose))).collect()
}

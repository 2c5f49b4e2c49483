//! The keys of a screen, from its table.

use ratatui::macros::horizontal;
use ratatui::prelude::{Buffer, Rect, Span};

use super::inspect::commands;
use super::{View, put, title, wrap};
use crate::i18n::{Both, Lang, words};
use crate::tui::Theme;
use crate::tui::keymap::binding::{Binding, helped, is_own};
use crate::tui::keymap::{Group, KEYS, past};

const INDENT: usize = 9;

/// The keys under one heading.
struct Section {
    heading: Both,
    rows: Vec<(String, Both)>,
}

/// The keys of the workbench, and the commands that show the same from outside.
pub(crate) fn workbench(view: &View<'_>, scroll: u16, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (view.theme, view.lang);
    let [server, client, policy, find, look, past] = Group::ALL.map(|group| {
        let rows = KEYS.iter().filter(|binding| binding.group == group);
        let rows = rows.map(|binding| (binding.shown.to_owned(), binding.long)).collect();
        Section { heading: group.heading(), rows }
    });
    let commands = commands(view);
    render(theme, lang, [&[server, client, policy, find], &[look, past]], &commands, scroll, area, buf);
}

/// The keys of a screen, and those of the past that it does not use for itself.
pub(crate) fn screen<A, G>(
    theme: &Theme,
    lang: Lang,
    heading: Both,
    table: &'static [Binding<A, G>],
    scroll: u16,
    area: Rect,
    buf: &mut Buffer,
) {
    let own = Section { heading, rows: helped(table).collect() };
    let past = past(|code| is_own(table, code)).map(|key| (key.shown, key.says)).collect();
    let past = Section { heading: Group::Past.heading(), rows: past };
    render(theme, lang, [&[own], &[past]], &[], scroll, area, buf);
}

/// The keys of a screen that shows no past.
pub(crate) fn alone<A, G>(
    theme: &Theme,
    lang: Lang,
    heading: Both,
    table: &'static [Binding<A, G>],
    area: Rect,
    buf: &mut Buffer,
) {
    let own = Section { heading, rows: helped(table).collect() };
    let area = title(theme, lang.of("Keys", "按键"), vec![], area, buf);
    column(&lines(theme, lang, &[own], area.width), area, buf);
}

/// Draws the sections, in two columns if there is room.
fn render(
    theme: &Theme,
    lang: Lang,
    columns: [&[Section]; 2],
    commands: &[String],
    scroll: u16,
    area: Rect,
    buf: &mut Buffer,
) {
    let name = lang.of("Keys", "按键");
    let lines = |width: u16| columns.map(|sections| lines(theme, lang, sections, width));
    if area.width < 110 {
        let [mut all, rest] = lines(area.width);
        all.push(Vec::new());
        all.extend(rest);
        all.extend(outside(theme, lang, commands, area.width));
        let rows = usize::from(area.height.saturating_sub(1));
        let first = usize::from(scroll).min(all.len().saturating_sub(rows));
        let mut extra = Vec::new();
        if all.len() > rows {
            let (from, to, all) = (first + 1, first + rows, all.len());
            let text = words!(lang, " {from}–{to} of {all} lines", " 第 {from}–{to} 行，共 {all} 行");
            extra.push(Span::styled(text, theme.label));
        }
        let area = title(theme, name, extra, area, buf);
        return column(&all[first..], area, buf);
    }
    let area = title(theme, name, vec![], area, buf);
    let areas: [Rect; 2] = horizontal![*= 1, *= 1].spacing(2).areas(area);
    let [mut own, rest] = lines(areas[0].width);
    own.extend(outside(theme, lang, commands, areas[0].width));
    for (lines, area) in [own, rest].iter().zip(areas) {
        let first = usize::from(scroll).min(lines.len().saturating_sub(usize::from(area.height)));
        column(&lines[first..], area, buf);
    }
}

/// The commands under a heading of their own, below a blank line.
fn outside(theme: &Theme, lang: Lang, commands: &[String], width: u16) -> Vec<Vec<Span<'static>>> {
    if commands.is_empty() {
        return Vec::new();
    }
    let heading = lang.of(" See for yourself, in another terminal (y copies)", " 亲自查看，在另一个终端里（y 复制）");
    let mut lines = vec![Vec::new(), vec![Span::styled(heading, theme.title)]];
    for command in commands {
        let rows = wrap(command, usize::from(width).saturating_sub(4));
        lines.extend(rows.into_iter().map(|row| vec![Span::styled(format!("  {row}"), theme.value)]));
    }
    lines
}

fn column(lines: &[Vec<Span<'static>>], area: Rect, buf: &mut Buffer) {
    for (y, line) in (0..area.height).zip(lines) {
        put(area, y, line.clone(), buf);
    }
}

fn lines(theme: &Theme, lang: Lang, sections: &[Section], width: u16) -> Vec<Vec<Span<'static>>> {
    let mut lines = Vec::new();
    for section in sections {
        lines.push(vec![Span::styled(format!(" {}", lang.pick(section.heading)), theme.title)]);
        for (shown, does) in &section.rows {
            let does = wrap(lang.pick(*does), usize::from(width).saturating_sub(INDENT));
            for (i, text) in does.into_iter().enumerate() {
                let key = if i == 0 { shown.clone() } else { String::new() };
                let pad = " ".repeat((INDENT - 2).saturating_sub(Span::raw(&*key).width()));
                let text = Span::styled(format!("{pad}{text}"), theme.value);
                lines.push(vec![Span::raw("  "), Span::styled(key, theme.key), text]);
            }
        }
        lines.push(Vec::new());
    }
    lines.pop();
    lines
}

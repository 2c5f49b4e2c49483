//! The threads of the program: who they are, and where each stands.

use ratatui::prelude::{Buffer, Rect, Span};

use crate::i18n::{Lang, words};
use crate::record::Tid;
use crate::trace::text;
use crate::trace::world::Task;
use crate::tui::Theme;
use crate::tui::widgets::{View, hanging, put, title};
use crate::watch::HeldCall;

/// The most threads that have rows.
const MOST: usize = 6;

/// The threads with rows: the selected one is among them.
fn shown(view: &View<'_>, selected: Option<Tid>) -> Vec<Task> {
    let all: Vec<Task> = view.world.tasks().collect();
    let at = all.iter().position(|task| Some(task.tid) == selected).unwrap_or(0);
    let first = at.saturating_sub(MOST - 1);
    all.into_iter().skip(first).take(MOST).collect()
}

/// The rows that the panel takes, with its title.
pub(super) fn rows(view: &View<'_>) -> u16 {
    u16::try_from(view.world.tasks().take(MOST).count()).map_or(0, |rows| rows + 1)
}

/// Draws them. `held` is what they are held before now; `None` in the past.
pub(super) fn render(view: &View<'_>, selected: Option<Tid>, held: Option<&[HeldCall]>, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (view.theme, view.lang);
    let count = view.world.tasks().count();
    let extra = match selected {
        Some(tid) => words!(lang, " Space steps {tid}; Tab selects", " Space 单步 {tid}；Tab 选择"),
        None if count > 1 => lang.of(" Tab selects one to step", " Tab 选择要单步的线程").to_owned(),
        None => String::new(),
    };
    let extra = vec![Span::styled(extra, theme.label)];
    let area = title(theme, lang.of("Threads", "线程"), extra, area, buf);
    let tasks = shown(view, selected);
    let several = tasks.iter().any(|task| task.table != tasks[0].table);
    for (y, task) in (0..area.height).zip(&tasks) {
        let is_selected = Some(task.tid) == selected;
        let name = task.name.map(|name| name.to_string()).unwrap_or_default();
        let process = if several && task.table != task.tid {
            words!(lang, " of {}", " 属于 {}", task.table)
        } else {
            String::new()
        };
        let who = format!("{}{} {name}{process}  ", if is_selected { "▶" } else { " " }, task.tid);
        let (said, style) = stands(theme, task, held, lang);
        let style_of_who = if is_selected { theme.marker } else { theme.value };
        put(area, y, vec![Span::styled(who, style_of_who), Span::styled(said, style)], buf);
    }
    let more = count.saturating_sub(tasks.len());
    if more > 0 && area.height > 0 {
        let text = words!(lang, " … {more} more ", " … 另有 {more} 个 ");
        let width = u16::try_from(Span::raw(&text).width()).unwrap_or(0).min(area.width);
        let corner = Rect { x: area.right() - width, width, ..area };
        put(corner, area.height - 1, vec![Span::styled(text, theme.label)], buf);
    }
}

fn stands(theme: &Theme, task: &Task, held: Option<&[HeldCall]>, lang: Lang) -> (String, ratatui::style::Style) {
    let before = held.and_then(|held| held.iter().find(|held| held.tid == task.tid));
    if let Some(before) = before {
        let call = text::call(&before.call, lang);
        return (words!(lang, "held before {call}", "停在 {call} 之前"), theme.label);
    }
    match (task.hangs, task.waits) {
        (Some(call), _) => {
            let call = hanging(&call);
            (words!(lang, "HANGS in {call}", "卡在 {call} 里"), theme.alert)
        }
        (None, Some(epfd)) => (words!(lang, "waits in epoll {epfd}", "在 epoll {epfd} 中等待"), theme.good),
        (None, None) if held.is_some() => {
            (lang.of("between calls, or in one", "在两次调用之间，或在某次调用中").to_owned(), theme.label)
        }
        (None, None) => (lang.of("works", "工作中").to_owned(), theme.label),
    }
}

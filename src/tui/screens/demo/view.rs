//! Draws a demo: the panels of the workbench, and a caption.

use ratatui::macros::vertical;
use ratatui::prelude::{Buffer, Rect, Span};
use unicode_width::UnicodeWidthStr as _;

use super::keys::{Action, KEYS};
use super::screen::DemoScreen;
use crate::tui::escape::fit;
use crate::tui::widgets::footer::{opened, row};
use crate::tui::widgets::layout::{WIDE, panels};
use crate::tui::widgets::{View, ground, header, is_too_small, next, put, wrap};

pub(super) fn render(demo: &DemoScreen, area: Rect, buf: &mut Buffer) {
    if is_too_small(&demo.theme, demo.lang, area, buf) {
        return;
    }
    let Some(view) = demo.bench() else { return };
    // A message that does not fit into the footer goes where the workbench shows its messages.
    let spreads = view.notice.is_some_and(|notice| notice.text.width() + 1 > usize::from(area.width));
    let spreads = spreads && !demo.theme.projector;
    let view = View { notice: view.notice.filter(|_| spreads), ..view };
    let next_rows = match area.height {
        // Only the row of the seven steps.
        _ if demo.theme.projector => 1,
        _ if spreads => 4,
        30.. => 4,
        _ => 3,
    };
    let [top, caption, body, next, bottom] =
        vertical![== 1, == caption_rows(demo, area), >= 1, == next_rows, == 1].areas(area);
    header::render(&view, top, buf);
    say(demo, caption, buf);
    panels(&view, Some(registrations(demo)), body, buf);
    if demo.theme.projector {
        next::place_among_steps(&view, next, buf);
    } else {
        next::render(&view, next, buf);
    }
    footer(demo, !spreads, bottom, buf);
}

/// The most registrations of the scene: its clients, and the listener.
fn registrations(demo: &DemoScreen) -> usize {
    let clients = demo.player.stepper.scene.clients();
    usize::try_from(clients).unwrap_or(usize::MAX).saturating_add(1)
}

fn lines(text: &str, width: u16) -> Vec<String> {
    wrap(text, usize::from(width).saturating_sub(2))
}

/// As many rows as the longest caption of the scene needs, so that nothing moves; at most a third of the screen.
fn caption_rows(demo: &DemoScreen, area: Rect) -> u16 {
    let captions = demo.player.stepper.captions();
    let most = captions.map(|caption| lines(caption.of(demo.lang), area.width).len()).max().unwrap_or(0);
    u16::try_from(most).unwrap_or(u16::MAX).min(area.height / 3)
}

fn say(demo: &DemoScreen, area: Rect, buf: &mut Buffer) {
    ground(area, demo.theme.caption, buf);
    let lines = lines(demo.player.caption(), area.width);
    let rows = usize::from(area.height);
    for (y, line) in (0..area.height).zip(&lines) {
        let cut = usize::from(y) + 1 == rows && lines.len() > rows;
        let line = if cut { fit(&format!("{line} …"), usize::from(area.width) - 2) } else { line.clone() };
        put(area, y, vec![Span::raw(" "), Span::styled(line, demo.theme.caption)], buf);
    }
}

fn footer(demo: &DemoScreen, tells: bool, area: Rect, buf: &mut Buffer) {
    let (theme, lang, player, navigator) = (&demo.theme, demo.lang, &demo.player, &demo.navigator);
    if opened(&navigator.overlay, player.stepper.timeline(), theme, lang, area, buf) {
        return;
    }
    if let Some(notice) = navigator.notice.as_ref().filter(|_| tells) {
        let style = notice.style(theme);
        return put(area, 0, vec![Span::styled(format!(" {}", notice.text), style)], buf);
    }
    let all = player.stepper.captions().count();
    let at = player.moment().caption.map_or(0, |number| number + 1);
    let speed = player.speed();
    let speed = if (speed - 1.0).abs() < 0.01 { String::new() } else { format!(" ×{speed:.1}") };
    let end = if player.is_over() {
        lang.of(" the end · Space: again ", " 结束 · Space 再来一遍 ").to_owned()
    } else {
        format!("{speed} ")
    };
    // When the speed takes room, the word for PgUp is dropped, so that the hint on taking over stays visible.
    let brief = !speed.is_empty() && usize::from(area.width) < usize::from(WIDE) + end.width();
    let keys = KEYS.iter().filter(|binding| !binding.short.0.is_empty()).map(|binding| {
        let word = match binding.action {
            Action::Pause if player.is_paused() => lang.of("go on", "继续").to_owned(),
            Action::CaptionBack if brief => format!("{at}/{all}"),
            Action::CaptionBack => format!("{} {at}/{all}", lang.pick(binding.short)),
            _ => lang.pick(binding.short).to_owned(),
        };
        (binding.shown.to_owned(), word)
    });
    row(theme, keys, &end, area, buf);
}

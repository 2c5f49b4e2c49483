//! The choices of the policy, their values, and what each demonstrates.

use ratatui::prelude::{Buffer, Rect, Span};

use super::{View, padded, patched, put, title};
use crate::i18n::words;
use crate::tui::choices::CHOICES;

pub(crate) fn render(view: &View<'_>, row: usize, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (view.theme, view.lang);
    let when = lang.of(
        " changes take effect before the server's next epoll_wait",
        " 可在服务器运行中切换，下一次 epoll_wait 之前生效",
    );
    let extra = vec![Span::styled(when, theme.label)];
    let area = title(view.theme, lang.of("Policy", "策略"), extra, area, buf);
    let Some(policy) = view.ordered.or(view.policy) else {
        let text = lang.of("this recording does not contain it", "这个录制文件没有说明");
        return put(area, 0, vec![Span::styled(text, theme.label)], buf);
    };
    let wide = area.width >= 100;
    // The selected row must be visible, and on a narrow screen its explanation below it too.
    let room = usize::from(area.height).saturating_sub(if wide { 0 } else { 2 });
    let above = (row + 1).saturating_sub(room);
    for (i, choice) in CHOICES.iter().enumerate().skip(above).take(room) {
        let y = u16::try_from(i - above).unwrap_or(u16::MAX);
        let selected = i == row;
        if selected && y < area.height {
            buf.set_style(Rect { y: area.y + y, height: 1, ..area }, theme.selected);
        }
        let style = |style| patched(style, theme.selected, selected);
        let line = vec![
            Span::styled(if selected { "▶ " } else { "  " }, style(theme.marker)),
            Span::styled(padded(lang.pick(choice.name), 16), style(theme.label)),
            Span::styled(padded(&choice.value(&policy, lang), 32), style(theme.title)),
            Span::styled(if wide { lang.pick(choice.shows) } else { "" }, style(theme.label)),
        ];
        put(area, y, line, buf);
    }
    if let (false, Some(choice)) = (wide, CHOICES.get(row)) {
        let y = u16::try_from(CHOICES.len().min(room) + 1).unwrap_or(u16::MAX);
        let (name, shows) = (lang.pick(choice.name), lang.pick(choice.shows));
        put(area, y, vec![Span::styled(words!(lang, "  {name}: {shows}", "  {name}：{shows}"), theme.value)], buf);
    }
}

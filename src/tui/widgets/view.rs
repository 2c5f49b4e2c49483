//! The screen: a pure function of a [`View`].
//!
//! No panel reads a clock, asks the kernel, or remembers anything. Time comes from records, and only the rows that are
//! visible are built.

use std::net::SocketAddr;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use unicode_linebreak::linebreaks;
use unicode_width::UnicodeWidthChar;

use super::cells::{fill, ground, put};
use super::layout;

use crate::analysis::scope::Timebase;
use crate::analysis::why;
use crate::i18n::Lang;
use crate::probe::{Breakpoint, ServerState};
use crate::record::{Call, Nanos, Policy, Trigger};
use crate::server::ServerError;
use crate::trace::world::{Epoll, FileId, Item};
use crate::trace::{Timeline, World};
use crate::tui::Theme;
use crate::tui::escape::{self, fit};
use crate::tui::moment::{Moment, Place, Playhead};
use crate::tui::{
    Navigator,
    navigator::{Mode, Notice},
};

/// All that the screen shows.
pub struct View<'a> {
    /// Styles.
    pub theme: &'a Theme,
    /// Its language.
    pub lang: Lang,
    /// What has the keys.
    pub mode: &'a Mode,
    /// A word to the user.
    pub notice: Option<&'a Notice>,
    /// All records.
    pub timeline: &'a Timeline,
    /// The position that is shown.
    pub at: u64,
    /// The world there.
    pub world: &'a World,
    /// How the server stands.
    pub state: ServerState,
    /// Which moment that is, and how it goes on from there.
    pub playhead: Playhead,
    /// What ended the server, where nobody told it to end.
    pub ended: Option<ServerError>,
    /// Its next call.
    pub next: Option<Call>,
    /// Where it listens, if that is known.
    pub addr: Option<SocketAddr>,
    /// The policy that it follows, if that is known.
    pub policy: Option<Policy>,
    /// A policy that it was told and does not follow yet.
    pub ordered: Option<Policy>,
    /// The selected file.
    pub selected: Option<FileId>,
    /// The selected client does not read.
    pub frozen: bool,
    /// How many bytes `s` sends.
    pub amount: usize,
    /// What a column of the scope stands for.
    pub timebase: Timebase,
    /// It is shown in a lesson, or in the middle of one.
    pub taught: bool,
    /// The calls are made by hand, so that between two of them nothing is being worked on.
    pub by_hand: bool,
    /// Where that is; `None` where only now is looked at.
    pub place: Option<Place>,
    /// The breakpoints that are set.
    pub stops: &'a [Breakpoint],
}

impl<'a> View<'a> {
    /// What is shown of a moment to `viewer`; nothing is selected, and the policy is the one that the records tell.
    pub fn of(shown: Moment<'a>, navigator: &'a Navigator, theme: &'a Theme, lang: Lang) -> Self {
        let Moment { timeline, at, world, now, place } = shown;
        Self {
            theme,
            lang,
            mode: &navigator.mode,
            notice: navigator.notice.as_ref(),
            timeline,
            at,
            world,
            state: now.state,
            playhead: now.playhead,
            ended: now.ended,
            next: now.next,
            addr: None,
            policy: world.policy().copied(),
            ordered: world.ordered().copied(),
            selected: None,
            frozen: false,
            amount: 0,
            timebase: Timebase::Calls(1),
            taught: false,
            by_hand: false,
            place,
            stops: navigator.breakpoints(),
        }
    }
}

impl View<'_> {
    /// Draws it.
    pub fn draw(&self, frame: &mut Frame<'_>) {
        frame.render_widget(self, frame.area());
    }

    /// The connections of most interest, at most `most`: the selected one first, then the youngest, in their order.
    pub(super) fn connections(&self, most: usize) -> Vec<FileId> {
        let Some(epoll) = self.world.epoll() else { return Vec::new() };
        let mut ids: Vec<FileId> = self.selected.into_iter().collect();
        let is_stream = |id| self.world.file(id).is_some_and(|file| file.stream().is_some());
        let others =
            epoll.items().rev().map(|item| item.file).filter(|id| is_stream(*id) && Some(*id) != self.selected);
        let mut others: Vec<FileId> = others.take(most.saturating_sub(ids.len())).collect();
        others.reverse();
        ids.extend(others);
        ids
    }

    /// The trigger: the policy's, else as the first that is registered has it.
    pub(super) fn trigger(&self) -> Option<Trigger> {
        let first = || self.world.epoll()?.items().next();
        let of = |item: &Item| if item.interest.is_edge() { Trigger::Edge } else { Trigger::Level };
        self.policy.map(|policy| policy.trigger).or_else(|| first().map(of))
    }

    /// Whether a moment of the past is shown.
    pub(super) fn is_past(&self) -> bool {
        matches!(self.playhead, Playhead::Past { .. })
    }

    /// Whether the server is done with what was reported: it waits, or is about to. What is unread then and will not be
    /// reported is stranded, unless it is in doubt what will be.
    pub(super) fn at_rest(&self) -> bool {
        let Some(epoll) = self.world.epoll() else { return false };
        if self.by_hand { epoll.certain } else { self.world.at_rest(epoll, self.next.as_ref()) }
    }

    /// The sentence on a registration. Nothing is called stranded while the server is still at work on it.
    pub(super) fn why(&self, epoll: &Epoll, item: &Item) -> String {
        let why = if self.at_rest() { why::not_reported } else { why::at_work };
        why(self.world, epoll, item, self.lang)
    }
}

impl Widget for &View<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        ground(area, self.theme.base, buf);
        layout::render(self, area, buf);
    }
}

/// The call that the server hangs in, in short: `recv(5)`.
pub(super) fn hanging(call: &Call) -> String {
    let name = if matches!(call, Call::Sendto { .. }) { "send" } else { "recv" };
    call.fd().map_or_else(|| name.to_owned(), |fd| format!("{name}({fd})"))
}

/// A panel's first line: its name on a rule.
pub(super) fn title(view: &View<'_>, name: &str, extra: Vec<Span<'static>>, area: Rect, buf: &mut Buffer) -> Rect {
    titled(view.theme, name, extra, area, buf)
}

/// The same for a screen that is no [`View`].
pub(super) fn titled(theme: &Theme, name: &str, extra: Vec<Span<'static>>, area: Rect, buf: &mut Buffer) -> Rect {
    if area.height == 0 {
        return area;
    }
    let mut spans = vec![Span::styled("─ ", theme.border), Span::styled(name.to_owned(), theme.title)];
    spans.extend(extra);
    spans.push(Span::raw(" "));
    let line = Line::from(spans);
    let used = u16::try_from(line.width()).unwrap_or(u16::MAX).min(area.width);
    put(area, 0, line.spans, buf);
    fill(Rect { x: area.x + used, width: area.width - used, ..area }, "─", theme.border, buf);
    Rect { y: area.y + 1, height: area.height - 1, ..area }
}

/// `text` in lines of at most `width` cells, broken between words, and in Chinese between characters where Unicode's
/// line breaking (UAX #14) allows it.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut from = 0;
    for (to, _) in linebreaks(text).filter(|(at, _)| may_break(text, *at)) {
        let piece = &text[from..to];
        from = to;
        let last = lines.last_mut().expect("there is always one");
        if last.is_empty() || escape::width(last) + escape::width(piece.trim_end()) <= width {
            last.push_str(piece);
        } else {
            lines.push(piece.to_owned());
        }
    }
    lines.iter().map(|line| fit(line.trim_end(), width)).collect()
}

/// Whether a line may end at `at`, which Unicode allows: what is no Chinese only at a space, so that `one-shot` and
/// `EPOLLIN|EPOLLET` stay whole; and a number stays with the Chinese word for what it counts.
pub(super) fn may_break(text: &str, at: usize) -> bool {
    let is_wide = |c: char| c.width() == Some(2);
    let (before, after) = (&text[..at], text[at..].chars().next());
    let counted = before.ends_with(' ') && before.trim_end().ends_with(|c: char| c.is_ascii_digit());
    match after {
        None => true,
        Some(c) if is_wide(c) => !counted,
        Some(_) => before.ends_with(|c| c == ' ' || is_wide(c)),
    }
}

/// `text` and so many spaces that it takes `width` cells; a longer one stays as it is.
pub(super) fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(escape::width(text))))
}

/// A span of time, in the unit that suits it.
pub(super) fn duration(nanos: Nanos) -> String {
    #[allow(clippy::cast_precision_loss, reason = "three digits are shown")]
    let n = nanos.0 as f64;
    match nanos.0 {
        0..=999 => format!("{} ns", nanos.0),
        1_000..=999_999 => format!("{:.1} µs", n / 1e3),
        1_000_000..=999_999_999 => format!("{:.1} ms", n / 1e6),
        _ => format!("{:.1} s", n / 1e9),
    }
}

/// A style with `over` on it where `on`.
pub(super) fn patched(style: Style, over: Style, on: bool) -> Style {
    if on { style.patch(over) } else { style }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_breaks_at_spaces_only() {
        assert_eq!(
            wrap("one-shot: a round-robin, EPOLLIN|EPOLLET", 12),
            ["one-shot: a", "round-robin,", "EPOLLIN|EPO…"]
        );
    }

    #[test]
    fn chinese_breaks_between_characters() {
        assert_eq!(wrap("边缘触发：没有新数据，滞留", 10), ["边缘触发：", "没有新数", "据，滞留"]);
        assert_eq!(wrap("就绪列表（推断）中", 14), ["就绪列表（推", "断）中"]);
        assert_eq!(wrap("等待 epoll_wait 返回", 12), ["等待", "epoll_wait", "返回"]);
    }

    #[test]
    fn a_number_stays_with_what_it_counts() {
        assert_eq!(wrap("尽管仍有 1,976 字节未读", 15), ["尽管仍有", "1,976 字节未读"]);
    }

    #[test]
    fn what_is_padded_takes_its_cells() {
        assert_eq!(padded("水平", 6), "水平  ");
        assert_eq!(padded("level", 3), "level");
    }
}

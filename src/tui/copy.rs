//! What `y` copies of a workbench.

use super::navigator::{Navigator, Notice, Overlay};
use super::widgets::{CallsView, View, calls, inspect};
use crate::i18n::{Lang, grouped, words};
use crate::tui::Next;

/// The columns of a story that is copied; a terminal elsewhere may be narrower, but an editor wraps.
const WIDTH: usize = 100;

/// The commands of the help; what the inspector shows; the sentence on the selected fd; or else, and where every call is
/// shown, the last call.
pub(super) fn selected(view: &View<'_>) -> Option<String> {
    let lang = view.lang;
    if matches!(view.overlay, Overlay::Help { .. }) {
        return Some(inspect::commands(view).join("\n"));
    }
    if matches!(view.overlay, Overlay::Inspect { .. }) {
        return Some(inspect::story(view, WIDTH));
    }
    let last = || calls::latest(view, 1).pop().map(|(_, told)| told);
    if view.calls == CallsView::Calls {
        return last();
    }
    let item = view.world.epoll().and_then(|epoll| Some((epoll, view.world.registration(epoll, view.selected?)?)));
    match item {
        Some((epoll, item)) => {
            let (fd, name, why) = (item.fd, view.world.name_of(item, lang), view.why(epoll, item));
            Some(words!(lang, "fd {fd} {name}: {why}", "fd {fd} {name}：{why}"))
        }
        None => last(),
    }
}

/// Says what became of it, and what the stack of screens is to do.
pub(super) fn copied(text: Option<String>, navigator: &mut Navigator, lang: Lang) -> Next {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        navigator.warn(lang.of("there is nothing to copy yet", "还没有可复制的内容"));
        return Next::Stay;
    };
    let n = grouped(text.chars().count() as u64);
    let said = words!(
        lang,
        "copied {n} characters, if the terminal allows it (OSC 52)",
        "已复制 {n} 个字符（若终端允许 OSC 52）"
    );
    navigator.notice = Some(Notice { text: said, alert: false });
    Next::Copy(text)
}

//! A run as a page: the screen of each moment, what is to be said of it, and the keys of the past.

use std::fmt::Write as _;
use std::ops::RangeInclusive;

use serde_json::{Value, json};

use super::document::{About, document};
use super::frames::Frames;
use super::moments::{PageMoment, moments};
use super::telling::Telling;
use crate::i18n::{Both, Lang, grouped, words};
use crate::tui::theme::{Depth, Ground};
use crate::tui::{Screen as _, Theme, WorkbenchScreen};

pub(super) const SCRIPT: &str = include_str!("page.js");

/// The most moments of a page, so that it can be sent by mail; and where somebody has chosen them.
pub(super) const MOST: usize = 400;
const CHOSEN: usize = 2_000;

/// The screen of a page, in columns and rows.
pub(super) const SIZE: (u16, u16) = (120, 40);

/// Writes a recording that has been read as a page: all of its calls, or these. It begins where the cursor is. Returns
/// how many moments it has, too.
pub fn run_page(
    screen: &mut WorkbenchScreen,
    mut about: About,
    calls: Option<&RangeInclusive<u64>>,
    lang: Lang,
) -> (u64, String) {
    let begins = screen.view().at;
    let mut looked = look(screen, &mut about, calls, lang);
    let begins = looked.moments.iter().rposition(|moment| moment.at <= begins).unwrap_or(0);
    looked.frames["start"] = json!(begins);
    let page = document(&about, lang, &body(&looked.items, lang), &looked.frames, SCRIPT);
    (looked.moments.len() as u64, page)
}

/// The moments of a run, their screens, and what is to be said of them.
pub(super) struct Looked {
    pub(super) moments: Vec<PageMoment>,
    pub(super) frames: Value,
    /// An item of a list for each moment.
    pub(super) items: String,
}

/// Looks at the moments of a recording that has been read, and adds to `about` what is missing.
pub(super) fn look(
    screen: &mut WorkbenchScreen,
    about: &mut About,
    calls: Option<&RangeInclusive<u64>>,
    lang: Lang,
) -> Looked {
    if let Some(trouble) = screen.view().notice.map(|notice| notice.text.clone()) {
        about.facts.push(trouble);
    }
    let moments = moments(screen.view().timeline, calls, if calls.is_some() { CHOSEN } else { MOST });
    let all = screen.view().timeline.now().moments();
    let left_out = all.saturating_sub(moments.len() as u64 - 1);
    if left_out > 0 {
        let (n, all) = (grouped(left_out), grouped(all));
        about.facts.push(words!(
            lang,
            "{n} of its {all} calls have no moment here; `--calls FROM-TO` chooses others",
            "共 {all} 次调用，其中 {n} 次不在这里；可用 `--calls FROM-TO` 另选"
        ));
    }
    let [dark, light] = [Ground::Dark, Ground::Light].map(|ground| Theme::new(Depth::True, ground));
    let (mut frames, mut telling, mut items) = (Frames::new(SIZE), Telling::new(lang), String::new());
    for moment in &moments {
        screen.look_at(moment.at, None);
        screen.theme = light.clone();
        let on_light = screen.picture(SIZE);
        screen.theme = dark.clone();
        frames.take(&screen.picture(SIZE), &on_light);
        items.push_str(&telling.item(&screen.view(), moment));
    }
    Looked { moments, frames: frames.finish(), items }
}

/// A key of the page, what its button shows, and what it does.
const TOOLS: [(&str, Both, Both); 9] = [
    ("Home", ("⇤", "⇤"), ("go to the beginning", "回看最初的时刻")),
    ("{", ("{ finding", "{ 发现项"), ("the previous finding", "更早的一个发现项")),
    (
        "[",
        ("[ wait", "[ 等待"),
        ("go back to before the last return of epoll_wait", "回看上一次 epoll_wait 返回之前的时刻"),
    ),
    ("ArrowLeft", ("←", "←"), ("go back one call", "回看更早一次调用的时刻")),
    (">", ("▶", "▶"), ("play from the moment shown, or stop", "从所看的时刻开始播放，或停止")),
    ("ArrowRight", ("→", "→"), ("one call later", "前进到下一次调用")),
    ("]", ("wait ]", "等待 ]"), ("after the next return of epoll_wait", "前进到下一次 epoll_wait 返回之后")),
    ("}", ("finding }", "发现项 }"), ("the next finding", "更晚的一个发现项")),
    ("End", ("⇥", "⇥"), ("go to the end", "跳到末尾")),
];

/// What the script says.
const SAID: [(&str, Both); 10] = [
    ("end", ("this is the end, there is nothing later to play", "这里是末尾，没有更晚的可以播放")),
    ("speed", ("speed: {0} calls per second", "每秒播放 {0} 次调用")),
    ("no-later-finding", ("no later finding", "更晚处没有发现项")),
    ("no-earlier-finding", ("no earlier finding", "更早处没有发现项")),
    ("nothing-sought", ("nothing to search for yet: / starts a search", "还没有搜索过，用 / 搜索")),
    ("not-later", ("/{0}: not in any later call", "/{0}：更晚的调用中没有")),
    ("not-earlier", ("/{0}: not in any earlier call", "/{0}：更早的调用中没有")),
    ("no-call", ("expected 0 to {0}", "应为 0 到 {0}")),
    ("unknown", ("fd {0}: nothing is known of it here", "fd {0}：此时没有它的说明")),
    ("calls", ("calls about fd {0}: {1}", "与 fd {0} 有关的调用：{1} 次")),
];

pub(super) fn body(items: &str, lang: Lang) -> String {
    let mut out = String::new();
    // Nothing fails to be written into a string.
    let _ = write_body(&mut out, items, lang);
    out
}

fn write_body(out: &mut String, items: &str, lang: Lang) -> std::fmt::Result {
    write!(out, "<section id=\"past\" hidden")?;
    for (name, said) in SAID {
        write!(out, " data-{name}=\"{}\"", lang.pick(said))?;
    }
    let name = lang.of("The past", "回看");
    writeln!(out, " aria-label=\"{name}\">\n<div class=\"tools\" role=\"group\" aria-label=\"{name}\">")?;
    for (key, shown, says) in TOOLS {
        let (says, id) = (lang.pick(says), if key == ">" { " id=\"play\" aria-pressed=\"false\"" } else { "" });
        let shown = lang.pick(shown);
        let key_shown = if key.len() > 4 { shown } else { key };
        let key = key.replace('>', "&gt;");
        writeln!(
            out,
            "<button type=\"button\"{id} data-key=\"{key}\" aria-label=\"{says}\" title=\"{says}  {key_shown}\">{shown}</button>"
        )?;
    }
    let (search, number) = (lang.of("search", "搜索"), lang.of("call number", "调用编号"));
    writeln!(
        out,
        "<form id=\"searching\"><input type=\"search\" id=\"search\" aria-label=\"{search}\" placeholder=\"/ {search}\" autocomplete=\"off\"></form>\n\
         <form id=\"going\"><input type=\"text\" id=\"number\" inputmode=\"numeric\" aria-label=\"{number}\" placeholder=\": {number}\" autocomplete=\"off\"></form>\n\
         <button type=\"button\" data-key=\"t\" title=\"t\">{}</button>\n</div>",
        lang.of("dark or light", "深色或浅色")
    )?;
    writeln!(
        out,
        "<div class=\"bar\"><div id=\"marks\"></div><input type=\"range\" id=\"bar\" min=\"0\" aria-label=\"{}\"></div>",
        lang.of("moment", "时刻")
    )?;
    writeln!(out, "<div id=\"said\" role=\"status\"></div>")?;
    // Those who do not see have the words of the moment, which follow.
    writeln!(out, "<div class=\"frame\"><div id=\"screen\" aria-hidden=\"true\"></div></div>")?;
    writeln!(out, "<div id=\"now\" aria-live=\"polite\"></div>")?;
    writeln!(
        out,
        "<div id=\"fd\" hidden><p id=\"fd-why\" aria-live=\"polite\"></p><div class=\"tools\"><span id=\"fd-calls\"></span>\
         <button type=\"button\" id=\"fd-back\">← {}</button><button type=\"button\" id=\"fd-on\">{} →</button>\
         <button type=\"button\" data-key=\"Escape\">{}</button></div></div>",
        lang.of("its call before", "它的上一次"),
        lang.of("its next call", "它的下一次"),
        lang.of("close (Esc)", "关闭（Esc）")
    )?;
    writeln!(out, "<details id=\"help\"><summary>{}</summary>\n<p class=\"keys\">", lang.of("Keys (?)", "按键（?）"))?;
    for (key, shown, says) in TOOLS {
        let key = if key.len() > 4 { lang.pick(shown) } else { key };
        writeln!(out, "<code>{}</code> {}<br>", key.replace('>', "&gt;"), lang.pick(says))?;
    }
    writeln!(
        out,
        "{}</p></details>\n</section>",
        lang.of(
            "<code>/</code> search the calls and the sentences, <code>n</code> <code>N</code> again<br>\n\
             <code>:</code> go to a call by its number<br>\n<code>-</code> <code>+</code> the speed<br>\n\
             <code>t</code> dark or light<br>\nclick an fd on the screen: what is known of it<br>\n",
            "<code>/</code> 搜索调用和说明，<code>n</code> <code>N</code> 继续<br>\n\
             <code>:</code> 跳到指定编号的调用<br>\n<code>-</code> <code>+</code> 调整速度<br>\n\
             <code>t</code> 深色或浅色<br>\n点击屏幕上的 fd：查看它的说明<br>\n"
        )
    )?;
    writeln!(
        out,
        "<noscript><p class=\"note\">{}</p></noscript>",
        lang.of(
            "The screens of the run need JavaScript; the list of all calls does not.",
            "查看每一刻的屏幕需要 JavaScript；下面的调用列表不需要。"
        )
    )?;
    let heading = lang.of("Every call, with its reasons", "每次调用及其原因");
    writeln!(out, "<section>\n<h2>{heading}</h2>\n<ol id=\"calls\">\n{items}</ol>\n</section>")
}

//! A prompt: the question, and the answer that is being typed.

use ratatui::prelude::{Buffer, Rect, Span};
use unicode_width::UnicodeWidthStr as _;

use super::{patched, put, typed};
use crate::i18n::{Lang, grouped, words};
use crate::tui::navigator::{Prompt, Question};
use crate::tui::{Theme, choices::CHOICES};

/// Draws it into the first row of `area`; the keys go into the second row, if there is one.
pub(crate) fn render(prompt: &Prompt, calls: u64, theme: &Theme, lang: Lang, area: Rect, buf: &mut Buffer) {
    let (label, input) = (label(prompt, calls, lang), &prompt.input);
    let hint = lang.of(" Enter confirms   Esc cancels ", " Enter 确认   Esc 放弃 ");
    let width = Span::raw(&*label).width();
    let all = usize::from(area.width);
    let free = all.saturating_sub(width + 2);
    let beside = area.height == 1 && (prompt.refused || free > input.value().width() + hint.width());
    let style = patched(theme.title, theme.selected, prompt.proposed);
    let kept = if beside { hint.width() } else { 0 };
    typed(Span::styled(label, theme.label), (input, style), kept, theme, area, buf);
    if area.height > 1 {
        put(area, 1, vec![Span::styled(hint, theme.value)], buf);
    } else if beside {
        let x = area.right().saturating_sub(u16::try_from(hint.width()).unwrap_or(0));
        buf.set_string(x, area.y, hint, theme.value);
    }
}

/// The question. After a refusal it is short, because the message says what is expected.
fn label(prompt: &Prompt, calls: u64, lang: Lang) -> String {
    match prompt.question {
        Question::Amount => lang.of(" bytes to send: ", " 要发送的字节数：").to_owned(),
        Question::Text => lang.of(" text to send (a newline is added): ", " 要发送的文本（末尾加换行）：").to_owned(),
        Question::Call => {
            let all = grouped(calls);
            words!(lang, " go to call, of {all}: ", " 跳到第几次调用（共 {all} 次）：")
        }
        Question::Search if prompt.refused => lang.of(" search: ", " 搜索：").to_owned(),
        Question::Search => lang
            .of(" search (recv, fd 5, EAGAIN, IN, a, \"text\"): ", " 搜索（recv、fd 5、EAGAIN、IN、a、\"文本\"）：")
            .to_owned(),
        Question::Breakpoint => lang.of(" stop at: ", " 停在：").to_owned(),
        Question::Choice(row) => {
            let (name, unit) = (lang.pick(CHOICES[row].name), lang.pick(CHOICES[row].unit()));
            words!(lang, " {name}, in {unit}: ", " {name}（{unit}）：")
        }
    }
}

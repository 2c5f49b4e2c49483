//! The prose of a lesson as HTML.

use std::fmt::{self, Write as _};

use crate::lesson::{Block, Inline, Style};
use crate::tui::capture::svg::Escaped;

pub(super) fn write_blocks(out: &mut String, blocks: &[Block]) -> fmt::Result {
    let list = |block: Option<&Block>| match block {
        Some(Block::Item(number, _)) => Some(if number.is_some() { "ol" } else { "ul" }),
        _ => None,
    };
    for (i, block) in blocks.iter().enumerate() {
        let (own, before) = (list(Some(block)), list(i.checked_sub(1).and_then(|i| blocks.get(i))));
        if let Some(list) = own.filter(|_| own != before) {
            writeln!(out, "<{list}>")?;
        }
        match block {
            Block::Paragraph(inlines) => element(out, "p", inlines)?,
            Block::Item(_, inlines) => element(out, "li", inlines)?,
            Block::Code(code) => {
                let lines: Vec<String> = code.lines().map(|line| Escaped(line).to_string()).collect();
                writeln!(out, "<pre><code>{}</code></pre>", lines.join("\n"))?;
            }
        }
        if let Some(list) = own.filter(|_| own != list(blocks.get(i + 1))) {
            writeln!(out, "</{list}>")?;
        }
    }
    Ok(())
}

fn element(out: &mut String, name: &str, inlines: &[Inline]) -> fmt::Result {
    write!(out, "<{name}>")?;
    for Inline { text, style } in inlines {
        let text = Escaped(text);
        match style {
            Style::Plain => write!(out, "{text}")?,
            Style::Strong => write!(out, "<strong>{text}</strong>")?,
            Style::Code => write!(out, "<code>{text}</code>")?,
            Style::Link(to) if to.starts_with("https://") => write!(out, "<a href=\"{}\">{text}</a>", Escaped(to))?,
            // Another lesson, which is not in this page.
            Style::Link(_) => write!(out, "<em>{text}</em>")?,
        }
    }
    writeln!(out, "</{name}>")
}

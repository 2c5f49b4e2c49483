//! Signs for a terminal whose font lacks most of Unicode, such as the console of Linux.

use ratatui::prelude::Buffer;

/// Whether the terminal is one of those.
pub(super) fn is_wanted() -> bool {
    std::env::var("TERM").is_ok_and(|term| term == "linux")
}

/// Replaces the signs of the panels, each by one of ASCII. Words in other scripts stay as they are.
pub(super) fn replace(buf: &mut Buffer) {
    for cell in &mut buf.content {
        if let Some(sign) = sign(cell.symbol()) {
            cell.set_symbol(sign);
        }
    }
}

fn sign(symbol: &str) -> Option<&'static str> {
    Some(match symbol {
        "─" | "–" | "—" => "-",
        "│" | "‖" | "▏" => "|",
        "┌" | "┐" | "└" | "┘" | "╇" | "✓" => "+",
        "█" | "▇" | "▆" | "▅" | "■" => "#",
        "━" | "▄" | "▃" => "=",
        "▂" | "▁" => "_",
        "▔" | "“" | "”" => "\"",
        "╱" => "/",
        "▽" | "↓" => "v",
        "▲" | "↑" => "^",
        "▶" | "→" | "≥" => ">",
        "◀" | "←" => "<",
        "●" | "★" => "*",
        "✗" | "×" => "x",
        "≠" => "!",
        "…" => "~",
        "·" => ".",
        "µ" => "u",
        "‘" | "’" => "'",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use ratatui::prelude::{Buffer, Rect};

    #[test]
    fn what_the_panels_are_made_of_becomes_ascii() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 40, 1));
        buf.set_string(0, 0, "─ Scope ▽ ▲ · ▶5 a … ▁▂▄█ ✓ ● ≠ ← →", ratatui::style::Style::new());
        super::replace(&mut buf);
        let row: String = buf.content.iter().map(ratatui::buffer::Cell::symbol).collect();
        assert_eq!(row.trim_end(), "- Scope v ^ . >5 a ~ __=# + * ! < >");
        assert!(row.is_ascii());
    }
}

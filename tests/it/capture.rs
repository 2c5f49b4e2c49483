//! Screens as pictures and films: what they show is what a terminal shows.

use std::time::Duration;

use epollscope::tui::capture::{Film, svg};
use epollscope::tui::theme::Ground;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use serde_json::json;

fn drawn(text: &str, style: Style) -> String {
    let mut screen = Buffer::with_lines([text]);
    screen.set_style(screen.area, style);
    svg(&screen, Ground::Dark, "a <title> & more")
}

#[test]
fn each_letter_has_the_place_of_its_cell() {
    let picture = drawn("a边b", Style::new());
    // The wide one begins in the second cell, and in the middle of its two; the last one stands in the fourth.
    assert!(picture.contains("x=\"0.0 11.2 28.8\">a边b</text>"), "{picture}");
    assert!(picture.contains("viewBox=\"0 0 38.4 20.0\""), "{picture}");
}

#[test]
fn the_page_of_a_wide_character_is_as_wide() {
    let mut screen = Buffer::empty(Rect::new(0, 0, 4, 1));
    screen.set_string(0, 0, "滞留", Style::new().bg(Color::Rgb(1, 2, 3)));
    let picture = svg(&screen, Ground::Dark, "");
    assert!(picture.contains("<rect x=\"0.0\" y=\"0.0\" width=\"38.4\" height=\"20.0\" fill=\"#010203\"/>"));
}

#[test]
fn what_could_command_a_browser_is_escaped() {
    let picture = drawn("</text><script>&\"", Style::new());
    assert!(!picture.contains("<script"), "{picture}");
    assert!(picture.contains("&lt;/text&gt;&lt;script&gt;&amp;&quot;"), "{picture}");
    assert!(picture.contains("<title>a &lt;title&gt; &amp; more</title>"), "{picture}");
    let picture = svg(&Buffer::with_lines(["x"]), Ground::Dark, "\u{1b}\u{0}\u{ffff}");
    assert!(picture.contains("<title>\u{fffd}\u{fffd}\u{fffd}</title>"), "{picture}");
}

#[test]
fn blocks_and_lines_fill_their_cells() {
    let picture = drawn("▄─", Style::new().fg(Color::Rgb(1, 2, 3)));
    let rects: Vec<&str> = picture.lines().filter(|line| line.contains("#010203")).collect();
    assert_eq!(
        rects,
        [
            "<rect x=\"0.0\" y=\"10.0\" width=\"9.6\" height=\"10.0\" fill=\"#010203\"/>",
            "<rect x=\"9.6\" y=\"9.4\" width=\"9.6\" height=\"1.2\" fill=\"#010203\"/>"
        ]
    );
    assert!(!picture.contains("<text"), "{picture}");
}

#[test]
fn styles_are_seen() {
    let style = Style::new().fg(Color::Rgb(1, 2, 3)).add_modifier(Modifier::REVERSED | Modifier::BOLD);
    let picture = drawn("x", style.add_modifier(Modifier::UNDERLINED));
    assert!(picture.contains("fill=\"#0d1117\" font-weight=\"bold\" text-decoration=\"underline\""), "{picture}");
    assert!(picture.contains("<rect x=\"0.0\" y=\"0.0\" width=\"9.6\" height=\"20.0\" fill=\"#010203\"/>"));
}

const SIZE: (u16, u16) = (20, 3);

fn screens() -> Vec<Buffer> {
    let mut screens = vec![Buffer::empty(Rect::new(0, 0, SIZE.0, SIZE.1)); 4];
    screens[0].set_string(0, 0, "边缘触发 edge", Style::new().fg(Color::Rgb(1, 2, 3)).bg(Color::Rgb(9, 9, 9)));
    screens[1].set_string(1, 0, "水平 \"level\" \\", Style::new().add_modifier(Modifier::REVERSED));
    screens[1].set_string(16, 2, "wide", Style::new().add_modifier(Modifier::BOLD));
    screens[2].set_string(18, 2, "界", Style::new().fg(Color::LightRed));
    screens
}

/// The events of a film.
fn events(film: &[u8]) -> Vec<(f64, String, String)> {
    let lines = std::str::from_utf8(film).expect("text").lines().skip(1);
    lines.map(|line| serde_json::from_str(line).expect("an event")).collect()
}

fn film() -> Vec<u8> {
    let mut film = Film::new(Vec::new(), SIZE, Ground::Dark, "a \"title\"");
    for screen in screens() {
        film.pass(Duration::from_secs(1));
        film.take(&screen, None);
    }
    film.pass(Duration::from_secs(1));
    film.take(&screens()[3], Some((1, "the end")));
    film.pass(Duration::from_millis(500));
    film.finish().expect("written")
}

#[test]
fn a_terminal_shows_the_same_screens() {
    let mut terminal = vt100::Parser::new(SIZE.1, SIZE.0, 0);
    let film = film();
    let mut outputs = events(&film).into_iter().filter(|(_, kind, _)| kind == "o");
    terminal.process(outputs.next().expect("the empty screen").2.as_bytes());
    for (screen, (_, _, sent)) in screens().into_iter().zip(outputs) {
        terminal.process(sent.as_bytes());
        for (x, y) in screen.area.positions().map(|at| (at.x, at.y)) {
            let (cell, shown) = (&screen[(x, y)], terminal.screen().cell(y, x).expect("a cell"));
            if shown.is_wide_continuation() {
                continue;
            }
            let text = if shown.has_contents() { shown.contents() } else { " " };
            assert_eq!(text, cell.symbol(), "{x},{y} of {screen:?}");
            assert_eq!(shown.bold(), cell.modifier.contains(Modifier::BOLD));
            assert_eq!(shown.inverse(), cell.modifier.contains(Modifier::REVERSED));
            let colour = |colour| match colour {
                Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
                Color::LightRed => vt100::Color::Idx(9),
                _ => vt100::Color::Default,
            };
            assert_eq!((shown.fgcolor(), shown.bgcolor()), (colour(cell.fg), colour(cell.bg)), "{x},{y}");
        }
    }
    assert!(terminal.screen().hide_cursor());
}

#[test]
fn the_header_and_the_markers_are_as_players_read_them() {
    let film = film();
    let header: serde_json::Value =
        serde_json::from_slice(film.split(|b| *b == b'\n').next().expect("a line")).expect("a header");
    assert_eq!((&header["version"], &header["width"], &header["height"]), (&json!(2), &json!(20), &json!(3)));
    assert_eq!(header["title"], "a \"title\"");
    assert_eq!(header["theme"]["palette"].as_str().map(|palette| palette.split(':').count()), Some(16));
    let events = events(&film);
    assert!(events.is_sorted_by(|a, b| a.0 <= b.0));
    assert_eq!(events[events.len() - 2], (5.0, "m".into(), "the end".into()));
    assert_eq!(events[events.len() - 1], (5.5, "o".into(), String::new()));
}

#[test]
fn a_screen_of_another_size_is_drawn_from_nothing() {
    let mut film = Film::new(Vec::new(), SIZE, Ground::Light, "");
    film.take(&Buffer::with_lines(["one"]), None);
    let film = film.finish().expect("written");
    let events = events(&film);
    assert_eq!((&*events[1].1, &*events[1].2), ("r", "3x1"));
    assert!(events[2].2.contains("\x1b[2J") && events[3].2.contains("one"), "{events:?}");
}

//! Saving what a screen shows: a picture (SVG), its text, or the recording so far, by the end of the file's name.

use std::fs::OpenOptions;
use std::io::{self, BufWriter, ErrorKind, Write as _};
use std::path::Path;

use crossterm::event::{Event, KeyCode, KeyModifiers};
use ratatui::buffer::Cell;
use ratatui::prelude::{Buffer, Rect, Span};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use super::Theme;
use super::capture::svg;
use super::stack::Screen;
use super::widgets::{ground, put, typed};
use crate::i18n::{Lang, shown, words};
use crate::trace::{Header, Writer};

/// The endings of what can be saved.
const KINDS: [&str; 3] = ["svg", "txt", "jsonl"];

/// The question for the name of the file.
pub(super) struct Saving {
    theme: Theme,
    lang: Lang,
    input: Input,
    /// It is a proposal, which the first typed letter replaces.
    proposed: bool,
    wrong: Option<String>,
}

impl Saving {
    pub(super) fn new((theme, lang): (Theme, Lang)) -> Self {
        let free = (1..1_000).map(|n| format!("epollscope-{n}.svg")).find(|name| !Path::new(name).exists());
        Self { theme, lang, input: Input::new(free.unwrap_or_default()), proposed: true, wrong: None }
    }

    /// Returns the name once it is given, or an empty one if nothing is to be saved.
    pub(super) fn input(&mut self, event: &Event) -> Option<String> {
        self.wrong = None;
        match event {
            Event::Key(key) if key.code == KeyCode::Esc => return Some(String::new()),
            Event::Key(key) if key.code == KeyCode::Enter => return Some(self.input.value().trim().to_owned()),
            Event::Key(key) if key.code == KeyCode::Tab => self.other_kind(),
            Event::Key(key) => {
                if matches!(key.code, KeyCode::Char(_)) && key.modifiers.difference(KeyModifiers::SHIFT).is_empty() {
                    self.begin();
                }
                self.proposed = false;
                self.input.handle_event(event);
            }
            Event::Paste(text) => {
                self.begin();
                let line = text.lines().next().unwrap_or_default();
                self.input = Input::new(format!("{}{line}", self.input.value()));
            }
            _ => {}
        }
        None
    }

    /// What is typed now replaces a proposal.
    fn begin(&mut self) {
        if std::mem::take(&mut self.proposed) {
            self.input.reset();
        }
    }

    /// The name with the ending of the next kind.
    fn other_kind(&mut self) {
        let name = Path::new(self.input.value());
        let at = KINDS.iter().position(|kind| name.extension().is_some_and(|end| end == *kind));
        let next = KINDS[at.map_or(0, |at| (at + 1) % KINDS.len())];
        self.input = Input::new(name.with_extension(next).to_string_lossy().into_owned());
    }

    pub(super) fn refuse(&mut self, why: String) {
        self.wrong = Some(why);
    }

    pub(super) fn render(&self, screen: Rect, buf: &mut Buffer) {
        let (theme, lang) = (&self.theme, self.lang);
        let area = Rect { y: screen.bottom().saturating_sub(2), height: 2.min(screen.height), ..screen };
        for y in area.top()..area.bottom() {
            (area.left()..area.right()).for_each(|x| buf.cell_mut((x, y)).into_iter().for_each(Cell::reset));
        }
        ground(area, theme.base, buf);
        let label = Span::styled(lang.of(" save to: ", " 保存到："), theme.label);
        typed(label, (&self.input, theme.title), 0, theme, area, buf);
        let hint = match &self.wrong {
            Some(wrong) => Span::styled(format!(" {wrong}"), theme.alert),
            None => Span::styled(
                lang.of(
                    " Tab: .svg the picture, .txt its text, .jsonl the recording so far   Esc cancels",
                    " Tab：.svg 图片，.txt 文本，.jsonl 到此为止的录制文件   Esc 放弃",
                ),
                theme.value,
            ),
        };
        put(area, 1, vec![hint], buf);
    }
}

/// Saves what `screen` shows in this area; returns what was done, or why that could not be.
pub(super) fn save(screen: &dyn Screen, area: Rect, name: &str) -> Result<String, String> {
    let (theme, lang) = screen.looks();
    let mut picture = Buffer::empty(area);
    screen.render(area, &mut picture);
    let path = Path::new(name);
    let written = match path.extension().and_then(|end| end.to_str()) {
        Some("svg") => write(path, svg(&picture, theme.ground, name).as_bytes()),
        Some("txt") => write(path, text(&picture).as_bytes()),
        Some("jsonl") => match screen.recorded() {
            Some(timeline) => record(path, timeline),
            None => return Err(lang.of("nothing is recorded here", "这里没有可录制的内容").to_owned()),
        },
        _ => {
            return Err(lang
                .of("the name ends with .svg, .txt or .jsonl", "文件名应以 .svg、.txt 或 .jsonl 结尾")
                .to_owned());
        }
    };
    let name = shown(name);
    match written {
        Ok(()) => {
            let whole = std::path::absolute(path).map_or(name, |path| shown(&path));
            Ok(words!(lang, "saved to {whole}", "已保存到 {whole}"))
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            Err(words!(lang, "{name} exists already: another name", "{name} 已存在，请换一个名字"))
        }
        Err(error) => Err(format!("{name}: {error}")),
    }
}

fn create(path: &Path) -> io::Result<std::fs::File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    create(path)?.write_all(bytes)
}

fn record(path: &Path, timeline: &crate::trace::Timeline) -> io::Result<()> {
    let mut out = Writer::new(BufWriter::new(create(path)?), &Header::now("screen"))?;
    timeline.range(timeline.first(), timeline.len()).try_for_each(|record| out.write(&record))?;
    out.finish()?.flush()
}

fn text(picture: &Buffer) -> String {
    let row = |y: u16| (0..picture.area.width).map(move |x| picture[(x, y)].symbol()).collect::<String>();
    let mut text: String = (0..picture.area.height).map(|y| row(y).trim_end().to_owned() + "\n").collect();
    text.truncate(text.trim_end().len());
    text + "\n"
}

//! Styles by meaning.
//!
//! A panel asks for `theme.alert`; the theme decides what that looks like on a dark or a light ground, with all
//! colours, with sixteen, or with none. Colour is never the only sign: LEVEL and EDGE differ in shape and word, and
//! without colour every role that must stand out does so by weight, inversion or underline.
//!
//! Nothing uses the terminal's faint attribute: everything must be readable from the last row of a classroom.

mod colours;

use ratatui::prelude::{Color, Modifier, Span, Style};

use crate::i18n::Lang;
use crate::record::Trigger;

pub use colours::Colours;

/// How many colours the terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Depth {
    None,
    /// The sixteen that every terminal has, in tones that its owner chose.
    Sixteen,
    True,
}

/// The terminal's background.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ground {
    Dark,
    Light,
}

impl Ground {
    /// The colours of ordinary text and of the ground, as RGB.
    pub fn colours(self) -> (u32, u32) {
        match self {
            Self::Dark => (0xe6_edf3, 0x0d_1117),
            Self::Light => (0x1b_1f24, 0xff_ffff),
        }
    }
}

/// A style for each role. The colours are meant for the ground that [`Theme::base`] paints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    pub depth: Depth,
    pub ground: Ground,
    /// For a projector: the ground as dark or as light as possible, one shade of text, and fewer panels.
    pub projector: bool,
    /// The style of the whole area. With colours it sets the background too, so that a wrong guess at the terminal's
    /// own background cannot make the screen unreadable.
    pub base: Style,
    /// The name of a panel.
    pub title: Style,
    /// The name of a value: the head of a column, a word before a number.
    pub label: Style,
    pub value: Style,
    /// A key, where it is named.
    pub key: Style,
    pub level: Style,
    pub edge: Style,
    /// Something wrong: stranded bytes, a reset, lost records.
    pub alert: Style,
    /// Something that went well, or is done.
    pub good: Style,
    /// The current place: the pointer at the selected row, the step that comes next.
    pub marker: Style,
    /// The selected row, patched over the styles in it.
    pub selected: Style,
    /// On the scope, bytes that arrived.
    pub arrival: Style,
    /// On the scope, a report by epoll_wait.
    pub report: Style,
    /// On the scope, unread bytes over time.
    pub wave: Style,
    pub border: Style,
    /// A message that stays until the next key.
    pub notice: Style,
    /// The caption of a demo, and its band.
    pub caption: Style,
    level_badge: Style,
    edge_badge: Style,
    colours: Colours,
}

impl Theme {
    /// The theme that the environment asks for.
    ///
    /// No colours if `NO_COLOR` is set and not empty; all if `COLORTERM` is `truecolor` or `24bit`; else sixteen. The
    /// ground is `EPOLLSCOPE_THEME`, `dark` or `light`, if set; else light if `COLORFGBG` ends in 7 or 15; else dark.
    pub fn detect(env: impl Fn(&str) -> Option<String>) -> Self {
        let depth = if env("NO_COLOR").is_some_and(|value| !value.is_empty()) {
            Depth::None
        } else if env("COLORTERM").is_some_and(|value| matches!(&*value, "truecolor" | "24bit")) {
            Depth::True
        } else {
            Depth::Sixteen
        };
        let terminals = env("COLORFGBG");
        let ground = match env("EPOLLSCOPE_THEME").as_deref() {
            Some("light") => Ground::Light,
            Some("dark") => Ground::Dark,
            _ => match terminals.as_deref().and_then(|value| value.rsplit(';').next()) {
                Some("7" | "15") => Ground::Light,
                _ => Ground::Dark,
            },
        };
        Self::new(depth, ground)
    }

    pub fn new(depth: Depth, ground: Ground) -> Self {
        Self::made(depth, ground, false)
    }

    /// The same theme, for a projector or not.
    #[must_use]
    pub fn projected(&self, projector: bool) -> Self {
        Self::made(self.depth, self.ground, projector).coloured(self.colours.clone())
    }

    /// The same theme with the colours of a file.
    #[must_use]
    pub fn coloured(mut self, colours: Colours) -> Self {
        colours.paint(&mut self);
        self.colours = colours;
        self
    }

    fn made(depth: Depth, ground: Ground, projector: bool) -> Self {
        const PLAIN: Modifier = Modifier::empty();
        const BOLD: Modifier = Modifier::BOLD;
        const LINE: Modifier = Modifier::UNDERLINED;
        const TURN: Modifier = Modifier::REVERSED;
        use Color::{Black, Blue, Cyan, Gray, LightBlue, LightCyan, LightGreen, LightMagenta, LightRed, LightYellow};
        use Color::{Magenta, Red, White};

        // RGB on dark and on light, one of sixteen on dark and on light, what is added to the colour, what replaces it.
        let role = |rgb: [u32; 2], ansi: [Color; 2], with: Modifier, without: Modifier| {
            let light = usize::from(ground == Ground::Light);
            match depth {
                Depth::None => Style::new().add_modifier(without),
                Depth::True => Style::new().fg(Color::from_u32(rgb[light])).add_modifier(with),
                // Many terminals draw bold text in a brighter tone, which is too pale on a light ground.
                Depth::Sixteen if ground == Ground::Light => Style::new().fg(ansi[1]).add_modifier(with - BOLD),
                Depth::Sixteen => Style::new().fg(ansi[0]).add_modifier(with),
            }
        };
        let on = |style: Style, rgb: [u32; 2], ansi: [Color; 2]| match role(rgb, ansi, PLAIN, PLAIN).fg {
            Some(color) => style.bg(color),
            None => style,
        };
        let usual = [Ground::Dark, Ground::Light].map(Ground::colours);
        // A projector shows two shades of grey as one.
        let (text, page) = if projector {
            ([0xff_ffff, 0x00_0000], [0x00_0000, 0xff_ffff])
        } else {
            (usual.map(|colours| colours.0), usual.map(|colours| colours.1))
        };
        let strong = if projector { BOLD } else { PLAIN };
        let quiet = |rgb, ansi| {
            if projector { role(text, [White, Black], PLAIN, PLAIN) } else { role(rgb, ansi, PLAIN, PLAIN) }
        };
        let blue = ([0x6c_b6ff, 0x0a_52b3], [LightCyan, Blue]);
        let orange = ([0xff_a94d, if projector { 0x7a_3a00 } else { 0x9a_4a00 }], [LightYellow, Magenta]);
        let red = [0xff_7b72, if projector { 0x9c_0d17 } else { 0xb3_121d }];
        let grey = if projector { [0xb8_c2cc, 0x4a_525a] } else { [0x84_91a0, 0x66_707a] };
        let row = if projector { [0x1d_3a5c, 0xc4_dcfa] } else { [0x1f_3044, 0xd9_e8fb] };
        let (white, ink) = ([0xff_ffff, 0x00_0000], (page, [Black, White]));
        let level_badge = on(role(ink.0, ink.1, BOLD, BOLD | TURN), blue.0, blue.1);
        let edge_badge = on(role(ink.0, ink.1, BOLD, BOLD | LINE), orange.0, orange.1);
        Self {
            depth,
            ground,
            projector,
            base: on(role(text, [White, Black], PLAIN, PLAIN), page, [Black, White]),
            title: role(white, [White, Black], BOLD, BOLD),
            label: quiet([0xa8_b5c2, 0x4a_5561], [Gray, Black]),
            value: role(text, [White, Black], PLAIN, PLAIN),
            key: role(white, [White, Black], BOLD | LINE, BOLD | LINE),
            level: role(blue.0, blue.1, BOLD, BOLD),
            edge: role(orange.0, orange.1, BOLD, BOLD | LINE),
            alert: role(red, [LightRed, Red], BOLD | TURN, BOLD | TURN),
            good: role([0x6b_dd8b, 0x11_6329], [LightGreen, Black], strong, PLAIN),
            marker: role(white, [White, Black], BOLD, BOLD),
            selected: on(role(white, [White, White], BOLD, TURN), row, [Blue, Black]),
            arrival: role([0xd2_a8ff, 0x6f_2dbd], [LightMagenta, Magenta], strong, PLAIN),
            report: role([0xf5_e663, 0x6b_5600], [LightYellow, Black], BOLD, BOLD),
            wave: role([0x5f_d7c8, 0x00_635b], [Cyan, Blue], PLAIN, PLAIN),
            border: role(grey, [Gray, Black], PLAIN, PLAIN),
            notice: role([0x8f_c9ff, 0x0a_52b3], [LightBlue, Blue], BOLD, LINE),
            caption: on(role(white, [White, White], BOLD, BOLD | TURN), [0x24_4a73, 0xff_e8a3], [Blue, Blue]),
            level_badge,
            edge_badge,
            colours: Colours::default(),
        }
    }

    /// The badge of a trigger: a level line or a rising one, and the word. Both take the same width.
    pub fn badge(&self, trigger: Trigger, lang: Lang) -> Span<'static> {
        match trigger {
            Trigger::Level => Span::styled(lang.of(" ▂▂ LEVEL ", " ▂▂▂ 水平 "), self.level_badge),
            Trigger::Edge => Span::styled(lang.of(" ▁╱▔ EDGE ", " ▁╱▔ 边缘 "), self.edge_badge),
        }
    }
}

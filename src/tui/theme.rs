//! Styles by what they mean, not by their colour.
//!
//! A panel says `theme.alert`, and the theme says what that is here: on a dark ground or a light one, with all colours,
//! with sixteen, or with none. Colour is never the only sign. LEVEL and EDGE differ in shape and word as well, and
//! without colour every role that must stand out does so by weight, inversion or underline.
//!
//! Nothing uses the terminal's faint attribute: what is worth showing must be read from the last row of a classroom.

use ratatui::style::{Color, Modifier, Style};
use ratatui::text::Span;

use crate::i18n::Lang;
use crate::record::Trigger;

/// How many colours there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Depth {
    /// None: weight, inversion and underline only.
    None,
    /// The sixteen that every terminal has, in the tones that its owner chose.
    Sixteen,
    /// Any, by red, green and blue.
    True,
}

/// What the screen is drawn on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ground {
    /// Light on dark.
    Dark,
    /// Dark on light.
    Light,
}

impl Ground {
    /// Ordinary text and what it stands on, in red, green and blue.
    pub fn colours(self) -> (u32, u32) {
        match self {
            Self::Dark => (0xe6_edf3, 0x0d_1117),
            Self::Light => (0x1b_1f24, 0xff_ffff),
        }
    }
}

/// A style for each thing that the screen says. Colours are meant for the ground that [`Theme::base`] paints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    /// The colours there are.
    pub depth: Depth,
    /// The ground they are chosen for.
    pub ground: Ground,
    /// It is for a projector: the ground as dark or as light as can be, no two shades of text, and fewer panels.
    pub projector: bool,
    /// What the whole area is painted with first. With colours it sets the background too, so that a wrong guess at the
    /// terminal's own cannot make the screen unreadable.
    pub base: Style,
    /// The name of a panel.
    pub title: Style,
    /// What a value is called: a column's head, a word before a number.
    pub label: Style,
    /// A value.
    pub value: Style,
    /// What matters less than its neighbours, and is as readable: history, units, what is inferred or unknown.
    pub dim: Style,
    /// A key to press, where it is named.
    pub key: Style,
    /// What is level-triggered.
    pub level: Style,
    /// What is edge-triggered.
    pub edge: Style,
    /// What is wrong, or will be: stranded bytes, a reset, lost records.
    pub alert: Style,
    /// What went well, or is done.
    pub good: Style,
    /// Where things stand: the pointer at the selected row, the step that comes next.
    pub marker: Style,
    /// The selected row, patched over what stands in it.
    pub selected: Style,
    /// Bytes that arrived, on the scope.
    pub arrival: Style,
    /// A report by epoll_wait, on the scope.
    pub report: Style,
    /// The unread bytes over time, on the scope.
    pub wave: Style,
    /// The frames of panels.
    pub border: Style,
    /// A word to the user that passes: what a key did, what is waited for.
    pub notice: Style,
    /// The caption of a demo, and the band that it stands on.
    pub caption: Style,
    level_badge: Style,
    edge_badge: Style,
}

impl Theme {
    /// The theme that the environment asks for.
    ///
    /// No colours where `NO_COLOR` is set and not empty; all where `COLORTERM` is `truecolor` or `24bit`; else sixteen.
    /// The ground is `EPOLLSCOPE_THEME`, `dark` or `light`, if it is set; else light where `COLORFGBG` ends in 7 or 15;
    /// else dark.
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

    /// The theme for so many colours on this ground.
    pub fn new(depth: Depth, ground: Ground) -> Self {
        Self::made(depth, ground, false)
    }

    /// The same for a projector, or not.
    #[must_use]
    pub fn projected(&self, projector: bool) -> Self {
        Self::made(self.depth, self.ground, projector)
    }

    fn made(depth: Depth, ground: Ground, projector: bool) -> Self {
        const PLAIN: Modifier = Modifier::empty();
        const BOLD: Modifier = Modifier::BOLD;
        const LINE: Modifier = Modifier::UNDERLINED;
        const TURN: Modifier = Modifier::REVERSED;
        use Color::{Black, Blue, Cyan, Gray, LightBlue, LightCyan, LightGreen, LightMagenta, LightRed, LightYellow};
        use Color::{Magenta, Red, White};

        // All colours on dark and on light, sixteen on dark and on light, what is added to colour, what replaces it.
        let role = |rgb: [u32; 2], ansi: [Color; 2], with: Modifier, without: Modifier| {
            let light = usize::from(ground == Ground::Light);
            match depth {
                Depth::None => Style::new().add_modifier(without),
                Depth::True => Style::new().fg(Color::from_u32(rgb[light])).add_modifier(with),
                // Many terminals draw bold in the brighter tone, which pales on a light ground.
                Depth::Sixteen if ground == Ground::Light => Style::new().fg(ansi[1]).add_modifier(with - BOLD),
                Depth::Sixteen => Style::new().fg(ansi[0]).add_modifier(with),
            }
        };
        let on = |style: Style, rgb: [u32; 2], ansi: [Color; 2]| match role(rgb, ansi, PLAIN, PLAIN).fg {
            Some(color) => style.bg(color),
            None => style,
        };
        let usual = [Ground::Dark, Ground::Light].map(Ground::colours);
        // What a lamp makes of two shades of grey is one.
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
        let ink = (page, [Black, White]);
        let level_badge = on(role(ink.0, ink.1, BOLD, BOLD | TURN), blue.0, blue.1);
        let edge_badge = on(role(ink.0, ink.1, BOLD, BOLD | LINE), orange.0, orange.1);
        Self {
            depth,
            ground,
            projector,
            base: on(role(text, [White, Black], PLAIN, PLAIN), page, [Black, White]),
            title: role([0xff_ffff, 0x00_0000], [White, Black], BOLD, BOLD),
            label: quiet([0xa8_b5c2, 0x4a_5561], [Gray, Black]),
            value: role(text, [White, Black], PLAIN, PLAIN),
            dim: quiet([0x9a_a7b4, 0x57_606a], [Gray, Black]),
            key: role([0xff_ffff, 0x00_0000], [White, Black], BOLD | LINE, BOLD | LINE),
            level: role(blue.0, blue.1, BOLD, BOLD),
            edge: role(orange.0, orange.1, BOLD, BOLD | LINE),
            alert: role(
                [0xff_7b72, if projector { 0x9c_0d17 } else { 0xb3_121d }],
                [LightRed, Red],
                BOLD | TURN,
                BOLD | TURN,
            ),
            good: role([0x6b_dd8b, 0x11_6329], [LightGreen, Black], strong, PLAIN),
            marker: role([0xff_ffff, 0x00_0000], [White, Black], BOLD, BOLD),
            selected: on(
                role([0xff_ffff, 0x00_0000], [White, White], BOLD, TURN),
                if projector { [0x1d_3a5c, 0xc4_dcfa] } else { [0x1f_3044, 0xd9_e8fb] },
                [Blue, Black],
            ),
            arrival: role([0xd2_a8ff, 0x6f_2dbd], [LightMagenta, Magenta], strong, PLAIN),
            report: role([0xf5_e663, 0x6b_5600], [LightYellow, Black], BOLD, BOLD),
            wave: role([0x5f_d7c8, 0x00_635b], [Cyan, Blue], PLAIN, PLAIN),
            border: role(
                if projector { [0xb8_c2cc, 0x4a_525a] } else { [0x84_91a0, 0x66_707a] },
                [Gray, Black],
                PLAIN,
                PLAIN,
            ),
            notice: role([0x8f_c9ff, 0x0a_52b3], [LightBlue, Blue], BOLD, LINE),
            caption: on(
                role([0xff_ffff, 0x00_0000], [White, White], BOLD, BOLD | TURN),
                [0x24_4a73, 0xff_e8a3],
                [Blue, Blue],
            ),
            level_badge,
            edge_badge,
        }
    }

    /// The sign of a trigger: a line that stays at its height for level, one that rises for edge, and the word. Both take
    /// the same width.
    pub fn badge(&self, trigger: Trigger, lang: Lang) -> Span<'static> {
        match trigger {
            Trigger::Level => Span::styled(lang.of(" ▂▂ LEVEL ", " ▂▂▂ 水平 "), self.level_badge),
            Trigger::Edge => Span::styled(lang.of(" ▁╱▔ EDGE ", " ▁╱▔ 边缘 "), self.edge_badge),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(env: &[(&str, &str)]) -> (Depth, Ground) {
        let theme = Theme::detect(|name| env.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()));
        (theme.depth, theme.ground)
    }

    #[test]
    fn the_environment_is_heard() {
        assert_eq!(detect(&[]), (Depth::Sixteen, Ground::Dark));
        assert_eq!(detect(&[("COLORTERM", "truecolor")]), (Depth::True, Ground::Dark));
        assert_eq!(detect(&[("COLORTERM", "24bit"), ("NO_COLOR", "1")]), (Depth::None, Ground::Dark));
        assert_eq!(detect(&[("COLORTERM", "24bit"), ("NO_COLOR", "")]), (Depth::True, Ground::Dark));
        assert_eq!(detect(&[("COLORFGBG", "0;15")]).1, Ground::Light);
        assert_eq!(detect(&[("COLORFGBG", "15;default;0")]).1, Ground::Dark);
        assert_eq!(detect(&[("COLORFGBG", "0;15"), ("EPOLLSCOPE_THEME", "dark")]).1, Ground::Dark);
        assert_eq!(detect(&[("EPOLLSCOPE_THEME", "light")]).1, Ground::Light);
    }

    /// WCAG 2's contrast of two colours, 1 to 21.
    fn contrast(a: Color, b: Color) -> f64 {
        fn luminance(color: Color) -> f64 {
            let Color::Rgb(r, g, b) = color else { panic!("{color} is not of all colours") };
            let linear = |channel: u8| {
                let c = f64::from(channel) / 255.0;
                if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
        }
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn roles(t: &Theme) -> [(&'static str, Style); 20] {
        [
            ("base", t.base),
            ("title", t.title),
            ("label", t.label),
            ("value", t.value),
            ("dim", t.dim),
            ("key", t.key),
            ("level", t.level),
            ("edge", t.edge),
            ("alert", t.alert),
            ("good", t.good),
            ("marker", t.marker),
            ("selected", t.selected),
            ("arrival", t.arrival),
            ("report", t.report),
            ("wave", t.wave),
            ("border", t.border),
            ("notice", t.notice),
            ("caption", t.caption),
            ("level badge", t.level_badge),
            ("edge badge", t.edge_badge),
        ]
    }

    #[test]
    fn every_role_can_be_read_on_both_grounds() {
        for ground in [Ground::Dark, Ground::Light] {
            let theme = Theme::new(Depth::True, ground);
            let page = theme.base.bg.expect("a ground");
            for (role, style) in roles(&theme) {
                let fg = style.fg.expect("a colour");
                let ratio = contrast(fg, style.bg.unwrap_or(page));
                assert!(ratio >= 4.5, "{role} on {ground:?}: {ratio:.2}");
                // A role keeps its colour in the selected row where that row's own style stands below it.
                let ratio = contrast(fg, style.bg.or(theme.selected.bg).expect("a ground"));
                assert!(ratio >= 4.5 || role == "border", "{role} in the selected row on {ground:?}: {ratio:.2}");
            }
        }
    }

    #[test]
    fn for_a_projector_nothing_is_dim_and_contrasts_are_larger() {
        for ground in [Ground::Dark, Ground::Light] {
            let usual = Theme::new(Depth::True, ground);
            let theme = usual.projected(true);
            let page = theme.base.bg.expect("a ground");
            for (role, style) in roles(&theme) {
                let ratio = contrast(style.fg.expect("a colour"), style.bg.unwrap_or(page));
                assert!(ratio >= 7.0, "{role} on {ground:?}: {ratio:.2}");
                let selected = contrast(style.fg.expect("a colour"), style.bg.or(theme.selected.bg).expect("a ground"));
                assert!(selected >= 4.5 || role == "border", "{role} in the selected row on {ground:?}: {selected:.2}");
            }
            assert_eq!((theme.label, theme.dim), (theme.value, theme.value), "one shade of text");
            assert_eq!(theme.projected(false), usual);
        }
        let sixteen = Theme::new(Depth::Sixteen, Ground::Dark).projected(true);
        assert_eq!(sixteen.dim.fg, Some(Color::White));
    }

    #[test]
    fn without_colour_what_must_stand_out_does() {
        let theme = Theme::new(Depth::None, Ground::Dark);
        for (role, style) in roles(&theme) {
            assert_eq!((style.fg, style.bg), (None, None), "{role}");
            assert!(!style.add_modifier.contains(Modifier::DIM), "{role}");
        }
        let apart = [theme.value, theme.level, theme.edge, theme.alert, theme.selected];
        for (i, a) in apart.iter().enumerate() {
            assert!(apart[i + 1..].iter().all(|b| a != b), "{a:?} twice");
        }
        assert_ne!(theme.level_badge, theme.edge_badge);
        assert_ne!(theme.key, theme.label);
    }

    #[test]
    fn level_and_edge_differ_in_style_and_shape_everywhere() {
        for depth in [Depth::None, Depth::Sixteen, Depth::True] {
            for ground in [Ground::Dark, Ground::Light] {
                let theme = Theme::new(depth, ground);
                assert_ne!(theme.level, theme.edge);
                for lang in [Lang::En, Lang::Zh] {
                    let [level, edge] = [Trigger::Level, Trigger::Edge].map(|trigger| theme.badge(trigger, lang));
                    assert_ne!(level.style, edge.style);
                    assert_eq!(level.width(), edge.width());
                }
            }
        }
    }
}

//! The theme: what the environment asks for, and that every role can be read.

use epollscope::i18n::Lang;
use epollscope::record::Trigger;
use epollscope::tui::Theme;
use epollscope::tui::theme::{Colours, Depth, Ground};
use ratatui::style::{Color, Modifier, Style};

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

fn roles(t: &Theme) -> [(&'static str, Style); 19] {
    [
        ("base", t.base),
        ("title", t.title),
        ("label", t.label),
        ("value", t.value),
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
        ("level badge", t.badge(Trigger::Level, Lang::En).style),
        ("edge badge", t.badge(Trigger::Edge, Lang::En).style),
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
            // A role keeps its colour in the selected row, where that row's style has no colour of its own.
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
        assert_eq!(theme.label, theme.value, "one shade of text");
        assert_eq!(theme.projected(false), usual);
    }
    let sixteen = Theme::new(Depth::Sixteen, Ground::Dark).projected(true);
    assert_eq!(sixteen.label.fg, Some(Color::White));
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
    assert_ne!(theme.badge(Trigger::Level, Lang::En).style, theme.badge(Trigger::Edge, Lang::En).style);
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

#[test]
fn a_file_gives_roles_other_colours_as_far_as_the_terminal_has_them() {
    let file = "ground = \"light\"\ntext = \"#586e75\"\nbackground = \"#fdf6e3\"\nedge = \"yellow\"\n";
    let colours = Colours::read(file).expect("a theme");
    assert_eq!(colours.ground, Some(Ground::Light));
    let usual = Theme::new(Depth::True, Ground::Light);
    let theme = usual.clone().coloured(colours.clone());
    assert_eq!((theme.base.fg, theme.base.bg), (Some(Color::from_u32(0x58_6e75)), Some(Color::from_u32(0xfd_f6e3))));
    assert_eq!((theme.edge.fg, theme.level), (Some(Color::Yellow), usual.level));
    // A projector keeps them, sixteen colours are asked for by name only, and none are none.
    assert_eq!(theme.projected(true).edge.fg, Some(Color::Yellow));
    let sixteen = Theme::new(Depth::Sixteen, Ground::Light);
    assert_eq!(sixteen.clone().coloured(colours.clone()).base, sixteen.base);
    assert_eq!(sixteen.coloured(colours.clone()).edge.fg, Some(Color::Yellow));
    let none = Theme::new(Depth::None, Ground::Light);
    assert_eq!(none.clone().coloured(colours).base, none.base);
    for (file, wrong) in [
        ("edge = \"#12\"", "line 1: #12 is no colour"),
        ("\nhedge = \"red\"", "line 2: there is no hedge; there are ground, text, title"),
        ("ground = \"blue\"", "line 1: ground is dark or light"),
        ("edge = 7", "line 1: "),
    ] {
        let error = Colours::read(file).expect_err(file);
        let said = error.words(Lang::En);
        assert!(said.contains(wrong), "{said}");
    }
}

//! A theme file: a colour for each role, in TOML. What it does not name stays as it is.
//!
//! ```toml
//! ground = "light"
//! text = "#1b1f24"
//! background = "#fdf6e3"
//! edge = "#b58900"
//! ```

use std::collections::BTreeMap;

use ratatui::prelude::{Color, Style};

use super::{Depth, Ground, Theme};
use crate::i18n::{Message, message};

/// The name of a role, and its style.
type Role = (&'static str, fn(&mut Theme) -> &mut Style);

/// The roles that a file can name.
const ROLES: [Role; 14] = [
    ("title", |theme| &mut theme.title),
    ("label", |theme| &mut theme.label),
    ("value", |theme| &mut theme.value),
    ("key", |theme| &mut theme.key),
    ("level", |theme| &mut theme.level),
    ("edge", |theme| &mut theme.edge),
    ("alert", |theme| &mut theme.alert),
    ("good", |theme| &mut theme.good),
    ("marker", |theme| &mut theme.marker),
    ("arrival", |theme| &mut theme.arrival),
    ("report", |theme| &mut theme.report),
    ("wave", |theme| &mut theme.wave),
    ("border", |theme| &mut theme.border),
    ("notice", |theme| &mut theme.notice),
];
/// The roles that are a ground, and not what stands on it.
const GROUNDS: [Role; 3] = [
    ("background", |theme| &mut theme.base),
    ("selected", |theme| &mut theme.selected),
    ("caption", |theme| &mut theme.caption),
];

/// The colours of a theme file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Colours {
    pub ground: Option<Ground>,
    by_role: BTreeMap<String, Color>,
}

impl Colours {
    /// Reads a theme file: `"#rrggbb"`, or one of the sixteen by its name, such as `"lightblue"`.
    pub fn read(text: &str) -> Result<Self, Message> {
        let entries: BTreeMap<String, toml::Spanned<String>> =
            toml::from_str(text).map_err(|error: toml::de::Error| {
                let (line, what) = (line(text, error.span().map_or(0, |span| span.start)), error.message());
                message!("line {line}: {what}", "第 {line} 行：{what}")
            })?;
        let mut colours = Self::default();
        for (role, value) in entries {
            let line = line(text, value.span().start);
            let value = value.into_inner();
            if role == "ground" {
                colours.ground = Some(match &*value {
                    "dark" => Ground::Dark,
                    "light" => Ground::Light,
                    _ => {
                        return Err(message!(
                            "line {line}: ground is dark or light",
                            "第 {line} 行：ground 只能是 dark 或 light"
                        ));
                    }
                });
                continue;
            }
            let mut known = ROLES.iter().chain(&GROUNDS).map(|(name, _)| *name).chain(["text"]);
            if !known.any(|name| name == role) {
                let names: Vec<&str> =
                    ["ground", "text"].into_iter().chain(ROLES.iter().chain(&GROUNDS).map(|(name, _)| *name)).collect();
                let names = names.join(", ");
                return Err(message!(
                    "line {line}: there is no {role}; there are {names}",
                    "第 {line} 行：没有 {role}，可用的有 {names}"
                ));
            }
            let Ok(colour) = value.parse() else {
                return Err(message!(
                    "line {line}: {value} is no colour; write #rrggbb or a name such as lightblue",
                    "第 {line} 行：{value} 不是颜色；请写 #rrggbb 或 lightblue 这样的名字"
                ));
            };
            colours.by_role.insert(role, colour);
        }
        Ok(colours)
    }

    /// Paints a theme. A terminal without all colours gets only those that have names, and one without colours none.
    pub(super) fn paint(&self, theme: &mut Theme) {
        let depth = theme.depth;
        let of = |role: &str| {
            let colour = self.by_role.get(role).copied();
            colour.filter(|colour| depth == Depth::True || depth == Depth::Sixteen && !matches!(colour, Color::Rgb(..)))
        };
        if let Some(text) = of("text") {
            theme.base.fg = Some(text);
            theme.value.fg = Some(text);
        }
        for (role, style) in ROLES {
            if let Some(colour) = of(role) {
                style(theme).fg = Some(colour);
            }
        }
        for (role, style) in GROUNDS {
            if let Some(colour) = of(role) {
                style(theme).bg = Some(colour);
            }
        }
        for (role, badge) in [("level", &mut theme.level_badge), ("edge", &mut theme.edge_badge)] {
            if let Some(colour) = of(role) {
                badge.bg = Some(colour);
            }
        }
    }
}

fn line(text: &str, at: usize) -> usize {
    1 + text[..at.min(text.len())].matches('\n').count()
}

//! The settings file: what somebody wants at every start, so that no flag has to be typed.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use serde::{Deserialize, Deserializer, de::Error as _};

use super::messages::{quiet, stdout};
use crate::error::Failure;
use crate::folders;
use crate::i18n::{Lang, Message, message, shown, words};
use crate::server::listing::Language;
use crate::tui::theme::{Colours, Ground};
use crate::tui::{PACES, Theme};

/// The largest file that is read, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// The variable that names the ground of the colours.
const GROUND: &str = "EPOLLSCOPE_THEME";

/// The speeds that the workbench has, in calls a second; 0 stands for as fast as it can.
fn paces() -> [u64; PACES.len()] {
    let mut paces = PACES.map(Option::unwrap_or_default);
    paces.sort_unstable();
    paces
}

/// What is chosen. Flags and the environment go before it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Settings {
    language: LanguageName,
    theme: ThemeName,
    code: CodeName,
    pub(super) mouse: bool,
    pub(super) welcome: bool,
    /// Calls a second when the server runs.
    #[serde(deserialize_with = "pace")]
    pub(super) pace: u64,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum LanguageName {
    Auto,
    En,
    Zh,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
enum ThemeName {
    Auto,
    Dark,
    Light,
    /// A theme file, beside the settings where it is no whole path.
    File(PathBuf),
}

impl TryFrom<String> for ThemeName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        match &*name {
            "auto" => Ok(Self::Auto),
            "dark" => Ok(Self::Dark),
            "light" => Ok(Self::Light),
            file if Path::new(file).extension().is_some_and(|end| end == "toml") => Ok(Self::File(name.into())),
            _ => Err(format!("unknown variant `{name}`, expected `auto`, `dark`, `light`, or a FILE.toml")),
        }
    }
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum CodeName {
    Python,
    C,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: LanguageName::Auto,
            theme: ThemeName::Auto,
            code: CodeName::Python,
            mouse: true,
            welcome: true,
            pace: 0,
        }
    }
}

fn pace<'de, D: Deserializer<'de>>(input: D) -> Result<u64, D::Error> {
    let pace = u64::deserialize(input)?;
    let known = || D::Error::custom(format!("pace is {pace}, expected one of {:?}", paces()));
    paces().contains(&pace).then_some(pace).ok_or_else(known)
}

impl Settings {
    /// What stands in the file; the defaults where there is none.
    pub(super) fn load() -> Result<Self, Failure> {
        let Some(file) = file() else { return Ok(Self::default()) };
        let context = || message!("the settings in {}", "{} 中的设置", shown(&file));
        if !file.exists() {
            return Ok(Self::default());
        }
        match folders::text(&file, MAX_FILE) {
            Err(wrong) => Err(Failure::refused(anyhow!(wrong).context(context()))),
            Ok(text) => Self::read(&file, &text),
        }
    }

    fn read(file: &Path, text: &str) -> Result<Self, Failure> {
        toml::from_str(text).map_err(|error: toml::de::Error| {
            let line = error.span().map_or(1, |span| 1 + text[..span.start].matches('\n').count());
            let (file, what) = (shown(file), shown(error.message()));
            Failure::usage(Message::new(move |lang| {
                words!(
                    lang,
                    "{file}, line {line}: {what}; `epollscope config` lists the settings",
                    "{file} 第 {line} 行：{what}；`epollscope config` 列出全部设置"
                )
            }))
        })
    }

    /// The language, unless it is that of the locale.
    pub(super) fn lang(&self) -> Option<Lang> {
        match self.language {
            LanguageName::Auto => None,
            LanguageName::En => Some(Lang::En),
            LanguageName::Zh => Some(Lang::Zh),
        }
    }

    /// The theme in this environment, which goes before the settings.
    pub(super) fn theme(&self, env: impl Fn(&str) -> Option<String>) -> Result<Theme, Failure> {
        let chosen = match &self.theme {
            ThemeName::File(file) if env(GROUND).is_none() => return Self::of_file(file, env),
            ThemeName::Dark => Some("dark"),
            ThemeName::Light => Some("light"),
            _ => None,
        };
        let chosen = |name: &str| chosen.filter(|_| name == GROUND).map(str::to_owned);
        Ok(Theme::detect(|name| env(name).or_else(|| chosen(name))))
    }

    fn of_file(file: &Path, env: impl Fn(&str) -> Option<String>) -> Result<Theme, Failure> {
        let file = folders::config().unwrap_or_default().join(file);
        let wrong = |what: Message| {
            let file = shown(&file);
            Failure::usage(Message::new(move |lang| {
                let what = what.words(lang);
                words!(lang, "the theme file {file}: {what}", "主题文件 {file}：{what}")
            }))
        };
        let colours = folders::text(&file, MAX_FILE).and_then(|text| Colours::read(&text)).map_err(wrong)?;
        let ground = colours.ground.map(|ground| if ground == Ground::Light { "light" } else { "dark" });
        let chosen = |name: &str| ground.filter(|_| name == GROUND).map(str::to_owned);
        Ok(Theme::detect(|name| env(name).or_else(|| chosen(name))).coloured(colours))
    }

    pub(super) fn code(&self) -> Language {
        match self.code {
            CodeName::Python => Language::Python,
            CodeName::C => Language::C,
        }
    }
}

fn file() -> Option<PathBuf> {
    Some(folders::config()?.join("config.toml"))
}

/// `epollscope config`: the settings as they are now, in the form of the file, and where that is.
pub(super) fn run(lang: Lang) -> Result<(), Failure> {
    let settings = Settings::load()?;
    quiet(print(&settings, lang))
}

fn print(settings: &Settings, lang: Lang) -> io::Result<()> {
    let mut out = stdout();
    if let Some(file) = file() {
        let there =
            if file.exists() { ("", "") } else { (" (there is no such file yet)", "（还没有这个文件）") };
        writeln!(out, "# {}{}", shown(&file), lang.pick(there))?;
    }
    let default = lang.of("default", "默认");
    for ((key, value, values), (.., usual, _)) in settings.rows().into_iter().zip(Settings::default().rows()) {
        writeln!(out, "{:<26}# {values}; {default} {}", format!("{key} = {value}"), usual.trim_matches('"'))?;
    }
    Ok(())
}

impl Settings {
    /// Each setting with its value, as the file has it, and all the values that it can have.
    fn rows(&self) -> [(&'static str, String, String); 6] {
        let name = |value: String| format!("\"{}\"", value.to_lowercase());
        let theme = match &self.theme {
            ThemeName::File(file) => format!("{:?}", shown(file)),
            named => name(format!("{named:?}")),
        };
        let paces = paces().map(|pace| pace.to_string()).join(", ");
        [
            ("language", name(format!("{:?}", self.language)), "auto, en, zh".to_owned()),
            ("theme", theme, "auto, dark, light, FILE.toml".to_owned()),
            ("code", name(format!("{:?}", self.code)), "python, c".to_owned()),
            ("mouse", self.mouse.to_string(), "true, false".to_owned()),
            ("welcome", self.welcome.to_string(), "true, false".to_owned()),
            ("pace", self.pace.to_string(), paces),
        ]
    }
}

//! Screens that can be opened from everywhere.

use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use crate::compare::{Comparison, VariantSpec};
use crate::demo::{Player, SceneStepper};
use crate::i18n::Lang;
use crate::lesson::{Progress, Scene, enough_fds, lessons};
use crate::server::listing::Language;
use crate::tui::{CodeLanguage, CompareScreen, DemoScreen, LessonList, Screen, Theme};

/// A screen that can be opened from everywhere, by the name of what it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Lessons,
    Lesson(String),
    /// A scene that plays by itself.
    Demo(String),
    /// A scene against several servers.
    Compare(String),
    /// The check of what was learned, which is no screen: it says how it is taken.
    Check,
}

impl Place {
    /// Its screens, the top one last; or why they cannot be opened.
    pub(in crate::tui) fn open(&self, theme: &Theme, lang: Lang) -> Result<Vec<Box<dyn Screen>>, String> {
        match self {
            Self::Lessons => Ok(vec![Box::new(list(theme, lang))]),
            Self::Lesson(id) => {
                let mut list = list(theme, lang);
                // If it cannot be opened, the list says why.
                let lesson = list.take(id);
                let list: Box<dyn Screen> = Box::new(list);
                Ok(std::iter::once(list).chain(lesson.map(|lesson| Box::new(lesson) as Box<dyn Screen>)).collect())
            }
            Self::Demo(name) => {
                let scene = scene(name, lang)?;
                enough_fds(scene.clients(), 1).map_err(|error| error.words(lang))?;
                let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
                let stepper = SceneStepper::open(Rc::new(scene), listen, lang, &mut |_| ());
                let player = Player::new(stepper.map_err(|trouble| trouble.words(lang))?, 1.0, lang, Duration::ZERO);
                let mut screen = DemoScreen::new(player, theme.clone(), lang);
                screen.language = code();
                Ok(vec![Box::new(screen)])
            }
            Self::Compare(name) => {
                let comparison = Comparison::open(scene(name, lang)?, VariantSpec::usual());
                let comparison = comparison.map_err(|error| error.words(lang))?;
                let mut screen = CompareScreen::new(comparison, theme.clone(), lang);
                screen.language = code();
                screen.begin();
                Ok(vec![Box::new(screen)])
            }
            Self::Check => Err(lang
                .of(
                    "the check is text, no screen: leave, then run epollscope lesson check",
                    "测验是文本，没有屏幕：退出后运行 epollscope lesson check",
                )
                .to_owned()),
        }
    }
}

fn scene(name: &str, lang: Lang) -> Result<Scene, String> {
    let scene = if name == "tour" { Scene::tour() } else { Scene::find(name) };
    scene.map_err(|error| error.words(lang))
}

/// The language of the code that was chosen last; nothing else is known of the settings here.
fn code() -> CodeLanguage {
    CodeLanguage::load(Language::default())
}

fn list(theme: &Theme, lang: Lang) -> LessonList {
    // What is wrong with the file of the progress is said where the progress cannot be kept.
    let mut list = LessonList::new(lessons(), Progress::load().0, theme.clone(), lang);
    list.prefer(code());
    list
}

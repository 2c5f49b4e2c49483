//! A demo that nobody watches: its film and its picture, made in no more time than the kernel takes.

use std::time::Duration;

use super::{Pictures, caption, close, finish, open, stuck};
use crate::cli::{DemoArgs, recording::Recording};
use crate::error::Failure;
use crate::i18n::{Lang, message};
use crate::lesson::Scene;
use crate::tui::{DemoScreen, Screen as _, Theme, theme::Depth};

const SIZE: (u16, u16) = (120, 40);
/// How long the last screen of a film stays.
const LAST: Duration = Duration::from_secs(3);

pub(super) fn run(
    scene: Scene,
    args: &DemoArgs,
    lang: Lang,
    theme: &Theme,
    mut recording: Recording,
    mut pictures: Pictures,
) -> Result<(), Failure> {
    let player = open(scene, args, lang, &mut recording)?;
    let captions = player.stepper.captions().count();
    let wanted = args.at.map(|at| at as usize);
    if let Some(at) = wanted.filter(|at| *at > captions) {
        return Err(Failure::usage(message!(
            "--at {at}: the scene has only {captions} captions",
            "--at {at}：这个场景有 {captions} 条字幕"
        )));
    }
    // How many colours a terminal has that is not written to is no matter.
    let theme = match theme.depth {
        Depth::None => theme.clone(),
        _ => Theme::new(Depth::True, theme.ground).projected(theme.projector),
    };
    let mut demo = DemoScreen::new(player, theme, lang);
    let size = args.size.unwrap_or(SIZE);
    let mut film = pictures.film(size, &demo, lang);
    let mut noted = Ok(());
    let (mut screen, mut said) = (demo.picture(size), caption(&demo));
    let mut next = Some(Duration::ZERO);
    while let Some(time) = next {
        next = demo.pass(time).again;
        demo.take_in(&mut |record| recording.note(record, &mut noted));
        if let Some(trouble) = demo.trouble.take() {
            return Err(stuck(&trouble, lang));
        }
        // What the caption announced has happened when the next one comes.
        if wanted.is_some_and(|at| demo.chapter().is_some_and(|(chapter, _)| chapter > at)) {
            break;
        }
        (screen, said) = (demo.picture(size), caption(&demo));
        if let Some((_, film)) = &mut film {
            film.pass(time);
            film.take(&screen, demo.chapter());
        }
    }
    noted.map_err(|error| recording.failed(error))?;
    if let Some((path, mut film)) = film {
        film.pass(LAST);
        finish(&path, film, lang)?;
    }
    pictures.draw(&screen, said, &demo, lang)?;
    close(demo.player.stepper.hand_over(), &mut recording)?;
    recording.finish()
}

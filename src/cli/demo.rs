//! `epollscope demo`: a scene that plays by itself, on the screen, as a film, as a picture, or as text.

mod screenless;
mod text;

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use anyhow::anyhow;
use ratatui::prelude::{Buffer, Rect, Size};

use super::messages::{create, no_screen, tell, warn_if_open};
use super::recording::Recording;
use crate::cli::{DemoArgs, ScreenArgs};
use crate::demo::{Player, SceneStepper};
use crate::error::Failure;
use crate::i18n::{Both, Lang, message, shown, words};
use crate::lesson::{Scene, Trouble, enough_fds};
use crate::record::Record;
use crate::script::Stop;
use crate::session::Session;
use crate::tui::capture::{Film, svg};
use crate::tui::terminal::{Signals, Terminal};
use crate::tui::{CodeLanguage, DemoScreen, Observer, Screen, Stack, Theme, run as show};

const INSTEAD: Both = ("`--format text` works without", "`--format text` 不需要屏幕");

pub(super) fn run(
    scene: Option<&str>,
    args: &DemoArgs,
    lang: Lang,
    (how, theme): (ScreenArgs, &Theme),
    code: CodeLanguage,
) -> Result<(), Failure> {
    let scene = match scene {
        None | Some("tour") => Scene::tour(),
        Some(name) => Scene::find(name),
    };
    let scene = scene.map_err(Failure::usage)?;
    enough_fds(scene.clients(), 1).map_err(Failure::refused)?;
    let recording = Recording::open(args.record.to())?;
    let on_screen = io::stdout().is_terminal() && io::stdin().is_terminal();
    if args.endless && !on_screen {
        return Err(Failure::usage(message!(
            "--loop needs a screen, but there is no terminal",
            "--loop 用于屏幕，而这里没有可显示的终端"
        )));
    }
    let wants_picture = args.cast.is_some() || args.svg.is_some();
    if args.format.is_some() || how.linear && !wants_picture || !on_screen && !wants_picture && args.size.is_none() {
        return text::run(&scene, args, lang, recording);
    }
    let pictures = Pictures::open(args)?;
    if !on_screen || args.size.is_some() || args.at.is_some() {
        if !wants_picture {
            return Err(Failure::usage(message!(
                "--size needs --cast FILE or --svg FILE",
                "--size 需要 --cast 文件 或 --svg 文件"
            )));
        }
        return screenless::run(scene, args, lang, theme, recording, pictures);
    }
    watched(scene, args, lang, (theme, code), recording, pictures)
}

/// The first server of the scene, and what plays it; or why that can't be.
fn open(scene: Scene, args: &DemoArgs, lang: Lang, recording: &mut Recording) -> Result<Player, Failure> {
    let mut first: Vec<Record> = Vec::new();
    let name = scene.name.clone();
    let stepper = SceneStepper::open(Rc::new(scene), args.listen, lang, &mut |record| first.push(*record));
    let stepper = stepper.map_err(|trouble| stuck(&trouble, lang))?;
    if let Some(session) = stepper.session() {
        recording.begin(format!("demo {name} {}", session.addr()))?;
        warn_if_open(session.addr(), lang);
    }
    first.iter().try_for_each(|record| recording.write(record)).map_err(|error| recording.failed(error))?;
    Ok(Player::new(stepper, args.speed, lang, Duration::ZERO))
}

/// Why the scene does not go on, as the program's last word.
fn stuck(trouble: &Trouble, lang: Lang) -> Failure {
    let said = anyhow!(trouble.words(lang));
    match trouble.stop {
        Stop::Failed(_) => Failure::check(said),
        Stop::Refused(_) => Failure::refused(said),
    }
}

/// Closes the server; the recording has its last calls too.
fn close(session: Option<Session>, recording: &mut Recording) -> Result<(), Failure> {
    let mut noted = Ok(());
    if let Some(mut session) = session {
        // What ended the server was a part of the scene.
        let _ = session.close(|record| recording.note(record, &mut noted));
    }
    noted.map_err(|error| recording.failed(error))
}

/// The files that pictures go to, opened before anything else is begun.
struct Pictures {
    cast: Option<(PathBuf, File)>,
    svg: Option<(PathBuf, File)>,
}

impl Pictures {
    fn open(args: &DemoArgs) -> Result<Self, Failure> {
        let open = |path: &Option<PathBuf>, flag: &str| {
            let open = |path: &PathBuf| Ok((path.clone(), create(path, ("cannot write to", "无法写入"), flag)?));
            path.as_ref().map(open).transpose()
        };
        Ok(Self { cast: open(&args.cast, "--cast")?, svg: open(&args.svg, "--svg")? })
    }

    fn film(&mut self, size: (u16, u16), demo: &DemoScreen, lang: Lang) -> Option<(PathBuf, Film<BufWriter<File>>)> {
        let (path, file) = self.cast.take()?;
        let title = demo.player.stepper.scene.title(lang);
        Some((path, Film::new(BufWriter::new(file), size, demo.theme.ground, title)))
    }

    fn draw(&mut self, screen: &Buffer, caption: Caption, demo: &DemoScreen, lang: Lang) -> Result<(), Failure> {
        let Some((path, mut file)) = self.svg.take() else { return Ok(()) };
        let (number, said) = caption.unwrap_or_default();
        let title = format!("{}: {said}", demo.player.stepper.scene.title(lang));
        let written = file.write_all(svg(screen, demo.theme.ground, &title).as_bytes());
        written.map_err(|error| cut_off(&path, error))?;
        let (path, Rect { width, height, .. }) = (shown(path), screen.area);
        tell(&words!(
            lang,
            "{path}: a picture of {width}x{height} cells, after the events of caption {number}",
            "{path}：一张 {width}x{height} 的图，画的是第 {number} 条字幕所说的情形"
        ));
        Ok(())
    }
}

type Caption = Option<(usize, String)>;

fn caption(demo: &DemoScreen) -> Caption {
    demo.chapter().map(|(number, said)| (number, said.to_owned()))
}

fn finish(path: &Path, film: Film<BufWriter<File>>, lang: Lang) -> Result<(), Failure> {
    let (time, captions) = film.length();
    film.finish().map_err(|error| cut_off(path, error))?;
    let (path, minutes, seconds) = (shown(path), time.as_secs() / 60, time.as_secs() % 60);
    tell(&words!(
        lang,
        "{path}: a film of {minutes}:{seconds:02} minutes (asciicast v2) with {captions} captions as markers",
        "{path}：{minutes} 分 {seconds} 秒的终端动画（asciicast v2），{captions} 条字幕各为一章"
    ));
    Ok(())
}

fn cut_off(path: &Path, error: io::Error) -> Failure {
    Failure::refused(anyhow::Error::new(error).context(message!("{} is incomplete", "{} 没有写完", shown(path))))
}

fn watched(
    scene: Scene,
    args: &DemoArgs,
    lang: Lang,
    (theme, code): (&Theme, CodeLanguage),
    mut recording: Recording,
    mut pictures: Pictures,
) -> Result<(), Failure> {
    let signals = Signals::block().map_err(Failure::refused)?;
    Terminal::check().map_err(no_screen(INSTEAD))?;
    let player = open(scene, args, lang, &mut recording)?;
    let mut demo = DemoScreen::new(player, theme.clone(), lang);
    demo.endless = args.endless;
    demo.language = code;
    let mut terminal = Terminal::enter().map_err(no_screen(INSTEAD))?;
    let size = terminal.size().map_or((120, 40), |Size { width, height }| (width, height));
    let (film_path, film) = pictures.film(size, &demo, lang).unzip();
    let mut audience = Audience { recording: &mut recording, film, last: Buffer::default(), size };
    let ended = show(Stack::new(&mut demo), &mut terminal, &signals, &mut audience);
    drop(terminal);
    let Audience { film, last, .. } = audience;
    let closed = close(demo.player.stepper.hand_over(), &mut recording);
    if let (Some(path), Some(film)) = (film_path, film) {
        finish(&path, film, lang)?;
    }
    pictures.draw(&last, caption(&demo), &demo, lang)?;
    if let Some(trouble) = demo.trouble.take() {
        return Err(stuck(&trouble, lang));
    }
    ended.map_err(|error| recording.failed(error))?;
    closed.and(recording.finish())
}

/// What is made of a demo that is watched: a recording, a film, and a picture of the last screen.
struct Audience<'a> {
    recording: &'a mut Recording,
    film: Option<Film<BufWriter<File>>>,
    last: Buffer,
    size: (u16, u16),
}

impl Observer for Audience<'_> {
    fn record(&mut self, record: &Record) -> io::Result<()> {
        self.recording.write(record)
    }

    fn pass(&mut self, passed: Duration) {
        self.recording.pass(passed);
        if let Some(film) = &mut self.film {
            film.pass(passed);
        }
    }

    fn drawn(&mut self, top: &dyn Screen, picture: &Buffer) {
        self.size = (picture.area.width, picture.area.height);
        if let Some(film) = &mut self.film {
            film.take(picture, top.chapter());
        }
    }

    fn left(&mut self, top: &dyn Screen) {
        self.last = top.picture(self.size);
    }
}

//! A demo as plain text: each caption, and below it what happened.

use std::io::{self, BufWriter, ErrorKind, Write};

use super::{close, stuck};
use crate::cli::{DemoArgs, messages::stdout, recording::Recording, scene_text::write_line};
use crate::error::Failure;
use crate::i18n::{Lang, words};
use crate::lesson::{Block, Inline, Scene, Style, Trouble, lay_out};
use crate::record::Record;
use crate::script::{Does, SceneRunner, ServerScene};

const WIDTH: usize = 78;
/// The most calls of one line that are written.
const CALLS: usize = 24;

pub(super) fn run(scene: &Scene, args: &DemoArgs, lang: Lang, mut recording: Recording) -> Result<(), Failure> {
    let mut out = BufWriter::new(stdout());
    let told = tell(&mut out, scene, args, lang, &mut recording);
    match told.and_then(|trouble| out.flush().map(|()| trouble)) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => recording.finish(),
        Err(error) => Err(Failure::refused(error)),
        Ok(Some(trouble)) => Err(stuck(&trouble, lang)),
        Ok(None) => recording.finish(),
    }
}

fn tell(
    out: &mut impl Write,
    scene: &Scene,
    args: &DemoArgs,
    lang: Lang,
    recording: &mut Recording,
) -> io::Result<Option<Trouble>> {
    let mut play = SceneRunner::listening_on(args.listen, lang);
    let numbers = ("the numbers are lines of the scene", "左侧数字是场景中的行号");
    let (title, numbers) = (scene.title(lang), lang.pick(numbers));
    writeln!(out, "{}", words!(lang, "{title} ({numbers})", "{title}（{numbers}）"))?;
    let (mut begun, mut news): (bool, Vec<Record>) = (false, Vec::new());
    for line in &scene.lines {
        if let Does::Caption(caption) = &line.does {
            write_caption(out, caption.of(lang))?;
            continue;
        }
        // A claim that comes true says nothing that the caption has not said.
        let silent = matches!(line.does, Does::Expect(_) | Does::Mark);
        let each = |record: &Record| news.push(*record);
        let stop = if silent { play.run(line, each).stop } else { write_line(out, &mut play, line, CALLS, each)? };
        if let Some(session) = play.server_scene().map(ServerScene::session).filter(|_| !begun) {
            recording.begin(format!("demo {} {}", scene.name, session.addr())).map_err(io::Error::other)?;
            begun = true;
        }
        news.drain(..).try_for_each(|record| recording.write(&record))?;
        recording.flush()?;
        if let Some(stop) = stop {
            return Ok(Some(Trouble::of(stop, &scene.file, line)));
        }
    }
    let session = play.into_server_scene().map(ServerScene::into_session);
    close(session, recording).map(|()| None).map_err(io::Error::other)
}

fn write_caption(out: &mut impl Write, text: &str) -> io::Result<()> {
    writeln!(out)?;
    let block = Block::Paragraph(vec![Inline { text: text.to_owned(), style: Style::Plain }]);
    lay_out(&[block], WIDTH).into_iter().try_for_each(|line| {
        let line: String = line.into_iter().map(|(_, text)| text).collect();
        writeln!(out, "{line}")
    })?;
    writeln!(out)
}

//! `export --to html`: a recording as a page.

use std::io::{self, Write};
use std::ops::RangeInclusive;
use std::path::Path;

use nix::poll::PollTimeout;

use crate::cli::messages::tell;
use crate::cli::reading::{check_variant, tell_variant};
use crate::error::Failure;
use crate::i18n::{Lang, grouped, shown, words};
use crate::trace::{Header, Playback};
use crate::tui::capture::{About, run_page};
use crate::tui::theme::{Depth, Ground};
use crate::tui::{Screen as _, Theme, WorkbenchScreen};

/// A recording, opened and not read yet.
pub(super) struct Opened {
    screen: WorkbenchScreen,
    header: Header,
    name: String,
}

impl Opened {
    pub(super) fn open(file: &Path, variant: Option<&str>, lang: Lang) -> Result<Self, Failure> {
        let opened =
            if file == Path::new("-") { Playback::stdin(variant) } else { Playback::open_variant(file, variant) };
        let (playback, timeline) = opened.map_err(Failure::refused)?;
        let header = playback.header().clone();
        check_variant(&header, variant)?;
        let name =
            if file == Path::new("-") { lang.of("standard input", "标准输入").to_owned() } else { shown(file) };
        tell_variant(&name, &header, variant, lang);
        let mut screen = WorkbenchScreen::replay((playback, timeline), Theme::new(Depth::True, Ground::Dark), lang);
        screen.begin_at_the_start();
        Ok(Self { screen, header, name })
    }

    /// Reads it to its end and writes the page; returns how many moments it has, and how many lines were wrong.
    pub(super) fn write(
        mut self,
        out: &mut impl Write,
        calls: Option<&RangeInclusive<u64>>,
        lang: Lang,
    ) -> io::Result<(u64, u64)> {
        read_whole(&mut self.screen);
        self.screen.problems().iter().for_each(tell);
        let (moments, page) = run_page(&mut self.screen, about(&self.header, &self.name, lang), calls, lang);
        out.write_all(page.as_bytes())?;
        out.flush()?;
        Ok((moments, self.screen.wrong_lines()))
    }
}

pub(in crate::cli) fn tell_written(path: &Path, moments: u64, lang: Lang) {
    let (path, moments) = (shown(path), grouped(moments));
    tell(&words!(
        lang,
        "{path}: a page with the screens of {moments} moments, for any browser",
        "{path}：网页，含 {moments} 个时刻的屏幕，任何浏览器都能打开"
    ));
}

/// Reads a recording to its end.
pub(in crate::cli) fn read_whole(screen: &mut WorkbenchScreen) {
    while !screen.is_read() {
        if !screen.take_in(&mut |_| ()) {
            screen.sleep(&[], PollTimeout::NONE);
        }
    }
    screen.take_in(&mut |_| ());
}

/// The line that says on what a recording was made, and from what.
pub(in crate::cli) fn recorded(header: &Header, lang: Lang) -> String {
    let Header { source, kernel, started, .. } = header;
    match started {
        Some(started) => words!(
            lang,
            "recorded on Linux {kernel}, {started}, from: {source}",
            "录制于 Linux {kernel}，{started}，来自：{source}"
        ),
        None => words!(lang, "recorded on Linux {kernel}, from: {source}", "录制于 Linux {kernel}，来自：{source}"),
    }
}

fn about(header: &Header, name: &str, lang: Lang) -> About {
    let file = Path::new(name).file_name().map_or(name.into(), |name| name.to_string_lossy());
    About { title: format!("epollscope · {file}"), facts: vec![recorded(header, lang)] }
}

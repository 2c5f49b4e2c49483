//! `export --to html`: a recording as a page.

use std::io::{self, Write};
use std::ops::RangeInclusive;
use std::path::Path;

use nix::poll::PollTimeout;

use crate::cli::messages::tell;
use crate::cli::reading::{check_variant, tell_variant};
use crate::error::Failure;
use crate::i18n::{Lang, shown, words};
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
        while !self.screen.is_read() {
            if !self.screen.take_in(&mut |_| ()) {
                self.screen.sleep(&[], PollTimeout::NONE);
            }
        }
        self.screen.take_in(&mut |_| ());
        self.screen.problems().iter().for_each(tell);
        let (moments, page) = run_page(&mut self.screen, about(&self.header, &self.name, lang), calls, lang);
        out.write_all(page.as_bytes())?;
        out.flush()?;
        Ok((moments, self.screen.wrong_lines()))
    }
}

fn about(header: &Header, name: &str, lang: Lang) -> About {
    let Header { source, kernel, started, .. } = header;
    let file = Path::new(name).file_name().map_or(name.into(), |name| name.to_string_lossy());
    let recorded = match started {
        Some(started) => words!(
            lang,
            "recorded on Linux {kernel}, {started}, from: {source}",
            "录制于 Linux {kernel}，{started}，来自：{source}"
        ),
        None => words!(lang, "recorded on Linux {kernel}, from: {source}", "录制于 Linux {kernel}，来自：{source}"),
    };
    About { title: format!("epollscope · {file}"), facts: vec![recorded] }
}

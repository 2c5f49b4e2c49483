//! What is done with untrusted bytes: the fuzz targets under `fuzz/` and the test of their corpora do the same.

use std::path::Path;

use epollscope::analysis::diff::{Counts, compare};
use epollscope::analysis::scope::Timebase;
use epollscope::analysis::{History, Tally, why};
use epollscope::i18n::Lang;
use epollscope::lesson::{Lesson, LessonSource, ids, lay_out};
use epollscope::probe::{CAPTURE, ServerState};
use epollscope::record::Record;
use epollscope::script::parse;
use epollscope::server::listing::Language;
use epollscope::trace::export::{Perfetto, Waits};
use epollscope::trace::text::TextWriter;
use epollscope::trace::{Playback, Reader, World, Writer};
use epollscope::tui::moment::{Playhead, Track};
use epollscope::tui::navigator::Overlay;
use epollscope::tui::terminal::Decoder;
use epollscope::tui::widgets::{CallsView, View};
use epollscope::tui::{Screen as _, Theme, WorkbenchScreen};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget as _;

/// A recording: read, folded, explained, written again, exported, compared with itself and drawn.
pub(crate) fn trace(bytes: &[u8]) {
    let Ok(mut reader) = Reader::new("fuzz", bytes) else { return };
    let header = reader.header().clone();
    let records: Vec<Record> = reader.by_ref().filter_map(Result::ok).collect();
    let _ = reader.unknown().map(ToString::to_string);

    let mut file = Writer::new(Vec::new(), &header).expect("a vector takes all");
    let mut text = TextWriter::with_samples(Vec::new());
    let mut chrome = Perfetto::new(Vec::new(), &header).expect("a vector takes all");
    let mut table = Waits::new(Vec::new(), &header).expect("a vector takes all");
    let (mut timeline, mut world) = (History::default(), World::default());
    for record in &records {
        file.write(record).expect("a vector takes all");
        text.write(record).expect("a vector takes all");
        chrome.write(record).expect("a vector takes all");
        table.write(record).expect("a vector takes all");
        timeline.push(*record);
        // With the numbers that the file gives them, too.
        world.apply(record);
    }
    let text = String::from_utf8(text.finish().expect("a vector takes all")).expect("text");
    assert!(text.lines().all(|line| !line.contains(char::is_control)), "{text:?}");
    let (chrome, _) = chrome.finish().expect("a vector takes all");
    serde_json::from_slice::<serde_json::Value>(&chrome).expect("JSON");
    table.finish().expect("a vector takes all");

    let file = file.finish().expect("a vector takes all");
    let again: Vec<Record> =
        Reader::new("again", &file[..]).expect("a header").map(|next| next.expect("what we wrote")).collect();
    assert!(records.iter().map(|record| record.call).eq(again.iter().map(|record| record.call)));

    let compared =
        compare(Default::default(), records.iter().copied(), again.into_iter(), &Counts::default(), Lang::Zh);
    assert!(compared.parting.is_none(), "{compared:?}");

    explain(&world);
    explain(timeline.now());
    let _ = Tally::since(&timeline, 0).calls();
    // A screen takes longer than all else, so it is one for each input, which chooses the moment and the size.
    let at = if bytes.len() & 1 == 0 { timeline.len() } else { timeline.len() / 2 };
    let size = if bytes.len() & 2 == 0 { (80, 24) } else { (120, 40) };
    for cell in screen(&timeline, at, size).content() {
        assert!(!cell.symbol().contains(char::is_control), "{:?}", cell.symbol());
    }
}

/// Everything that a world can be asked.
pub(crate) fn explain(world: &World) {
    for epoll in world.epolls() {
        for item in epoll.items() {
            let _ = (why::not_reported(world, epoll, item, Lang::En), why::at_work(world, epoll, item, Lang::Zh));
            let _ = (world.name_of(item, Lang::Zh), world.ready_for(item), world.is_ghost(item));
        }
        epoll.waits().flat_map(|wait| &wait.reports).for_each(|report| drop(why::reported(report, Lang::En)));
        let _ = world.due(epoll).count() + epoll.silent().count();
    }
    let _ = world.stranded().count();
}

/// The screen of so many columns and rows at a moment of a recording.
pub(crate) fn screen(timeline: &History, at: u64, (columns, rows): (u16, u16)) -> Buffer {
    let world = timeline.at(at);
    let theme = Theme::detect(|_| None);
    let view = View {
        theme: &theme,
        lang: Lang::En,
        overlay: &Overlay::None,
        notice: None,
        timeline,
        at,
        world: &world,
        state: ServerState::Working,
        playhead: Playhead::Past { behind: timeline.len() - at },
        ended: None,
        next: timeline.get(at).map(|record| record.call),
        addr: None,
        policy: world.policy().copied(),
        ordered: None,
        selected: world.epoll().and_then(|epoll| epoll.items().next_back()).map(|item| item.file),
        client: None,
        frozen: false,
        process: None,
        amount: CAPTURE,
        timebase: Timebase::Calls(1),
        taught: false,
        by_hand: false,
        track: Some(Track { recorded: true, playing: None, runs_on: None }),
        breakpoints: &[],
        calls: CallsView::default(),
        only: None,
        sought: None,
        still: std::time::Duration::ZERO,
        language: Language::default(),
        task: None,
        script: Vec::new(),
        guide: None,
    };
    let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
    view.render(buffer.area, &mut buffer);
    buffer
}

/// A lesson, its three files one behind the other with a line of `=` between them: read, laid out, and where it is wrong,
/// told so.
pub(crate) fn lesson(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut files = text.split("\n=====\n").map(str::to_owned);
    let mut file = || files.next().unwrap_or_default();
    let source = LessonSource {
        id: "99-fuzz".into(),
        folder: "99-fuzz".into(),
        toml: file(),
        en: Some(file()),
        zh: Some(file()),
    };
    match Lesson::load(&source, &ids()) {
        Ok(lesson) => {
            for prose in [Lang::En, Lang::Zh].map(|lang| lesson.prose(lang)) {
                for width in [20, 78] {
                    let _ = lay_out(&prose.intro, width).len() + lay_out(&prose.play, width).len();
                }
            }
        }
        Err(diagnostics) => {
            for told in diagnostics.iter().flat_map(|wrong| [Lang::En, Lang::Zh].map(|lang| wrong.words(lang))) {
                assert!(!told.replace('\n', "").contains(char::is_control), "{told:?}");
            }
        }
    }
}

/// Keys on the screen of a recording: the same in whatever pieces they come, and each has a picture.
pub(crate) fn keys(recording: &Path, bytes: &[u8]) {
    let (mut whole, mut single, mut decoder) = (Vec::new(), Vec::new(), Decoder::default());
    Decoder::default().feed(bytes, &mut whole);
    for byte in bytes {
        decoder.feed(&[*byte], &mut single);
    }
    assert_eq!(whole, single);
    let playback = Playback::open(recording).expect("a recording");
    let mut screen = WorkbenchScreen::replay(playback, Theme::detect(|_| None), Lang::En);
    for event in &whole {
        screen.take_in(&mut |_| ());
        screen.input(event);
    }
    for (columns, rows) in [(80, 24), (120, 40)] {
        let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
        screen.render(buffer.area, &mut buffer);
        assert!(buffer.content().iter().all(|cell| !cell.symbol().contains(char::is_control)));
    }
}

/// A script: parsed, and where it is wrong, told so.
pub(crate) fn script(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Err(diagnostic) = parse("fuzz", text) {
        let told = diagnostic.to_string();
        assert!(!told.replace('\n', "").contains(char::is_control), "{told:?}");
    }
}

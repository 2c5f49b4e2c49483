//! `export --to html` in a real browser: every moment is what the terminal shows, the keys are those of the past, and the
//! page asks nobody for anything.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use epollscope::compare::{Comparison, VariantSpec};
use epollscope::i18n::Lang;
use epollscope::lesson::Scene;
use epollscope::trace::Playback;
use epollscope::tui::theme::{Depth, Ground};
use epollscope::tui::{CompareScreen, Screen as _, Theme, WorkbenchScreen};
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use serde_json::Value;
use unicode_width::UnicodeWidthStr as _;

use crate::support::browser::Browser;
use crate::support::program::{run, text};
use crate::support::screen::{SIZE, read};

/// What the screen of the page shows, a line a row.
const ROWS: &str = "[...document.querySelectorAll('#screen > div')].map(row => row.textContent).join('\\n')";

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// A page of this recording.
fn page(recording: &Path, name: &str, args: &[&str]) -> PathBuf {
    let out = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("page-{}-{name}.html", std::process::id()));
    let (from, to) = (recording.to_str().expect("text"), out.to_str().expect("text"));
    let ended = run(&[args, &["export", from, "--to", "html", "--output", to]].concat(), "");
    assert!(ended.status.success(), "{}", text(&ended.stderr));
    out
}

/// The same recording on the terminal's screen.
fn terminal(recording: &Path, ground: Ground, lang: Lang) -> WorkbenchScreen {
    let opened = Playback::open(recording).expect("a recording");
    read(WorkbenchScreen::replay(opened, Theme::new(Depth::True, ground), lang))
}

fn press(screen: &mut WorkbenchScreen, code: KeyCode) -> Buffer {
    screen.input(&Event::Key(KeyEvent::new(code, KeyModifiers::NONE)));
    screen.picture(SIZE)
}

/// The symbols of each row; a wide one is followed by nothing.
fn rows(picture: &Buffer) -> String {
    let row = |y: u16| {
        let mut x = 0;
        let mut row = String::new();
        while x < picture.area.width {
            let symbol = picture[(x, y)].symbol();
            row.push_str(symbol);
            x += u16::try_from(symbol.width().max(1)).expect("a cell or two");
        }
        row
    };
    (0..picture.area.height).map(row).collect::<Vec<_>>().join("\n")
}

/// Steps through all moments of both, from the first to the last; how many there are.
fn assert_same_moments(browser: &mut Browser, page: &Path, screen: &mut WorkbenchScreen) -> usize {
    browser.open(page);
    browser.press("Home");
    let (mut shown, mut moments) = (press(screen, KeyCode::Home), 1);
    let count = browser.value("document.querySelectorAll('#calls > li').length").as_u64().expect("a number");
    loop {
        let (page, terminal) = (browser.text(ROWS), rows(&shown));
        if let Some((page, terminal)) = page.lines().zip(terminal.lines()).find(|(page, terminal)| page != terminal) {
            panic!("moment {moments}:\n{page}\n{terminal}");
        }
        if screen.view().at == screen.view().timeline.len() {
            break;
        }
        browser.press("ArrowRight");
        shown = press(screen, KeyCode::Right);
        moments += 1;
    }
    assert_eq!(count, moments as u64);
    moments
}

/// Each cell of the page's screen as it is painted: its symbol, ink and ground, in rows; and how far any cell is from its
/// place.
const PAINTED: &str = "(() => {
  const screen = document.getElementById('screen');
  const probe = screen.children[0].appendChild(document.createElement('i'));
  const cell = probe.getBoundingClientRect().width;
  probe.remove();
  let off = 0;
  const rows = [...screen.children].map(row => {
    const cells = [];
    const left = row.getBoundingClientRect().left;
    for (const span of row.children) {
      const style = getComputedStyle(span);
      off = Math.max(off, Math.abs(span.getBoundingClientRect().left - left - cells.length * cell));
      for (const part of span.childNodes) for (const symbol of part.textContent) {
        const wide = part.className?.includes('wide');
        for (let i = 0; i < (wide ? 2 : 1); i++) cells.push([style.color, style.backgroundColor, +style.fontWeight]);
      }
    }
    return cells;
  });
  return { rows, off: off / cell };
})()";

fn css(color: Color) -> String {
    let Color::Rgb(r, g, b) = color else { panic!("{color:?} is no RGB") };
    format!("rgb({r}, {g}, {b})")
}

fn assert_same_paint(browser: &mut Browser, picture: &Buffer) {
    let painted = browser.value(PAINTED);
    let off = painted["off"].as_f64().expect("a number");
    assert!(off < 0.25, "a cell is {off} cells from its place");
    for y in 0..picture.area.height {
        let row = painted["rows"][usize::from(y)].as_array().expect("a row");
        assert_eq!(row.len(), usize::from(picture.area.width), "row {y}");
        let mut x = 0;
        while x < picture.area.width {
            let cell = &picture[(x, y)];
            let reversed = cell.modifier.contains(Modifier::REVERSED);
            let (ink, ground) = if reversed { (cell.bg, cell.fg) } else { (cell.fg, cell.bg) };
            let shown: &Value = &row[usize::from(x)];
            assert_eq!((&shown[0], &shown[1]), (&css(ink).into(), &css(ground).into()), "cell {x},{y}: {cell:?}");
            assert_eq!(shown[2] == 700, cell.modifier.contains(Modifier::BOLD), "cell {x},{y}: {cell:?}");
            x += u16::try_from(cell.symbol().width().max(1)).expect("a cell or two");
        }
    }
}

/// A recording that a peer and its sender wanted to be more than a recording.
fn hostile() -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("page-{}-hostile.jsonl", std::process::id()));
    let lines = fs::read_to_string(data("edge.jsonl")).expect("text");
    let evil = r#"\"'</script><script src=//a></script><!--<img src=x onerror=alert(1)>]]>"#;
    let lines = lines.replacen("\"source\":\"", &format!("\"source\":\"{evil} "), 1);
    let mut out = fs::File::create(&path).expect("a file");
    for line in lines.lines() {
        let changed = match (line.find("\"data\":\""), line.rfind('"')) {
            (Some(from), Some(to)) => format!("{}{evil}{}", &line[..from + 8], &line[to..]),
            _ => line.to_owned(),
        };
        writeln!(out, "{changed}").expect("written");
    }
    path
}

/// A recording of lesson 6.
fn lesson_6() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("page-{}", std::process::id()));
    let ended = run(&["verify", "06-edge-triggered", "--record", folder.to_str().expect("text")], "");
    assert!(ended.status.success(), "{}", text(&ended.stderr));
    folder.join("06-edge-triggered.jsonl")
}

/// A browser; where there is none, says that this was not tested.
fn browser(what: &str) -> Option<Browser> {
    let started = Browser::start(1_280, 1_400);
    if started.is_none() {
        // The harness hides what a test prints, and this must be seen.
        let said = format!("\nNOT TESTED: {what}, since there is no Chromium in PATH\n\n");
        std::io::stderr().write_all(said.as_bytes()).expect("standard error");
    }
    started
}

#[test]
fn each_moment_of_a_page_is_the_terminals_in_a_real_browser() {
    let Some(mut browser) = browser("the pages of `export --to html`") else { return };
    let lesson = lesson_6();
    let page_of_lesson = page(&lesson, "lesson", &[]);
    assert!(fs::metadata(&page_of_lesson).expect("a page").len() < 500_000);
    let moments = assert_same_moments(&mut browser, &page_of_lesson, &mut terminal(&lesson, Ground::Dark, Lang::En));
    assert!(moments > 40, "{moments}");
    let said = keys_are_those_of_the_past(&mut browser);
    assert_eq!(browser.complaints(), [""; 0]);

    let edge = data("edge.jsonl");
    let chinese = page(&edge, "zh", &["--lang", "zh"]);
    assert_same_moments(&mut browser, &chinese, &mut terminal(&edge, Ground::Dark, Lang::Zh));
    for ground in [Ground::Dark, Ground::Light] {
        browser.value(&format!("document.documentElement.dataset.theme = '{ground:?}'.toLowerCase()"));
        assert_same_paint(&mut browser, &press(&mut terminal(&edge, ground, Lang::Zh), KeyCode::End));
    }
    assert_eq!(browser.complaints(), [""; 0]);

    let hostile = hostile();
    let page_of_hostile = page(&hostile, "hostile", &[]);
    assert_same_moments(&mut browser, &page_of_hostile, &mut terminal(&hostile, Ground::Dark, Lang::En));
    assert!(browser.text("document.querySelector('header').textContent").contains("onerror=alert(1)"));
    assert_eq!(browser.value("document.querySelectorAll('img, script[src]').length"), 0);
    assert_eq!(browser.complaints(), [""; 0]);
    // What the policy is for: it refuses what escaping might have missed.
    browser.value("document.body.insertAdjacentHTML('beforeend', '<img src=\"data:,\">'), 0");
    assert!(browser.complaints().concat().contains("violates the following Content Security Policy"));
    for file in [&lesson, &page_of_lesson, &chinese, &page_of_hostile, &hostile] {
        let _ = fs::remove_file(file);
    }
    let _ = fs::remove_dir(lesson.parent().expect("its folder"));
    assert!(said > 5);
}

/// Where the page is, in calls.
fn call(browser: &mut Browser) -> u64 {
    let number = browser.text("document.querySelector('#calls > [aria-current]').dataset.call");
    number.parse().expect("a number")
}

fn keys_are_those_of_the_past(browser: &mut Browser) -> usize {
    let last = call(browser);
    let mut seen = 0;
    let mut at = |browser: &mut Browser, key: &str, expected: &dyn Fn(u64) -> bool| {
        browser.press(key);
        let now = call(browser);
        assert!(expected(now), "{key} leads to {now}");
        seen += 1;
        now
    };
    at(browser, "ArrowLeft", &|now| now == last - 1);
    at(browser, "End", &|now| now == last);
    let wait = at(browser, "[", &|now| now < last);
    at(browser, "]", &|now| now == wait + 1);
    at(browser, "Home", &|now| now == 0);
    let found = at(browser, "}", &|now| now > 0);
    assert!(browser.text("document.getElementById('said').textContent").contains("stranded"));
    at(browser, "{", &|now| now == found);
    at(browser, "Home", &|now| now == 0);
    browser.press("/");
    "EPOLL_CTL_ADD".chars().for_each(|c| browser.press(&c.to_string()));
    let first = at(browser, "Enter", &|now| now > 0);
    assert!(browser.text("document.getElementById('now').textContent").contains("EPOLL_CTL_ADD"));
    let next = at(browser, "n", &|now| now > first);
    at(browser, "N", &|now| now == first && now < next);
    browser.press(":");
    browser.press("7");
    at(browser, "Enter", &|now| now == 7);
    // A click on an fd: the sentence on it, and its calls.
    browser.press("}");
    browser.value("document.querySelector('#screen .fd[data-fd=\"7\"], #screen .fd').click()");
    assert!(!browser.text("document.getElementById('fd-why').textContent").is_empty());
    browser.press("Escape");
    assert_eq!(browser.value("document.getElementById('fd').hidden"), true);
    seen
}

/// The number of calls, and of steps, that the page of a lesson shows.
const SHOWN: &str = "['#calls > li', '#lesson .step'].map(what => [...document.querySelectorAll(what)]
  .filter(item => !item.hidden).length).join()";

/// What the current step says after its answer, as it is seen.
const SEEN: &str = "(answer => answer.checkVisibility() ? answer.innerText : '')(
  [...document.querySelectorAll('#lesson .step')].filter(step => !step.hidden).pop().querySelector('.answer'))";

fn press_button(browser: &mut Browser, class: &str) {
    let script = format!(
        "[...document.querySelectorAll('#lesson .step')].filter(step => !step.hidden).pop().querySelector('{class}').click()"
    );
    browser.value(&script);
}

#[test]
fn the_page_of_a_lesson_asks_before_it_shows() {
    let Some(mut browser) = browser("the pages of `lesson --to html`") else { return };
    let out = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("page-{}-taught.html", std::process::id()));
    let ended = run(&["lesson", "6", "--to", "html", "--output", out.to_str().expect("text")], "");
    assert!(ended.status.success(), "{}", text(&ended.stderr));
    browser.open(&out);
    let steps = browser.value("document.querySelectorAll('#lesson .step').length").as_u64().expect("a number");
    let all = browser.value("document.querySelectorAll('#calls > li').length").as_u64().expect("a number");
    let (mut before, mut wrong, mut asked) = (0, 0, 0);
    for step in 1..=steps {
        let shown = browser.text(SHOWN);
        let (calls, open) = shown.split_once(',').expect("two numbers");
        let calls: u64 = calls.parse().expect("a number");
        assert_eq!(open, step.to_string());
        assert!(before <= calls && calls < all, "{before} {calls} {all}");
        // Nothing leads beyond what was seen.
        browser.press("End");
        assert_eq!(call(&mut browser), calls - 1);
        assert_eq!(browser.text(SEEN), "", "the answer of step {step} is told too early");
        let choices = browser.value(
            "[...document.querySelectorAll('#lesson .step')].filter(step => !step.hidden).pop()
               .querySelectorAll('[data-choice]').length",
        );
        let right =
            browser.value("[...document.querySelectorAll('.step')].filter(s => !s.hidden).pop().dataset.right ?? ''");
        let is_wrong = choices != 0 && right != "0";
        if choices == 0 {
            press_button(&mut browser, ".look");
        } else {
            browser.press("1");
            asked += 1;
            wrong += u64::from(is_wrong);
        }
        browser.press("End");
        let seen = browser.text(SEEN);
        assert_eq!(seen.contains("(not as you predicted)"), is_wrong, "{seen}");
        assert_eq!(seen.contains("(as you predicted)"), choices != 0 && !is_wrong, "{seen}");
        before = calls;
        press_button(&mut browser, ".next");
    }
    assert!(asked > 0 && wrong > 0, "{asked} {wrong}");
    let score = format!("predicted {} of {asked}", asked - wrong);
    assert_eq!(browser.text("document.getElementById('score').textContent"), score);
    assert_eq!(browser.complaints(), [""; 0]);
    let _ = fs::remove_file(out);
}

#[test]
fn the_page_of_a_comparison_shows_each_tick_as_the_terminal_does() {
    let Some(mut browser) = browser("the pages of `compare --to html`") else { return };
    let out = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("page-{}-compared.html", std::process::id()));
    let ended = run(&["compare", "message", "--to", "html", "--output", out.to_str().expect("text")], "");
    assert!(ended.status.success(), "{}", text(&ended.stderr));
    browser.open(&out);
    browser.press("Home");
    let scene = Scene::find("message").expect("a scene");
    let compared = Comparison::open(scene, VariantSpec::usual()).expect("it opens");
    let mut screen = CompareScreen::new(compared, Theme::new(Depth::True, Ground::Dark), Lang::En);
    let count = browser.value("document.querySelectorAll('#calls > li').length").as_u64().expect("a number");
    let key = |code| Event::Key(KeyEvent::new(code, KeyModifiers::NONE));
    // The footer says how to play on, which the page has behind it, and times and ports are of another run.
    let steady = |text: &str| text.lines().skip(1).filter(|line| line.contains('(')).map(str::to_owned).collect();
    for moment in 0..count {
        let (page, terminal): (Vec<String>, Vec<String>) =
            (steady(&browser.text(ROWS)), steady(&rows(&screen.picture(SIZE))));
        assert_eq!(page, terminal, "moment {moment}");
        browser.press("ArrowRight");
        screen.input(&key(KeyCode::Right));
    }
    assert!(count > 20, "{count}");
    browser.press("Home");
    browser.press("}");
    assert!(!browser.text("document.getElementById('said').textContent").is_empty());
    let found = browser.text("[...document.querySelectorAll('.finding')].map(found => found.textContent).join('\\n')");
    assert!(found.contains("differ from here"), "{found}");
    assert_eq!(browser.complaints(), [""; 0]);
    let _ = fs::remove_file(out);
}

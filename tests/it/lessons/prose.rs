//! The prose of lessons: how Markdown is read, and how it is laid out in lines.

use super::{Folder, epollscope, text};
use epollscope::lesson::{Block, Inline, Prose, Style, lay_out};
use unicode_width::UnicodeWidthStr as _;

#[test]
fn a_lesson_is_cut_at_its_headings() {
    let prose = Prose::read(
        "en.md",
        "# T\nintro\n\n## one\ntext\n### question\nq?\n### answer a IN: ready\nb\n### why\n{count}\n## play\ngo\n",
    );
    let prose = prose.expect("right");
    assert_eq!((&*prose.title, prose.intro.len(), prose.play.len()), ("T", 1, 1));
    let step = &prose.steps[0];
    assert_eq!((&*step.answers[0].value, step.answers[0].label.as_deref()), ("a IN", Some("ready")));
    assert_eq!(step.why[0].holes(), ["count"]);
    let filled = step.why[0].filled(&|_: &str| "3".to_owned());
    assert_eq!(filled.inlines()[0].text, "3");
}

#[test]
fn a_line_ends_with_a_space_but_not_between_chinese() {
    let prose = Prose::read("zh.md", "# T\na\nb\n\n水平\n触发\n`x`\ny，\nz\n").expect("right");
    let text = |block: &Block| block.inlines().iter().map(|inline| &*inline.text).collect::<String>();
    assert_eq!(prose.intro.iter().map(text).collect::<Vec<_>>(), ["a b", "水平触发 x y，z"]);
}

#[test]
fn what_is_not_shown_is_a_mistake() {
    assert!(Prose::read("x", "# T\n> quoted\n").is_err());
    assert!(Prose::read("x", "no title\n").is_err());
    assert!(Prose::read("x", "# T\n### why\n").is_err());
}

fn laid(text: &str, width: usize) -> Vec<String> {
    let block = Block::Paragraph(vec![Inline { text: text.to_owned(), style: Style::Plain }]);
    lay_out(&[block], width).into_iter().map(|line| line.into_iter().map(|(_, text)| text).collect()).collect()
}

#[test]
fn words_are_kept_whole_and_chinese_is_not() {
    assert_eq!(laid("one two three", 8), ["one two", "three"]);
    assert_eq!(laid("水平触发，每次等待都报告。", 10), ["水平触发，", "每次等待都", "报告。"]);
    assert_eq!(laid("水平触发会。", 10), ["水平触发", "会。"], "no full stop begins a line");
    assert_eq!(laid("abcdefghij", 4), ["abcd", "efgh", "ij"]);
    assert_eq!(laid("", 4), Vec::<String>::new());
}

#[test]
fn nothing_is_wider_than_the_line() {
    for width in 2..40 {
        for line in laid("The 边缘触发 edge-triggered registration（EPOLLET）is reported 3,000 times。好", width)
        {
            assert!(line.width() <= width, "{width}: {line:?}");
        }
    }
}

#[test]
fn a_word_finds_the_lesson_that_it_introduces() {
    let folder = Folder::new("word");
    let take = |word| epollscope(&["lesson", word, "--plain", "--lang", "en"], &folder.0, "");
    for (word, title) in [("edge", "Edge-triggered: one"), ("Level", "Level-triggered"), ("starv", "Starvation")] {
        let taken = text(&take(word).stdout);
        assert!(taken.starts_with(title), "{word}: {taken}");
    }
    let said = text(&take("er").stderr);
    assert!(said.contains("several lessons have \"er\" in their names: "), "{said}");
}

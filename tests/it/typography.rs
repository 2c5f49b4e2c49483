//! The one rule of Chinese typesetting: a space between Chinese and Latin letters, digits, code and placeholders. It holds
//! for the lessons, the scenes, what the program says, and the screens as they are drawn.

use std::fs;
use std::path::{Path, PathBuf};

fn is_han(c: char) -> bool {
    ('\u{3400}'..='\u{9fff}').contains(&c)
}

/// What a space sets off from Chinese: letters, digits, and the signs of code and of placeholders.
fn is_other(c: char) -> bool {
    c.is_ascii_alphanumeric() || ('\u{c0}'..='\u{24f}').contains(&c) || matches!(c, '{' | '}' | '`')
}

/// Where `text` breaks the rule, has a half-width mark beside Chinese, or other quotation marks than “ ”.
fn wrong(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let is_wrong = |pair: &[char]| {
        let (a, b) = (pair[0], pair[1]);
        let unspaced = (is_han(a) && is_other(b)) || (is_other(a) && is_han(b));
        let half = is_han(a) && matches!(b, ',' | ';' | ':' | '!' | '?' | '(' | ')');
        unspaced || half || (a == ')' && is_han(b)) || matches!(a, '「' | '」')
    };
    let at = chars.windows(2).enumerate().filter(|(_, pair)| is_wrong(pair)).map(|(at, _)| at);
    at.map(|at| chars[at.saturating_sub(8)..(at + 8).min(chars.len())].iter().collect()).collect()
}

/// Sentences with more than one colon.
fn colons(text: &str) -> Vec<&str> {
    text.split(['。', '？', '！', '\n']).filter(|sentence| sentence.matches('：').count() > 1).collect()
}

/// Markdown without what is not read: marks of stress, the targets of links, and fenced code.
fn read(markdown: &str) -> String {
    let (mut out, mut fenced) = (String::new(), false);
    for line in markdown.lines() {
        fenced ^= line.starts_with("```");
        if fenced || line.starts_with("```") {
            continue;
        }
        let mut rest = line;
        while let Some((before, after)) = rest.split_once("](") {
            out += &before.replace('[', "");
            rest = after.split_once(')').map_or("", |(_, after)| after);
        }
        out += rest;
        out.push('\n');
    }
    out.replace("**", "")
}

/// The files below `folder` whose name ends with `end`.
fn files(folder: &str, end: &str) -> Vec<PathBuf> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            match entry.is_dir() {
                true => folders.push(entry),
                false if entry.to_string_lossy().ends_with(end) => found.push(entry),
                false => {}
            }
        }
    }
    found.sort();
    found
}

/// The string literals of a Rust source that have Chinese in them, without its tests.
fn literals(source: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let mut found = Vec::new();
    for line in source.replace("\\\n", "").lines().filter(|line| !line.trim_start().starts_with("//")) {
        let unescaped = line.replace("\\\"", "\u{1}").replace("'\"'", "");
        let strings =
            unescaped.split('"').skip(1).step_by(2).map(|text| text.replace('\u{1}', "\"").replace("\\n", "\n"));
        found.extend(strings.filter(|text| text.contains(is_han)));
    }
    found
}

#[test]
fn what_is_wrong_is_found_and_what_is_right_is_not() {
    for text in
        ["用epoll", "epoll对象", "3字节", "第3步", "等待{n}次", "`recv`返回", "一个é", "就绪(推断)", "是:", "「关注」"]
    {
        assert!(!wrong(text).is_empty(), "{text}");
    }
    for text in
        ["用 epoll(7) 时，-1 表示", "第 3 步", "“hello”", "掩码是 `EPOLLIN`。", "a：{events}", "（`p`）", "▶播放"]
    {
        assert_eq!(wrong(text), [""; 0], "{text}");
    }
    assert_eq!(colons("a：b：c。d：e").len(), 1);
    assert_eq!(read("一**二**[三](x y)四 `a`\n```\nb\n```\n"), "一二三四 `a`\n");
    let source = "say(\"a\", \"甲\"); // \"乙\"\n    // \"丙\"\nx(\"\\\"丁\\\" 戊\")\n#[cfg(test)]\n\"己\"";
    assert_eq!(literals(source), ["甲", "乙", "\"丁\" 戊"]);
}

#[test]
fn the_lessons_and_scenes_keep_the_rule() {
    let lessons = files("lessons", "zh.md");
    assert_eq!(lessons.len(), epollscope::lesson::builtin().len());
    for file in lessons.into_iter().chain(files("src/lesson/scaffold", "zh.md")) {
        let text = read(&fs::read_to_string(&file).expect("a lesson"));
        assert!(text.chars().filter(|c| is_han(*c)).count() > 100, "{file:?}");
        assert_eq!(wrong(&text), [""; 0], "{file:?}");
        assert_eq!(colons(&text), [""; 0], "{file:?}");
    }
    let mut captions = 0;
    for file in files("src/lesson/scenes", ".scene") {
        let text = fs::read_to_string(&file).expect("a scene");
        for line in text.lines().filter(|line| line.starts_with("caption ")) {
            captions += usize::from(line.contains(is_han));
            assert_eq!(wrong(line), [""; 0], "{file:?}");
            assert_eq!(colons(line), [""; 0], "{file:?}");
        }
    }
    assert!(captions > 30, "{captions}");
}

#[test]
fn all_that_the_program_says_keeps_the_rule() {
    let mut said = 0;
    for file in files("src", ".rs") {
        for text in literals(&fs::read_to_string(&file).expect("a source")) {
            said += 1;
            // A sign, not a word, is put in there.
            assert_eq!(wrong(&text.replace("{SIGN}", "")), [""; 0], "{file:?}: {text}");
            assert_eq!(colons(&text), [""; 0], "{file:?}: {text}");
        }
    }
    assert!(said > 400, "{said}");
}

#[test]
fn the_screens_keep_the_rule_as_they_are_drawn() {
    let mut lines = 0;
    for file in files("tests/it/snapshots", ".snap") {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        // Two of them have a text that a user typed or sent.
        let drawn = ["chinese-", "panel-", "overlay-"].iter().any(|kind| name.starts_with(kind));
        if drawn && name != "overlay-prompt.snap" && name != "panel-Bytes.snap" {
            let text = fs::read_to_string(&file).expect("a snapshot");
            lines += text.lines().filter(|line| line.contains(is_han)).count();
            assert_eq!(wrong(&text), [""; 0], "{file:?}");
        }
    }
    assert!(lines > 300, "{lines}");
}

//! In Chinese nothing of a scene's outcomes is English but the names of the kernel and of the script.

use epollscope::i18n::Lang;
use epollscope::lesson::{Lesson, builtin};
use epollscope::script::{Line, SceneRunner, Stop, parse};

use super::{Folder, epollscope, text};
use crate::support::lab::alone;

/// What may stand in Chinese words as it is: calls, and what the kernel has no other name for.
const NAMES: [&str; 10] = ["fd", "ms", "epoll", "poll", "accept", "close", "recvfrom", "sendto", "lab", "server"];

/// The English words in what the line `text` came to: more than a letter, none of them a name.
fn english<'a>(text: &str, said: &'a str) -> Vec<&'a str> {
    let own: Vec<&str> = words(text).collect();
    let wrong = |word: &&str| word.len() > 1 && !word.contains('_') && !NAMES.contains(word) && !own.contains(word);
    words(said).filter(|word| word.contains(|c: char| c.is_ascii_lowercase())).filter(wrong).collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    parts.map(|word| word.trim_end_matches(|c: char| c.is_ascii_digit())).filter(|word| !word.is_empty())
}

fn taken(id: &str, lang: &str) -> String {
    let state = Folder::new(&format!("{lang}-{id}"));
    let output = epollscope(&["lesson", id, "--plain", "--lang", lang], &state.0, "1\n?\n2\n");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn in_plain_text_no_outcome_is_left_in_english() {
    let sources = builtin();
    let known: Vec<String> = sources.iter().map(|source| source.id.clone()).collect();
    for number in ["01-", "02-", "10-", "13-", "16-", "23-", "24-", "26-", "28-"] {
        let source = sources.iter().find(|source| source.id.starts_with(number)).expect("a lesson");
        let lesson = Lesson::load(source, &known).expect("sound");
        let lines: Vec<&Line> = lesson.scene.iter().chain(lesson.steps.iter().flat_map(|step| &step.run)).collect();
        let outcomes = |all: &str| -> Vec<(String, String)> {
            let played = all.lines().filter_map(|line| {
                let line = line.strip_prefix("    ")?;
                let its = lines.iter().filter_map(|its| Some((&its.text, line.strip_prefix(&*its.text)?)));
                let (text, said) = its.filter(|(_, said)| said.starts_with(' ')).max_by_key(|(text, _)| text.len())?;
                Some((text.clone(), said.trim().to_owned()))
            });
            played.collect()
        };
        let zh = taken(&source.id, "zh");
        let (said, en) = (outcomes(&zh), outcomes(&taken(&source.id, "en")));
        assert!(said.len() > 4 && said.len() == en.len(), "{}: {} of {}", source.id, said.len(), en.len());
        for (text, said) in &said {
            assert_eq!(english(text, said), [""; 0], "{}: {text}: {said}", source.id);
        }
        // The measure itself finds what is English.
        assert!(en.iter().any(|(text, said)| !english(text, said).is_empty()), "{}", source.id);
        for half in [" (", "： ", "; ", "）;"] {
            let of_the_frame = |line: &&str| line.contains("你的预测") || line.starts_with("内核的回答：");
            let wrong = zh.lines().filter(of_the_frame).find(|line| line.contains(half));
            assert_eq!(wrong, None, "{}: {half:?}", source.id);
        }
    }
}

/// What each line of a script came to, and why it ended.
fn played(script: &'static str, lang: Lang) -> Vec<(String, String, Option<Stop>)> {
    alone(move || {
        let mut play = SceneRunner::new(lang);
        let lines = parse("x", script).expect("a script");
        let outcomes = lines.iter().map(|line| (line.text.clone(), play.run(line, |_| ())));
        outcomes.map(|(text, outcome)| (text, outcome.said, outcome.stop)).collect()
    })
}

const LAB: &str = "e = epoll\na b = pair tcp\nk = fromfd a\nadd e a IN\nadd e a IN\nadd a b IN\nwait e\nfdinfo e\npoll a\n\
                   del e a\nfdinfo e\nadd e a IN\nt = thread wait e\nwrite b 5\njoin t\np = fork\nend p\nfill b\ndrain a\n\
                   blocking a\nread a 9\nset a RCVBUF 1\nmark\nexpect ok\nexpect error EINVAL\nexpect count 2\nexpect blocked\n\
                   expect nothing\nexpect events a OUT\nclose a\nread a 1\nl = listener\nc = accept l\nread c 1\nscale poll 1 100";

const SERVER: &str = "server\nstep\na = connect\nconnect 2\nrun\nsend a 1\nsend a 3000\nstep 9\npolicy edge\nstop a\n\
                      resume a\nshutdown a\nsend a 5\nreset b\nclose c\nsend c 1\nrun\nexpect server spins\nmark";

#[test]
fn every_outcome_is_in_both_languages() {
    for (script, stops) in [(LAB, 4), (SERVER, 1)] {
        let (en, zh) = (played(script, Lang::En), played(script, Lang::Zh));
        let stopped = zh.iter().filter(|(_, _, stop)| stop.is_some()).count();
        assert!(stopped >= stops, "{zh:?}");
        for ((text, said, stop), (_, in_english, in_english_too)) in zh.iter().zip(&en) {
            let why = match stop {
                Some(Stop::Failed(why) | Stop::Refused(why)) => why.as_str(),
                None => "",
            };
            assert_eq!(english(text, said), [""; 0], "{text}: {said}, and {in_english}");
            assert_eq!(english(text, why), [""; 0], "{text}: {why}");
            assert_eq!(stop.is_some(), in_english_too.is_some(), "{text}");
        }
    }
}

#[test]
fn the_house_words_stand_in_chinese_outcomes() {
    let said = |script, line: &str| -> String {
        let all = played(script, Lang::Zh);
        all.into_iter().find(|(text, ..)| text == line).map(|(_, said, _)| said).expect("the line")
    };
    assert_eq!(said("e = epoll\na b = pair tcp\nadd e a IN\nwait e", "wait e"), "= 0  [无]");
    assert_eq!(said("e = epoll\nadd e e IN", "add e e IN"), "= -1 EINVAL：epoll 不能监视自己");
    assert_eq!(said("e = epoll\nfdinfo e", "fdinfo e"), "兴趣列表：空");
    assert_eq!(said("server\nrun", "run"), "一切静止");
    assert_eq!(said("server\nconnect 2", "connect 2"), "2 个客户端已连接");
}

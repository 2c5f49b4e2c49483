//! Lessons that are wrong: a clear error with file, line and what to do, and nothing is harmed.

use std::fs;

use super::{Folder, epollscope, text};

/// A lesson that passes, changed by `change` of (toml, en, zh); what verify says of it.
#[track_caller]
fn verify_changed(name: &str, change: impl FnOnce(&mut [String; 3])) -> String {
    let folder = Folder::new(name);
    let own = format!("{}/mine", folder.path());
    epollscope(&["lesson", "new", &own], &folder.0, "");
    let files = ["lesson.toml", "en.md", "zh.md"].map(|file| format!("{own}/{file}"));
    let mut texts = files.each_ref().map(|file| fs::read_to_string(file).expect("a file"));
    change(&mut texts);
    for (file, text) in files.iter().zip(&texts) {
        fs::write(file, text).expect("written");
    }
    let output = epollscope(&["verify", &own], &folder.0, "");
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("FAILED") && !said.contains("panicked"), "{said}");
    // It can't be taken either, and says why.
    let taken = epollscope(&["lesson", &own, "--plain"], &folder.0, "");
    assert_ne!(taken.status.code(), Some(101), "{}", text(&taken.stderr));
    said
}

fn replace(text: &mut String, from: &str, to: &str) {
    assert!(text.contains(from), "{from:?} is not in {text}");
    *text = text.replace(from, to);
}

#[test]
fn a_false_claim_comes_with_its_proof() {
    let said = verify_changed("false", |[toml, ..]| replace(toml, "expect stranded 1", "expect stranded 0"));
    assert!(said.contains("lesson.toml:14: expect stranded 0") && said.contains("but it was 1"), "{said}");
    let said = verify_changed("answer", |[toml, en, zh]| {
        replace(toml, "\"3\", \"1\", \"0\"", "\"3\", \"2\", \"0\"");
        replace(en, "### answer 1", "### answer 2");
        replace(zh, "### answer 1", "### answer 2");
    });
    assert!(said.contains("the kernel's answer is 1, but no choice says so"), "{said}");
    assert!(said.contains("epoll_wait(4)"), "the calls: {said}");
}

#[test]
fn a_typo_has_a_line_a_column_and_a_suggestion() {
    let said = verify_changed("typo", |[toml, ..]| replace(toml, "send a 3000", "sned a 3000"));
    assert!(said.contains("lesson.toml:12:1: there is no verb \"sned\"; did you mean \"send\"?"), "{said}");
    let said = verify_changed("key", |[toml, ..]| replace(toml, "asks =", "ask ="));
    assert!(said.contains("unknown field `ask`") && said.contains("lesson.toml:19:1"), "{said}");
    let said = verify_changed("hole", |[_, en, _]| replace(en, "{unread a}", "{unreed a}"));
    assert!(said.contains("en.md:32:1: in {unreed a}") && said.contains("did you mean \"unread\"?"), "{said}");
}

#[test]
fn both_languages_say_the_same_steps_and_answers() {
    let said = verify_changed("step", |[_, _, zh]| replace(zh, "## message", "## massage"));
    assert!(said.contains("its steps are massage, but those of lesson.toml are message"), "{said}");
    assert!(said.contains("zh.md:5:1: "), "{said}");
    let said = verify_changed("belief", |[_, _, zh]| replace(zh, "### answer 3", "### answer 33"));
    assert!(said.contains("step \"message\" lacks ### answer 3"), "{said}");
    let said = verify_changed("link", |[_, en, _]| en.push_str("\n[there](99-nowhere)\n"));
    assert!(said.contains("en.md:38:1: a link leads to \"99-nowhere\""), "{said}");
    let said = verify_changed("one", |[toml, en, zh]| {
        replace(toml, "\"3\", \"1\", \"0\"", "\"1\"");
        for prose in [en, zh] {
            let [a, b] = ["### answer 3", "### answer 1"].map(|heading| prose.find(heading).expect("a heading"));
            prose.replace_range(a..b, "");
            let [a, b] = ["### answer 0", "### why"].map(|heading| prose.find(heading).expect("a heading"));
            prose.replace_range(a..b, "");
        }
    });
    assert!(said.contains("a question has at least two choices"), "no question without a distractor: {said}");
}

#[test]
fn a_step_is_there_once_a_number_is_a_number_and_no_lesson_needs_itself() {
    let said = verify_changed("twice", |[toml, en, zh]| {
        toml.push_str("\n[[step]]\nid = \"message\"\nrun = \"run\"\n");
        for prose in [en, zh] {
            replace(prose, "## play", "## message\n\nAgain.\n\n## play");
        }
    });
    assert!(said.contains("the step \"message\" is there twice"), "{said}");
    let said = verify_changed("number", |[toml, en, zh]| {
        replace(toml, "asks = \"reports a\"", "asks = \"events\"\nnumber = true");
        replace(toml, "\"3\", \"1\", \"0\"", "\"nothing\", \"a IN\"");
        for prose in [en, zh] {
            replace(prose, "### answer 3", "### answer nothing");
            replace(prose, "### answer 1", "### answer a IN");
            let [a, b] = ["### answer 0", "### why"].map(|heading| prose.find(heading).expect("a heading"));
            prose.replace_range(a..b, "");
        }
    });
    assert!(said.contains("number = true needs a measure that is a number"), "{said}");
    let said = verify_changed("needs", |[toml, ..]| toml.insert_str(0, "needs = [\"mine\"]\n"));
    assert!(said.contains("the lesson needs itself"), "{said}");
}

#[test]
fn a_task_is_reached_by_its_solution_and_by_no_wrong_way() {
    const TASK: &str = "\n[task]\ngoal = \"expect unread a 0\"\nnever = \"expect calls epoll_ctl at least 1\"\nsolution = \"\"\"\n\
        policy read drain\nsend a 1\nrun\n\"\"\"\nwrong = [\"send a 1\\nrun\"]\n";
    let verify_task = |name: &str, task: &dyn Fn(&mut String)| {
        verify_changed(name, |[toml, en, zh]| {
            let mut own = TASK.to_owned();
            task(&mut own);
            toml.push_str(&own);
            for prose in [en, zh] {
                replace(prose, "## play", "## task\n\nHave it answered.\n\n### why\n\nIt was read.\n\n## play");
            }
        })
    };
    // As it is it passes: what is changed below is what fails.
    let said = verify_task("passes", &|task| replace(task, "1\\nrun", "1\\nsned"));
    assert!(said.contains("there is no verb \"sned\""), "{said}");
    let said = verify_task("unsolved", &|task| replace(task, "policy read drain", "policy read once"));
    assert!(said.contains("the solution does not reach the goal: nothing of a is unread"), "{said}");
    let said = verify_task("forbidden", &|task| replace(task, "policy read drain", "policy read drain level"));
    assert!(said.contains("the solution does not reach the goal: without epoll_ctl"), "{said}");
    let said = verify_task("also", &|task| replace(task, "[\"send a 1", "[\"policy read drain\\nsend a 1"));
    assert!(said.contains("this way reaches the goal too"), "{said}");
    let said = verify_task("at-once", &|task| replace(task, "unread a 0", "unread a at least 5"));
    assert!(said.contains("the goal is reached before the learner begins"), "{said}");
    let said = verify_task("claims", &|task| replace(task, "\"expect unread a 0\"", "\"run\""));
    assert!(said.contains("goal and never have lines with `expect`"), "{said}");
    let said = verify_task("none", &|task| replace(task, "[\"send a 1\\nrun\"]", "[]"));
    assert!(said.contains("a task names an obvious way that does not reach the goal"), "{said}");
    let said = verify_changed("silent", |[toml, ..]| toml.push_str(TASK));
    assert!(said.contains("the task needs a section \"## task\""), "{said}");
}

#[test]
fn files_that_are_missing_cut_binary_or_strange_are_named() {
    let folder = Folder::new("files");
    let verify = |name: &str, spoil: &dyn Fn(&str)| {
        let own = format!("{}/{name}", folder.path());
        epollscope(&["lesson", "new", &own], &folder.0, "");
        spoil(&own);
        let output = epollscope(&["verify", &own], &folder.0, "");
        assert_eq!(output.status.code(), Some(1));
        text(&output.stdout)
    };
    let said = verify("missing", &|own| {
        for file in ["en.md", "zh.md"] {
            fs::remove_file(format!("{own}/{file}")).expect("removed");
        }
    });
    assert!(said.contains("en.md: is missing: a lesson has lesson.toml, and en.md or zh.md"), "{said}");
    let said = verify("binary", &|own| fs::write(format!("{own}/en.md"), [0xff, 0xfe, 0, 7]).expect("written"));
    assert!(said.contains("en.md: is not text in UTF-8: byte 1 is wrong"), "{said}");
    let said = verify("orphan", &|own| fs::write(format!("{own}/notes.txt"), "x").expect("written"));
    assert!(said.contains("notes.txt: is not part of a lesson"), "{said}");
    let said = verify("large", &|own| fs::write(format!("{own}/en.md"), vec![b'x'; 300 << 10]).expect("written"));
    assert!(said.contains("en.md: is larger than 256 KiB"), "{said}");
    let said = verify("cut", &|own| {
        let toml = fs::read_to_string(format!("{own}/lesson.toml")).expect("a file");
        fs::write(format!("{own}/lesson.toml"), &toml[..toml.len() / 2]).expect("written");
    });
    assert!(said.contains("lesson.toml:"), "{said}");
    let said = verify("folder", &|own| {
        fs::remove_file(format!("{own}/en.md")).expect("removed");
        fs::create_dir(format!("{own}/en.md")).expect("a folder");
    });
    assert!(said.contains("en.md: is a directory, not a file"), "{said}");
}

/// An author may write in one language; what an editor leaves beside the files, or before their first byte, harms nothing.
#[test]
fn a_lesson_in_one_language_is_shown_in_that_one() {
    let folder = Folder::new("one-language");
    for (lang, gone, title) in [("zh", "zh.md", "A lesson of your own"), ("en", "en.md", "自己写的一课")] {
        let own = format!("{}/{lang}", folder.path());
        epollscope(&["lesson", "new", &own], &folder.0, "");
        fs::remove_file(format!("{own}/{gone}")).expect("removed");
        for file in [".lesson.toml.swp", "en.md~", "#en.md#", ".#en.md"] {
            fs::write(format!("{own}/{file}"), "x").expect("written");
        }
        let toml = fs::read_to_string(format!("{own}/lesson.toml")).expect("a file");
        fs::write(format!("{own}/lesson.toml"), format!("\u{feff}{toml}")).expect("written");
        let verified = epollscope(&["verify", &own], &folder.0, "");
        assert_eq!(verified.status.code(), Some(0), "{}", text(&verified.stdout));
        let taken = text(&epollscope(&["lesson", &own, "--plain", "--lang", lang], &folder.0, "").stdout);
        let first = taken.lines().next().unwrap_or_default().to_owned();
        assert!(first.contains(title), "{lang}: {first}");
    }
}

#[test]
fn endless_scripts_and_100_000_steps_are_bounded() {
    let said = verify_changed("steps", |[toml, ..]| {
        for i in 0..100_000 {
            toml.push_str("[[step]]\nid = \"");
            toml.push_str(&i.to_string());
            toml.push_str("\"\nrun = \"run\"\n");
        }
    });
    assert!(said.contains("lesson.toml: is larger than 256 KiB"), "{said}");
    let said = verify_changed("many", |[toml, ..]| {
        for i in 0..200 {
            toml.push_str("[[step]]\nid = \"");
            toml.push_str(&i.to_string());
            toml.push_str("\"\nrun = \"run\"\n");
        }
    });
    assert!(said.contains("a lesson has 1 to 64 steps"), "{said}");
    // A server that spins is no endless script.
    let said = verify_changed("spin", |[toml, ..]| {
        replace(toml, "server edge\n", "server level write always\n");
        replace(toml, "a = connect\nrun\n", "a = connect\nrun\nexpect server quiet\n");
    });
    assert!(said.contains("expect server quiet") && said.contains("but it was spins"), "{said}");
}

#[test]
fn lessons_taken_at_once_are_all_kept() {
    let state = Folder::new("at-once");
    let take = |lesson: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_epollscope"));
        command.args(["lesson", lesson, "--plain"]).env("XDG_STATE_HOME", &state.0).stdin(std::process::Stdio::null());
        command.stdout(std::process::Stdio::null()).spawn().expect("it runs")
    };
    let lessons = ["1", "2", "5", "6", "7", "8"];
    for mut lesson in lessons.map(take) {
        assert!(lesson.wait().expect("it ends").success());
    }
    let listed = text(&epollscope(&["lesson"], &state.0, "").stdout);
    assert_eq!(listed.matches("done").count(), lessons.len(), "{listed}");
}

#[test]
fn what_is_no_progress_is_named_and_left_as_it_is() {
    let state = Folder::new("no-progress");
    let file = state.0.join("epollscope/progress.json");
    fs::create_dir(file.parent().expect("a folder")).expect("made");
    fs::write(&file, "{\"05-level").expect("written");
    let taken = |what: &str| {
        for args in [&["lesson"][..], &["lesson", "5", "--plain"]] {
            let output = epollscope(args, &state.0, "");
            let said = text(&output.stderr);
            assert!(said.contains("epollscope/progress.json") && said.contains(what), "{said}");
            assert_eq!(output.status.code(), Some(if args.len() > 1 { 3 } else { 0 }), "{said}");
        }
    };
    taken("cannot be read: EOF while parsing");
    assert_eq!(fs::read_to_string(&file).expect("left"), "{\"05-level");
    fs::remove_file(&file).expect("removed");
    nix::unistd::mkfifo(&file, nix::sys::stat::Mode::S_IRWXU).expect("a FIFO");
    taken("is not a file");
    assert!(fs::metadata(&file).is_ok_and(|metadata| !metadata.is_file()));
}

#[test]
fn too_few_fds_are_no_false_claim() {
    let script = format!("ulimit -n 7; exec {} verify 5", env!("CARGO_BIN_EXE_epollscope"));
    let output = std::process::Command::new("sh").args(["-c", &script]).env("LC_ALL", "C").output().expect("a shell");
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("this process may have only 7") && said.contains("ulimit -n"), "{said}");
    assert!(!text(&output.stdout).contains("FAILED"));
}

#[test]
fn a_claim_that_fails_for_lack_of_fds_says_so() {
    let said = verify_changed("emfile", |[toml, ..]| {
        replace(toml, "send a 3000", "b = connect\nlimit 6\nrun\nexpect accepted 9");
    });
    assert!(said.contains("but it was 0; 1 calls failed with EMFILE: no fd was free"), "{said}");
}

//! Lessons: those in the program are true on this kernel, in both languages; what is wrong with one is said, and harms
//! nothing; each can be taken on the screen with its own keys.

mod bad;
mod chinese;
mod past;
mod prose;
mod scenes;
mod screen;
mod terminal;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{fs, process};

use epollscope::i18n::Lang;
use epollscope::lesson::{Lesson, LessonRun, LessonSource, builtin, check, verify};

use crate::support::loopback::{loopback, whole_loopback};

/// The check of what was learned is a lesson too.
#[test]
fn the_check_is_true_on_this_kernel() {
    let _loopback = loopback();
    let known: Vec<String> = builtin().into_iter().map(|source| source.id).collect();
    let report = verify(&check::source(), &known, Lang::En, |_| ());
    assert_eq!(report.wrong, Vec::<String>::new());
    assert_eq!(report.steps, 12);
}

/// All that is right, then all that is wrong: the second time says what has changed, and both are kept.
#[test]
fn a_check_is_compared_with_the_one_before() {
    let folder = Folder::new("check");
    let known: Vec<String> = builtin().into_iter().map(|source| source.id).collect();
    let check = Lesson::load(&check::source(), &known).expect("sound");
    let mut run = LessonRun::open(check.into(), Lang::En).expect("it runs");
    let mut right: Vec<String> = Vec::new();
    while run.next().is_some() {
        let answered = run.advance().expect("true").expect("a question");
        right.push((answered.choice.expect("one of them") + 1).to_string());
    }
    let right = right.join("\n") + "\n";
    let take = |input: &str| {
        let output = epollscope(&["lesson", "check"], &folder.0, input);
        (output.status.code(), text(&output.stdout) + &text(&output.stderr))
    };
    let (code, said) = take(&right);
    assert!(code == Some(0) && said.ends_with("12 of 12 right.\n"), "{said}");
    assert!(!said.contains("The kernel's answer:"), "{said}");
    // A number that is no choice is asked for again; an empty line is no prediction.
    let (code, said) = take(&("9\n".to_owned() + &"\n".repeat(12)));
    assert!(code == Some(0) && said.contains("0 of 12 right.\nBefore, on 20"), "{said}");
    assert!(
        said.contains("Right before, and not now: half-read, ready-before,") && said.contains("Lesson 6"),
        "{said}"
    );
    let (code, said) = take("1\n");
    assert!(code == Some(2) && said.contains("left before its end"), "{said}");
    let csv = text(&epollscope(&["lesson", "check", "--format", "csv"], &folder.0, "").stdout);
    assert_eq!(csv.lines().count(), 1 + 24, "{csv}");
    assert!(
        csv.contains("\"half-read\",\"nothing\",\"nothing\",1") && csv.contains("\"half-read\",\"\",\"nothing\",0"),
        "{csv}"
    );
    // A file in its place that is none of ours is named, and stays.
    let file = folder.0.join("epollscope/checks.json");
    fs::write(&file, "mine").expect("written");
    let (code, said) = take(&right);
    assert!(
        code.is_some_and(|code| code > 0)
            && said.contains("12 of 12 right")
            && said.contains("checks.json cannot be read"),
        "{said}"
    );
    assert_eq!(fs::read_to_string(&file).expect("there"), "mine");
}

fn lessons_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("lessons")
}

/// A folder of its own for a test, removed afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("epollscope-{}-{name}", process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).expect("a folder");
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("text")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs the program with a state folder of its own.
fn epollscope(args: &[&str], state: &Path, input: &str) -> Output {
    use std::io::Write as _;
    let mut command = Command::new(env!("CARGO_BIN_EXE_epollscope"));
    command.args(args).env("XDG_STATE_HOME", state).env("LC_ALL", "C");
    command.stdin(process::Stdio::piped()).stdout(process::Stdio::piped()).stderr(process::Stdio::piped());
    let mut child = command.spawn().expect("it runs");
    // One that does not read its input may have ended before all was written.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    child.wait_with_output().expect("it ends")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

#[test]
fn every_lesson_is_true_on_this_kernel() {
    let _loopback = whole_loopback();
    let sources = builtin();
    let known: Vec<String> = sources.iter().map(|source| source.id.clone()).collect();
    assert!(sources.len() >= 30, "{} lessons", sources.len());
    for source in &sources {
        let report = verify(source, &known, Lang::En, |_| ());
        assert!(report.wrong.is_empty(), "{}:\n{}", report.id, report.wrong.join("\n"));
        assert!(report.claims > 0, "{} claims nothing", report.id);
    }
}

#[test]
fn the_folder_is_what_is_in_the_program() {
    let _loopback = loopback();
    let ids: Vec<String> = builtin().into_iter().map(|source| source.id).collect();
    let mut folders: Vec<String> = fs::read_dir(lessons_folder())
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("text"))
        .collect();
    folders.sort();
    assert_eq!(folders, ids);
    for id in &ids {
        LessonSource::read(&lessons_folder().join(id)).expect("three files and no other");
    }
}

#[test]
fn verify_names_the_kernel_and_gives_each_lesson_a_line() {
    let _loopback = loopback();
    let state = Folder::new("verify");
    let output = epollscope(&["verify", "1", "level-triggered"], &state.0, "");
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.starts_with("Linux "), "{said}");
    assert!(said.contains("ok     01-seven-steps") && said.contains("ok     05-level-triggered"), "{said}");
    let output = epollscope(&["verify", "nonsense"], &state.0, "");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("there is no lesson \"nonsense\""));
}

#[test]
fn a_new_lesson_passes_and_is_not_written_over() {
    let _loopback = loopback();
    let folder = Folder::new("new");
    let own = format!("{}/mine", folder.path());
    assert_eq!(epollscope(&["lesson", "new", &own], &folder.0, "").status.code(), Some(0));
    let verified = epollscope(&["verify", &own], &folder.0, "");
    assert_eq!(verified.status.code(), Some(0), "{}", text(&verified.stdout));
    let again = epollscope(&["lesson", "new", &own], &folder.0, "");
    assert_eq!(again.status.code(), Some(2));
    assert!(text(&again.stderr).contains("exists already"));
}

#[test]
fn in_plain_text_a_lesson_is_predicted_answered_and_kept() {
    let _loopback = loopback();
    let folder = Folder::new("plain");
    let own = format!("{}/mine", folder.path());
    epollscope(&["lesson", "new", &own], &folder.0, "");
    // 3 reports, as level would have them; then the hint, and 1.
    let wrong = text(&epollscope(&["lesson", &own, "--plain"], &folder.0, "1\n").stdout);
    assert!(wrong.contains("The kernel's answer: 1 (not as you predicted)"), "{wrong}");
    assert!(wrong.contains("That is level triggering"), "the misunderstanding is named: {wrong}");
    assert!(wrong.contains("1,976 bytes are stranded"), "what was measured stands in the prose: {wrong}");
    assert!(wrong.contains("recvfrom(5, "), "the calls that prove it: {wrong}");
    let right = text(&epollscope(&["lesson", &own, "--plain", "--lang", "zh"], &folder.0, "?\n2\n").stdout);
    assert!(right.contains("正如你的预测") && right.contains("再次进入就绪列表"), "{right}");
    let kept = fs::read_to_string(folder.0.join("epollscope/progress.json")).expect("kept");
    assert!(kept.contains("\"mine\"") && kept.contains("\"right\": 1"), "{kept}");
    // Without any prediction it goes on to the end, as in a pipe.
    let silent = epollscope(&["lesson", &own, "--plain"], &folder.0, "");
    assert_eq!(silent.status.code(), Some(0));
    assert!(text(&silent.stdout).contains("Try it yourself"));
}

#[test]
fn the_list_shows_how_far_each_was_taken() {
    let _loopback = loopback();
    let folder = Folder::new("list");
    let list = || text(&epollscope(&["lesson"], &folder.0, "").stdout);
    assert!(!list().contains("done"));
    epollscope(&["lesson", "5", "--plain"], &folder.0, "");
    let taken = list();
    let line = taken.lines().find(|line| line.contains("05-level-triggered")).expect("in the list");
    assert!(line.contains("7 min; needs 2; ✓ done"), "{line}");
    assert!(taken.contains("\nLevel and edge\n") && taken.contains("The seven steps"), "{taken}");
    let next: Vec<&str> = taken.lines().filter(|line| line.ends_with("← next")).collect();
    assert!(matches!(next[..], [line] if line.contains("01-seven-steps")), "{taken}");
}

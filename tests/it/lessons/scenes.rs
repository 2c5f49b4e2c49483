//! Scenes by name: built-in ones, those of lessons, and files.

use epollscope::i18n::Lang;
use epollscope::lesson::{Scene, scenes};
use epollscope::script::Does;

#[test]
fn every_builtin_scene_is_found_and_has_a_title_in_both_languages() {
    for (name, (en, zh)) in scenes() {
        let scene = Scene::find(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((scene.title(Lang::En), scene.title(Lang::Zh)), (en, zh));
        assert!(scene.lines.len() > 3, "{name}");
    }
    let captions = Scene::tour().expect("right").lines.into_iter();
    let captions =
        captions.filter_map(|line| if let Does::Caption(caption) = line.does { Some(caption) } else { None });
    let captions: Vec<_> = captions.collect();
    assert!(!captions.is_empty() && captions.iter().all(|caption| caption.en != caption.zh), "{captions:?}");
}

#[test]
fn a_lesson_is_named_by_id_or_number() {
    for name in ["6", "06", "06-edge-triggered", "edge-triggered"] {
        let scene = Scene::find(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(scene.name, "06-edge-triggered");
        assert!(scene.lines.iter().any(|line| line.text == "send a 3000"), "the steps belong to it");
    }
    let lab = Scene::find("4").expect_err("it drives epoll by hand").to_string();
    assert!(lab.contains("lessons/04-event-types/lesson.toml") && lab.contains("has no server"), "{lab}");
}

#[test]
fn a_file_is_read_and_what_is_wrong_with_it_is_said_with_its_place() {
    let path = std::env::temp_dir().join(format!("epollscope-scene-{}.scene", std::process::id()));
    let name = path.to_str().expect("text").to_owned();
    let wrong = |script: &[u8]| {
        std::fs::write(&path, script).expect("written");
        Scene::find(&name).expect_err("it is wrong").to_string()
    };
    assert!(wrong(b"server\nrun\nsned a 5").starts_with(&format!("{name}:3:1: there is no verb")));
    assert!(wrong(b"# nothing\n\n e = epoll").starts_with(&format!("{name}:3:2: a server scene begins with")));
    assert!(wrong(b"").contains("is empty"));
    assert!(wrong(b"server\n\xff").contains("not text in UTF-8: byte 8"));
    assert!(wrong(&b"#\n".repeat(1 << 20)).contains("larger than 1024 KiB"));
    std::fs::write(&path, "server edge\nrun").expect("written");
    assert_eq!(Scene::find(&name).expect("right").lines.len(), 2);
    std::fs::remove_file(&path).expect("removed");
    assert!(Scene::find(&name).expect_err("it is gone").to_string().contains("the built-in ones are message, drip"));
    assert!(Scene::find("/").expect_err("a folder").to_string().contains("is a directory"));
    assert!(Scene::find("/dev/tty").expect_err("no file").to_string().contains("is not a file"));
}

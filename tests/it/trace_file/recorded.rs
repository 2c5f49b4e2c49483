//! A recording gives back what was: the same world at every moment, and so the same screens, names included.

use std::rc::Rc;

use epollscope::i18n::Lang;
use epollscope::lesson::{Lesson, LessonRun, builtin};
use epollscope::trace::{Reader, Timeline};

use crate::support::written::written;

#[test]
fn a_lesson_is_read_back_as_it_was_taken() {
    let sources = builtin();
    let known: Vec<String> = sources.iter().map(|source| source.id.clone()).collect();
    let some = ["02-two-lists", "06-edge-triggered", "14-one-shot", "19-ghost", "25-nested"];
    for source in sources.iter().filter(|source| some.contains(&&*source.id)) {
        let lesson = Rc::new(Lesson::load(source, &known).expect("sound"));
        let mut session = LessonRun::open(Rc::clone(&lesson), Lang::En).expect("a scene");
        let mut records = session.news();
        for _ in &lesson.steps {
            session.advance().expect("a step");
            records.extend(session.news());
        }
        let live = session.play().timeline();
        assert_eq!(records.len() as u64, live.len(), "each once");
        let file = written(&records);
        let mut read = Timeline::default();
        for record in Reader::new("F", file.as_bytes()).expect("a header") {
            read.push(record.expect("a record"));
        }
        assert_eq!(read.len(), live.len());
        for at in 0..=live.len() {
            assert_eq!(read.at(at), live.at(at), "{} at {at}", source.id);
        }
        if session.play().lab().is_some() {
            let epoll = read.now().epoll().expect("an epoll");
            assert!(epoll.name.is_some() && epoll.items().all(|item| item.name.is_some()), "{}", source.id);
        }
    }
}

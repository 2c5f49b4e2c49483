//! A lab script played, in a thread with a file table of its own.

use std::os::fd::AsFd;
use std::thread::JoinHandle;

use epollscope::i18n::Lang;
use epollscope::script::{Does, Manner, SceneRunner, Verb, parse};
use epollscope::sys;

use crate::support::loopback::loopback;

/// Plays a script, and holds what each wait returns against what was inferred before it.
pub(crate) fn play(name: &str, text: &str) {
    let lines = parse(name, text).unwrap_or_else(|diagnostic| panic!("{diagnostic}"));
    let mut play = SceneRunner::new(Lang::En);
    for line in &lines {
        let at = format!("{name}:{}: {}", line.number, line.text);
        let foreseen = match &line.does {
            // What a timer does meanwhile can't be foreseen.
            Does::Call(Verb::Wait {
                epoll,
                max: max @ 1..=1000,
                timeout: 0,
                manner: Manner { nowhere: false, .. },
                ..
            }) => play.lab().map(|lab| (lab.due(epoll), *max as usize)),
            _ => None,
        };
        let outcome = play.run(line, |_| ());
        assert_eq!(outcome.stop, None, "{at}");
        if let (Some((mut due, max)), Some(lab)) = (foreseen, play.lab()) {
            due.truncate(max);
            assert_eq!(due, lab.events(), "{at}: the inference, and what came");
        }
    }
}

/// What each line of a script says, with all that happened.
pub(crate) fn said(text: &str) -> (Vec<String>, SceneRunner) {
    let mut play = SceneRunner::new(Lang::En);
    let lines = parse("x", text).unwrap_or_else(|diagnostic| panic!("{diagnostic}"));
    let said = lines.iter().map(|line| {
        let outcome = play.run(line, |_| ());
        assert_eq!(outcome.stop, None, "{}", line.text);
        outcome.said
    });
    (said.collect(), play)
}

/// Runs `test` with its share of the loopback, and so with a file table of its own, in which no other test opens or closes
/// anything, and of which alone a forked child gets copies.
pub(crate) fn alone<T>(test: impl FnOnce() -> T) -> T {
    let _loopback = loopback();
    test()
}

/// Starts `test` in a thread with a file table of its own. Whoever starts it has a share of the loopback.
pub(crate) fn start_alone<T: Send + 'static>(test: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    std::thread::spawn(|| {
        sys::own_file_table(std::io::stdin().as_fd()).expect("a table of its own");
        test()
    })
}

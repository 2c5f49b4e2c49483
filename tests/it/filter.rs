//! The filter "only this fd", and the search: marked hits, and that it goes on from the other end.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use epollscope::i18n::Lang;
use epollscope::record::Policy;
use epollscope::tui::{Screen as _, WorkbenchScreen};

use crate::support::rig::Rig;
use crate::support::screen::{SIZE, theme};

fn type_keys(app: &mut WorkbenchScreen, keys: &str) {
    for key in keys.chars() {
        let code = if key == '\n' { KeyCode::Enter } else { KeyCode::Char(key) };
        app.input(&Event::Key(KeyEvent::new(code, KeyModifiers::NONE)));
    }
}

fn rows(app: &WorkbenchScreen) -> Vec<String> {
    let picture = app.picture(SIZE);
    let rows = picture.content.chunks(usize::from(picture.area.width));
    rows.map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect()).collect()
}

/// The panel of calls, right of the other panels.
fn panel(app: &WorkbenchScreen) -> Vec<String> {
    let rows = rows(app);
    let begins =
        |row: &String| row.find("─ epoll_wait calls").or(row.find("─ Calls")).map(|at| row[..at].chars().count());
    let (first, left) = rows.iter().enumerate().find_map(|(i, row)| Some((i, begins(row)?))).expect("the panel");
    let end = rows.iter().position(|row| row.starts_with("─ Next")).expect("the panel below");
    rows[first..end].iter().map(|row| row.chars().skip(left).collect()).collect()
}

fn said(app: &WorkbenchScreen) -> String {
    app.view().notice.map_or(String::new(), |notice| notice.text.clone())
}

#[test]
fn only_the_selected_fd_is_shown_and_searched_and_hits_are_marked() {
    let mut rig = Rig::new(Policy::default());
    let (a, b) = (rig.connect(), rig.connect());
    rig.send(a, 100);
    rig.send(b, 100);
    rig.send(a, 100);
    let mut app = WorkbenchScreen::new(rig.session, theme(), Lang::En);
    type_keys(&mut app, "F");
    assert!(said(&app).contains("no fd is selected"), "{}", said(&app));
    // fd 3 listens; 5 is a.
    type_keys(&mut app, "jjF");
    let waits = panel(&app).join("\n");
    assert!(waits.contains("only fd 5 a") && waits.contains("fd 5 a IN"), "{waits}");
    assert!(!waits.contains("fd 6") && !waits.contains("fd 3"), "{waits}");
    type_keys(&mut app, "v");
    let calls = panel(&app).join("\n");
    assert!(calls.contains("recvfrom(5") && calls.contains("[5 EPOLLIN]") && calls.contains("accept4(3"), "{calls}");
    assert!(!calls.contains("(6") && !calls.contains("[6"), "{calls}");
    // The last call about fd 5 from the end back is its own send, and the first is how it was accepted.
    type_keys(&mut app, "/recv\n");
    assert!(
        said(&app).starts_with("/recv (only fd 5), again from the beginning, earlier: recvfrom(5"),
        "{}",
        said(&app)
    );
    type_keys(&mut app, "n");
    assert!(said(&app).starts_with("/recv (only fd 5): recvfrom(5"), "{}", said(&app));
    let marked = panel(&app).into_iter().filter(|row| row.starts_with('/')).collect::<Vec<_>>();
    assert!(marked.len() == 2 && marked.iter().all(|row| row.contains("recvfrom(5")), "{marked:?}");
    type_keys(&mut app, "N");
    assert!(said(&app).starts_with("/recv (only fd 5): recvfrom(5"), "{}", said(&app));
    type_keys(&mut app, "N");
    assert!(said(&app).starts_with("/recv (only fd 5), again from the end, later: recvfrom(5"), "{}", said(&app));
    // All fds again.
    type_keys(&mut app, "Fn");
    assert!(said(&app).starts_with("/recv: client a: recvfrom"), "{}", said(&app));
    type_keys(&mut app, "v/EBADF\n");
    assert_eq!(said(&app), "/EBADF: not in any call");
    type_keys(&mut app, "v/epoll_create1\nn");
    assert_eq!(said(&app), "/epoll_create1: there is no other");
}

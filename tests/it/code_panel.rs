//! The panel of calls in its views of every call and of the code.

use epollscope::record::{Call, CtlOp};
use epollscope::server::listing::Language;
use epollscope::tui::widgets::{CallsView, View};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget as _;

use crate::support::shot::{Shot, Tape};

/// The rows of the screen in this view of the calls.
fn rows(shot: &Shot, calls: CallsView, language: Language, (width, height): (u16, u16)) -> Vec<String> {
    let area = Rect::new(0, 0, width, height);
    let mut buf = Buffer::empty(area);
    let view = View { calls, language, ..shot.view() };
    (&view).render(area, &mut buf);
    let row = |y| (0..width).map(|x| buf[(x, y)].symbol()).collect::<String>();
    (0..height).map(row).collect()
}

/// What a line that makes `call` has in it, in Python and in C.
fn made_by(call: &Call, is_first_add: bool) -> Option<[&'static str; 2]> {
    Some(match call {
        Call::EpollCreate1 { .. } => ["poller = epoll()", "epoll_create1(0)"],
        Call::EpollCtl { op: CtlOp::Add, .. } if is_first_add => ["register(server", "control(EPOLL_CTL_ADD, server"],
        Call::EpollCtl { op: CtlOp::Add, .. } => ["register(c.fd", "control(EPOLL_CTL_ADD, fd"],
        Call::EpollCtl { op: CtlOp::Mod, .. } => ["poller.modify(", "control(EPOLL_CTL_MOD,"],
        Call::EpollCtl { op: CtlOp::Del, .. } => ["poller.unregister(", "control(EPOLL_CTL_DEL,"],
        Call::EpollWaitEnter { .. } => ["poller.poll(", "epoll_wait(poller"],
        Call::Accept4 { .. } => ["server.accept()", "accept4(server"],
        Call::Recvfrom { .. } => [".recv(", "recv(c->fd"],
        Call::Sendto { .. } => [".send(", "send(c->fd"],
        Call::Close { .. } => [".close()", "close("],
        _ => return None,
    })
}

#[test]
fn the_line_of_the_next_call_is_marked() {
    let mut marked = 0;
    for name in ["level", "edge", "oneshot", "reset", "listener", "three", "again", "backpressure"] {
        let tape = Tape::load(name);
        let adds = |k: usize| tape.records[..k].iter().any(|r| matches!(r.call, Call::EpollCtl { op: CtlOp::Add, .. }));
        for k in 0..tape.end().min(400) {
            let shot = tape.at(k);
            let Some(made_by) = shot.view().next.and_then(|call| made_by(&call, !adds(k))) else { continue };
            for (language, made_by) in [Language::Python, Language::C].into_iter().zip(made_by) {
                for size in [(120, 40), (80, 24)] {
                    let rows = rows(&shot, CallsView::Code, language, size);
                    let pointed: Vec<&String> =
                        rows.iter().filter(|row| row.contains('▶') && row.contains(made_by)).collect();
                    assert_eq!(
                        pointed.len(),
                        1,
                        "{name} {k} {size:?} {made_by:?} {:?}\n{}",
                        shot.view().next,
                        rows.join("\n")
                    );
                    marked += 1;
                }
            }
        }
    }
    assert!(marked > 1000, "{marked} only");
}

#[test]
fn every_call_is_shown_with_its_result() {
    let tape = Tape::load("level");
    let shot = tape.at(tape.end());
    let rows = rows(&shot, CallsView::Calls, Language::Python, (120, 40)).join("\n");
    for wanted in ["Calls latest first", "epoll_wait(4", "= 1  [5 EPOLLIN", "recvfrom(5", "= 1024", "sendto(5"] {
        assert!(rows.contains(wanted), "{wanted:?} in\n{rows}");
    }
}

#[test]
fn an_error_has_a_sign_and_eagain_another() {
    let tape = Tape::load("reset");
    let shot = tape.at(tape.end());
    let rows = rows(&shot, CallsView::Calls, Language::Python, (120, 40));
    assert!(rows.iter().any(|row| row.contains("! recvfrom(") && row.contains("ECONNRESET")), "{}", rows.join("\n"));
    let tape = Tape::load("edge");
    let eagain = tape.records.iter().position(|record| record.call.ret().is_some_and(|ret| ret.raw() == -11));
    if let Some(k) = eagain {
        let rows = self::rows(&tape.at(k + 1), CallsView::Calls, Language::Python, (120, 40));
        assert!(rows.iter().any(|row| row.contains("· ") && row.contains("EAGAIN")), "{}", rows.join("\n"));
    }
}

//! The moments that are looked at.

use epollscope::probe::ServerState;
use epollscope::record::{Call, CtlOp, FatalCall, Fd, MsgFlags, Record, Ret};
use epollscope::server::ServerError;
use epollscope::sys::Errno;
use epollscope::tui::moment::Playhead;
use epollscope::tui::navigator::{Overlay, Prompt, Question};
use tui_input::Input;

use crate::support::shot::{Shot, Tape};

pub(super) fn is_wait(call: &Call) -> bool {
    matches!(call, Call::EpollWaitEnter { .. })
}

pub(super) fn is_return(call: &Call) -> bool {
    matches!(call, Call::EpollWait { .. })
}

pub(super) fn is_recv(call: &Call) -> bool {
    matches!(call, Call::Recvfrom { .. })
}

fn is_create(call: &Call) -> bool {
    matches!(call, Call::EpollCreate1 { .. })
}

fn is_mod(call: &Call) -> bool {
    matches!(call, Call::EpollCtl { op: CtlOp::Mod, .. })
}

fn is_del(call: &Call) -> bool {
    matches!(call, Call::EpollCtl { op: CtlOp::Del, .. })
}

/// 3,000 bytes came, and 1,024 were read: the same moment of `level` and `edge`.
pub(super) fn first_read(tape: &Tape) -> usize {
    tape.before(tape.before(0, is_recv), is_wait)
}

/// Every scene, by the name of its snapshot.
pub(super) fn scenes() -> Vec<(&'static str, Shot)> {
    let [level, edge, three, many] = ["level", "edge", "three", "many"].map(Tape::load);
    let [listener, oneshot, reset] = ["listener", "oneshot", "reset"].map(Tape::load);
    let [backpressure, bytes, again] = ["backpressure", "bytes", "again"].map(Tape::load);
    let typed = "水平触发 edge 🙂\u{1b}[2J\n".repeat(9);
    let wait = |tape: &Tape, from| tape.before(from, is_return);
    let all = |tape: &Tape| tape.at(tape.end());
    let sent = edge.records.iter().position(|record| matches!(record.call, Call::Sendto { .. })).expect("a send");
    vec![
        ("start", level.at(level.before(0, is_create))),
        ("registered", level.at(level.before(0, is_wait))),
        ("blocked", level.at(level.before(0, is_wait) + 1)),
        ("level_first_read", level.at(first_read(&level)).selecting(5)),
        ("level_three_reports", all(&level).selecting(5)),
        ("edge_first_read", edge.at(first_read(&edge)).selecting(5)),
        ("edge_again", all(&again).selecting(5)),
        ("edge_not_selected", all(&edge)),
        (
            "edge_switching",
            all(&edge).selecting(5).switching().notice(
                "EPOLL_CTL_MOD on all 2 fds before the next epoll_wait: it re-arms, so a ready fd is reported again",
                false,
            ),
        ),
        ("three_reported", three.at(three.before(0, is_recv)).selecting(6)),
        ("three_done", all(&three).selecting(6)),
        ("many_ready", many.at(wait(&many, 0)).selecting(3)),
        ("many_accepted", many.at(many.before(many.before(0, is_return) + 1, is_wait)).selecting(150)),
        ("many_reported", many.at(many.before(0, is_recv)).selecting(3)),
        ("many_stranded", all(&many).selecting(163)),
        ("listener_stranded", all(&listener).selecting(3)),
        ("oneshot_disarmed", oneshot.at(oneshot.before(oneshot.before(0, is_recv), is_mod)).selecting(5)),
        ("reset_reported", reset.at(reset.last(reset.before(0, is_del), is_recv)).selecting(5)),
        ("reset_gone", all(&reset)),
        ("backpressure", all(&backpressure).selecting(5).frozen()),
        ("gap", gap(&edge).selecting(5)),
        ("past", edge.back_at(edge.before(0, is_recv)).selecting(5)),
        ("past_blocked", edge.back_at(sent).selecting(5)),
        ("bytes", all(&bytes).selecting(6)),
        (
            "hangs",
            all(&edge).selecting(5).standing((
                Playhead::Held,
                ServerState::Hung(Call::Sendto { fd: Fd(5), len: 1024, flags: MsgFlags::empty(), ret: Ret::OK }),
            )),
        ),
        ("died", all(&reset).died(ServerError::Call { call: FatalCall::EpollCtl, fd: Fd(5), errno: Errno::EBADF })),
        ("alert", all(&bytes).selecting(7).notice("client c: send: Broken pipe (EPIPE)", true)),
        ("help", all(&level).overlay(Overlay::Help { scroll: 0 })),
        ("help_scrolled", all(&level).overlay(Overlay::Help { scroll: 9 })),
        ("policy", all(&edge).selecting(5).overlay(Overlay::Policy { row: 5 })),
        ("policy_number", all(&edge).overlay(prompt(Question::Choice(3), "65536", false))),
        ("inspect", all(&edge).selecting(5).overlay(Overlay::Inspect { scroll: 0 })),
        ("inspect_bytes", all(&bytes).selecting(6).overlay(Overlay::Inspect { scroll: 0 })),
        ("inspect_scrolled", all(&bytes).selecting(5).overlay(Overlay::Inspect { scroll: 8 })),
        ("prompt_amount", all(&level).selecting(5).overlay(prompt(Question::Amount, "3000", true))),
        ("prompt_text", all(&level).selecting(5).overlay(prompt(Question::Text, &typed, false))),
    ]
}

/// Records are missing after the first read.
fn gap(tape: &Tape) -> Shot {
    let k = first_read(tape);
    let mut records = tape.records.clone();
    let gap = Record { call: Call::Lost { count: 1_234 }, ..records[k - 1] };
    records.insert(k, gap);
    Tape::new(records).at(k + 1)
}

fn prompt(question: Question, answer: &str, proposed: bool) -> Overlay {
    Overlay::Prompt(Prompt { question, input: Input::new(answer.to_owned()), proposed, refused: false })
}

/// Every way in which a moment can be shown, and a server stand.
pub(super) fn standings() -> Vec<(Playhead, ServerState)> {
    let recv = Call::Recvfrom { fd: Fd(5), len: 1024, flags: MsgFlags::empty(), ret: Ret::OK };
    vec![
        (Playhead::Held, ServerState::Working),
        (Playhead::Demo { plays: true }, ServerState::Working),
        (Playhead::Demo { plays: false }, ServerState::Working),
        (Playhead::Runs { pace: None }, ServerState::Working),
        (Playhead::Runs { pace: Some(4) }, ServerState::Working),
        (Playhead::Runs { pace: None }, ServerState::Waiting),
        (Playhead::Held, ServerState::Waiting),
        (Playhead::Held, ServerState::Hung(recv)),
        (Playhead::Past { behind: 12_345 }, ServerState::Working),
        (Playhead::Held, ServerState::Ended),
    ]
}

//! What the system gives and asks: fds, signals, time.

use std::time::{Duration, Instant};

use nix::poll::{PollTimeout, poll};
use nix::sys::signal::Signal;

use super::{Miss, Mistake, Played, SHORT, Settled, Stage};
use crate::analysis::findings::Lint;
use crate::i18n::{grouped, words};
use crate::record::{Call, Record};

/// How long a server is left alone, and what it may spend meanwhile.
const IDLE: Duration = Duration::from_secs(2);
const SPENT: Duration = Duration::from_millis(200);
const TICKS: usize = 100;

/// Clients that come and go, and how many at a time.
const CHURN: usize = 1000;
const AT_ONCE: usize = 50;

/// For how long a server may put off to accept once fds are free again.
const PUT_OFF: Duration = Duration::from_secs(5);

/// The last client that was served before fds ran out; some more wait then.
fn run_out_of_fds(stage: &mut Stage) -> Result<usize, Miss> {
    stage.needs_its_process()?;
    let lang = stage.lang;
    stage.serves_another()?;
    for _ in 0..64 {
        let id = stage.open_client()?;
        stage.say(id, SHORT);
        let settled = stage.settle();
        let served = stage.clients[id].as_ref().is_some_and(super::super::client::Client::is_echoed);
        if served && settled == Settled::Quiet {
            continue;
        }
        if settled != Settled::Quiet {
            stage.rest()?;
        }
        for _ in 0..2 {
            let more = stage.open_client()?;
            stage.say(more, SHORT);
        }
        stage.rest()?;
        return Ok(id - 1);
    }
    Err(Miss::NotApplicable(words!(
        lang,
        "its fds do not run out: it has raised RLIMIT_NOFILE",
        "它的 fd 用不尽：它提高了 RLIMIT_NOFILE"
    )))
}

pub(in crate::grade) fn out_of_fds(stage: &mut Stage) -> Played {
    let last = run_out_of_fds(stage)?;
    // Those that are connected go on as before.
    for id in [0, last] {
        stage.say(id, SHORT);
        stage.rest()?;
        if !stage.has_its_echo(id) {
            return Err(Miss::of(stage.echo_of(id), Some(id), None));
        }
    }
    Ok(())
}

pub(in crate::grade) fn fds_recovery(stage: &mut Stage) -> Played {
    let last = run_out_of_fds(stage)?;
    for id in 0..=last.min(8) {
        stage.close(id);
    }
    stage.rest()?;
    // Those that waited are served by now, or were turned away; or the server tries again after a time.
    let turned_away =
        |stage: &Stage, id: usize| stage.clients[id].as_ref().is_some_and(super::super::client::Client::has_ended);
    let forgotten =
        |stage: &Stage| (last + 1..stage.clients.len()).find(|id| !stage.has_its_echo(*id) && !turned_away(stage, *id));
    let until = Instant::now() + PUT_OFF;
    while forgotten(stage).is_some() && stage.server.wakes_by_itself() && Instant::now() < until {
        let seen = stage.server.records.len();
        stage.await_record(seen, until);
        stage.rest()?;
    }
    if let Some(id) = forgotten(stage) {
        return Err(Miss::of(stage.echo_of(id), Some(id), Some(Mistake::Forgotten)));
    }
    for id in 0..stage.clients.len() {
        if turned_away(stage, id) {
            stage.close(id);
        }
    }
    stage.serves_another()
}

pub(in crate::grade) fn signals_wait(stage: &mut Stage) -> Played {
    stage.needs_its_process()?;
    let id = stage.open_client()?;
    for _ in 0..3 {
        stage.say(id, SHORT);
        stage.echoed()?;
        stage.interrupt();
        stage.rest()?;
    }
    stage.say(id, SHORT);
    stage.echoed()
}

pub(in crate::grade) fn signals_read(stage: &mut Stage) -> Played {
    stage.needs_its_process()?;
    let id = stage.open_client()?;
    stage.say(id, 1_000_000);
    for _ in 0..20 {
        stage.steps();
        stage.server.pump();
        stage.interrupt();
    }
    stage.echoed()
}

pub(in crate::grade) fn idle(stage: &mut Stage) -> Played {
    stage.needs_its_process()?;
    let lang = stage.lang;
    for _ in 0..3 {
        stage.serves_another()?;
    }
    let (before, calls) = (stage.server.cpu(), stage.server.records.len());
    let until = Instant::now() + IDLE;
    // Time is what this case is about.
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        let _ = poll(&mut [], PollTimeout::try_from(left).unwrap_or(PollTimeout::ZERO));
        stage.server.pump();
    }
    let spent = stage.server.cpu().saturating_sub(before);
    let empty = |record: &&Record| matches!(record.call.plain(), Call::EpollWait { ret, .. } if ret.ok() == Some(0));
    let waits = stage.server.records[calls..].iter().filter(empty).count();
    if spent <= SPENT && waits <= TICKS {
        return stage.rest();
    }
    let (ms, waits) = (spent.as_millis(), grouped(waits as u64));
    let seen = words!(
        lang,
        "in two seconds in which nothing came the server used {ms} ms of processor time, and {waits} waits returned nothing",
        "两秒内没有任何事件，服务器却用了 {ms} 毫秒处理器时间，{waits} 次等待空返回"
    );
    let spins = stage.server.findings.iter().any(|finding| finding.lint() == Lint::Spin);
    let mistake = if spins { Mistake::Found(Lint::Spin) } else { Mistake::Polling };
    Err(Miss::Seen { seen, client: None, settled: Settled::Quiet, mistake: Some(mistake), unclean: true })
}

pub(in crate::grade) fn churn(stage: &mut Stage) -> Played {
    stage.needs_its_process()?;
    for _ in 0..CHURN / AT_ONCE {
        let ids = (0..AT_ONCE).map(|_| stage.open_client()).collect::<Result<Vec<_>, _>>()?;
        for id in &ids {
            stage.say(*id, 1);
        }
        stage.echoed()?;
        for id in ids {
            stage.close(id);
        }
    }
    stage.all_leave()
}

pub(in crate::grade) fn terminate(stage: &mut Stage) -> Played {
    stage.needs_its_process()?;
    let lang = stage.lang;
    stage.serves_another()?;
    let slow = stage.open_slow()?;
    stage.say(slow, 1_000_000);
    let busy = stage.open_client()?;
    stage.say(busy, 1_000_000);
    stage.steps();
    stage.server.signal(Signal::SIGTERM);
    let settled = stage.settle();
    if matches!(settled, Settled::Ended { .. }) {
        return Ok(());
    }
    let how = stage.how(settled);
    let seen = words!(lang, "SIGTERM was sent, and {how}", "发送了 SIGTERM，{how}");
    Err(Miss::of(seen, None, Some(Mistake::Endless)))
}

//! A peer that does not read, or slowly.

use super::{LARGE, Miss, Mistake, Played, SHORT, Stage};
use crate::i18n::{grouped, words};

/// What a server may keep for one peer that does not read.
const BOUND: u64 = 4 << 20;

pub(in crate::grade) fn never_reads(stage: &mut Stage) -> Played {
    stage.serves_another()?;
    let id = stage.open_slow()?;
    stage.say(id, LARGE);
    // Who keeps more and more of it may go on with that for long.
    if stage.settle_unless(|stage| kept(stage, id) > BOUND).is_some() {
        stage.rest()?;
    }
    for other in [0, stage.open_client()?] {
        stage.say(other, SHORT);
        if stage.settle_unless(|stage| stage.has_its_echo(other)).is_some() {
            stage.echoed()?;
        }
    }
    Ok(())
}

/// What the server has received from a client, and not sent back.
fn kept(stage: &Stage, id: usize) -> u64 {
    stage.served(id).map_or(0, |served| served.received.saturating_sub(served.sent))
}

pub(in crate::grade) fn memory_bounded(stage: &mut Stage) -> Played {
    stage.needs_its_process()?;
    let lang = stage.lang;
    let id = stage.open_slow()?;
    stage.say(id, LARGE);
    if stage.settle_unless(|stage| kept(stage, id) > BOUND).is_some() {
        stage.rest()?;
    }
    let kept = kept(stage, id);
    if kept <= BOUND {
        return Ok(());
    }
    if stage.served(id).is_some_and(|served| served.dropped > 0) {
        let seen = words!(
            lang,
            "the server has received {} bytes from client {} that it could not send, and has not kept them: it sent less than its last send had left",
            "服务器从客户端 {} 收下了 {} 字节，没能发出，也没有保留：它后来发送的字节少于上一次 send 剩下的",
            grouped(kept),
            id + 1
        );
        return Err(Miss::of(seen, Some(id), Some(Mistake::Lost)));
    }
    let (kept, bound) = (grouped(kept), grouped(BOUND));
    let seen = words!(
        lang,
        "the server has received {kept} bytes from client {} that it could not send; up to {bound} are fine",
        "服务器从客户端 {} 收下了 {kept} 字节，都还没能发出；{bound} 以内是可以的",
        id + 1
    );
    let (mistake, settled) = (Some(Mistake::Unbounded), super::Settled::Quiet);
    Err(Miss::Seen { seen, client: Some(id), settled, mistake, unclean: true })
}

pub(in crate::grade) fn peer_resumes(stage: &mut Stage) -> Played {
    let id = stage.open_slow()?;
    stage.say(id, LARGE / 2);
    stage.rest()?;
    stage.client(id).into_iter().for_each(|client| client.reads = true);
    stage.echoed()
}

/// Once all is sent, EPOLLOUT has nothing to report any more.
pub(in crate::grade) fn out_after_drain(stage: &mut Stage) -> Played {
    stage.needs_its_process()?;
    peer_resumes(stage)?;
    stage.say(0, SHORT);
    stage.echoed()?;
    stage.serves_another()
}

pub(in crate::grade) fn slow_beside_fast(stage: &mut Stage) -> Played {
    let slow = stage.open_slow()?;
    stage.say(slow, LARGE / 2);
    stage.rest()?;
    let fast = stage.open_client()?;
    for _ in 0..20 {
        stage.say(fast, 1000);
        stage.echoed()?;
    }
    stage.client(slow).into_iter().for_each(|client| client.reads = true);
    stage.say(fast, 1000);
    stage.echoed()
}

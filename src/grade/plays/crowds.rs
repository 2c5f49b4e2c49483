//! Several clients at once.

use super::{Miss, Mistake, Played, SHORT, Stage};
use crate::analysis::findings::Lint;
use crate::i18n::{grouped, words};
use crate::record::Call;

/// How many connect at once.
const CROWD: usize = 300;

/// How often something is done that has to hit the server while it works.
const TRIES: usize = 3;

/// After so many recvs of one client another that waits starves.
const STARVES: u64 = 256;

pub(in crate::grade) fn two_in_one_edge(stage: &mut Stage) -> Played {
    stage.needs_its_process()?;
    for _ in 0..TRIES {
        stage.meanwhile(|stage| {
            for _ in 0..2 {
                let id = stage.open_client()?;
                stage.say(id, SHORT);
            }
            Ok(())
        })?;
        stage.echoed()?;
    }
    Ok(())
}

pub(in crate::grade) fn burst(stage: &mut Stage) -> Played {
    for _ in 0..CROWD {
        let id = stage.open_client()?;
        stage.say(id, 16);
    }
    stage.echoed()
}

pub(in crate::grade) fn max_events(stage: &mut Stage) -> Played {
    stage.needs_its_process()?;
    let lang = stage.lang;
    stage.serves_another()?;
    let most = stage.server.tally.max_events.unwrap_or(0);
    let crowd = usize::try_from(most).unwrap_or(CROWD) + 10;
    if crowd > CROWD {
        let most = grouped(most.into());
        return Err(Miss::NotApplicable(words!(
            lang,
            "its epoll_wait takes up to {most} events, more than clients come here",
            "它的 epoll_wait 一次最多取 {most} 个事件，多于这里的客户端"
        )));
    }
    let ids = (0..crowd.max(20)).map(|_| stage.open_client()).collect::<Result<Vec<_>, _>>()?;
    stage.rest()?;
    for _ in 0..2 {
        stage.meanwhile(|stage| {
            for id in &ids {
                stage.say(*id, 100);
            }
            Ok(())
        })?;
        stage.echoed()?;
    }
    Ok(())
}

/// A client that never stops sending, beside one that sends a little.
pub(in crate::grade) fn flooder(stage: &mut Stage) -> Played {
    stage.needs_its_process()?;
    let (lang, flood) = (stage.lang, 24_000_000);
    let busy = stage.open_client()?;
    let quiet = stage.open_client()?;
    stage.say(busy, SHORT);
    stage.say(quiet, SHORT);
    stage.echoed()?;
    let from = stage.meanwhile(|stage| {
        stage.say(busy, flood);
        stage.arrive();
        stage.say(quiet, SHORT);
        Ok(stage.server.records.len())
    })?;
    let is_over = |stage: &Stage| matches!(waited(stage, from, busy, quiet), (_, true) | (STARVES.., _));
    if stage.settle_unless(is_over).is_some() {
        stage.echoed()?;
    }
    let (waited, _) = waited(stage, from, busy, quiet);
    if waited >= STARVES {
        let waited = grouped(waited);
        let seen = words!(
            lang,
            "client {} sent {SHORT} bytes; the server then made {waited} recvs of client {} and none of it",
            "客户端 {} 发出 {SHORT} 字节；此后服务器对客户端 {} 调用了 {waited} 次 recv，对它一次也没有",
            quiet + 1,
            busy + 1
        );
        return Err(Miss::of(seen, Some(busy), Some(Mistake::Found(Lint::Starved))));
    }
    // The rest of the flood proves nothing more.
    stage.reset(busy);
    stage.echoed()
}

/// How often the server has received from one client before it has from the other, and whether it has.
fn waited(stage: &Stage, from: usize, busy: usize, quiet: usize) -> (u64, bool) {
    let fd = |id| stage.served(id).and_then(|served| served.fd);
    let mut count = 0;
    for record in &stage.server.records[from..] {
        let Call::Recvfrom { fd: of, .. } = record.call.plain() else { continue };
        if Some(of) == fd(quiet) {
            return (count, true);
        }
        count += u64::from(Some(of) == fd(busy));
    }
    (count, false)
}

/// One leaves and another comes between two waits, so that the number of an fd may be used again in one batch.
pub(in crate::grade) fn number_reused(stage: &mut Stage) -> Played {
    stage.needs_its_process()?;
    for _ in 0..TRIES {
        let leaves = stage.open_client()?;
        stage.say(leaves, SHORT);
        stage.echoed()?;
        let comes = stage.meanwhile(|stage| {
            stage.say(leaves, SHORT);
            stage.arrive();
            stage.close(leaves);
            let comes = stage.open_client()?;
            stage.say(comes, 100);
            Ok(comes)
        })?;
        stage.echoed()?;
        stage.say(comes, 100);
        stage.echoed()?;
    }
    Ok(())
}

pub(in crate::grade) fn duplicate(stage: &mut Stage) -> Played {
    stage.needs_its_process()?;
    let lang = stage.lang;
    let ids = (0..3).map(|_| stage.open_client()).collect::<Result<Vec<_>, _>>()?;
    for id in &ids {
        stage.say(*id, SHORT);
        stage.echoed()?;
    }
    for id in ids {
        stage.close(id);
        stage.rest()?;
    }
    stage.serves_another()?;
    if stage.server.tally.duplicates {
        return stage.all_leave();
    }
    Err(Miss::NotApplicable(words!(
        lang,
        "it makes no duplicates of its connections (no dup, no fork)",
        "它不复制连接的 fd（没有 dup，也没有 fork）"
    )))
}

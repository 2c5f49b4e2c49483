//! The end of a connection, in order and by a reset, at every moment.

use super::{LARGE, Miss, Mistake, Played, SHORT, Settled, Stage};
use crate::analysis::findings::Lint;
use crate::grade::client::Client;
use crate::i18n::words;

pub(in crate::grade) fn reset_before_accept(stage: &mut Stage) -> Played {
    for _ in 0..3 {
        stage.meanwhile(|stage| {
            let id = stage.open_client()?;
            stage.arrive();
            stage.reset(id);
            Ok(())
        })?;
        stage.echoed()?;
    }
    stage.serves_another()
}

pub(in crate::grade) fn reset_idle(stage: &mut Stage) -> Played {
    let id = stage.open_client()?;
    stage.say(id, SHORT);
    stage.echoed()?;
    stage.reset(id);
    stage.rest()?;
    stage.serves_another()?;
    stage.all_leave()
}

pub(in crate::grade) fn reset_write(stage: &mut Stage) -> Played {
    let id = stage.open_slow()?;
    stage.say(id, LARGE / 2);
    stage.rest()?;
    stage.reset(id);
    stage.rest()?;
    stage.serves_another()?;
    // One that has ended its side first: its connection answers a send with EPIPE, and with SIGPIPE.
    let id = stage.open_pending()?;
    stage.client(id).into_iter().for_each(Client::finish);
    stage.rest()?;
    stage.reset(id);
    stage.rest()?;
    stage.serves_another()?;
    stage.all_leave()
}

pub(in crate::grade) fn end_idle(stage: &mut Stage) -> Played {
    let id = stage.open_client()?;
    stage.say(id, SHORT);
    stage.echoed()?;
    stage.client(id).into_iter().for_each(Client::finish);
    stage.ended(id)?;
    stage.serves_another()?;
    stage.all_leave()
}

pub(in crate::grade) fn half_close(stage: &mut Stage) -> Played {
    let id = stage.meanwhile(|stage| {
        let id = stage.open_client()?;
        stage.say(id, 50_000);
        stage.client(id).into_iter().for_each(Client::finish);
        Ok(id)
    })?;
    stage.ended(id)
}

pub(in crate::grade) fn data_and_end(stage: &mut Stage) -> Played {
    for _ in 0..3 {
        let id = stage.meanwhile(|stage| {
            let id = stage.open_client()?;
            stage.say(id, SHORT);
            stage.client(id).into_iter().for_each(Client::finish);
            Ok(id)
        })?;
        stage.ended(id)?;
    }
    Ok(())
}

/// The end comes while the server has output that it can't send.
pub(in crate::grade) fn end_pending(stage: &mut Stage) -> Played {
    let id = stage.open_pending()?;
    stage.client(id).into_iter().for_each(Client::finish);
    stage.rest()?;
    stage.client(id).into_iter().for_each(|client| client.reads = true);
    stage.ended(id)
}

impl Stage {
    /// A client that does not read, from which the server has received everything, and could not send all of it back.
    fn open_pending(&mut self) -> Result<usize, Miss> {
        self.needs_its_process()?;
        let id = self.open_slow()?;
        for _ in 0..256 {
            self.say(id, 1 << 15);
            self.rest()?;
            if self.served(id).is_none_or(|served| served.was_full) {
                break;
            }
        }
        Ok(id)
    }

    /// All clients leave, and nothing of them may stay behind.
    pub(super) fn all_leave(&mut self) -> Played {
        let lang = self.lang;
        if self.server.ended.is_some() {
            return Ok(());
        }
        self.clients.iter_mut().for_each(|client| *client = None);
        let settled = self.settle();
        if settled != Settled::Quiet {
            let how = self.how(settled);
            let seen = words!(lang, "after all clients had closed: {how}", "全部客户端关闭之后：{how}");
            return Err(Miss::Seen { seen, client: None, settled, mistake: None, unclean: settled == Settled::Spins });
        }
        let (now, before) = (self.server.sockets(), self.sockets);
        if now > before && self.server.ended.is_none() {
            let left = now - before;
            let seen = words!(
                lang,
                "all clients have closed, and the server still has {left} of their sockets open",
                "全部客户端都已关闭，服务器还开着其中 {left} 个套接字"
            );
            let mistake = Some(Mistake::Found(Lint::Leak));
            return Err(Miss::Seen { seen, client: None, settled, mistake, unclean: true });
        }
        Ok(())
    }
}

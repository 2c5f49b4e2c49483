//! Bytes of one client, in every portion.

use super::{Miss, Played, SHORT, Stage};
use crate::grade::client::Client;
use crate::i18n::words;

pub(in crate::grade) fn big_message(stage: &mut Stage) -> Played {
    let id = stage.open_client()?;
    stage.client(id).into_iter().for_each(|client| client.raw = true);
    stage.say(id, 100_000);
    stage.echoed()
}

pub(in crate::grade) fn byte_by_byte(stage: &mut Stage) -> Played {
    let id = stage.open_client()?;
    stage.client(id).into_iter().for_each(|client| client.raw = true);
    for _ in 0..20 {
        stage.say(id, 1);
        stage.echoed()?;
    }
    Ok(())
}

/// A client that has sent a little, and how much the server reads at once.
fn read_size(stage: &mut Stage) -> Result<(usize, u64), Miss> {
    let id = stage.open_client()?;
    stage.say(id, SHORT);
    stage.echoed()?;
    let size = stage.served(id).map_or(0, |served| u64::from(served.read_size));
    // More than a socket takes at once is never read full; then any size will do.
    Ok((id, if (1..=100_000).contains(&size) { size } else { 4096 }))
}

pub(in crate::grade) fn exact_buffer(stage: &mut Stage) -> Played {
    let (id, size) = read_size(stage)?;
    stage.say(id, size);
    stage.echoed()?;
    stage.say(id, SHORT);
    stage.echoed()
}

pub(in crate::grade) fn buffer_multiple(stage: &mut Stage) -> Played {
    let (id, size) = read_size(stage)?;
    stage.say(id, 3 * size);
    stage.echoed()
}

pub(in crate::grade) fn urgent_byte(stage: &mut Stage) -> Played {
    let lang = stage.lang;
    let id = stage.open_client()?;
    stage.say(id, SHORT);
    stage.echoed()?;
    let sent = stage.meanwhile(|stage| {
        stage.say(id, SHORT);
        stage.arrive();
        let sent = stage.client(id).map(Client::send_urgent);
        stage.say(id, SHORT);
        Ok(sent)
    })?;
    stage.echoed()?;
    stage.say(id, SHORT);
    stage.echoed()?;
    if matches!(sent, Some(Ok(()))) {
        return Ok(());
    }
    Err(Miss::NotApplicable(words!(lang, "no urgent byte could be sent", "无法发送紧急字节")))
}

//! Which mistake a failure is.

use super::client::Client;
use super::stage::{Settled, Stage};
use super::verdict::Mistake;
use crate::analysis::findings::{Finding, Lint};
use crate::record::Fd;
use crate::sys::Errno;

/// Which finding says most of a failure, first to last.
const TELLING: [Lint; 12] = [
    Lint::Hung,
    Lint::Spin,
    Lint::OutArmed,
    Lint::Waiting,
    Lint::Stranded,
    Lint::Disarmed,
    Lint::DelAfterClose,
    Lint::Ghost,
    Lint::Closed,
    Lint::Short,
    Lint::Leak,
    Lint::Starved,
];

/// For so many records after a call has failed, the end of the server may be due to that.
const SOON: u64 = 64;

/// The mistake, the fd that it is about, and the number of the record at which it is seen.
pub(super) type Diagnosis = (Option<Mistake>, Option<Fd>, u64);

/// By the findings and the calls, where it is not `known`.
pub(super) fn of(stage: &Stage, client: Option<usize>, settled: Settled, known: Option<Mistake>) -> Diagnosis {
    let server = &stage.server;
    let end = server.records.last().map_or(0, |record| record.seq.0);
    let connection = client.and_then(|id| stage.served(id));
    let fd = connection.and_then(|connection| connection.fd);
    let last = connection.map_or(end, |connection| connection.last);
    if known == Some(Mistake::Found(Lint::Leak))
        && let Some(left) = server.tally.served.iter().find(|served| !served.closed)
    {
        // Unread bytes hide the end, or the reset, from one that reads once.
        let unread = left.is_edge() && !left.end_read && left.read > 0 && left.read == left.read_size;
        return (if unread { Some(Mistake::Found(Lint::Stranded)) } else { known }, left.fd, left.last);
    }
    if known.is_some() {
        return (known, fd, last);
    }
    let find = |lints: &[Lint]| lints.iter().find_map(|lint| found(stage, *lint, fd));
    let by_calls = match settled {
        Settled::Ended { status } => {
            return find(&[Lint::DelAfterClose, Lint::Closed]).map_or_else(|| ended(stage, status, end), because);
        }
        Settled::Retries => return (Some(Mistake::Retries), fd, end),
        Settled::Spins => find(&[Lint::OutArmed, Lint::Ghost, Lint::Spin, Lint::NoFd]),
        Settled::Asleep => return (Some(Mistake::Found(Lint::Hung)), fd, end),
        Settled::Hangs { .. } => find(&[Lint::Hung]),
        Settled::Quiet | Settled::Restless | Settled::Stopped => None,
    };
    if let Some(finding) = by_calls {
        return because(finding);
    }
    if let Some(mistake) = by_bytes(stage, client) {
        return (Some(mistake), fd, last);
    }
    if let Some(finding) = find(&TELLING) {
        return because(finding);
    }
    // The kernel counts no byte behind an urgent one as unread.
    let unread = connection
        .is_some_and(|it| it.is_edge() && !it.was_full && !it.closed && Some(it.received) < sent(stage, client));
    if unread {
        return (Some(Mistake::Found(Lint::Stranded)), fd, last);
    }
    if let Some(again) = connection.filter(|it| it.closed && !it.end_read).and_then(|it| it.again) {
        return (Some(Mistake::Again), fd, last.max(again));
    }
    let early = connection.is_some_and(|it| it.closed && (!it.end_read || it.sent < it.received));
    (early.then_some(Mistake::ClosedEarly), fd, last)
}

fn sent(stage: &Stage, client: Option<usize>) -> Option<u64> {
    Some(stage.clients.get(client?)?.as_ref()?.sent)
}

fn because(finding: &Finding) -> Diagnosis {
    (Some(Mistake::Found(finding.lint())), finding.fd, finding.seq)
}

/// The last of these findings, about `fd` if there is one.
fn found(stage: &Stage, lint: Lint, fd: Option<Fd>) -> Option<&Finding> {
    let of = || stage.server.findings.iter().rev().filter(move |finding| finding.lint() == lint);
    of().find(|finding| fd.is_some() && finding.fd == fd).or_else(|| of().next())
}

/// Why the server has ended.
fn ended(stage: &Stage, status: u32, end: u64) -> Diagnosis {
    let failed = stage.server.tally.failed.filter(|(record, _)| end - record.seq.0 < SOON);
    let since = failed.map_or(0, |(record, _)| record.seq.0);
    if let Some(again) = stage.server.tally.again.filter(|again| status != 0 && again.seq.0 > since) {
        return (Some(Mistake::Again), again.call.fd(), again.seq.0);
    }
    let mistake = match failed {
        _ if status == 128 + libc::SIGPIPE.unsigned_abs() => Some(Mistake::Sigpipe),
        Some((_, Errno::EMFILE | Errno::ENFILE)) if status != 0 => Some(Mistake::OutOfFds),
        Some((_, errno)) => (status != 0 || errno == Errno::EINTR).then_some(Mistake::Fatal),
        None => None,
    };
    let record = failed.map(|(record, _)| record);
    (mistake, record.and_then(|record| record.call.fd()), record.map_or(end, |record| record.seq.0))
}

/// By what came back to the client, and what was received from it and sent to it.
fn by_bytes(stage: &Stage, client: Option<usize>) -> Option<Mistake> {
    let id = client?;
    let connection = stage.served(id)?;
    let (was_full, short) = (connection.was_full, connection.sent < connection.received);
    let client = stage.clients[id].as_ref();
    let raw = client.is_some_and(|client| client.raw);
    if client.is_some_and(|client| client.wrong.is_some()) {
        return Some(match was_full {
            false if raw => Mistake::Text,
            _ if client.is_some_and(Client::has_gap) => Mistake::Lost,
            _ => Mistake::Mixed,
        });
    }
    match was_full {
        // Bytes of which no text can be made may be taken for the end.
        false if raw && short && !connection.end_read => Some(Mistake::Text),
        true if short && !connection.closed => Some(Mistake::Lost),
        _ => None,
    }
}

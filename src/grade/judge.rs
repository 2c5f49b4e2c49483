//! Plays a case, and says what came of it: which mistake a failure is, and what proves it.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::case::Case;
use super::diagnosis;
use super::plays::{Miss, Played};
use super::proof;
use super::server::Start;
use super::stage::{Settled, Stage};
use super::verdict::{Graded, Mistake, Said, Uses, Verdict};
use crate::analysis::findings::Lint;
use crate::i18n::Lang;
use crate::record::{Call, CtlOp, Fd};

/// How to start the server, and in which language to speak.
#[derive(Clone, Debug)]
pub struct Options {
    /// The program and its arguments, in which `{port}` becomes the port.
    pub command: Vec<OsString>,
    /// Where it listens whatever it is told.
    pub port: Option<u16>,
    /// Where it runs already, instead of the command.
    pub connect: Option<SocketAddr>,
    /// Whether to find the lines of its source.
    pub source: bool,
    /// Whether to keep all calls.
    pub keep: bool,
    pub lang: Lang,
    /// Set from another thread, it ends the case that is played.
    pub over: Arc<AtomicBool>,
}

/// Right bytes with one of these are wrong manners all the same.
const MANNERS: [Lint; 5] = [Lint::Spin, Lint::OutArmed, Lint::DelAfterClose, Lint::Ghost, Lint::Closed];

/// Plays one case against a server of its own.
///
/// # Errors
/// The sentence why the server can't be graded at all: it ends at once, or listens elsewhere.
pub fn grade(case: &'static Case, options: &Options) -> Result<Graded, String> {
    let Options { command, port, source, lang, over, connect, .. } = options.clone();
    let began = Instant::now();
    let start = Start { command, port, limit: case.limit, source };
    let open = || Stage::open(&start, lang, over.clone());
    let mut stage = match (connect, port) {
        (Some(addr), _) => Stage::at(addr, lang, over.clone()),
        (None, Some(_)) => open(),
        // A port that was free may have been taken before the server has bound it; with another one it starts.
        (None, None) => open().or_else(|_| open()),
    }?;
    let played = (case.play)(&mut stage);
    if over.load(Ordering::Relaxed) {
        return Err(stage.how(Settled::Stopped));
    }
    let verdict = verdict(case, &mut stage, played);
    let uses = uses(&stage);
    let records = if options.keep { std::mem::take(&mut stage.server.records) } else { Vec::new() };
    Ok(Graded { case, verdict, uses, records, took: began.elapsed() })
}

fn verdict(case: &Case, stage: &mut Stage, played: Played) -> Verdict {
    let lang = stage.lang;
    let expected = lang.pick(case.expects).to_owned();
    match played {
        Err(Miss::NotApplicable(why)) => Verdict::NotApplicable(why),
        Err(Miss::Seen { seen, client, settled, mistake, unclean }) => {
            let (mistake, fd, moment) = diagnosis::of(stage, client, settled, mistake);
            let proof = proof::calls(&stage.server.records, moment, fd, lang);
            let said = Said { expected, seen, mistake, proof, moment };
            if unclean { Verdict::Unclean(said) } else { Verdict::Fail(said) }
        }
        Ok(()) => {
            let found = stage.server.findings.iter().find(|finding| MANNERS.contains(&finding.lint())).copied();
            let Some(finding) = found else { return Verdict::Pass };
            let proof = proof::calls(&stage.server.records, finding.seq, finding.fd, lang);
            let mistake = Some(Mistake::Found(finding.lint()));
            Verdict::Unclean(Said { expected, seen: finding.sentence(lang), mistake, proof, moment: finding.seq })
        }
    }
}

/// How it registers the listener and connections, and where in its source.
fn uses(stage: &Stage) -> Uses {
    let server = &stage.server;
    let lines = proof::lines(&server.records);
    let mut uses = Uses::default();
    let listeners: Vec<Fd> = server
        .records
        .iter()
        .filter_map(|record| match record.call {
            Call::Listen { fd, ret, .. } if ret.ok().is_some() => Some(fd),
            _ => None,
        })
        .collect();
    let accepted: Vec<Fd> = server.tally.served.iter().filter_map(|served| served.fd).collect();
    for record in &server.records {
        let Call::EpollCtl { op: CtlOp::Add, fd, interest, ret, .. } = record.call else { continue };
        let at = || lines.get(&record.seq.0).cloned().unwrap_or_default();
        if ret.ok().is_none() {
            continue;
        }
        if listeners.contains(&fd) {
            uses.listener.get_or_insert_with(|| (interest, at()));
        } else if accepted.contains(&fd) {
            uses.connection.get_or_insert_with(|| (interest, at()));
        }
    }
    uses
}

//! What the commands say on standard error, and how their output may fail.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, ErrorKind, StdoutLock, Write};
use std::net::SocketAddr;
use std::path::Path;

use anyhow::Context as _;

use crate::compare::ComparisonError;
use crate::error::Failure;
use crate::i18n::{Both, Clean, CleanJson, Lang, Message, shown, words};
use crate::lesson::{SceneError, TooFewFds};
use crate::script::{Diagnostic, death};
use crate::server::ServerError;
use crate::session::SessionError;
use crate::trace::TraceError;
use crate::tui::terminal::TerminalError;

/// A line on standard error where others than this machine may connect; whether they may.
pub(super) fn warn_if_open(addr: SocketAddr, lang: Lang) -> bool {
    let open = !addr.ip().is_loopback();
    if open {
        tell(&open_to_all(addr, lang));
    }
    open
}

pub(super) fn open_to_all(addr: SocketAddr, lang: Lang) -> String {
    words!(
        lang,
        "warning: {addr} is not the loopback: anyone who can reach this machine can connect",
        "警告：{addr} 不是回环地址，能访问本机的人都可以连接"
    )
}

/// Why a command failed, in a language; what only the system or a library says stays as it is.
fn why(failure: &Failure, lang: Lang) -> String {
    let error = &failure.error;
    if lang == Lang::En {
        return failure.to_string();
    }
    let of = |error: &(dyn std::error::Error + 'static)| {
        macro_rules! said {
            ($($kind:ty),*) => { None$(.or_else(|| error.downcast_ref().map(|error: &$kind| error.words(lang).into())))* };
        }
        let said: Option<String> =
            said!(Message, Diagnostic, SceneError, ComparisonError, TooFewFds, SessionError, TraceError, TerminalError);
        let died = || error.downcast_ref::<ServerError>().map(|error| death(error, lang));
        said.or_else(died).unwrap_or_else(|| error.to_string())
    };
    let root = of(error.root_cause());
    match error.downcast_ref::<Message>().map(|context| context.words(lang)) {
        Some(context) if context != root => format!("{context}：{root}"),
        _ => root,
    }
}

/// A closed pipe is no failure.
pub(super) fn quiet(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result.map_err(Failure::refused),
    }
}

/// Creates a file, or empties it. If that fails, says so in the words of `cannot`, and that `flag` names another file.
pub(super) fn create(path: &Path, cannot: Both, flag: &str) -> Result<File, Failure> {
    let created = File::create(path).with_context(|| {
        let path = shown(path);
        Message::new(|lang| {
            let cannot = lang.pick(cannot);
            words!(
                lang,
                "{cannot} {path}; choose another file with {flag}",
                "{cannot} {path}；请用 {flag} 指定另一个文件"
            )
        })
    });
    created.map_err(Failure::refused)
}

/// Writes a whole text to standard output.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = stdout();
    quiet(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// There is no screen; `instead` says what works without one.
pub(super) fn no_screen(instead: Both) -> impl Fn(TerminalError) -> Failure {
    move |error| {
        Failure::refused(Message::new(|lang| {
            let (error, instead) = (error.words(lang), lang.pick(instead));
            words!(lang, "{error}; {instead}", "{error}；{instead}")
        }))
    }
}

/// A line on standard error. Where nobody reads it any more, nobody is to be told.
pub(super) fn tell(line: &impl Display) {
    let _ = writeln!(Clean(io::stderr()), "epollscope: {line}");
}

/// Says why the program ends.
pub fn tell_failure(failure: &Failure, lang: Lang) {
    tell(&why(failure, lang));
}

/// Standard output for JSON.
pub(super) fn json_stdout() -> CleanJson<StdoutLock<'static>> {
    CleanJson(io::stdout().lock())
}

/// Standard output for text.
pub(super) fn stdout() -> Clean<StdoutLock<'static>> {
    Clean(io::stdout().lock())
}

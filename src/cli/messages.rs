//! What the commands say on standard error, and how their output may fail.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::net::SocketAddr;

use anyhow::anyhow;

use crate::error::Failure;
use crate::i18n::{Lang, words};
use crate::tui::terminal::TerminalError;

/// A line on standard error where others than this machine may connect; whether they may.
pub(super) fn warn_if_open(addr: SocketAddr, lang: Lang) -> bool {
    let open = !addr.ip().is_loopback();
    if open {
        tell(&open_to_all(addr, lang));
    }
    open
}

/// That others than this machine may connect.
pub(super) fn open_to_all(addr: SocketAddr, lang: Lang) -> String {
    words!(
        lang,
        "warning: {addr} is not the loopback: whoever reaches this machine can connect",
        "警告：{addr} 不是回环地址，能访问本机的人都可以连接"
    )
}

/// A closed pipe is no failure.
pub(super) fn quiet(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result.map_err(Failure::refused),
    }
}

/// Writes a whole text to standard output.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    quiet(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// There is no screen; `instead` says what works without one.
pub(super) fn no_screen(instead: &str) -> impl Fn(TerminalError) -> Failure {
    move |error| Failure::refused(anyhow!("{error}; {instead}"))
}

/// A line on standard error. Where nobody reads it any more, nobody is to be told.
pub(super) fn tell(line: &impl Display) {
    let _ = writeln!(io::stderr(), "epollscope: {line}");
}

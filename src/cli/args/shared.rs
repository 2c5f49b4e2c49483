//! What several commands take: the options of a screen, and how addresses, choices and languages are written.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::i18n::Lang;
use crate::record::Choice;

/// The port of the tutorial server, on the loopback.
pub const ADDR: &str = "127.0.0.1:9292";

/// Options of a screen.
#[derive(Clone, Copy, Debug, Args)]
pub struct ScreenArgs {
    /// For a projector: fewer panels, no shades of grey
    #[arg(long, help_heading = "Screen")]
    pub projector: bool,
    /// Leave the mouse to the terminal (with Shift it always selects text)
    #[arg(long, help_heading = "Screen")]
    pub no_mouse: bool,
    /// For screen readers: no panels, each change a line; keys are read as lines
    #[arg(long, help_heading = "Screen")]
    pub linear: bool,
}

/// Where to record.
#[derive(Clone, Debug, Default, Args)]
pub struct RecordArgs {
    /// Write every call to FILE in the trace format; overwrites a recording
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Let --record overwrite a file that is not a recording
    #[arg(long, requires = "record")]
    pub force: bool,
}

impl RecordArgs {
    /// The file, and whether it may be one that is not a recording.
    pub(in crate::cli) fn to(&self) -> Option<(&Path, bool)> {
        Some((self.record.as_deref()?, self.force))
    }
}

/// Takes an address with a port. `localhost` is the loopback of IPv4; no other name is looked up.
pub(super) fn socket_addr(text: &str) -> Result<SocketAddr, String> {
    let loopback = |port: &str| Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port.parse().ok()?)));
    let named = || text.strip_prefix("localhost:").and_then(loopback);
    let said = || format!("expected a numeric address or localhost, and a port, such as {ADDR} or [::1]:0");
    text.parse().ok().or_else(named).ok_or_else(said)
}

/// Takes the name of one of the choices, and lists them in the help.
pub(super) fn choices<T: Choice>() -> impl TypedValueParser<Value = T> {
    let values = T::CHOICES.iter().map(|(_, name, meaning)| PossibleValue::new(*name).help(*meaning));
    PossibleValuesParser::new(values).try_map(|name| T::by_name(&name).ok_or("no such choice"))
}

/// Takes the name of a language.
pub(super) fn language() -> impl TypedValueParser<Value = Lang> {
    let values = [PossibleValue::new("en").help("English"), PossibleValue::new("zh").help("简体中文")];
    PossibleValuesParser::new(values).map(|name| if name == "zh" { Lang::Zh } else { Lang::En })
}

//! Who is measured: the peers, built here, and epollscope's own server in its forms.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

/// The size of every server's buffer, in bytes: a message of 16 KiB is a short read.
const BUFFER: &str = "32768";

/// What a server is called in the tables, and how it is started.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    program: PathBuf,
    arguments: Vec<String>,
}

impl Contender {
    fn new(name: &'static str, program: impl Into<PathBuf>, arguments: &[&str]) -> Self {
        Self { name, program: program.into(), arguments: arguments.iter().map(|&word| word.into()).collect() }
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        command
    }

    /// The same server, run by `tool`.
    pub(crate) fn under(&self, tool: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(tool);
        command.args(arguments).arg(&self.program).args(&self.arguments);
        command
    }
}

pub(crate) const C_LEVEL: &str = "C, level";
pub(crate) const C_AGAIN: &str = "C, level, again";
pub(crate) const C_EDGE: &str = "C, edge to EAGAIN";
pub(crate) const C_SHORT: &str = "C, edge to a short read";
pub(crate) const MIO: &str = "mio, edge to a short read";
pub(crate) const TOKIO: &str = "tokio, current_thread";
pub(crate) const POLLING: &str = "polling, level";
pub(crate) const LEVEL: &str = "epollscope, level";
/// Its inline assembly for recv and send is replaced by the C library's calls.
pub(crate) const BY_LIBC: &str = "epollscope, level, by the C library";
pub(crate) const EDGE: &str = "epollscope, edge to EAGAIN";
pub(crate) const SHORT: &str = "epollscope, edge to a short read";
pub(crate) const RING: &str = "traced, nobody reads";
pub(crate) const DRAINED: &str = "traced, drained";
pub(crate) const RECORD: &str = "traced, --record";

/// The peers. The last is the first once more: what parts the two is noise.
pub(crate) const PEERS: [&str; 7] = [C_LEVEL, C_EDGE, C_SHORT, MIO, TOKIO, POLLING, C_AGAIN];
/// Ours, untraced.
pub(crate) const OURS: [&str; 3] = [LEVEL, EDGE, SHORT];
/// Ours, level-triggered and traced.
pub(crate) const TRACED: [&str; 3] = [RING, DRAINED, RECORD];

/// Ours, and the peer that does the same.
pub(crate) const PAIRS: [(&str, &str); 8] = [
    (LEVEL, C_LEVEL),
    (EDGE, C_EDGE),
    (SHORT, C_SHORT),
    (SHORT, MIO),
    (SHORT, TOKIO),
    (LEVEL, POLLING),
    (BY_LIBC, C_LEVEL),
    (C_AGAIN, C_LEVEL),
];

/// The flags of ours: a policy as a peer has it.
pub(crate) const LEVEL_FLAGS: &[&str] = &["--trigger", "level", "--read", "once", "--accept", "once"];
const EDGE_FLAGS: &[&str] = &["--trigger", "edge", "--read", "drain", "--accept", "drain"];
const SHORT_FLAGS: &[&str] = &["--trigger", "edge", "--read", "drain-short", "--accept", "drain"];
pub(crate) const COMMON_FLAGS: &[&str] = &["--listen", "127.0.0.1:0", "--read-size", BUFFER, "--max-events", "1024"];
pub(crate) const EPOLLSCOPE: &str = env!("CARGO_BIN_EXE_epollscope");

/// Builds the peers and gives all contenders.
pub(crate) fn all(recording: &Path) -> anyhow::Result<Vec<Contender>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers");
    let raw = target.join("raw");
    build(Command::new(env!("CARGO")).args(["build", "--release", "--locked", "--quiet"]).args([
        Path::new("--manifest-path"),
        &folder.join("Cargo.toml"),
        Path::new("--target-dir"),
        &target,
    ]))?;
    build(Command::new("cc").args(["-O2", "-o"]).arg(&raw).arg(folder.join("raw.c")))?;
    let by_libc = target.join("by-libc");
    build(
        Command::new(env!("CARGO"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(["build", "--release", "--locked", "--quiet", "--features", "libc-transfer", "--target-dir"])
            .arg(&by_libc),
    )?;
    let rust = |name: &str| target.join("release").join(name);
    let ours = |name, flags: &[&str]| {
        Contender::new(name, EPOLLSCOPE, &[&["serve", "--format", "none"], COMMON_FLAGS, flags].concat())
    };
    let mut record = ours(RECORD, LEVEL_FLAGS);
    record.arguments.extend(["--record".to_owned(), recording.display().to_string()]);
    let own = std::env::current_exe()?;
    Ok(vec![
        Contender::new(C_LEVEL, &raw, &["level", BUFFER]),
        ours(LEVEL, LEVEL_FLAGS),
        Contender::new(RING, &own, &["--serve", "ring"]),
        Contender { program: by_libc.join("release/epollscope"), ..ours(BY_LIBC, LEVEL_FLAGS) },
        Contender::new(C_EDGE, &raw, &["edge", BUFFER]),
        ours(EDGE, EDGE_FLAGS),
        Contender::new(C_SHORT, &raw, &["short", BUFFER]),
        ours(SHORT, SHORT_FLAGS),
        Contender::new(MIO, rust("mio"), &[BUFFER]),
        Contender::new(TOKIO, rust("tokio"), &[BUFFER]),
        Contender::new(POLLING, rust("polling"), &[BUFFER]),
        Contender::new(DRAINED, &own, &["--serve", "drained"]),
        Contender::new(C_AGAIN, &raw, &["level", BUFFER]),
        record,
    ])
}

fn build(command: &mut Command) -> anyhow::Result<()> {
    let status = command.stdout(Stdio::null()).status();
    if !status.with_context(|| format!("cannot run {command:?}"))?.success() {
        bail!("{command:?} failed");
    }
    Ok(())
}

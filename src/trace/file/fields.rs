//! The fields of each call's line, as serde reads them.

use serde::Deserialize;

use super::wire::{Address, Bytes, Mask, Named, TransferFlags};
use crate::record::{CtlOp, Dir, FatalCall, FcntlCmd, How, Interest, PairType, Ready, SockOpt};

#[derive(Deserialize)]
pub(super) struct Ctl {
    pub(super) epfd: i32,
    pub(super) op: Named<CtlOp>,
    pub(super) fd: i32,
    pub(super) events: Option<Mask<Interest>>,
}

#[derive(Deserialize)]
pub(super) struct WaitEnter {
    pub(super) epfd: i32,
    pub(super) maxevents: u32,
    pub(super) timeout: i32,
}

#[derive(Deserialize)]
pub(super) struct Wait {
    pub(super) epfd: i32,
    #[serde(default)]
    pub(super) events: Vec<Reported>,
}

#[derive(Deserialize)]
#[serde(expecting = "an event such as {\"fd\":5,\"events\":[\"EPOLLIN\"]}")]
pub(super) struct Reported {
    pub(super) fd: i32,
    pub(super) events: Mask<Ready>,
}

#[derive(Deserialize)]
pub(super) struct Event {
    pub(super) epfd: i32,
    pub(super) fd: i32,
    pub(super) events: Mask<Ready>,
}

#[derive(Deserialize)]
pub(super) struct OnFd {
    pub(super) fd: i32,
}

#[derive(Deserialize)]
pub(super) struct Setsockopt {
    pub(super) fd: i32,
    pub(super) option: Named<SockOpt>,
    pub(super) value: i32,
}

#[derive(Deserialize)]
pub(super) struct WithAddr {
    pub(super) fd: i32,
    pub(super) addr: Address,
}

#[derive(Deserialize)]
pub(super) struct Listen {
    pub(super) fd: i32,
    pub(super) backlog: i32,
}

#[derive(Deserialize)]
pub(super) struct Transfer {
    pub(super) fd: i32,
    pub(super) len: u32,
    #[serde(default)]
    pub(super) flags: TransferFlags,
    pub(super) data: Option<Bytes>,
}

#[derive(Deserialize)]
pub(super) struct Make {
    #[serde(default = "none")]
    pub(super) fd: i32,
    #[serde(default = "none")]
    pub(super) other: i32,
    #[serde(rename = "type")]
    pub(super) kind: Option<Named<PairType>>,
}

fn none() -> i32 {
    -1
}

#[derive(Deserialize)]
pub(super) struct Settime {
    pub(super) fd: i32,
    pub(super) first_ms: u32,
    pub(super) every_ms: u32,
}

#[derive(Deserialize)]
pub(super) struct Fcntl {
    pub(super) fd: i32,
    pub(super) cmd: Named<FcntlCmd>,
    pub(super) value: i32,
}

#[derive(Deserialize)]
pub(super) struct Tgkill {
    pub(super) to: u32,
}

#[derive(Deserialize)]
pub(super) struct Wait4 {
    pub(super) pid: u32,
}

#[derive(Deserialize)]
pub(super) struct Stray {
    pub(super) fd: i32,
    pub(super) dir: Named<Dir>,
    pub(super) data: Bytes,
}

#[derive(Deserialize)]
pub(super) struct Shutdown {
    pub(super) fd: i32,
    pub(super) how: Named<How>,
}

#[derive(Deserialize)]
pub(super) struct CloseRange {
    pub(super) first: i32,
}

#[derive(Deserialize)]
pub(super) struct Sample {
    pub(super) fd: i32,
    pub(super) unread: u32,
    pub(super) unsent: u32,
    pub(super) ready: Mask<Ready>,
}

#[derive(Deserialize)]
pub(super) struct Backlog {
    pub(super) fd: i32,
    pub(super) pending: u32,
    pub(super) limit: u32,
}

#[derive(Deserialize)]
pub(super) struct Fdinfo {
    pub(super) epfd: i32,
    pub(super) fd: i32,
    pub(super) events: Mask<Interest>,
}

#[derive(Deserialize)]
pub(super) struct Poll {
    pub(super) epfd: i32,
    pub(super) ready: bool,
}

#[derive(Deserialize)]
pub(super) struct Name {
    pub(super) fd: i32,
    pub(super) name: Bytes,
}

#[derive(Deserialize)]
pub(super) struct Reading {
    pub(super) fd: i32,
    pub(super) on: bool,
}

#[derive(Deserialize)]
pub(super) struct Inside {
    pub(super) fd: i32,
    pub(super) dir: Named<Dir>,
    pub(super) len: u32,
}

#[derive(Deserialize)]
pub(super) struct Rest {
    pub(super) server: u32,
    pub(super) epfd: i32,
    pub(super) maxevents: u32,
    pub(super) timeout: i32,
}

#[derive(Deserialize)]
pub(super) struct Died {
    pub(super) of: Named<FatalCall>,
    pub(super) fd: i32,
}

#[derive(Deserialize)]
pub(super) struct Lost {
    pub(super) count: u64,
}

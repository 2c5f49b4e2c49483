//! What is said: the one vocabulary of the house.
//!
//! Everything that epollscope shows is made of [`Record`]s. A record is shaped like a system call with its result, says
//! who made it and when, and is a small [`Copy`] value, so that noting one costs a store into a ring and no allocation.
//! What does not fit into one record takes several: a return of epoll_wait(2) is followed by one [`Call::Event`]
//! for each entry of its event list, and a recv or send by the first bytes that went through it, as [`Call::Data`].
//!
//! Live server, recording and, later, a watched foreign program all speak it. It knows nothing of who listens.
//!
//! Each call is a row of one table, [`Call`], each annotation one of another, [`Annotation`]; `table.rs` has the macro
//! that makes of a row all that is to be known of a call, `field.rs` what there is to know of a field's type.

mod addr;
mod annotation;
mod call;
mod choice;
mod chunk;
mod constant;
mod ctl_op;
mod faults;
mod fd_kind;
mod field;
mod flags;
mod foreign;
pub(crate) mod json;
mod policy;
mod ret;
mod rules;
mod stream;
mod table;
mod types;

pub use addr::Addr;
pub use annotation::Annotation;
pub use call::Call;
pub use choice::Choice;
pub(crate) use choice::choices;
pub use chunk::Chunk;
pub use constant::{Access, Dir, Family, FatalCall, FcntlCmd, How, MaskHow, PairType, Signal, SockOpt};
pub use ctl_op::CtlOp;
pub use faults::Faults;
pub use fd_kind::{FdKind, NewFd, NewFlags};
pub(crate) use field::{Each, Field, Source};
pub use flags::{Interest, MsgFlags, Ready, SigMask, TimerFlags, WaitMask};
pub use foreign::Foreign;
pub use policy::{Accept, Fairness, HalfClose, OutOfFds, Policy, Read, Trigger, WriteInterest};
pub use ret::{Ret, errno_by_name, errno_name, errno_names};
pub use rules::{SAMPLED_AFTER_WAIT, SPIN, idle_waits};
pub use stream::{Nanos, Record, Seq};
pub(crate) use table::{Group, Returns, Row};
pub use types::{Fd, Tid, Timeout, TimeoutNs};

//! The scope for epoll: an epoll server driven call by call on the real kernel, and a screen that shows what it did.
//!
//! The rooms, from the ground up. A room uses only rooms above it in this list.
//!
//! | room | what it holds |
//! |---|---|
//! | [`i18n`] | the two languages, and how numbers are written |
//! | [`record`] | `Record`, `Call` and the small types that they are made of |
//! | [`sys`] | owned fds and typed system calls; the only unsafe code |
//! | [`probe`] | `Tap`, `Sink`, `Gate`: record every call, and hold the thread before it |
//! | [`server`] | the seven steps of an epoll server, by a policy |
//! | [`watch`] | any program under ptrace, its calls as the same records |
//! | [`trace`] | the fold over the records, the timeline, the trace file |
//! | [`analysis`] | sentences of why, findings, scope, diff, query and search |
//! | [`session`] | a server with its clients, driven from one thread |
//! | [`scaling`] | what a wait costs, measured |
//! | [`script`] | the script language, the scenes, the lab |
//! | [`lesson`], [`compare`], [`demo`], [`guide`] | the features, each without a screen |
//! | [`grade`] | cases and verdicts on a server of one's own |
//! | [`tui`] | terminal, keys, and the screen as a pure function of a view |
//! | [`cli`] | the arguments, and one short file for each command |
//!
//! ```text
//! clients → kernel → server → Tap → Sink (Gate) → ring → Timeline → World at the cursor → View → cells
//!    ↑                                   ↑                                                       │
//!    └───────────────────────────────────┴──────────────── Action ←──────────────── keys ←───────┘
//! ```

#[cfg(not(target_os = "linux"))]
compile_error!("epollscope runs only on Linux; a virtual machine or a container is enough");

pub mod analysis;
pub mod cli;
pub mod compare;
pub mod demo;
pub mod error;
pub mod folders;
pub mod grade;
pub mod guide;
pub mod i18n;
pub mod lesson;
pub mod probe;
pub mod record;
pub mod scaling;
pub mod script;
pub mod server;
pub mod session;
pub mod sys;
pub mod trace;
pub mod tui;
pub mod watch;

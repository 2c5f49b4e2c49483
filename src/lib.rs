//! The scope for epoll: an epoll server driven call by call on the real kernel, and a screen that shows what it did.
//!
//! Eight rooms, each with one verb; a room uses only those above it in this list.
//!
//! | room | verb | what it holds |
//! |---|---|---|
//! | [`record`] | what is said | `Record`, `Call` and the small types they are made of: the one vocabulary |
//! | [`kernel`] | what is asked | owned fds and typed system calls; the only unsafe code |
//! | [`probe`] | what is noted | `Tap`, `Sink`, `Gate`: every call recorded, and held where it is wished |
//! | [`server`] | who asks | the seven steps of an epoll server, by a policy |
//! | [`trace`] | what was seen | the fold over the records, the timeline, the sentences of why, the trace file |
//! | [`script`] | who acts | the script language, its scenes, the built-in clients |
//! | [`teach`] | what is told | lessons: loaded, run, marked by the kernel, verified |
//! | [`ui`] | what is shown | terminal, keys, and the screen as a pure function of a view |
//!
//! Below them [`commands`] wires a source of records to a timeline and that to a screen or to text; [`cli`] and
//! [`error`] are its arguments and its failures.
//!
//! ```text
//! clients → kernel → server → Tap → Sink (Gate) → ring → Timeline → World at the cursor → View → cells
//!    ↑                                   ↑                                                       │
//!    └───────────────────────────────────┴──────────────── Action ←──────────────── keys ←───────┘
//! ```

#[cfg(not(target_os = "linux"))]
compile_error!("epollscope shows Linux's epoll and runs on Linux only; a virtual machine or a container will do");

pub mod cli;
pub mod commands;
pub mod error;
pub mod kernel;
pub mod probe;
pub mod record;
pub mod script;
pub mod server;
pub mod teach;
pub mod trace;
pub mod ui;

//! What is asked: typed system calls on owned fds.
//!
//! A call here does one system call, takes and gives the house's own types, and returns the kernel's error as it came.
//! Nothing is recorded, retried or interpreted; that is for the rooms below. The only unsafe code of the program is in
//! `sys`.

mod ask;
mod child;
mod epoll;
mod errno;
mod fin;
mod give_back;
mod how_given_back;
mod notifier;
mod objects;
mod own_table;
mod patient;
mod process;
mod raw;
mod send_queue;
mod socket;
mod waits;
mod worker;

pub use ask::{drops, fdinfo, listener_backlog, poll, sample, unacked, unread, unsent_to_wire, would_report};
pub use child::Child;
pub use epoll::{Epoll, Events, create_for, create_with, ctl, wait_masked, wait_nanos, wait_nowhere, wait_on};
pub use errno::{describe, describe_raw};
pub use fin::{fin_in_flight, wait_for_fin_ack};
pub use notifier::{Notifier, NotifyOnDrop};
pub use objects::{
    blocks, eventfd, fcntl, fifo, inotify, memfd, null, number, open_fifo, open_file, packet_pipe, path, pipe, pty,
    read, regular_file, signalfd, timerfd, udp_socket, unix_pair, unix_socket, unlink, write,
};
pub use own_table::{limit_own_table, own_file_table};
pub use patient::{Patient, hurry};
pub use process::{
    TaskState, Wake, forget_alarm, forget_raised, gettid, handle_alarms, let_through, lift, mask, monotonic, raise,
    raise_nofile_limit, send_signal, set_nofile_limit, sleeps_in_transfer, thread_time,
};
pub use raw::{by_number, is_registered, is_same_file, kcmp, pidfd_open, ptrace, set_timer, set_timer_at, was_woken};
pub use send_queue::{SendQueue, send_queue};
pub use socket::{
    accept, autobind, bind, close, close_number, connect, dup, listen, local_addr, option, option_named, recv, send,
    set_option, shutdown, stream_socket,
};
pub use waits::{PollList, SelectSet};
pub use worker::{Made, Worker, events, polled};

pub(crate) use give_back::{give_back_on_death, give_back_on_stop};
pub(crate) use how_given_back::GiveBack;

pub use nix::errno::Errno;

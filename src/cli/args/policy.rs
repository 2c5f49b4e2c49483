//! The flags of a server's policy.

use std::num::NonZeroU32;

use clap::Args;

use super::shared::choices;
use crate::record::{
    Accept, Choice as _, Fairness, Faults, HalfClose, OutOfFds, Policy, Read, Timeout, Trigger, WriteInterest,
};

/// The policy: one flag for each choice.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Policy (each can be switched while the server runs)")]
pub struct PolicyArgs {
    /// When epoll reports a ready fd
    #[arg(long, value_parser = choices::<Trigger>(), default_value = Trigger::Level.name())]
    pub trigger: Trigger,
    /// One-shot: each report disarms its fd until EPOLL_CTL_MOD
    #[arg(long)]
    pub oneshot: bool,
    /// How much to read for one report
    #[arg(long, value_parser = choices::<Read>(), default_value = Read::Once.name())]
    pub read: Read,
    /// Size of the buffer of one recv, in bytes
    #[arg(long, value_name = "N", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..=i64::from(Policy::MAX_READ_SIZE)))]
    pub read_size: u32,
    /// How many connections to accept for one report
    #[arg(long, value_parser = choices::<Accept>(), default_value = Accept::Once.name())]
    pub accept: Accept,
    /// When to ask for EPOLLOUT
    #[arg(long, value_parser = choices::<WriteInterest>(), default_value = WriteInterest::OnDemand.name())]
    pub write: WriteInterest,
    /// Take turns: read at most N bytes from a connection at a time (default: as much as --read says)
    #[arg(long, value_name = "N")]
    pub budget: Option<NonZeroU32>,
    /// maxevents: how many events one epoll_wait may return
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=i64::from(Policy::MAX_EVENTS)))]
    pub max_events: u32,
    /// The timeout of epoll_wait in milliseconds; -1 waits without limit
    #[arg(long, value_name = "MS", default_value_t = -1, allow_negative_numbers = true, value_parser = clap::value_parser!(i32).range(-1..))]
    pub timeout: i32,
    /// What to do when accept4 finds no free fd
    #[arg(long, value_parser = choices::<OutOfFds>(), default_value = OutOfFds::Mute.name())]
    pub out_of_fds: OutOfFds,
    /// What to do when the peer has closed its sending side
    #[arg(long, value_parser = choices::<HalfClose>(), default_value = HalfClose::Answer.name())]
    pub half_close: HalfClose,
    /// Faults of the tutorial server (lesson 30) to switch on; a comma-separated list
    #[arg(long, value_parser = choices::<Faults>(), value_name = "NAME", value_delimiter = ',')]
    pub fault: Vec<Faults>,
}

impl PolicyArgs {
    /// The policy that the flags say.
    pub fn policy(&self) -> Policy {
        Policy {
            trigger: self.trigger,
            oneshot: self.oneshot,
            read: self.read,
            read_size: self.read_size,
            accept: self.accept,
            write: self.write,
            fairness: self.budget.map_or(Fairness::Greedy, Fairness::RoundRobin),
            max_events: self.max_events,
            timeout: Timeout(self.timeout),
            out_of_fds: self.out_of_fds,
            half_close: self.half_close,
            faults: self.fault.iter().copied().collect(),
        }
    }
}

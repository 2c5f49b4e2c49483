//! What the tests share: harnesses, and no test.

pub(crate) mod account;
pub(crate) mod browser;
pub(crate) mod crowd;
pub(crate) mod lab;
pub(crate) mod look;
pub(crate) mod loopback;
pub(crate) mod program;
pub(crate) mod pty;
pub(crate) mod random_run;
pub(crate) mod rig;
pub(crate) mod screen;
pub(crate) mod serving;
pub(crate) mod shot;
pub(crate) mod streams;
pub(crate) mod watched;
pub(crate) mod written;

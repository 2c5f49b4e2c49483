// epoll for the servers in Rust, which use nothing but the standard library.
use std::io::{Error, Result};
use std::os::fd::RawFd;

#[repr(C)]
#[cfg_attr(target_arch = "x86_64", repr(packed))]
#[derive(Clone, Copy)]
pub struct Event {
    pub events: u32,
    pub fd: u64,
}

pub const IN: u32 = 0x1;
pub const OUT: u32 = 0x4;
#[allow(dead_code)]
pub const RDHUP: u32 = 0x2000;
#[allow(dead_code)]
pub const ET: u32 = 1 << 31;
pub const ADD: i32 = 1;
pub const DEL: i32 = 2;
pub const MOD: i32 = 3;
pub const EMFILE: i32 = 24;

mod c {
    use super::Event;
    unsafe extern "C" {
        pub fn epoll_create1(flags: i32) -> i32;
        pub fn epoll_ctl(poller: i32, op: i32, fd: i32, event: *mut Event) -> i32;
        pub fn epoll_wait(poller: i32, events: *mut Event, most: i32, timeout: i32) -> i32;
    }
}

pub fn create() -> RawFd {
    unsafe { c::epoll_create1(0) }
}

pub fn control(poller: RawFd, op: i32, fd: RawFd, events: u32) {
    let mut event = Event { events, fd: fd as u64 };
    let done = unsafe { c::epoll_ctl(poller, op, fd, &mut event) };
    assert!(done == 0, "{}", Error::last_os_error());
}

pub fn wait(poller: RawFd, events: &mut [Event], timeout: i32) -> Result<usize> {
    let n = unsafe { c::epoll_wait(poller, events.as_mut_ptr(), events.len() as i32, timeout) };
    usize::try_from(n).map_err(|_| Error::last_os_error())
}

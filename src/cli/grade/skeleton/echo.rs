// An echo server with epoll: each client gets back the bytes that it sends. Grade it with
//
//     rustc -g --edition 2024 echo.rs && epollscope grade -- ./echo
use std::io::Error;
use std::net::TcpListener;
use std::os::fd::{AsRawFd, RawFd};

/// `struct epoll_event`, with the fd as its data.
#[repr(C)]
#[cfg_attr(target_arch = "x86_64", repr(packed))]
#[derive(Clone, Copy)]
struct Event {
    events: u32,
    fd: u64,
}

const EPOLLIN: u32 = 0x1;
const EPOLL_CTL_ADD: i32 = 1;

mod c {
    unsafe extern "C" {
        pub fn epoll_create1(flags: i32) -> i32;
        pub fn epoll_ctl(poller: i32, op: i32, fd: i32, event: *mut super::Event) -> i32;
        pub fn epoll_wait(poller: i32, events: *mut super::Event, most: i32, timeout: i32) -> i32;
    }
}

fn control(poller: RawFd, op: i32, fd: RawFd, events: u32) -> Result<(), Error> {
    let mut event = Event { events, fd: fd as u64 };
    match unsafe { c::epoll_ctl(poller, op, fd, &mut event) } {
        0 => Ok(()),
        _ => Err(Error::last_os_error()),
    }
}

fn wait(poller: RawFd, events: &mut [Event]) -> Result<usize, Error> {
    let n = unsafe { c::epoll_wait(poller, events.as_mut_ptr(), events.len() as i32, -1) };
    usize::try_from(n).map_err(|_| Error::last_os_error())
}

fn main() -> Result<(), Error> {
    // Steps 1 and 2: a listener that does not block, and an epoll that watches it.
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(9292);
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    listener.set_nonblocking(true)?;
    let poller = unsafe { c::epoll_create1(0) };
    control(poller, EPOLL_CTL_ADD, listener.as_raw_fd(), EPOLLIN)?;

    let mut events = [Event { events: 0, fd: 0 }; 64];
    loop {
        // Step 3: wait until something is ready.
        let n = wait(poller, &mut events)?;
        for event in &events[..n] {
            if event.fd as RawFd == listener.as_raw_fd() {
                // Step 4: accept the client, and watch it.
            } else {
                // Steps 5 and 6: receive, send back what can be sent, keep the rest for later, and close at the end.
            }
        }
    }
}

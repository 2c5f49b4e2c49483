//! The echo server on polling: level-triggered, one read a report.

use std::io;
use std::net::TcpStream;
use std::os::fd::AsRawFd as _;

use peers::{After, Echo, MAX_EVENTS, Slots, begin, key};
use polling::{Event, Events, PollMode, Poller};

fn main() -> io::Result<()> {
    let (listener, mut buffer) = begin()?;
    let listening = key(&listener);
    let poller = Poller::new()?;
    let mut events = Events::with_capacity(MAX_EVENTS.try_into().expect("more than none"));
    // SAFETY: the listener lives as long as the poller.
    unsafe { poller.add_with_mode(&listener, Event::readable(listening), PollMode::Level)? };
    let mut slots: Slots<TcpStream> = Slots::new();
    loop {
        events.clear();
        poller.wait(&mut events, None)?;
        for event in events.iter() {
            if event.key == listening {
                if let Ok((stream, _)) = listener.accept() {
                    stream.set_nonblocking(true)?;
                    stream.set_nodelay(true)?;
                    let fd = stream.as_raw_fd();
                    // SAFETY: it is deleted from the poller before it is dropped.
                    unsafe { poller.add_with_mode(&stream, Event::readable(fd as usize), PollMode::Level)? };
                    slots.put(fd, Echo::new(stream));
                }
                continue;
            }
            let Some(echo) = slots.get(event.key) else { continue };
            match echo.serve(&mut buffer, true) {
                After::Reads if event.writable => {
                    poller.modify_with_mode(&echo.stream, Event::readable(event.key), PollMode::Level)?;
                }
                After::Writes if !event.writable => {
                    poller.modify_with_mode(&echo.stream, Event::writable(event.key), PollMode::Level)?;
                }
                After::Reads | After::Writes => {}
                After::Over => {
                    poller.delete(&echo.stream)?;
                    slots.take(event.key);
                }
            }
        }
    }
}

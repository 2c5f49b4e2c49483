//! The echo server on mio: edge-triggered, drained; a short read ends the drain.

use std::io;
use std::os::fd::AsRawFd as _;

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use peers::{After, Echo, MAX_EVENTS, Slots, begin, key};

fn main() -> io::Result<()> {
    let (listener, mut buffer) = begin()?;
    let listening = Token(key(&listener));
    let mut listener = TcpListener::from_std(listener);
    let (mut poll, mut events) = (Poll::new()?, Events::with_capacity(MAX_EVENTS));
    poll.registry().register(&mut listener, listening, Interest::READABLE)?;
    let mut slots: Slots<TcpStream> = Slots::new();
    loop {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            polled => polled?,
        }
        for event in &events {
            if event.token() == listening {
                while let Ok((mut stream, _)) = listener.accept() {
                    stream.set_nodelay(true)?;
                    let fd = stream.as_raw_fd();
                    // Both at once: edge-triggered, that costs nothing but a report too many now and then.
                    let both = Interest::READABLE | Interest::WRITABLE;
                    poll.registry().register(&mut stream, Token(fd as usize), both)?;
                    slots.put(fd, Echo::new(stream));
                }
                continue;
            }
            let Token(at) = event.token();
            let over = slots.get(at).is_some_and(|echo| echo.serve(&mut buffer, false) == After::Over);
            if let Some(mut echo) = over.then(|| slots.take(at)).flatten() {
                poll.registry().deregister(&mut echo.stream)?;
            }
        }
    }
}

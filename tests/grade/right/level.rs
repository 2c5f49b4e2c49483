// A right echo server, level-triggered. It reads and writes by two handles of each connection, one a duplicate of the
// other, so that it has to unregister what it closes.
use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsRawFd, RawFd};

#[path = "epoll.rs"]
mod epoll;
use epoll::{ADD, DEL, EMFILE, Event, IN, MOD, OUT};

const BOUND: usize = 1 << 18;

struct Client {
    reads: TcpStream,
    writes: TcpStream,
    out: Vec<u8>,
    ended: bool,
    mask: u32,
}

struct Server {
    poller: RawFd,
    listener: TcpListener,
    clients: HashMap<RawFd, Client>,
    muted: bool,
}

impl Server {
    fn accept(&mut self) {
        let added = self.listener.accept().and_then(|(reads, _)| {
            reads.set_nonblocking(true)?;
            let writes = reads.try_clone()?;
            Ok(Client { reads, writes, out: Vec::new(), ended: false, mask: IN })
        });
        match added {
            Ok(client) => {
                let fd = client.reads.as_raw_fd();
                epoll::control(self.poller, ADD, fd, IN);
                self.clients.insert(fd, client);
            }
            Err(error) if error.raw_os_error() == Some(EMFILE) => {
                epoll::control(self.poller, MOD, self.listener.as_raw_fd(), 0);
                self.muted = true;
            }
            Err(_) => {}
        }
    }

    fn close(&mut self, fd: RawFd) {
        epoll::control(self.poller, DEL, fd, 0);
        self.clients.remove(&fd);
        if self.muted {
            epoll::control(self.poller, MOD, self.listener.as_raw_fd(), IN);
            self.muted = false;
        }
    }

    fn serve(&mut self, fd: RawFd) {
        let Some(client) = self.clients.get_mut(&fd) else { return };
        if client.turn().is_err() || client.ended && client.out.is_empty() {
            return self.close(fd);
        }
        let reads = if !client.ended && client.out.len() < BOUND { IN } else { 0 };
        let mask = reads | if client.out.is_empty() { 0 } else { OUT };
        if mask != client.mask {
            client.mask = mask;
            epoll::control(self.poller, MOD, fd, mask);
        }
    }
}

impl Client {
    fn turn(&mut self) -> std::io::Result<()> {
        if !self.ended && self.out.len() < BOUND {
            let mut buffer = [0; 16384];
            match self.reads.read(&mut buffer) {
                Ok(0) => self.ended = true,
                Ok(n) => self.out.extend(&buffer[..n]),
                Err(error) if is_none(&error) => {}
                Err(error) => return Err(error),
            }
        }
        if !self.out.is_empty() {
            match self.writes.write(&self.out) {
                Ok(n) => drop(self.out.drain(..n)),
                Err(error) if is_none(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn is_none(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

fn main() {
    let port = std::env::var("PORT").unwrap().parse().unwrap();
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let listens = listener.as_raw_fd();
    let mut server = Server { poller: epoll::create(), listener, clients: HashMap::new(), muted: false };
    epoll::control(server.poller, ADD, listens, IN);
    let mut events = [Event { events: 0, fd: 0 }; 64];
    loop {
        let n = match epoll::wait(server.poller, &mut events, -1) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            waited => waited.unwrap(),
        };
        for event in &events[..n] {
            match event.fd as RawFd {
                fd if fd == listens => server.accept(),
                fd => server.serve(fd),
            }
        }
    }
}

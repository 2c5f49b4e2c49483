// A right echo server, edge-triggered: who may have more to do waits for its next turn in a list of the server's own. It
// reads and writes by two handles of each connection, one a duplicate of the other, so that it has to unregister what it
// closes.
use std::collections::{HashMap, VecDeque};
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsRawFd, RawFd};

#[path = "epoll.rs"]
mod epoll;
use epoll::{ADD, DEL, EMFILE, ET, Event, IN, MOD, OUT, RDHUP};

const BOUND: usize = 1 << 18;
const ROUNDS: usize = 16;

struct Client {
    reads: TcpStream,
    writes: TcpStream,
    out: Vec<u8>,
    ended: bool,
    queued: bool,
}

/// How a turn has ended.
enum Turn {
    /// An edge will tell of more.
    Done,
    Again,
    Close,
}

struct Server {
    poller: RawFd,
    listener: TcpListener,
    clients: HashMap<RawFd, Client>,
    ready: VecDeque<RawFd>,
}

impl Server {
    fn accept(&mut self) {
        loop {
            let accepted = self.listener.accept().and_then(|(reads, _)| {
                reads.set_nonblocking(true)?;
                let writes = reads.try_clone()?;
                Ok(Client { reads, writes, out: Vec::new(), ended: false, queued: false })
            });
            match accepted {
                Ok(client) => {
                    let fd = client.reads.as_raw_fd();
                    epoll::control(self.poller, ADD, fd, IN | OUT | RDHUP | ET);
                    self.clients.insert(fd, client);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.raw_os_error() == Some(EMFILE) => return,
                Err(_) => {}
            }
        }
    }

    fn queue(&mut self, fd: RawFd) {
        if let Some(client) = self.clients.get_mut(&fd).filter(|client| !client.queued) {
            client.queued = true;
            self.ready.push_back(fd);
        }
    }

    fn turns(&mut self) {
        for _ in 0..self.ready.len() {
            let Some(fd) = self.ready.pop_front() else { return };
            let Some(client) = self.clients.get_mut(&fd).filter(|client| client.queued) else { continue };
            client.queued = false;
            match client.turn() {
                Turn::Done => {}
                Turn::Again => self.queue(fd),
                Turn::Close => {
                    epoll::control(self.poller, DEL, fd, 0);
                    self.clients.remove(&fd);
                    // MOD reports again whoever waits since fds had run out.
                    epoll::control(self.poller, MOD, self.listener.as_raw_fd(), IN | ET);
                }
            }
        }
    }
}

impl Client {
    fn turn(&mut self) -> Turn {
        for _ in 0..ROUNDS {
            while !self.out.is_empty() {
                match self.writes.write(&self.out) {
                    Ok(n) => drop(self.out.drain(..n)),
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(_) => return Turn::Close,
                }
            }
            if self.ended {
                return if self.out.is_empty() { Turn::Close } else { Turn::Done };
            }
            if self.out.len() >= BOUND {
                return Turn::Done;
            }
            let mut buffer = [0; 8192];
            match self.reads.read(&mut buffer) {
                Ok(0) => self.ended = true,
                Ok(n) => self.out.extend(&buffer[..n]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Turn::Done,
                Err(_) => return Turn::Close,
            }
        }
        Turn::Again
    }
}

fn main() {
    let port = std::env::var("PORT").unwrap().parse().unwrap();
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let listens = listener.as_raw_fd();
    let mut server = Server { poller: epoll::create(), listener, clients: HashMap::new(), ready: VecDeque::new() };
    epoll::control(server.poller, ADD, listens, IN | ET);
    let mut events = [Event { events: 0, fd: 0 }; 64];
    loop {
        let timeout = if server.ready.is_empty() { -1 } else { 0 };
        let n = match epoll::wait(server.poller, &mut events, timeout) {
            Err(error) if error.kind() == ErrorKind::Interrupted => 0,
            waited => waited.unwrap(),
        };
        for event in &events[..n] {
            match event.fd as RawFd {
                fd if fd == listens => server.accept(),
                fd => server.queue(fd),
            }
        }
        server.turns();
    }
}

// Level-triggered, in blocking mode, one read for each report; by the standard library, whose own lines are not wanted.
use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsRawFd, RawFd};

#[repr(C, packed)]
#[derive(Clone, Copy)]
struct Event {
    events: u32,
    fd: u64,
}

const IN: u32 = 1;
const ADD: i32 = 1;

unsafe extern "C" {
    fn epoll_create1(flags: i32) -> i32;
    fn epoll_ctl(poller: i32, op: i32, fd: i32, event: *mut Event) -> i32;
    fn epoll_wait(poller: i32, events: *mut Event, most: i32, timeout: i32) -> i32;
}

fn add(poller: i32, fd: RawFd) {
    let mut event = Event { events: IN, fd: fd as u64 };
    unsafe { epoll_ctl(poller, ADD, fd, &mut event) };
}

fn echo(mut client: &TcpStream) -> bool {
    let mut buffer = [0; 1024];
    match client.read(&mut buffer) {
        Ok(0) | Err(_) => false,
        Ok(n) => client.write_all(&buffer[..n]).is_ok(),
    }
}

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("{}", listener.local_addr().unwrap().port());
    let poller = unsafe { epoll_create1(0) };
    add(poller, listener.as_raw_fd());
    let mut clients = HashMap::new();
    let mut events = [Event { events: 0, fd: 0 }; 2];
    loop {
        let n = unsafe { epoll_wait(poller, events.as_mut_ptr(), 2, -1) };
        for event in &events[..n as usize] {
            let fd = event.fd as RawFd;
            if fd == listener.as_raw_fd() {
                let (client, _) = listener.accept().unwrap();
                add(poller, client.as_raw_fd());
                clients.insert(client.as_raw_fd(), client);
            } else if !echo(&clients[&fd]) {
                clients.remove(&fd);
            }
        }
    }
}

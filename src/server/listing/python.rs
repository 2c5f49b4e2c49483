//! The server in Python, the language of the tutorial.

use std::net::SocketAddr;

use super::shared::{budget, flags, paused_timeout, pauses, takes_turns};
use super::writer::Writer;
use super::{Line, Place};
use crate::record::{Accept, Faults, HalfClose, OutOfFds, Policy, Read, WriteInterest};

pub(super) fn write(policy: &Policy, addr: SocketAddr) -> Vec<Line> {
    let mut w = Writer::new();
    head(&mut w, policy);
    shortage(&mut w, policy);
    accept(&mut w, policy);
    receive(&mut w, policy);
    echo(&mut w, policy);
    flush(&mut w);
    serve(&mut w, policy);
    close(&mut w, policy);
    main(&mut w, policy, addr);
    w.done()
}

fn head(w: &mut Writer, policy: &Policy) {
    let exact = policy.has(Faults::EXACT_MATCH);
    w.text_if(policy.out_of_fds == OutOfFds::Spare, "import os");
    w.text("import socket");
    w.text_if(policy.out_of_fds == OutOfFds::BackOff, "import time");
    w.text("from select import *");
    w.blank();
    w.text(if exact { "READ = EPOLLIN" } else { "READ = EPOLLIN | EPOLLPRI | EPOLLRDHUP" });
    w.text("BOUND = 65536  # so many bytes unsent, and the peer is not read");
    w.blank();
    w.text("class Connection:\n    unsent, ended, full, mask = b\"\", False, False, 0");
    w.blank();
    w.text("def wanted(c):");
    w.indent = 1;
    w.text("mask = 0\nif not (c.ended or c.full):\n    mask |= READ");
    w.text(match policy.write {
        WriteInterest::OnDemand => "if c.unsent:\n    mask |= EPOLLOUT",
        WriteInterest::Always => "mask |= EPOLLOUT  # always",
    });
    w.text(&format!("return mask{}", flags(policy)));
    w.indent = 0;
    w.blank();
}

/// What is done where accept finds no free fd.
fn shortage(w: &mut Writer, policy: &Policy) {
    let flags = flags(policy);
    match policy.out_of_fds {
        OutOfFds::Mute => {
            w.text("def mute():\n    global paused\n    paused = True");
            w.call(Place::Mute, "    poller.modify(server, 0)");
            w.blank();
            w.text("def unmute():\n    global paused\n    if paused:\n        paused = False");
            w.call(Place::Unmute, &format!("        poller.modify(server, EPOLLIN{flags})"));
        }
        OutOfFds::BackOff => {
            w.text("def back_off():\n    global paused\n    paused = time.monotonic() + 0.5");
            w.call(Place::BackOff, "    poller.unregister(server)");
            w.blank();
            w.text("def come_back():\n    global paused\n    if paused and time.monotonic() >= paused:");
            w.text("        paused = False");
            w.call(Place::ComeBack, &format!("        poller.register(server, EPOLLIN{flags})"));
        }
        OutOfFds::Spare => {
            w.text("def open_spare():\n    global spare");
            w.call(Place::OpenSpare, "    spare = os.open(\"/dev/null\", os.O_RDWR)");
            w.blank();
            w.text("def turn_away():");
            w.call(Place::FreeSpare, "    os.close(spare)");
            w.text("    try:");
            w.call(Place::AcceptToClose, "        sock, peer = server.accept()");
            w.call(Place::TurnAway, "        sock.close()");
            w.text(
                "        return True\n    except OSError:\n        return False\n    finally:\n        open_spare()",
            );
        }
        OutOfFds::Spin => return,
    }
    w.blank();
}

fn accept(w: &mut Writer, policy: &Policy) {
    w.text("def accept():");
    w.indent = 1;
    if policy.accept == Accept::Drain {
        w.text("while True:");
        w.indent = 2;
    }
    w.text("try:");
    w.call(Place::Accept, "    sock, peer = server.accept()");
    w.text("except BlockingIOError:\n    return");
    w.text("except OSError:  # no fd is free");
    match policy.out_of_fds {
        OutOfFds::Mute => w.text("    return mute()"),
        OutOfFds::BackOff => w.text("    return back_off()"),
        OutOfFds::Spare if policy.accept == Accept::Drain => {
            w.text("    if turn_away():\n        continue\n    return");
        }
        OutOfFds::Spare => w.text("    turn_away()\n    return"),
        OutOfFds::Spin => w.text("    return  # and the client?"),
    }
    w.text_if(!policy.has(Faults::BLOCKING), "sock.setblocking(False)");
    w.text("c = Connection()\nc.sock, c.fd, c.mask = sock, sock.fileno(), wanted(c)");
    w.call(Place::Add, "poller.register(c.fd, c.mask)");
    w.text("connections[c.fd] = c");
    w.indent = 0;
    w.blank();
}

fn receive(w: &mut Writer, policy: &Policy) {
    let size = policy.read_size;
    w.text("def receive(c, event):");
    w.indent = 1;
    if policy.read != Read::Once {
        w.text_if(budget(policy).is_some(), "taken = 0");
        w.text("while not c.full:");
        w.indent = 2;
    }
    w.text("try:");
    let decode = if policy.has(Faults::DECODE_TEXT) { ".decode(\"utf-8\", \"ignore\").encode()" } else { "" };
    w.call(Place::Receive, &format!("    data = c.sock.recv({size}){decode}"));
    w.text("except BlockingIOError:\n    return\nif not data:");
    w.text(match policy.half_close {
        HalfClose::Answer => "    c.ended = True\n    return",
        HalfClose::Close => "    raise ConnectionError",
    });
    w.text("echo(c, data)");
    if policy.read == Read::DrainShort {
        w.text(&format!("if len(data) < {size} and not event & ~(EPOLLIN | EPOLLOUT):\n    return"));
    }
    if let Some(bytes) = budget(policy) {
        w.text(&format!("taken += len(data)\nif taken >= {bytes}:"));
        w.text_if(takes_turns(policy), "    if c not in turns:\n        turns.append(c)");
        w.text("    return");
    }
    w.indent = 0;
    w.blank();
}

fn echo(w: &mut Writer, policy: &Policy) {
    w.text("def echo(c, data):");
    w.indent = 1;
    if policy.has(Faults::UNCHECKED_SEND) {
        w.text("try:");
        w.call(Place::Echo, "    c.sock.send(data)  # and what did not fit?");
        w.text("except BlockingIOError:\n    pass");
    } else {
        w.text("sent = 0\nif not c.unsent:\n    try:");
        w.call(Place::Echo, "        sent = c.sock.send(data)");
        w.text("    except BlockingIOError:\n        pass");
        w.text("if sent < len(data):\n    c.unsent += data[sent:]\n    c.full = len(c.unsent) >= BOUND");
    }
    w.indent = 0;
    w.blank();
}

fn flush(w: &mut Writer) {
    w.text("def flush(c):\n    try:\n        while c.unsent:");
    w.call(Place::Flush, "            sent = c.sock.send(c.unsent)");
    w.text("            c.unsent = c.unsent[sent:]\n    except BlockingIOError:\n        pass");
    w.text("    if len(c.unsent) <= BOUND // 2:\n        c.full = False");
    w.blank();
}

fn serve(w: &mut Writer, policy: &Policy) {
    w.text("def act(c, event):");
    w.text_if(policy.half_close == HalfClose::Close, "    if event & EPOLLRDHUP:\n        raise ConnectionError");
    w.text("    if event & EPOLLOUT:\n        flush(c)\n    if event & EPOLLPRI:\n        try:");
    w.call(Place::ReceiveUrgent, "            echo(c, c.sock.recv(1, socket.MSG_OOB))");
    w.text("        except OSError:\n            pass");
    w.text("    if event & ~(EPOLLOUT | EPOLLPRI) and not (c.ended or c.full):\n        receive(c, event)");
    w.text("    elif event & (EPOLLERR | EPOLLHUP):\n        raise ConnectionError");
    w.blank();
    w.text("def serve(c, event):\n    try:\n        act(c, event)\n    except OSError:\n        return close(c)");
    w.text("    if c.ended and not c.unsent:\n        return close(c)");
    w.indent = 1;
    if policy.oneshot {
        w.text("# The report has disarmed it.");
    } else {
        w.text("if wanted(c) != c.mask:");
        w.indent = 2;
    }
    w.text("c.mask = wanted(c)");
    w.call(Place::Modify, "poller.modify(c.fd, c.mask)");
    w.indent = 0;
    w.blank();
}

fn close(w: &mut Writer, policy: &Policy) {
    w.text("def close(c):\n    del connections[c.fd]");
    if policy.has(Faults::CLOSE_FIRST) {
        w.call(Place::Close, "    c.sock.close()  # before unregister");
        w.call(Place::Delete, "    poller.unregister(c.fd)");
    } else {
        w.call(Place::Delete, "    poller.unregister(c.fd)");
        w.call(Place::Close, "    c.sock.close()");
    }
    w.text_if(policy.out_of_fds == OutOfFds::Mute, "    unmute()");
    w.blank();
}

fn main(w: &mut Writer, policy: &Policy, addr: SocketAddr) {
    let family = if addr.is_ipv6() { ", family=socket.AF_INET6" } else { "" };
    let (host, port, flags) = (addr.ip(), addr.port(), flags(policy));
    w.text(&format!("server = socket.create_server((\"{host}\", {port}), backlog=4096{family})"));
    w.text("server.setblocking(False)");
    w.call(Place::Create, "poller = epoll()");
    w.call(Place::Register, &format!("poller.register(server, EPOLLIN{flags})"));
    w.text_if(policy.out_of_fds == OutOfFds::Spare, "open_spare()");
    w.text(if pauses(policy) { "connections, paused = {}, False" } else { "connections = {}" });
    w.text_if(takes_turns(policy), "turns = []");
    w.text("try:\n    while True:");
    w.indent = 2;
    let timeout = match policy.timeout.0 {
        ..0 => "-1".to_owned(),
        ms => format!("{}", f64::from(ms) / 1000.0),
    };
    let timeout = if paused_timeout(policy).is_some() { format!("0.5 if paused else {timeout}") } else { timeout };
    let timeout = if takes_turns(policy) { format!("0 if turns else {timeout}") } else { timeout };
    w.text_if(takes_turns(policy), "waiting = len(turns)");
    w.call(Place::Wait, &format!("events = poller.poll({timeout}, {})", policy.max_events));
    match policy.out_of_fds {
        OutOfFds::Mute if takes_turns(policy) => w.text("if not events and not turns:\n    unmute()"),
        OutOfFds::Mute => w.text("if not events:\n    unmute()"),
        OutOfFds::BackOff => w.text("come_back()"),
        OutOfFds::Spare | OutOfFds::Spin => {}
    }
    w.text("for fd, event in events:\n    if fd == server.fileno():\n        accept()");
    if policy.oneshot {
        w.text_if(pauses(policy), "        if paused:\n            continue");
        w.call(Place::ArmListener, &format!("        poller.modify(server, EPOLLIN{flags})"));
    }
    let exact = if policy.has(Faults::EXACT_MATCH) { " and event == EPOLLIN" } else { "" };
    w.text(&format!("    elif fd in connections{exact}:\n        serve(connections[fd], event)"));
    if takes_turns(policy) {
        w.text("for _ in range(waiting):\n    c = turns.pop(0)\n    if c in connections.values():\n        serve(c, EPOLLIN)");
    }
    w.indent = 0;
    w.text("except KeyboardInterrupt:\n    pass\nfor c in connections.values():");
    w.call(Place::DestroyConnections, "    c.sock.close()");
    if policy.out_of_fds == OutOfFds::Spare {
        w.call(Place::DestroySpare, "os.close(spare)");
    }
    w.call(Place::DestroyListener, "server.close()");
    w.call(Place::DestroyEpoll, "poller.close()");
}

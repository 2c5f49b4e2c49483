//! The server in C, as the man pages would write it.

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
    echo(&mut w, policy);
    receive(&mut w, policy);
    flush(&mut w);
    close(&mut w, policy);
    serve(&mut w, policy);
    main(&mut w, policy, addr);
    w.done()
}

fn head(w: &mut Writer, policy: &Policy) {
    w.text("#define _GNU_SOURCE\n#include <arpa/inet.h>\n#include <errno.h>");
    w.text_if(policy.out_of_fds == OutOfFds::Spare, "#include <fcntl.h>");
    w.text("#include <signal.h>\n#include <stdlib.h>");
    w.text_if(policy.has(Faults::DECODE_TEXT), "#include <iconv.h>");
    w.text("#include <string.h>\n#include <sys/epoll.h>\n#include <sys/socket.h>");
    w.text_if(policy.out_of_fds == OutOfFds::BackOff, "#include <time.h>");
    w.text("#include <unistd.h>");
    w.blank();
    w.text("enum { BOUND = 65536 };  // so many bytes unsent, and the peer is not read");
    let exact = policy.has(Faults::EXACT_MATCH);
    w.text(if exact { "enum { READ = EPOLLIN };" } else { "enum { READ = EPOLLIN | EPOLLPRI | EPOLLRDHUP };" });
    w.blank();
    w.text("struct connection {\n    int fd, ended, full, queued;\n    unsigned mask;\n    char *kept;\n    size_t unsent;");
    w.text("} *connections[1 << 20];  // by fd");
    w.text("static int server, poller;\nstatic volatile sig_atomic_t stopped;");
    w.text_if(takes_turns(policy), "static struct connection *turns[1 << 20];\nstatic size_t first, last;");
    w.blank();
    w.text("static void stop(int signal) { stopped = signal; }");
    w.blank();
    w.text("static unsigned wanted(struct connection *c)\n{");
    w.indent = 1;
    w.text("unsigned mask = 0;\nif (!c->ended && !c->full)\n    mask |= READ;");
    w.text(match policy.write {
        WriteInterest::OnDemand => "if (c->unsent)\n    mask |= EPOLLOUT;",
        WriteInterest::Always => "mask |= EPOLLOUT;  // always",
    });
    w.text(&format!("return mask{};", flags(policy)));
    end(w);
    w.text("static int control(int op, int fd, unsigned mask)\n{");
    w.text("    struct epoll_event event = { .events = mask, .data.fd = fd };");
    w.text("    return epoll_ctl(poller, op, fd, &event);\n}");
    w.blank();
}

/// Ends a function.
fn end(w: &mut Writer) {
    w.indent = 0;
    w.text("}");
    w.blank();
}

/// What is done where accept4 finds no free fd.
fn shortage(w: &mut Writer, policy: &Policy) {
    let flags = flags(policy);
    match policy.out_of_fds {
        OutOfFds::Mute => {
            w.text("static int paused;");
            w.blank();
            w.text("static void mute(void)\n{\n    paused = 1;");
            w.call(Place::Mute, "    control(EPOLL_CTL_MOD, server, 0);");
            end(w);
            w.text("static void unmute(void)\n{\n    if (paused)");
            w.call(Place::Unmute, &format!("        control(EPOLL_CTL_MOD, server, EPOLLIN{flags});"));
            w.text("    paused = 0;");
            end(w);
        }
        OutOfFds::BackOff => {
            w.text("static long long paused;  // until then, in ms");
            w.blank();
            w.text("static long long now(void)\n{\n    struct timespec t;\n    clock_gettime(CLOCK_MONOTONIC, &t);");
            w.text("    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;");
            end(w);
            w.text("static void back_off(void)\n{\n    paused = now() + 500;");
            w.call(Place::BackOff, "    control(EPOLL_CTL_DEL, server, 0);");
            end(w);
            w.text(
                "static void come_back(void)\n{\n    if (!paused || now() < paused)\n        return;\n    paused = 0;",
            );
            w.call(Place::ComeBack, &format!("    control(EPOLL_CTL_ADD, server, EPOLLIN{flags});"));
            end(w);
        }
        OutOfFds::Spare => {
            w.text("static int spare;");
            w.blank();
            w.text("static void open_spare(void)\n{");
            w.call(Place::OpenSpare, "    spare = open(\"/dev/null\", O_RDWR);");
            end(w);
            w.text("static int turn_away(void)\n{");
            w.call(Place::FreeSpare, "    close(spare);");
            w.call(Place::AcceptToClose, "    int fd = accept4(server, NULL, NULL, 0);");
            w.text("    if (fd >= 0)");
            w.call(Place::TurnAway, "        close(fd);");
            w.text("    open_spare();\n    return fd >= 0;");
            end(w);
        }
        OutOfFds::Spin => {}
    }
}

fn accept(w: &mut Writer, policy: &Policy) {
    w.text("static void accept_connection(void)\n{");
    w.indent = 1;
    let drains = policy.accept == Accept::Drain;
    if drains {
        w.text("for (;;) {");
        w.indent = 2;
    }
    let flags = if policy.has(Faults::BLOCKING) { "0" } else { "SOCK_NONBLOCK" };
    w.call(Place::Accept, &format!("int fd = accept4(server, NULL, NULL, {flags});"));
    match policy.out_of_fds {
        OutOfFds::Mute => w.text("if (fd < 0 && errno == EMFILE)\n    mute();\nif (fd < 0)\n    return;"),
        OutOfFds::BackOff => w.text("if (fd < 0 && errno == EMFILE)\n    back_off();\nif (fd < 0)\n    return;"),
        OutOfFds::Spare if drains => {
            w.text("if (fd < 0 && errno == EMFILE && turn_away())\n    continue;\nif (fd < 0)\n    return;");
        }
        OutOfFds::Spare => w.text("if (fd < 0 && errno == EMFILE)\n    turn_away();\nif (fd < 0)\n    return;"),
        OutOfFds::Spin => w.text("if (fd < 0)\n    return;  // EMFILE too: and the client?"),
    }
    w.text("struct connection *c = calloc(1, sizeof *c);");
    w.text("c->fd = fd;\nc->mask = wanted(c);\nconnections[fd] = c;");
    w.call(Place::Add, "control(EPOLL_CTL_ADD, fd, c->mask);");
    if drains {
        w.indent = 1;
        w.text("}");
    }
    end(w);
}

fn echo(w: &mut Writer, policy: &Policy) {
    w.text("static int echo(struct connection *c, char *data, size_t length)\n{");
    w.indent = 1;
    if policy.has(Faults::UNCHECKED_SEND) {
        w.call(Place::Echo, "send(c->fd, data, length, MSG_NOSIGNAL);  // and what did not fit?");
        w.text("return 0;");
    } else {
        w.text("ssize_t sent = 0;\nif (!c->unsent)");
        w.call(Place::Echo, "    sent = send(c->fd, data, length, MSG_NOSIGNAL);");
        w.text("if (sent < 0 && errno != EAGAIN)\n    return -1;\nif (sent < 0)\n    sent = 0;");
        w.text("if ((size_t)sent < length) {\n    c->kept = realloc(c->kept, c->unsent + length - sent);");
        w.text("    memcpy(c->kept + c->unsent, data + sent, length - sent);\n    c->unsent += length - sent;");
        w.text("    c->full = c->unsent >= BOUND;\n}\nreturn 0;");
    }
    end(w);
}

fn receive(w: &mut Writer, policy: &Policy) {
    let decodes = policy.has(Faults::DECODE_TEXT);
    if decodes {
        w.text("static size_t decode(char *data, size_t length)\n{\n    static char text[1 << 20];");
        w.text("    iconv_t valid = iconv_open(\"UTF-8//IGNORE\", \"UTF-8\");\n    char *in = data, *out = text;");
        w.text("    size_t left = length, room = sizeof text;\n    iconv(valid, &in, &left, &out, &room);");
        w.text("    iconv_close(valid);\n    memcpy(data, text, out - text);\n    return out - text;\n}");
        w.blank();
    }
    let size = policy.read_size;
    w.text("static int receive(struct connection *c, unsigned event)\n{");
    w.indent = 1;
    w.text(&format!("static char data[{size}];"));
    let loops = policy.read != Read::Once;
    if loops {
        w.text_if(budget(policy).is_some(), "size_t taken = 0;");
        w.text("while (!c->full) {");
        w.indent = 2;
    }
    w.call(Place::Receive, "ssize_t length = recv(c->fd, data, sizeof data, 0);");
    w.text("if (length < 0)\n    return errno == EAGAIN ? 0 : -1;");
    w.text_if(decodes, "length = decode(data, length);");
    w.text(match policy.half_close {
        HalfClose::Answer => "if (length == 0) {\n    c->ended = 1;\n    return 0;\n}",
        HalfClose::Close => "if (length == 0)\n    return -1;",
    });
    w.text("if (echo(c, data, length) < 0)\n    return -1;");
    if policy.read == Read::DrainShort {
        w.text(&format!("if (length < {size} && !(event & ~(EPOLLIN | EPOLLOUT)))\n    return 0;"));
    }
    if let Some(bytes) = budget(policy) {
        w.text(&format!("taken += length;\nif (taken >= {bytes}) {{"));
        w.text_if(
            takes_turns(policy),
            "    if (!c->queued)\n        turns[last++ % (1 << 20)] = c;\n    c->queued = 1;",
        );
        w.text("    return 0;\n}");
    }
    if loops {
        w.indent = 1;
        w.text("}");
    }
    w.text_if(policy.read != Read::DrainShort, "(void)event;");
    w.text("return 0;");
    end(w);
}

fn flush(w: &mut Writer) {
    w.text("static int flush(struct connection *c)\n{");
    w.indent = 1;
    w.text("while (c->unsent) {");
    w.call(Place::Flush, "    ssize_t sent = send(c->fd, c->kept, c->unsent, MSG_NOSIGNAL);");
    w.text("    if (sent < 0 && errno != EAGAIN)\n        return -1;\n    if (sent < 0)\n        break;");
    w.text("    c->unsent -= sent;\n    memmove(c->kept, c->kept + sent, c->unsent);\n}");
    w.text("if (c->unsent <= BOUND / 2)\n    c->full = 0;\nreturn 0;");
    end(w);
}

fn close(w: &mut Writer, policy: &Policy) {
    w.text("static void close_connection(struct connection *c)\n{");
    w.indent = 1;
    w.text("connections[c->fd] = NULL;");
    if policy.has(Faults::CLOSE_FIRST) {
        w.call(Place::Close, "close(c->fd);  // before EPOLL_CTL_DEL");
        w.call(Place::Delete, "if (control(EPOLL_CTL_DEL, c->fd, 0) < 0)");
        w.text("    abort();  // EBADF");
    } else {
        w.call(Place::Delete, "control(EPOLL_CTL_DEL, c->fd, 0);");
        w.call(Place::Close, "close(c->fd);");
    }
    w.text_if(takes_turns(policy), "for (size_t i = first; i < last; i++)\n    if (turns[i % (1 << 20)] == c)\n        turns[i % (1 << 20)] = NULL;");
    w.text("free(c->kept);\nfree(c);");
    w.text_if(policy.out_of_fds == OutOfFds::Mute, "unmute();");
    end(w);
}

fn serve(w: &mut Writer, policy: &Policy) {
    w.text("static int act(struct connection *c, unsigned event)\n{");
    w.indent = 1;
    w.text("char urgent;");
    w.text_if(policy.half_close == HalfClose::Close, "if (event & EPOLLRDHUP)\n    return -1;");
    w.text("if (event & EPOLLOUT && flush(c) < 0)\n    return -1;\nif (event & EPOLLPRI &&");
    w.call(Place::ReceiveUrgent, "    recv(c->fd, &urgent, 1, MSG_OOB) == 1)");
    w.text("    echo(c, &urgent, 1);\nif (event & ~(EPOLLOUT | EPOLLPRI) && !c->ended && !c->full)");
    w.text("    return receive(c, event);\nreturn event & (EPOLLERR | EPOLLHUP) ? -1 : 0;");
    end(w);
    w.text("static void serve(struct connection *c, unsigned event)\n{");
    w.indent = 1;
    w.text("if (act(c, event) < 0 || (c->ended && !c->unsent)) {\n    close_connection(c);\n    return;\n}");
    if policy.oneshot {
        w.text("// The report has disarmed it.");
    } else {
        w.text("if (wanted(c) != c->mask) {");
        w.indent = 2;
    }
    w.text("c->mask = wanted(c);");
    w.call(Place::Modify, "control(EPOLL_CTL_MOD, c->fd, c->mask);");
    w.indent = 1;
    w.text_if(!policy.oneshot, "}");
    end(w);
}

fn main(w: &mut Writer, policy: &Policy, addr: SocketAddr) {
    w.text("int main(void)\n{");
    w.indent = 1;
    w.text(&address(addr));
    w.text("signal(SIGINT, stop);");
    let family = if addr.is_ipv6() { "AF_INET6" } else { "AF_INET" };
    w.text(&format!("server = socket({family}, SOCK_STREAM | SOCK_NONBLOCK, 0);"));
    w.text("setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));");
    w.text("if (bind(server, (struct sockaddr *)&addr, sizeof addr) < 0)\n    return 1;\nlisten(server, 4096);");
    w.call(Place::Create, "poller = epoll_create1(0);");
    let flags = flags(policy);
    w.call(Place::Register, &format!("control(EPOLL_CTL_ADD, server, EPOLLIN{flags});"));
    w.text_if(policy.out_of_fds == OutOfFds::Spare, "open_spare();");
    w.text(&format!("struct epoll_event events[{}];\nwhile (!stopped) {{", policy.max_events));
    w.indent = 2;
    let (max, timeout) = (policy.max_events, policy.timeout.0.max(-1));
    let timeout = paused_timeout(policy).map_or_else(|| timeout.to_string(), |ms| format!("paused ? {ms} : {timeout}"));
    let timeout = if takes_turns(policy) { format!("first < last ? 0 : {timeout}") } else { timeout };
    w.text_if(takes_turns(policy), "size_t waiting = last;");
    let timeout = if takes_turns(policy) {
        w.text(&format!("int timeout = {timeout};"));
        "timeout".to_owned()
    } else {
        timeout
    };
    w.call(Place::Wait, &format!("int count = epoll_wait(poller, events, {max}, {timeout});"));
    match policy.out_of_fds {
        OutOfFds::Mute if takes_turns(policy) => w.text("if (count == 0 && first == last)\n    unmute();"),
        OutOfFds::Mute => w.text("if (count == 0)\n    unmute();"),
        OutOfFds::BackOff => w.text("if (count >= 0)\n    come_back();"),
        OutOfFds::Spare | OutOfFds::Spin => {}
    }
    w.text("for (int i = 0; i < count; i++) {");
    w.indent = 3;
    w.text("struct connection *c = connections[events[i].data.fd];\nif (events[i].data.fd == server) {\n    accept_connection();");
    if policy.oneshot {
        w.text_if(pauses(policy), "    if (paused)\n        continue;");
        w.call(Place::ArmListener, &format!("    control(EPOLL_CTL_MOD, server, EPOLLIN{flags});"));
    }
    let exact = if policy.has(Faults::EXACT_MATCH) { " && events[i].events == EPOLLIN" } else { "" };
    w.text(&format!("}} else if (c{exact}) {{\n    serve(c, events[i].events);\n}}"));
    w.indent = 2;
    w.text("}");
    if takes_turns(policy) {
        w.text("while (first < waiting) {\n    struct connection *c = turns[first++ % (1 << 20)];");
        w.text("    if (c) {\n        c->queued = 0;\n        serve(c, EPOLLIN);\n    }\n}");
    }
    w.indent = 1;
    w.text("}\nfor (int fd = 0; fd < 1 << 20; fd++)\n    if (connections[fd])");
    w.call(Place::DestroyConnections, "        close(fd);");
    if policy.out_of_fds == OutOfFds::Spare {
        w.call(Place::DestroySpare, "close(spare);");
    }
    w.call(Place::DestroyListener, "close(server);");
    w.call(Place::DestroyEpoll, "close(poller);");
    w.indent = 0;
    w.text("}");
}

fn address(addr: SocketAddr) -> String {
    let (ip, port) = (addr.ip(), addr.port());
    if addr.is_ipv6() {
        let to = format!("inet_pton(AF_INET6, \"{ip}\", &addr.sin6_addr);");
        format!("struct sockaddr_in6 addr = {{ AF_INET6, htons({port}), 0, {{}}, 0 }};\n{to}")
    } else {
        let to = format!("inet_pton(AF_INET, \"{ip}\", &addr.sin_addr);");
        format!("struct sockaddr_in addr = {{ AF_INET, htons({port}), {{0}}, {{0}} }};\n{to}")
    }
}

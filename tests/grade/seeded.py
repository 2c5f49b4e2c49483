"""An echo server with one mistake of the catalogue, or with none: `seeded.py level|edge [MISTAKE]`."""
import errno
import os
import select
import signal
import socket
import sys

EDGE = sys.argv[1] == "edge"
MISTAKE = (sys.argv + [""])[2]
BOUND = 1 << 18
SIZE = 4096
ROUNDS = 1 << 30 if MISTAKE == "greedy" else 16 if EDGE else 1
ACCEPTED = select.EPOLLIN | (select.EPOLLOUT | select.EPOLLRDHUP | select.EPOLLET if EDGE else 0)

listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])), backlog=512)
listener.setblocking(MISTAKE == "blocking-listener")
poller = select.epoll()
poller.register(listener.fileno(), select.EPOLLIN | (select.EPOLLET if EDGE else 0))
clients = {}
ready = {}
leaked = []
shared = bytearray()
out_of_fds = False
if MISTAKE == "sigterm-ignored":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


class Client:
    def __init__(self, sock):
        self.sock = sock
        self.out = shared if MISTAKE == "shared-buffer" else bytearray()
        self.ended = False
        self.mask = ACCEPTED


def accept():
    global out_of_fds
    while True:
        try:
            sock, _ = listener.accept()
        except BlockingIOError:
            out_of_fds = False
            return
        except OSError as error:
            if error.errno != errno.EMFILE or MISTAKE == "emfile-fatal":
                raise
            if MISTAKE != "emfile-forgotten":
                out_of_fds = True
            if not EDGE and MISTAKE != "emfile-spin":
                poller.modify(listener.fileno(), 0)
            return
        add(sock)
        if not EDGE or MISTAKE == "accept-once":
            return


def add(sock):
    if MISTAKE not in ("blocking", "blocking-drain"):
        sock.setblocking(False)
    fd = sock.fileno()
    old = clients.get(fd)
    clients[fd] = client = Client(sock)
    if old and MISTAKE == "old-state":
        client.out = old.out
    if MISTAKE == "out-armed":
        client.mask |= select.EPOLLOUT
    if MISTAKE == "one-shot":
        client.mask |= select.EPOLLONESHOT
    if MISTAKE == "ghost":
        client.copy = sock.dup()
    poller.register(fd, client.mask)


def close(fd):
    global out_of_fds
    client = clients[fd]
    if MISTAKE == "old-state":
        client.out += b"."
    else:
        del clients[fd]
    ready.pop(fd, None)
    if MISTAKE == "close-first":
        client.sock.close()
        poller.unregister(fd)
    if MISTAKE != "ghost":
        poller.unregister(fd)
    if MISTAKE == "leak":
        leaked.append(client.sock)
    elif MISTAKE == "ghost":
        leaked.append(client.copy)
        client.sock.close()
    else:
        client.sock.close()
    if out_of_fds:
        out_of_fds = False
        if EDGE:
            accept()
        else:
            poller.modify(listener.fileno(), select.EPOLLIN)


def receive(client):
    """Whether anything came."""
    if client.ended or len(client.out) >= BOUND and MISTAKE != "unbounded":
        return False
    try:
        data = client.sock.recv(SIZE)
    except BlockingIOError:
        return False
    if MISTAKE == "text":
        client.out += data.decode("utf-8", "ignore").encode()
    else:
        client.out += data
    client.ended = not data and MISTAKE != "end-ignored"
    return len(data) == SIZE if MISTAKE == "short-is-last" else True


def send(client):
    while client.out:
        try:
            sent = client.sock.send(client.out)
        except BlockingIOError as error:
            if MISTAKE == "busy-send":
                continue
            if MISTAKE == "again-fatal":
                raise
            if MISTAKE == "again-closes":
                raise OSError from error
            sent = 0
        if MISTAKE == "lost":
            client.out.clear()
        if not sent:
            return
        del client.out[:sent]


def serve(fd):
    """Whether there may be more to do at once."""
    client = clients[fd]
    try:
        for _ in range(ROUNDS):
            was_full = len(client.out) >= BOUND
            came = receive(client)
            send(client)
            came |= was_full and len(client.out) < BOUND
            if client.ended and (not client.out or MISTAKE == "output-dropped"):
                close(fd)
                return False
            if not came or MISTAKE == "read-once":
                return False
    except OSError:
        if MISTAKE in ("reset-fatal", "again-fatal"):
            raise
        close(fd)
        return False
    return EDGE


def handle(fd, events):
    if MISTAKE == "equality" and events not in (select.EPOLLIN, select.EPOLLOUT):
        return
    if MISTAKE == "rdhup-closes" and events & select.EPOLLRDHUP:
        close(fd)
        return
    if EDGE:
        ready[fd] = True
        return
    client = clients[fd]
    serve(fd)
    if MISTAKE == "use-after-close" and client.sock.fileno() < 0:
        os.write(fd, b"bye")
    if clients.get(fd) is not client or client.sock.fileno() < 0 or MISTAKE == "one-shot":
        return
    has_room = len(client.out) < BOUND or MISTAKE == "unbounded"
    mask = (select.EPOLLIN if not client.ended and has_room else 0) | (select.EPOLLOUT if client.out or MISTAKE == "out-armed" else 0)
    if mask != client.mask:
        client.mask = mask
        poller.modify(fd, mask)


while True:
    events = poller.poll(0.001 if MISTAKE == "polling" else 0 if ready else -1, 64)
    if MISTAKE == "first-event-only":
        events = events[:1]
    for fd, mask in events:
        if fd == listener.fileno():
            accept()
        elif fd in clients:
            handle(fd, mask)
    for fd in list(ready):
        if not serve(fd):
            ready.pop(fd, None)

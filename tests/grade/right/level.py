"""A right echo server, level-triggered: bounded buffers, EPOLLOUT on demand, a listener that is muted when fds run out."""
import errno
import os
import select
import socket

BOUND = 1 << 20

listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])), backlog=512)
listener.setblocking(False)
poller = select.epoll()
poller.register(listener.fileno(), select.EPOLLIN)
clients = {}
muted = False


class Client:
    def __init__(self, sock):
        self.sock = sock
        self.out = bytearray()
        self.ended = False
        self.mask = select.EPOLLIN

    def wants(self):
        reads = select.EPOLLIN if not self.ended and len(self.out) < BOUND else 0
        return reads | (select.EPOLLOUT if self.out else 0)


def accept():
    global muted
    try:
        sock, _ = listener.accept()
    except BlockingIOError:
        return
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE):
            poller.modify(listener.fileno(), 0)
            muted = True
        return
    sock.setblocking(False)
    clients[sock.fileno()] = Client(sock)
    poller.register(sock.fileno(), select.EPOLLIN)


def close(fd):
    global muted
    poller.unregister(fd)
    clients.pop(fd).sock.close()
    if muted:
        poller.modify(listener.fileno(), select.EPOLLIN)
        muted = False


def serve(fd, events):
    client = clients[fd]
    try:
        if events & (select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR) and not client.ended:
            data = client.sock.recv(16384)
            client.ended = not data
            client.out += data
        if client.out:
            try:
                sent = client.sock.send(client.out)
                del client.out[:sent]
            except BlockingIOError:
                pass
    except BlockingIOError:
        return
    except OSError:
        return close(fd)
    if client.ended and not client.out:
        return close(fd)
    if client.wants() != client.mask:
        client.mask = client.wants()
        poller.modify(fd, client.mask)


while True:
    for fd, events in poller.poll(-1, 64):
        if fd == listener.fileno():
            accept()
        elif fd in clients:
            serve(fd, events)

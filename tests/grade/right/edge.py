"""A right echo server, edge-triggered: everything is drained, in turns, by a ready list of its own."""
import errno
import os
import select
import socket

BOUND = 1 << 20
TURN = 16

listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])), backlog=512)
listener.setblocking(False)
poller = select.epoll()
poller.register(listener.fileno(), select.EPOLLIN | select.EPOLLET)
clients = {}
ready = {}
starved_of_fds = False


class Client:
    def __init__(self, sock):
        self.sock = sock
        self.out = bytearray()
        self.ended = False


def accept():
    global starved_of_fds
    while True:
        try:
            sock, _ = listener.accept()
        except BlockingIOError:
            starved_of_fds = False
            return
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                starved_of_fds = True
                return
            continue
        sock.setblocking(False)
        clients[sock.fileno()] = Client(sock)
        poller.register(sock.fileno(), select.EPOLLIN | select.EPOLLOUT | select.EPOLLRDHUP | select.EPOLLET)


def close(fd):
    poller.unregister(fd)
    clients.pop(fd).sock.close()
    ready.pop(fd, None)
    if starved_of_fds:
        accept()


def flush(client):
    """Whether all is sent."""
    while client.out:
        try:
            sent = client.sock.send(client.out)
        except BlockingIOError:
            return False
        del client.out[:sent]
    return True


def turn(fd):
    """Whether there may be more to do at once."""
    client = clients[fd]
    try:
        for _ in range(TURN):
            if not flush(client) and len(client.out) >= BOUND:
                return False
            if client.ended:
                break
            data = client.sock.recv(4096)
            client.ended = not data
            client.out += data
        else:
            return True
        if not client.out:
            close(fd)
        return False
    except BlockingIOError:
        return False
    except OSError:
        close(fd)
        return False


while True:
    for fd, events in poller.poll(0 if ready else -1, 64):
        if fd == listener.fileno():
            accept()
        else:
            ready[fd] = True
    for fd in list(ready):
        if fd in clients and turn(fd):
            continue
        ready.pop(fd, None)

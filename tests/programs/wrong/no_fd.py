"""It runs out of fds, and its level-triggered listener is reported again and again."""
import resource
import select
import socket

listener = socket.create_server(("127.0.0.1", 0))
listener.setblocking(False)
print(listener.getsockname()[1], flush=True)

poller = select.epoll()
poller.register(listener, select.EPOLLIN)
resource.setrlimit(resource.RLIMIT_NOFILE, (poller.fileno() + 2, poller.fileno() + 2))
clients = []
while True:
    for fd, event in poller.poll():
        try:
            clients.append(listener.accept()[0])
        except OSError:
            pass

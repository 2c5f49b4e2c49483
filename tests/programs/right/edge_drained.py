"""Edge-triggered, accepted and read until EAGAIN."""
import select
import socket

listener = socket.create_server(("127.0.0.1", 0))
listener.setblocking(False)
print(listener.getsockname()[1], flush=True)

poller = select.epoll()
poller.register(listener, select.EPOLLIN | select.EPOLLET)
clients = {}


def accept():
    while True:
        client, _ = listener.accept()
        client.setblocking(False)
        poller.register(client, select.EPOLLIN | select.EPOLLRDHUP | select.EPOLLET)
        clients[client.fileno()] = client


def echo(fd):
    while True:
        data = clients[fd].recv(1024)
        if not data:
            poller.unregister(fd)
            clients.pop(fd).close()
            return
        clients[fd].send(data)


while True:
    for fd, event in poller.poll():
        try:
            accept() if fd == listener.fileno() else echo(fd)
        except BlockingIOError:
            pass

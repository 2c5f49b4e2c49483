"""One send of a message that is larger than any send queue, and what it returns is not looked at."""
import select
import socket

listener = socket.create_server(("127.0.0.1", 0))
listener.setblocking(False)
print(listener.getsockname()[1], flush=True)

poller = select.epoll()
poller.register(listener, select.EPOLLIN)
clients = {}
while True:
    for fd, event in poller.poll():
        if fd == listener.fileno():
            client, _ = listener.accept()
            client.setblocking(False)
            poller.register(client, select.EPOLLIN)
            clients[client.fileno()] = client
            continue
        if clients[fd].recv(1024):
            clients[fd].send(b"x" * 20_000_000)
        else:
            poller.unregister(fd)
            clients.pop(fd).close()

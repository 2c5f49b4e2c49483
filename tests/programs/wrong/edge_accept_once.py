"""The listener is edge-triggered, and each report accepts one client. It waits for a byte of its input before it serves,
so that several clients can come at once."""
import select
import socket
import sys

listener = socket.create_server(("127.0.0.1", 0))
listener.setblocking(False)
print(listener.getsockname()[1], flush=True)
sys.stdin.readline()

poller = select.epoll()
poller.register(listener, select.EPOLLIN | select.EPOLLET)
clients = {}
while True:
    for fd, event in poller.poll():
        if fd == listener.fileno():
            client, _ = listener.accept()
            client.setblocking(False)
            poller.register(client, select.EPOLLIN)
            clients[client.fileno()] = client
            continue
        data = clients[fd].recv(4096)
        if data:
            clients[fd].send(data)
        else:
            poller.unregister(fd)
            clients.pop(fd).close()

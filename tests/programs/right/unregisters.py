"""A copy of each connection is open, and it unregisters before it closes."""
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
            clients[client.fileno()] = (client, client.dup())
            continue
        client, copy = clients[fd]
        data = client.recv(1024)
        if data:
            copy.sendall(data)
        else:
            poller.unregister(fd)
            client.close()
            copy.close()
            del clients[fd]

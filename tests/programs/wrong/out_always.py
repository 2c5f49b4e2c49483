"""Level-triggered, with EPOLLOUT asked for all the time."""
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
            poller.register(client, select.EPOLLIN | select.EPOLLOUT)
            clients[client.fileno()] = client
        elif event & select.EPOLLIN:
            data = clients[fd].recv(4096)
            if data:
                clients[fd].send(data)
            else:
                poller.unregister(fd)
                clients.pop(fd).close()

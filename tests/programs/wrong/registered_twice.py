"""A second number for the same connection is registered too."""
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
            for one in (client, client.dup()):
                poller.register(one, select.EPOLLIN)
                clients[one.fileno()] = one
            continue
        try:
            data = clients[fd].recv(1024)
        except BlockingIOError:
            continue
        if data:
            clients[fd].sendall(data)
        else:
            poller.unregister(fd)
            clients.pop(fd).close()

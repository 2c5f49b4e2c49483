"""One-shot, and nothing arms it again."""
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
            poller.register(client, select.EPOLLIN | select.EPOLLONESHOT)
            clients[client.fileno()] = client
            continue
        data = clients[fd].recv(1024)
        if data:
            clients[fd].sendall(data)
        else:
            poller.unregister(fd)
            clients.pop(fd).close()

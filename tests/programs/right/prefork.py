"""Two workers with an epoll each, which share the listener that their parent has made."""
import os
import select
import socket

listener = socket.create_server(("127.0.0.1", 0))
listener.setblocking(False)
print(listener.getsockname()[1], flush=True)


def worker():
    poller = select.epoll()
    poller.register(listener, select.EPOLLIN | select.EPOLLEXCLUSIVE)
    clients = {}
    while True:
        for fd, event in poller.poll():
            if fd == listener.fileno():
                try:
                    client, _ = listener.accept()
                except BlockingIOError:
                    continue
                client.setblocking(False)
                poller.register(client, select.EPOLLIN)
                clients[client.fileno()] = client
                continue
            data = clients[fd].recv(1024)
            if data:
                clients[fd].sendall(data)
            else:
                poller.unregister(fd)
                clients.pop(fd).close()


for _ in range(2):
    if os.fork() == 0:
        worker()
os.wait()

"""The server of a Python tutorial on epoll, written anew with its mistakes: it compares events for equality, closes
before it unregisters, and leaves its connections in blocking mode."""
import select
import socket

listener = socket.create_server(("127.0.0.1", 0), backlog=128)
listener.setblocking(False)
print(listener.getsockname()[1], flush=True)

poller = select.epoll()
poller.register(listener.fileno(), select.EPOLLIN)
clients = {}
while True:
    for fd, event in poller.poll():
        if fd == listener.fileno():
            client, _ = listener.accept()
            poller.register(client.fileno(), select.EPOLLIN)
            clients[client.fileno()] = client
        elif event == select.EPOLLIN:
            text = clients[fd].recv(1024).decode("utf-8", "ignore")
            if text:
                clients[fd].send(text.encode("utf-8"))
            else:
                clients[fd].close()
                poller.unregister(fd)
                del clients[fd]

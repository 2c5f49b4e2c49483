"""Edge-triggered: a client that has left is no longer served, and its fd stays open."""
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
            poller.register(client, select.EPOLLIN | select.EPOLLET)
            clients[client.fileno()] = client
            continue
        try:
            while data := clients[fd].recv(1024):
                clients[fd].sendall(data)
        except BlockingIOError:
            pass

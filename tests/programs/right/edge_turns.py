"""Edge-triggered, with turns: who has more to read waits in a queue, and the next wait returns at once."""
import select
import socket

listener = socket.create_server(("127.0.0.1", 0))
listener.setblocking(False)
print(listener.getsockname()[1], flush=True)

poller = select.epoll()
poller.register(listener, select.EPOLLIN)
clients = {}
more = []

while True:
    turns, more = more, []
    for fd, _ in poller.poll(0 if turns else -1):
        if fd == listener.fileno():
            client, _ = listener.accept()
            client.setblocking(False)
            poller.register(client, select.EPOLLIN | select.EPOLLRDHUP | select.EPOLLET)
            clients[client.fileno()] = client
        elif fd not in turns:
            turns.append(fd)
    for fd in turns:
        try:
            data = clients[fd].recv(256)
        except BlockingIOError:
            continue
        if data:
            clients[fd].send(data)
            more.append(fd)
        else:
            poller.unregister(fd)
            clients.pop(fd).close()

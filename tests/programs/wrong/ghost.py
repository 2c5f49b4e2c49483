"""It closes its connection while a copy of the fd is open, and does not unregister it."""
import select
import socket

listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
client, _ = listener.accept()
poller = select.epoll()
poller.register(client, select.EPOLLIN)
copy = client.dup()
client.close()
while True:
    for fd, event in poller.poll():
        data = copy.recv(4096)
        if not data:
            raise SystemExit
        copy.send(data)

"""Four workers wait for the same listener, level-triggered and without EPOLLEXCLUSIVE: each client wakes all of them."""
import os
import select
import socket

listener = socket.create_server(("127.0.0.1", 0))
listener.setblocking(False)
print(listener.getsockname()[1], flush=True)


def worker():
    poller = select.epoll()
    poller.register(listener, select.EPOLLIN)
    while True:
        poller.poll()
        try:
            client, _ = listener.accept()
        except BlockingIOError:
            continue
        client.close()


for _ in range(4):
    if os.fork() == 0:
        worker()
os.wait()

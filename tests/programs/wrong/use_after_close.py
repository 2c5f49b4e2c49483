"""Two clients are a pair: when one has left, both are closed, also where an event of the other is still to be handled."""
import os
import select
import socket
import sys

listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
pair = [listener.accept()[0].detach() for _ in range(2)]
sys.stdin.readline()

poller = select.epoll()
for fd in pair:
    poller.register(fd, select.EPOLLIN)
while pair:
    for fd, event in poller.poll():
        try:
            data = os.read(fd, 1024)
        except OSError:
            continue
        if not data:
            for each in pair:
                os.close(each)
            pair = []

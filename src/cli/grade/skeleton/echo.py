"""An echo server with epoll: each client gets back the bytes that it sends. Grade it with

    epollscope grade -- python3 echo.py
"""
import os
import select
import socket

# Steps 1 and 2: a listener that does not block, and an epoll that watches it.
listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])), backlog=512)
listener.setblocking(False)
poller = select.epoll()
poller.register(listener.fileno(), select.EPOLLIN)

# Whatever is to be known of a connection, by its fd.
clients = {}

while True:
    # Step 3: wait until something is ready.
    for fd, events in poller.poll():
        if fd == listener.fileno():
            # Step 4: accept the client, and watch it.
            pass
        else:
            # Steps 5 and 6: receive, send back what can be sent, keep the rest for later, and close at the end.
            pass

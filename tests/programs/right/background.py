"""Registers, and goes on in the background: the fd of the child is the one that was registered."""
import os
import select
import socket

poller = select.epoll()
one, other = socket.socketpair()
poller.register(one, select.EPOLLIN)
parent = os.getpid()
if os.fork():
    os._exit(0)
while os.getppid() == parent:
    pass
other.send(b"x")
assert poller.poll() == [(one.fileno(), select.EPOLLIN)]
assert one.recv(10) == b"x"

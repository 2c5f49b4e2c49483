"""One thread waits, edge-triggered, and another one reads what was reported until EAGAIN."""
import queue
import select
import socket
import threading

listener = socket.create_server(("127.0.0.1", 0))
listener.setblocking(False)
print(listener.getsockname()[1], flush=True)

poller = select.epoll()
poller.register(listener, select.EPOLLIN)
clients, ready = {}, queue.Queue()


def work():
    while True:
        fd = ready.get()
        try:
            while data := clients[fd].recv(16):
                clients[fd].sendall(data)
            poller.unregister(fd)
            clients.pop(fd).close()
        except BlockingIOError:
            pass


threading.Thread(target=work, daemon=True).start()
while True:
    for fd, event in poller.poll():
        if fd == listener.fileno():
            client, _ = listener.accept()
            client.setblocking(False)
            clients[client.fileno()] = client
            poller.register(client, select.EPOLLIN | select.EPOLLET)
        else:
            ready.put(fd)

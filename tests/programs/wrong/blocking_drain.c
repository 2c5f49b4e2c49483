// Edge-triggered, and read until EAGAIN, which never comes: the connection is in blocking mode.
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void) {
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    bind(listener, (struct sockaddr *)&address, length);
    listen(listener, 16);
    getsockname(listener, (struct sockaddr *)&address, &length);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);

    int poller = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        if (epoll_wait(poller, &event, 1, -1) < 1)
            continue;
        if (event.data.fd == listener) {
            int client = accept(listener, NULL, NULL);
            struct epoll_event of = {.events = EPOLLIN | EPOLLET, .data.fd = client};
            epoll_ctl(poller, EPOLL_CTL_ADD, client, &of);
            continue;
        }
        char buffer[1024];
        ssize_t n;
        while ((n = read(event.data.fd, buffer, sizeof buffer)) > 0)
            if (write(event.data.fd, buffer, n) < 0)
                break;
        close(event.data.fd);
    }
}

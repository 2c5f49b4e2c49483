// It takes a read of 0 bytes for nothing, and goes on: the end of the stream is reported again and again.
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

    int poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = 0xfeed00000000 | listener};
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        epoll_wait(poller, &event, 1, -1);
        int fd = (int)event.data.u64;
        if (fd == listener) {
            int client = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
            struct epoll_event of = {.events = EPOLLIN, .data.u64 = 0xbeef00000000 | client};
            epoll_ctl(poller, EPOLL_CTL_ADD, client, &of);
            continue;
        }
        char buffer[1024];
        ssize_t n = recv(fd, buffer, sizeof buffer, 0);
        if (n > 0)
            send(fd, buffer, n, MSG_NOSIGNAL);
    }
}

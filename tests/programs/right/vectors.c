// Edge-triggered, with readv, writev and epoll_pwait, and pointers for data.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

struct connection {
    int fd;
};

static void watch(int poller, int fd, unsigned events) {
    struct connection *of = malloc(sizeof *of);
    of->fd = fd;
    struct epoll_event event = {.events = events, .data.ptr = of};
    epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
}

int main(void) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    bind(listener, (struct sockaddr *)&address, length);
    listen(listener, 16);
    getsockname(listener, (struct sockaddr *)&address, &length);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);

    int poller = epoll_create1(EPOLL_CLOEXEC);
    watch(poller, listener, EPOLLIN | EPOLLET);
    for (;;) {
        struct epoll_event events[8];
        int n = epoll_pwait(poller, events, 8, -1, NULL);
        for (int i = 0; i < n; i++) {
            struct connection *of = events[i].data.ptr;
            if (of->fd == listener) {
                int client;
                while ((client = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0)
                    watch(poller, client, EPOLLIN | EPOLLRDHUP | EPOLLET);
                continue;
            }
            char first[16], rest[1008];
            struct iovec parts[] = {{first, sizeof first}, {rest, sizeof rest}};
            ssize_t got;
            while ((got = readv(of->fd, parts, 2)) > 0) {
                size_t head = got < 16 ? (size_t)got : 16;
                struct iovec back[] = {{first, head}, {rest, (size_t)got - head}};
                if (writev(of->fd, back, 2) < 0)
                    break;
            }
            if (got == 0) {
                close(of->fd);
                free(of);
            }
        }
    }
}

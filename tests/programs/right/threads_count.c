// Three threads, each with an epoll of its own, level-triggered. Whoever sends "?" gets the number of calls that have
// returned EINTR so far, as a line.
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static int listener;
static atomic_int interrupted;

static long counted(long result) {
    if (result < 0 && errno == EINTR)
        interrupted++;
    return result;
}

static void *serve(void *unused) {
    int poller = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE, .data.fd = listener};
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        struct epoll_event events[4];
        int n = counted(epoll_wait(poller, events, 4, -1));
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                int client = counted(accept4(listener, NULL, NULL, SOCK_NONBLOCK));
                event = (struct epoll_event){.events = EPOLLIN | EPOLLRDHUP, .data.fd = client};
                if (client >= 0)
                    epoll_ctl(poller, EPOLL_CTL_ADD, client, &event);
                continue;
            }
            char buffer[1024];
            int got = counted(read(fd, buffer, sizeof buffer));
            if (got > 0 && buffer[0] == '?')
                got = sprintf(buffer, "%d\n", interrupted);
            if (got == 0 || (got > 0 && counted(write(fd, buffer, got)) != got))
                close(fd);
        }
    }
}

int main(void) {
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    bind(listener, (struct sockaddr *)&address, length);
    listen(listener, 64);
    getsockname(listener, (struct sockaddr *)&address, &length);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    pthread_t thread;
    for (int i = 0; i < 2; i++)
        pthread_create(&thread, NULL, serve, NULL);
    serve(NULL);
}

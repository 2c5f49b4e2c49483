/* An echo server with epoll: each client gets back the bytes that it sends. Grade it with

       cc -g -o echo echo.c && epollscope grade -- ./echo
*/
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

int main(void)
{
    const char *port = getenv("PORT");
    struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(port ? atoi(port) : 9292) };
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    /* Steps 1 and 2: a listener that does not block, and an epoll that watches it. */
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&addr, sizeof addr) < 0 || listen(listener, 512) < 0)
        fail("listen");
    int poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = { .events = EPOLLIN, .data.fd = listener };
    if (poller < 0 || epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event) < 0)
        fail("epoll");

    for (;;) {
        /* Step 3: wait until something is ready. */
        struct epoll_event events[64];
        int n = epoll_wait(poller, events, 64, -1);
        for (int i = 0; i < n; i++) {
            if (events[i].data.fd == listener) {
                /* Step 4: accept the client, and watch it. */
            } else {
                /* Steps 5 and 6: receive, send back what can be sent, keep the rest for later, and close at the end. */
            }
        }
    }
}

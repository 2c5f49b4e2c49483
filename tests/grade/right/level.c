/* A right echo server, level-triggered: bounded buffers, EPOLLOUT on demand, a listener that is muted when fds run out. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define BOUND (256 * 1024)

struct client {
    int fd;
    uint32_t mask;
    size_t from, to;
    int ended;
    struct client *next;
    char out[BOUND];
};

static int ep, listener, muted;
static struct client *gone;

static void listen_for(uint32_t events)
{
    struct epoll_event ev = { .events = events, .data.ptr = NULL };
    epoll_ctl(ep, EPOLL_CTL_MOD, listener, &ev);
    muted = events == 0;
}

static void end(struct client *c)
{
    epoll_ctl(ep, EPOLL_CTL_DEL, c->fd, NULL);
    close(c->fd);
    c->fd = -1;
    c->next = gone; /* freed after the batch: it may have another event in it */
    gone = c;
    if (muted)
        listen_for(EPOLLIN);
}

static void take(void)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE)
            listen_for(0);
        return;
    }
    struct client *c = malloc(sizeof *c);
    c->fd = fd;
    c->mask = EPOLLIN;
    c->from = c->to = 0;
    c->ended = 0;
    struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };
    epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
}

static void serve(struct client *c, uint32_t events)
{
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR) && !c->ended && c->to < BOUND) {
        ssize_t n = recv(c->fd, c->out + c->to, BOUND - c->to, 0);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return end(c);
        if (n == 0)
            c->ended = 1;
        if (n > 0)
            c->to += n;
    }
    if (c->from < c->to) {
        ssize_t n = send(c->fd, c->out + c->from, c->to - c->from, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return end(c);
        if (n > 0)
            c->from += n;
    }
    if (c->from == c->to)
        c->from = c->to = 0;
    else if (c->to == BOUND && c->from > 0) {
        memmove(c->out, c->out + c->from, c->to - c->from);
        c->to -= c->from;
        c->from = 0;
    }
    if (c->ended && c->from == c->to)
        return end(c);
    uint32_t mask = (!c->ended && c->to < BOUND ? EPOLLIN : 0) | (c->from < c->to ? EPOLLOUT : 0);
    if (mask != c->mask) {
        struct epoll_event ev = { .events = mask, .data.ptr = c };
        epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &ev);
        c->mask = mask;
    }
}

int main(void)
{
    struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(atoi(getenv("PORT"))) };
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int on = 1;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&addr, sizeof addr) || listen(listener, 512))
        return 1;
    ep = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event ev = { .events = EPOLLIN, .data.ptr = NULL };
    epoll_ctl(ep, EPOLL_CTL_ADD, listener, &ev);
    for (;;) {
        struct epoll_event events[64];
        int n = epoll_wait(ep, events, 64, -1);
        if (n < 0 && errno != EINTR)
            return 1;
        for (int i = 0; i < n; i++) {
            struct client *c = events[i].data.ptr;
            if (!c)
                take();
            else if (c->fd >= 0)
                serve(c, events[i].events);
        }
        while (gone) {
            struct client *c = gone;
            gone = c->next;
            free(c);
        }
    }
}

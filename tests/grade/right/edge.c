/* A right echo server, edge-triggered: everything is drained, in turns, by a ready list of its own. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define BOUND (64 * 1024)
#define TURN 16
#define FDS 65536

struct client {
    size_t from, to;
    int ended, queued;
    char out[BOUND];
};

static struct client *clients[FDS];
static int ready[FDS], readies, ep, listener, out_of_fds;

static void take(void)
{
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == EINTR || errno == ECONNABORTED)
                continue;
            out_of_fds = errno == EMFILE || errno == ENFILE;
            return;
        }
        struct client *c = malloc(sizeof *c);
        c->from = c->to = 0;
        c->ended = c->queued = 0;
        clients[fd] = c;
        struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.fd = fd };
        epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
    }
}

static void end(int fd)
{
    epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL);
    close(fd);
    free(clients[fd]);
    clients[fd] = NULL;
    if (out_of_fds)
        take();
}

/* Whether there may be more to do at once. */
static int turn(int fd)
{
    struct client *c = clients[fd];
    for (int i = 0; i < TURN; i++) {
        while (c->from < c->to) {
            ssize_t n = send(fd, c->out + c->from, c->to - c->from, MSG_NOSIGNAL);
            if (n < 0 && errno == EINTR)
                continue;
            if (n < 0 && errno == EAGAIN)
                break;
            if (n < 0)
                return end(fd), 0;
            c->from += n;
        }
        if (c->from == c->to)
            c->from = c->to = 0;
        if (c->ended)
            return c->to == 0 ? (end(fd), 0) : 0;
        if (c->to == BOUND)
            return 0; /* room to send is an edge */
        ssize_t n = recv(fd, c->out + c->to, BOUND - c->to, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return 0;
        if (n < 0)
            return end(fd), 0;
        c->ended = n == 0;
        c->to += n;
    }
    return 1;
}

static void queue(int fd)
{
    if (clients[fd] && !clients[fd]->queued) {
        clients[fd]->queued = 1;
        ready[readies++] = fd;
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
    struct epoll_event ev = { .events = EPOLLIN | EPOLLET, .data.fd = listener };
    epoll_ctl(ep, EPOLL_CTL_ADD, listener, &ev);
    for (;;) {
        struct epoll_event events[64];
        int n = epoll_wait(ep, events, 64, readies ? 0 : -1);
        if (n < 0 && errno != EINTR)
            return 1;
        for (int i = 0; i < n; i++) {
            if (events[i].data.fd == listener)
                take();
            else
                queue(events[i].data.fd);
        }
        int count = readies, left = 0;
        for (int i = 0; i < count; i++) {
            int fd = ready[i];
            if (!clients[fd] || !clients[fd]->queued)
                continue;
            clients[fd]->queued = 0;
            if (turn(fd)) {
                clients[fd]->queued = 1;
                ready[left++] = fd;
            }
        }
        for (int i = count; i < readies; i++)
            ready[left++] = ready[i];
        readies = left;
    }
}

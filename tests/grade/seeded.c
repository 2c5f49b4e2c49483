/* An echo server with one mistake of the catalogue, or with none: `seeded level|edge [MISTAKE]`. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define BOUND (64 * 1024)
#define LARGE (16 * 1024 * 1024)
#define SIZE 4096
#define FDS 4096

struct buffer {
    size_t from, to;
    char bytes[];
};

struct client {
    int is_open, ended, queued, copy;
    uint32_t mask;
    struct buffer *out;
};

static struct client clients[FDS];
static struct buffer *shared;
static int ready[2 * FDS], readies, ep, listener, out_of_fds, edge;
static const char *mistake = "";

static int is(const char *name)
{
    return strcmp(mistake, name) == 0;
}

static size_t bound(void)
{
    return is("unbounded") ? LARGE : BOUND;
}

static void control(int op, int fd, uint32_t mask)
{
    struct epoll_event ev = { .events = mask, .data.fd = fd };
    epoll_ctl(ep, op, fd, &ev);
}

static void add(int fd)
{
    struct client *c = &clients[fd];
    if (!(is("old-state") && c->out))
        c->out = is("shared-buffer") ? shared : calloc(1, sizeof *c->out + bound());
    c->is_open = 1;
    c->ended = c->queued = 0;
    c->mask = EPOLLIN | (edge ? EPOLLOUT | EPOLLRDHUP | EPOLLET : 0);
    if (is("out-armed"))
        c->mask |= EPOLLOUT;
    if (is("one-shot"))
        c->mask |= EPOLLONESHOT;
    if (is("ghost"))
        c->copy = dup(fd);
    control(EPOLL_CTL_ADD, fd, c->mask);
}

static void take(void)
{
    int flags = is("blocking") || is("blocking-drain") ? 0 : SOCK_NONBLOCK;
    do {
        int fd = accept4(listener, NULL, NULL, flags | SOCK_CLOEXEC);
        if (fd < 0 && errno == EMFILE) {
            if (is("emfile-fatal"))
                exit(1);
            if (!is("emfile-forgotten"))
                out_of_fds = 1;
            if (!edge && !is("emfile-spin"))
                control(EPOLL_CTL_MOD, listener, 0);
        }
        if (fd < 0)
            return;
        add(fd);
    } while (edge && !is("accept-once"));
}

static void end(int fd)
{
    struct client *c = &clients[fd];
    c->is_open = 0;
    if (is("old-state"))
        c->out->bytes[c->out->to++] = '.';
    else if (!is("shared-buffer"))
        free(c->out);
    if (is("close-first"))
        close(fd);
    if (!is("ghost"))
        control(EPOLL_CTL_DEL, fd, 0);
    if (!is("leak"))
        close(fd);
    if (out_of_fds) {
        out_of_fds = 0;
        if (edge)
            take();
        else
            control(EPOLL_CTL_MOD, listener, EPOLLIN);
    }
}

/* -1: it is closed; 0: nothing came; 1: something came. */
static int receive(int fd)
{
    struct client *c = &clients[fd];
    struct buffer *out = c->out;
    if (c->ended || out->to == bound())
        return 0;
    size_t room = bound() - out->to;
    ssize_t n = recv(fd, out->bytes + out->to, room < SIZE ? room : SIZE, 0);
    if (n < 0 && (errno == EAGAIN || (errno == EINTR && !edge)))
        return 0;
    if (n < 0 && is("reset-fatal"))
        exit(1);
    if (n < 0)
        return end(fd), -1;
    c->ended = n == 0 && !is("end-ignored");
    out->to += is("text") ? strnlen(out->bytes + out->to, n) : (size_t)n;
    return is("short-is-last") ? n == SIZE : 1;
}

/* Whether it is still open. */
static int flush(int fd)
{
    struct buffer *out = clients[fd].out;
    while (out->from < out->to) {
        ssize_t n = send(fd, out->bytes + out->from, out->to - out->from, is("sigpipe") ? 0 : MSG_NOSIGNAL);
        if (is("lost"))
            out->from = out->to;
        else if (n > 0)
            out->from += n;
        else if (n < 0 && errno == EAGAIN && is("again-fatal"))
            exit(1);
        else if (n < 0 && errno == EAGAIN && is("again-closes"))
            return end(fd), 0;
        else if (n < 0 && errno == EAGAIN && !is("busy-send"))
            break;
        else if (n < 0 && errno != EINTR && errno != EAGAIN)
            return end(fd), 0;
    }
    memmove(out->bytes, out->bytes + out->from, out->to - out->from);
    out->to -= out->from;
    out->from = 0;
    return 1;
}

/* Whether there may be more to do at once. */
static int serve(int fd)
{
    struct client *c = &clients[fd];
    int rounds = is("greedy") ? 1 << 30 : edge ? 16 : 1;
    for (int i = 0; i < rounds; i++) {
        int was_full = c->out->to == bound(), came = receive(fd);
        if (came < 0 || !flush(fd))
            return 0;
        if (c->ended && (c->out->to == 0 || is("output-dropped")))
            return end(fd), 0;
        if ((!came && !(was_full && c->out->to < bound())) || is("read-once"))
            return 0;
    }
    return edge;
}

static void handle(int fd, uint32_t events)
{
    struct client *c = &clients[fd];
    if (!c->is_open || (is("equality") && events != EPOLLIN && events != EPOLLOUT))
        return;
    if (is("rdhup-closes") && events & EPOLLRDHUP)
        return end(fd);
    if (edge && c->queued)
        return;
    if (edge) {
        c->queued = 1;
        ready[readies++] = fd;
        return;
    }
    serve(fd);
    if (is("use-after-close") && !c->is_open)
        send(fd, "bye", 3, MSG_NOSIGNAL);
    if (!c->is_open || is("one-shot"))
        return;
    uint32_t mask = (!c->ended && c->out->to < bound() ? EPOLLIN : 0) | (c->out->to || is("out-armed") ? EPOLLOUT : 0);
    if (mask != c->mask)
        control(EPOLL_CTL_MOD, fd, c->mask = mask);
}

int main(int argc, char **argv)
{
    edge = argc > 1 && strcmp(argv[1], "edge") == 0;
    mistake = argc > 2 ? argv[2] : "";
    shared = calloc(1, sizeof *shared + bound());
    if (is("sigterm-ignored"))
        signal(SIGTERM, SIG_IGN);
    struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(atoi(getenv("PORT"))) };
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int on = 1;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | (is("blocking-listener") ? 0 : SOCK_NONBLOCK), 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&addr, sizeof addr) || listen(listener, 512))
        return 1;
    ep = epoll_create1(EPOLL_CLOEXEC);
    control(EPOLL_CTL_ADD, listener, EPOLLIN | (edge ? EPOLLET : 0));
    for (;;) {
        struct epoll_event events[64];
        int n = epoll_wait(ep, events, 64, is("polling") ? 1 : readies ? 0 : -1);
        if (n < 0 && (errno != EINTR || is("eintr-fatal")))
            return 1;
        if (n > 1 && is("first-event-only"))
            n = 1;
        for (int i = 0; i < n; i++) {
            if (events[i].data.fd == listener)
                take();
            else if (clients[events[i].data.fd].is_open || is("ghost"))
                handle(events[i].data.fd, events[i].events);
        }
        int count = readies, left = 0;
        for (int i = 0; i < count; i++) {
            struct client *c = &clients[ready[i]];
            if (c->is_open && c->queued && serve(ready[i]))
                ready[left++] = ready[i];
            else
                c->queued = 0;
        }
        for (int i = count; i < readies; i++)
            ready[left++] = ready[i];
        readies = left;
    }
}

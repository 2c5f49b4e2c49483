/* The echo server by hand: a raw epoll loop in C, without anything that it could do without.
 *
 *     raw level|edge|short BUFFER
 *
 * level: one recv a report. edge: recv until EAGAIN. short: recv until EAGAIN or a short read. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_EVENTS 1024

struct connection {
    int fd;
    char *unsent; /* NULL while nothing waits */
    size_t length, sent;
};

static enum { LEVEL, EDGE, SHORT } policy;
static uint32_t trigger;
static char *buffer;
static size_t size;

static void die(const char *call) {
    perror(call);
    exit(3);
}

static void watch(int epfd, int op, struct connection *connection, uint32_t events) {
    struct epoll_event event = {.events = events | EPOLLRDHUP | trigger, .data.ptr = connection};
    if (epoll_ctl(epfd, op, connection->fd, &event) < 0) die("epoll_ctl");
}

static int end(int epfd, struct connection *connection) {
    epoll_ctl(epfd, EPOLL_CTL_DEL, connection->fd, NULL);
    close(connection->fd);
    free(connection->unsent);
    free(connection);
    return 0;
}

/* What did not fit waits for EPOLLOUT; until it is gone, nothing more is read. */
static void keep(int epfd, struct connection *connection, const char *bytes, size_t length) {
    connection->unsent = malloc(length);
    if (!connection->unsent) die("malloc");
    memcpy(connection->unsent, bytes, length);
    connection->length = length;
    connection->sent = 0;
    watch(epfd, EPOLL_CTL_MOD, connection, EPOLLOUT);
}

static int flush(int epfd, struct connection *connection) {
    while (connection->sent < connection->length) {
        size_t left = connection->length - connection->sent;
        ssize_t sent = send(connection->fd, connection->unsent + connection->sent, left, MSG_NOSIGNAL);
        if (sent < 0) return errno == EAGAIN ? 1 : end(epfd, connection);
        connection->sent += (size_t)sent;
    }
    free(connection->unsent);
    connection->unsent = NULL;
    watch(epfd, EPOLL_CTL_MOD, connection, EPOLLIN);
    return 1;
}

static void serve(int epfd, struct connection *connection, uint32_t ready) {
    if (connection->unsent) {
        flush(epfd, connection);
        return; /* MOD looks again: what came meanwhile is reported. */
    }
    int short_is_end = policy == SHORT && !(ready & ~(uint32_t)(EPOLLIN | EPOLLOUT));
    for (;;) {
        ssize_t got = recv(connection->fd, buffer, size, 0);
        if (got < 0 && errno == EAGAIN) return;
        if (got <= 0) {
            end(epfd, connection);
            return;
        }
        ssize_t sent = send(connection->fd, buffer, (size_t)got, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) sent = 0;
        if (sent < 0) {
            end(epfd, connection);
            return;
        }
        if (sent < got) {
            keep(epfd, connection, buffer + sent, (size_t)(got - sent));
            return;
        }
        if (policy == LEVEL || (short_is_end && (size_t)got < size)) return;
    }
}

static void take(int epfd, int listener) {
    do {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) return;
        struct connection *connection = calloc(1, sizeof *connection);
        if (!connection) die("calloc");
        connection->fd = fd;
        watch(epfd, EPOLL_CTL_ADD, connection, EPOLLIN);
    } while (policy != LEVEL);
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    policy = !strcmp(argv[1], "edge") ? EDGE : !strcmp(argv[1], "short") ? SHORT : LEVEL;
    trigger = policy == LEVEL ? 0 : EPOLLET;
    size = strtoul(argv[2], NULL, 10);
    buffer = malloc(size);

    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);

    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof name;
    setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&name, length) < 0) die("bind");
    if (listen(listener, 4096) < 0) die("listen");
    getsockname(listener, (struct sockaddr *)&name, &length);
    fprintf(stderr, "listening on 127.0.0.1:%d\n", ntohs(name.sin_port));

    int epfd = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN | trigger, .data.ptr = NULL}, events[MAX_EVENTS];
    if (epoll_ctl(epfd, EPOLL_CTL_ADD, listener, &event) < 0) die("epoll_ctl");
    for (;;) {
        int ready = epoll_wait(epfd, events, MAX_EVENTS, -1);
        if (ready < 0 && errno != EINTR) die("epoll_wait");
        for (int i = 0; i < ready; i++) {
            if (events[i].data.ptr) serve(epfd, events[i].data.ptr, events[i].events);
            else take(epfd, listener);
        }
    }
}

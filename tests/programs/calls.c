// Makes calls of many kinds on fds of its own, always the same ones, to be compared with strace.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    int pair[2], ends[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    pipe2(ends, O_NONBLOCK);
    int counter = eventfd(0, EFD_NONBLOCK), timer = timerfd_create(CLOCK_MONOTONIC, 0), poller = epoll_create1(0);
    struct itimerspec never = {{0, 0}, {3600, 0}};
    timerfd_settime(timer, 0, &never, 0);
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = UINT64_MAX};
    epoll_ctl(poller, EPOLL_CTL_ADD, pair[0], &event);
    epoll_ctl(poller, EPOLL_CTL_ADD, pair[0], &event);
    epoll_wait(poller, &event, 1, 0);
    uint64_t one = 1;
    write(counter, &one, sizeof one);
    read(counter, &one, sizeof one);
    read(counter, &one, sizeof one);
    struct iovec parts[] = {{"ab", 2}, {"cde", 3}};
    writev(pair[1], parts, 2);
    epoll_pwait(poller, &event, 1, 0, 0);
    char buffer[64];
    struct iovec into[] = {{buffer, 1}, {buffer + 1, 3}};
    readv(pair[0], into, 2);
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    sendmsg(pair[1], &message, 0);
    message.msg_iov = into;
    recvmsg(pair[0], &message, 0);
    recv(pair[0], buffer, sizeof buffer, MSG_DONTWAIT);
    recv(pair[0], buffer, sizeof buffer, MSG_DONTWAIT);
    send(pair[1], "x", 1, 0);
    splice(pair[0], 0, ends[1], 0, 64, 0);
    int on = 1, copy = dup(pair[0]);
    ioctl(pair[0], FIONBIO, &on);
    fcntl(pair[1], F_SETFL, O_NONBLOCK);
    dup2(pair[0], copy);
    fcntl(copy, F_DUPFD, 100);
    shutdown(pair[1], SHUT_WR);
    pid_t child = fork();
    if (child == 0) {
        close(pair[0]);
        write(ends[1], "child", 5);
        _exit(0);
    }
    waitpid(child, 0, 0);
    read(ends[0], buffer, sizeof buffer);
    epoll_ctl(poller, EPOLL_CTL_DEL, pair[0], 0);
    close(pair[0]);
    close(pair[0]);
    return 0;
}

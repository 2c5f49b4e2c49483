//! Every word of the language: its usage and its meaning.

/// The verbs of lab scenes.
pub const VERBS: &[(&str, &str)] = &[
    ("E = epoll", "make an epoll object: epoll_create1"),
    ("E = epoll flags N", "epoll_create1 with other flags than EPOLL_CLOEXEC: unknown ones are EINVAL"),
    ("E = create", "the same by its Python name"),
    ("E = epoll_create SIZE", "the call of old: only a SIZE of 0 or less matters, EINVAL"),
    (
        "S = socket [tcp|udp|stream|dgram|seqpacket]",
        "a socket that is not connected; tcp by default, the last three of AF_UNIX",
    ),
    ("L = listener", "a TCP socket that listens on the loopback"),
    ("C = connect L", "connect to it, without waiting for accept"),
    ("A = accept L", "accept4"),
    ("A B = pair tcp|udp|stream|dgram|seqpacket", "two connected ends: TCP, UDP, or socketpair of AF_UNIX"),
    (
        "R W = pipe [packet] [BYTES]",
        "a pipe: its reading end and its writing end; packet: each write is a packet (O_DIRECT); BYTES sets its size \
         (F_SETPIPE_SZ)",
    ),
    ("F = fifo", "a FIFO in a folder of the scene's own, opened for reading and writing (O_RDWR)"),
    ("X = open F read|write|both", "open the FIFO again: another open file description"),
    ("M S = pty", "a pseudo-terminal in raw mode: the terminal's side and the program's side"),
    ("N = eventfd [COUNT] [semaphore]", "eventfd; each read of a semaphore takes 1 off its counter"),
    ("T = timerfd MS [EVERY]", "a timerfd that expires after MS ms, then every EVERY ms; with 0 it is not set"),
    ("P = pidfd CHILD", "a pidfd of a child, which is readable once the child has ended"),
    ("I = inotify", "an inotify that tells of files that are created, written or removed in the scene's folder"),
    ("S = signalfd", "a signalfd for SIGUSR2, which is blocked from now on"),
    ("F = file", "a regular file without a name, which epoll refuses: EPERM"),
    ("F = memfd", "a file in memory: EPERM too"),
    ("F = null", "/dev/null: EPERM too"),
    ("F = path", "the scene's folder, opened with O_PATH, which epoll does not take for an fd at all: EBADF"),
    ("D = dup F", "another fd for the same open file description"),
    ("F = fromfd E", "another name for the same fd: to close one closes both"),
    ("fileno F", "its number"),
    (
        "add E F EVENTS…",
        "EPOLL_CTL_ADD; events are IN, OUT, ET, … (or EPOLLIN, …), or 0; RDNORM, WRNORM and the like come with IN and OUT",
    ),
    ("mod E F EVENTS…", "EPOLL_CTL_MOD"),
    ("del E F", "EPOLL_CTL_DEL"),
    (
        "ctl E F N EVENTS…",
        "epoll_ctl with the operation of this number: 1, 2 and 3 are ADD, DEL and MOD, any other EINVAL",
    ),
    ("register E F EVENTS…", "add by its Python name"),
    ("modify E F EVENTS…", "mod by its Python name"),
    ("unregister E F", "del by its Python name"),
    (
        "wait E [max N] [timeout MS] [nowhere]",
        "epoll_wait; maxevents 64 and timeout 0 by default; timeout -1 waits without limit; nowhere: its event list is at \
         address 0",
    ),
    ("wait E … mask 0|ALRM", "epoll_pwait: while it waits, SIGALRM is let through, or blocked"),
    ("wait E … timeout N ns", "epoll_pwait2: the timeout is in nanoseconds"),
    ("poll E timeout MS [max N]", "wait by its Python name, with at least one of the two"),
    ("W = wait E …", "a wait whose event list gets a name, for comparison"),
    (
        "T = thread [VERB …]",
        "a new thread, which makes the call of this verb, such as `wait E`, whose timeout is -1 by default",
    ),
    ("P = fork", "a child with copies of all fds"),
    (
        "in T|P VERB …",
        "the thread or the child makes the call: add, mod, del, wait, poll, read, recv, write, post, oob, shutdown, close, ctl, \
         block, unblock; a child by the numbers that it has copies of",
    ),
    ("in T|P poll F EVENTS… [timeout MS]", "poll(2) of one fd, in a thread or a child; timeout -1 by default"),
    ("join T|P", "make its last call the last call; one that still blocks is interrupted: EINTR"),
    (
        "signal [T|P] [restart]",
        "send SIGALRM, whose handler does nothing, to a thread, a child, or the script's own thread; restart: SIGVTALRM, \
         whose handler has SA_RESTART",
    ),
    ("block", "block SIGALRM in the thread that makes the call: rt_sigprocmask"),
    ("unblock", "let it through again"),
    ("end P", "kill the child and wait for it: its copies are closed"),
    ("write F N|\"TEXT\"", "write N bytes, or a text"),
    ("fill F", "write until EAGAIN"),
    ("post N COUNT", "add COUNT to the counter of an eventfd: a write of 8 bytes"),
    ("read F N", "one read of at most N bytes; of an eventfd or a timerfd it shows the number, too"),
    (
        "recv F N oob|peek|errqueue",
        "one recv of at most N bytes with MSG_OOB, with MSG_PEEK, which leaves them there, or from the error queue",
    ),
    (
        "B = buffer F [SIZE]",
        "a buffer in user space, as a TLS library has: it reads SIZE bytes at once, 4096 by default; epoll can't see in it",
    ),
    ("take B N", "at most N bytes out of the buffer; an empty one is filled first, with one read"),
    ("pending B", "how many bytes are in it"),
    ("drain F", "read until EAGAIN or the end of the stream"),
    ("oob F \"X\"", "send one urgent byte"),
    ("arm T MS [EVERY]", "set a timerfd again: timerfd_settime; 0 disarms it"),
    (
        "arm T at MS [EVERY]",
        "set it for a point in time (TFD_TIMER_ABSTIME), MS ms after the scene began; one in the past expires at once",
    ),
    ("touch FILE", "create a file in the scene's folder; write a byte to it where it is there"),
    ("remove FILE", "remove it"),
    ("shutdown F read|write|both", "shutdown"),
    ("reset F", "close with SO_LINGER 0: a TCP reset"),
    ("close F", "close"),
    (
        "set F SNDBUF|RCVBUF|RCVLOWAT|NOTSENT_LOWAT|OOBINLINE|RECVERR N",
        "a socket option: a number of bytes, or of the last two (SO_OOBINLINE, IP_RECVERR) 0 or 1",
    ),
    ("get F ERROR|SNDBUF|…", "its value; of ERROR the number of the error that is pending, which asking clears"),
    ("bind S", "bind: to a free port of the loopback, AF_UNIX to a name that the kernel chooses"),
    ("listen S [BACKLOG]", "listen; 128 by default"),
    ("connect S F", "connect an existing socket to the name of another"),
    ("blocking F", "clear O_NONBLOCK; a call that blocks is interrupted after 300 ms"),
    ("nonblocking F", "set O_NONBLOCK, which every new fd of a script has"),
    ("raise S", "send SIGUSR2 to the thread of the script, for a signalfd"),
    ("limit N", "RLIMIT_NOFILE: no fd number from N on is available until the scene ends"),
    ("poll F", "ask poll(2) what the fd is ready for now"),
    ("depth F", "number of unread bytes: FIONREAD"),
    ("fdinfo E [raw]", "the interest list, as the kernel prints it; raw: line by line"),
    ("flags F", "its file status flags: F_GETFL"),
    ("kcmp F F", "whether two fds are the same open file description: then it returns 0"),
    (
        "scale select|poll|epoll FEW MANY",
        "time one wait with FEW idle sockets and with MANY, and one ready socket; not recorded",
    ),
];

/// The verbs of server scenes.
pub const SCENE_VERBS: &[(&str, &str)] = &[
    ("server [POLICY…]", "the first line: an epoll server, held before its first call"),
    ("policy POLICY…", "change these choices and keep the others"),
    ("A, B, … = connect", "clients connect before the server continues; their names are a, b, c, … in this order"),
    ("connect N", "N clients connect; their names continue in the same order"),
    ("send A N|\"TEXT\"", "the client sends N bytes of a pattern, or a text"),
    ("stop A", "the client stops reading"),
    ("resume A", "the client reads again"),
    ("shutdown A", "the client closes its sending side: SHUT_WR"),
    ("reset A", "the client resets the connection: SO_LINGER 0, then close"),
    ("close A", "the client closes"),
    ("step [N]", "the server makes its next N system calls"),
    ("wait [N]", "the server runs until N waits have returned, or one would block without limit"),
    ("run", "the server runs until it is quiet, spins, hangs or has ended"),
    ("destroy", "the server stops: when it runs, it closes every fd that it has open, step 7"),
    ("limit N", "the server gets no fd number from N on, from its next epoll_wait on; its clients do"),
];

/// The words of a policy, after `server` and `policy`.
pub const POLICY: &[(&str, &str)] = &[
    ("level | edge", "the trigger"),
    ("oneshot [on|off]", "EPOLLONESHOT"),
    ("read once|drain|drain-short", "reads for a report"),
    ("read-size N", "size of the buffer of one recv, in bytes"),
    ("accept once|drain", "accepts for a report"),
    ("write on-demand|always", "when to ask for EPOLLOUT"),
    ("greedy | budget N", "read as much as the policy says, or take turns of N bytes"),
    ("max-events N", "maxevents: how many events one epoll_wait may return"),
    ("timeout MS", "of epoll_wait; -1 waits without limit"),
    (
        "out-of-fds mute|back-off|spare|spin",
        "when accept4 finds no free fd (EMFILE): set the listener's mask to 0 until a connection closes; take it off the \
         list for 500 ms; close a spare fd, accept the client and close it; or nothing",
    ),
    (
        "half-close answer|close",
        "when the peer has closed its sending side: echo and send what is left, then close; or close at once",
    ),
    (
        "fault NAME | no-fault NAME",
        "faults of the tutorial server: exact-match, close-first, decode-text, blocking, unchecked-send; tutorial: all",
    ),
];

/// The measures: `expect MEASURE VALUE` checks one, and the question of a lesson asks for one. Counts begin at the last
/// `mark`. The result of the last wait, call or poll exists only if there was one since then.
pub const MEASURES: &[(&str, &str)] = &[
    ("events F EVENTS, …", "the event list of the last wait, in any order; `nothing` for an empty one"),
    ("events in order F EVENTS, …", "the same, in this order"),
    ("count N", "how many events the last wait returned"),
    ("result ok|ERRNO", "how the last call of a lab scene ended"),
    ("returned N", "what the last call of a lab scene returned, or the bytes that it moved"),
    ("text \"TEXT\"", "the bytes that the last read, recv, drain or take of a lab scene got"),
    ("mask EVENTS…", "what the last poll of a lab scene said"),
    ("blocked yes|no", "whether the last call blocked until it was interrupted"),
    ("woken N", "how many threads and children have returned from an epoll_wait"),
    ("awake T|P yes|no", "whether this one is in no call"),
    ("same W W yes|no", "whether two waits returned the same events"),
    ("reports A|listener N", "how often epoll_wait reported the client's connection, or the listener"),
    ("unread A N", "unread bytes of the client in the server now"),
    ("sent A N", "bytes that the client sent"),
    ("received A N", "bytes that the client got back"),
    ("waits N", "how often epoll_wait returned"),
    ("empty N", "how often it returned no event"),
    ("calls [NAME] N", "system calls of the server; of one name: recvfrom, accept4, …"),
    ("order CALL CALL…", "whether calls of these names were made in this order, with or without others between"),
    ("errors ERRNO N", "calls of the server that failed with this error"),
    ("accepted N", "connections accepted"),
    ("pending N", "connections that wait to be accepted now"),
    ("stranded N", "registrations with something to read that will not be reported"),
    ("server quiet|spins|hangs|died|ended", "the state of the server after its last run"),
    (
        "growth flat|grows",
        "how the cost of the last scale changed with MANY: flat is under 4 times, grows is over 8; noise fails no claim",
    ),
    ("ratio N", "cost with MANY divided by cost with FEW, rounded"),
];

/// Claims, and words between other lines.
pub const CLAIMS: &[(&str, &str)] = &[
    ("expect MEASURE VALUE", "check a measure"),
    ("expect MEASURE at least|at most N", "check that a number is this or more, or this or less"),
    ("expect nothing", "the same as `expect events nothing`"),
    ("expect ok", "the same as `expect result ok`"),
    ("expect error ERRNO", "the same as `expect result ERRNO`"),
    ("expect [not] blocked|awake T|same W W|order CALL…", "the same with yes, or no"),
    ("expect different W W", "the same as `expect same W W no`"),
    ("mark", "restart all counts here"),
    ("caption \"ENGLISH\" [\"中文\"]", "what `demo` says before the next lines; ignored elsewhere"),
];

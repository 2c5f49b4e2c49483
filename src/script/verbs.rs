//! Every word of the language, how it is used, and what it does.

/// The verbs of lab scenes.
pub const VERBS: &[(&str, &str)] = &[
    ("E = epoll", "make an epoll object: epoll_create1"),
    ("S = socket", "a TCP socket that is not connected"),
    ("L = listener", "a TCP socket that listens on the loopback"),
    ("C = connect L", "connect to it, without waiting for accept"),
    ("A = accept L", "accept4"),
    ("A B = pair tcp|stream|dgram|seqpacket", "two connected ends: TCP, or socketpair of AF_UNIX"),
    ("R W = pipe", "a pipe: its reading and its writing end"),
    ("N = eventfd [COUNT]", "eventfd"),
    ("T = timerfd MS [EVERY]", "timerfd that expires after MS ms, and again every EVERY ms"),
    ("F = file", "a regular file, without a name"),
    ("D = dup F", "another fd for the same open file description"),
    ("add E F EVENTS…", "EPOLL_CTL_ADD (notes: register); events are IN, OUT, ET, …, with or without EPOLL, or 0"),
    ("mod E F EVENTS…", "EPOLL_CTL_MOD (notes: modify)"),
    ("del E F", "EPOLL_CTL_DEL (notes: unregister)"),
    ("wait E [max N] [timeout MS]", "epoll_wait (notes: poll); maxevents 64 and timeout 0 if not said"),
    ("write F N|\"TEXT\"", "send N bytes, or a text"),
    ("fill F", "write until EAGAIN"),
    ("read F N", "one read of at most N bytes"),
    ("drain F", "read until EAGAIN or the end"),
    ("oob F \"X\"", "send one urgent byte"),
    ("shutdown F read|write|both", "shutdown"),
    ("reset F", "close with SO_LINGER 0: a TCP reset"),
    ("close F", "close"),
    ("set F SNDBUF|RCVBUF N", "a socket option, in bytes"),
    ("poll F", "what poll(2) says of it now"),
    ("depth F", "bytes that lie unread: FIONREAD"),
    ("fdinfo E", "the interest list, as the kernel prints it"),
];

/// The verbs of server scenes.
pub const CUES: &[(&str, &str)] = &[
    ("server [POLICY…]", "the first line: an epoll server, held before its first call"),
    ("policy POLICY…", "switch these choices, and leave the others"),
    ("A, B, … = connect", "clients connect, all before the server goes on; they are called a, b, c, … in this order"),
    ("connect N", "as many clients as that connect; their names go on in the same order"),
    ("send A N|\"TEXT\"", "the client sends N bytes of a pattern, or a text"),
    ("stop A", "the client reads no more"),
    ("resume A", "the client reads again"),
    ("shutdown A", "the client ends its side of the stream: SHUT_WR"),
    ("reset A", "the client resets the connection: SO_LINGER 0, close"),
    ("close A", "the client closes"),
    ("step [N]", "the server makes its next N system calls"),
    ("wait [N]", "the server runs until its Nth next epoll_wait has returned, or would block without end"),
    ("run", "the server runs until all is quiet, or it spins, hangs or has died"),
    ("limit N", "RLIMIT_NOFILE: no fd number from N on can be had, until the scene ends"),
];

/// The words of a policy, after `server` and `policy`.
pub const POLICY: &[(&str, &str)] = &[
    ("level | edge", "the trigger"),
    ("oneshot [on|off]", "EPOLLONESHOT"),
    ("read once|drain|drain-short", "reads for a report"),
    ("read-size N", "bytes asked for by one recv"),
    ("accept once|drain", "accepts for a report"),
    ("write on-demand|always", "when EPOLLOUT is asked for"),
    ("greedy | budget N", "read as the policy says, or take turns of N bytes"),
    ("max-events N", "the most events of one epoll_wait"),
    ("timeout MS", "of epoll_wait; -1 waits without end"),
    (
        "fault NAME | no-fault NAME",
        "what the notes' program does wrong: exact-match, close-first, decode-text, blocking, unchecked-send; notes: all",
    ),
];

/// What can be measured: `expect MEASURE VALUE` checks it, and a lesson asks for it. Numbers count from the last `mark`.
pub const MEASURES: &[(&str, &str)] = &[
    ("events F EVENTS, …", "the event list of the last wait, in any order; `nothing` for an empty one"),
    ("events in order F EVENTS, …", "the same, in this order"),
    ("count N", "how many events the last wait returned"),
    ("result ok|ERRNO", "how the last call of a lab scene ended"),
    ("returned N", "what the last call of a lab scene returned, or moved in bytes"),
    ("mask EVENTS…", "what the last poll of a lab scene said"),
    ("reports A|listener N", "how often epoll_wait reported the client's connection, or the listener"),
    ("unread A N", "bytes that lie unread at the server now"),
    ("sent A N", "bytes that the client sent"),
    ("received A N", "bytes that the client got back"),
    ("waits N", "how often epoll_wait returned"),
    ("empty N", "how often it returned without an event"),
    ("calls [NAME] N", "system calls of the server; of one name: recvfrom, accept4, …"),
    ("errors ERRNO N", "calls of the server that failed so"),
    ("accepted N", "connections accepted"),
    ("pending N", "connections that wait to be accepted now"),
    ("stranded N", "registrations of which no coming report will tell, although there is something to read"),
    ("server quiet|spins|hangs|died", "how the server stood when it was last let run"),
];

/// The words that stand before a claim, and between lines.
pub const CLAIMS: &[(&str, &str)] = &[
    ("expect MEASURE VALUE", "check what was measured"),
    ("expect nothing", "the same as `expect events nothing`"),
    ("expect ok", "the same as `expect result ok`"),
    ("expect error ERRNO", "the same as `expect result ERRNO`"),
    ("mark", "count from here on"),
];

//! For each kind of file: what the scripts begin with, the two registrations, and what can be done.

/// What the scripts of a kind are made of. A bar separates the choices, a semicolon the lines of one.
pub(crate) struct Alphabet {
    pub(crate) name: &'static str,
    /// The lines that make the files; `e` is an epoll.
    pub(crate) begin: &'static str,
    /// What is registered, in this order.
    pub(crate) watched: [&'static str; 2],
    pub(crate) operations: &'static str,
    /// What both are registered for. The longest scripts are played with every fourth of these.
    pub(crate) masks: &'static str,
}

const SOCKET: &str =
    "IN OUT RDHUP PRI ET | IN | OUT | 0 | IN ET | IN OUT ET | RDHUP ET | ET | OUT ET | PRI ET | IN ONESHOT";
const PLAIN: &str = "IN OUT ET | IN | OUT | 0 | IN ET | OUT ET | ET | IN ONESHOT";

/// Of AF_UNIX and UDP sockets, which differ in what these do.
const MESSAGES: &str = "write a 1 | write b 9 | write a 0 | fill a | read a 1 | drain b | shutdown a read | \
    shutdown a write | shutdown b both | close a | set a SNDBUF 100000 | set a SNDBUF 1 | mod e a IN OUT ET | mod e b OUT";

pub(crate) const ALPHABETS: &[Alphabet] = &[
    Alphabet {
        name: "pipe",
        begin: "r, w = pipe 4096",
        watched: ["r", "w"],
        operations: "write w 1 | write w 4096 | fill w | read r 1 | drain r | close r | close w | mod e r IN OUT ET | \
            mod e w OUT",
        masks: PLAIN,
    },
    Alphabet {
        name: "packet pipe",
        begin: "r, w = pipe packet 4096",
        watched: ["r", "w"],
        operations: "write w 1 | write w 0 | fill w | read r 1 | drain r | close r | close w | mod e r IN OUT ET | mod e w OUT",
        masks: PLAIN,
    },
    Alphabet {
        name: "fifo",
        begin: "f = fifo\nr = open f read\nw = open f write\nclose f",
        watched: ["r", "w"],
        operations: "write w 1 | fill w | read r 1 | drain r | close r | close w | p = open r read | p = open w read | \
            q = open w write | q = open r write | mod e r IN OUT ET | mod e w OUT",
        masks: PLAIN,
    },
    Alphabet {
        name: "fifo both ways",
        begin: "f = fifo\nr = open f read",
        watched: ["f", "r"],
        operations: "write f 1 | fill f | read f 1 | read r 1 | drain r | close r | w = open f write | w = open r write | \
            mod e f OUT | mod e r IN",
        masks: PLAIN,
    },
    Alphabet {
        name: "pty",
        begin: "m, s = pty",
        watched: ["m", "s"],
        operations: "write m 1 | write s 300 | read m 1 | read m 200 | read s 1 | drain m | drain s | close m | close s | \
            mod e m IN OUT ET | mod e s OUT",
        masks: PLAIN,
    },
    Alphabet {
        name: "timerfd",
        begin: "h = epoll\ni = epoll\nr = timerfd 0\nw = timerfd 0\nadd h r IN\nadd i w IN",
        watched: ["r", "w"],
        operations: "arm r 1; wait h timeout 9000 | arm w 1; wait i timeout 9000 | arm r 0 | arm w 3600000 | read r 8 | \
            read w 8 | close r | mod e r IN OUT ET | mod e w IN",
        masks: PLAIN,
    },
    Alphabet {
        name: "pidfd",
        begin: "c = fork\nd = fork\np = pidfd c\nq = pidfd d",
        watched: ["p", "q"],
        operations: "end c | end d | close p | mod e p IN OUT ET | mod e q IN",
        masks: PLAIN,
    },
    Alphabet {
        name: "inotify",
        // One of them: which of two is told first goes by their addresses in the kernel.
        begin: "i = inotify\nj = eventfd",
        watched: ["i", "j"],
        operations: "touch x | touch y | remove x | read i 16 | read i 4096 | drain i | close i | post j 1 | \
            mod e i IN OUT ET | mod e j IN",
        masks: PLAIN,
    },
    Alphabet {
        name: "eventfd",
        begin: "r = eventfd\nw = eventfd 1",
        watched: ["r", "w"],
        operations: "write r 8 | write w 8 | read r 8 | read w 8 | close r | mod e r IN OUT ET | mod e w OUT",
        masks: PLAIN,
    },
    Alphabet {
        name: "semaphore",
        begin: "r = eventfd 2 semaphore\nw = eventfd",
        watched: ["r", "w"],
        operations: "post r 1 | post r 0 | post w 3 | read r 8 | read w 8 | close r | mod e r IN OUT ET | mod e w OUT",
        masks: PLAIN,
    },
    Alphabet {
        name: "signalfd",
        begin: "r = signalfd\nw = signalfd",
        watched: ["r", "w"],
        operations: "raise r | read r 128 | read w 128 | close r | mod e r IN OUT ET | del e r | add e r IN ET",
        masks: PLAIN,
    },
    Alphabet {
        name: "stream",
        begin: "a, b = pair stream",
        watched: ["a", "b"],
        operations: "write a 1 | write b 9 | oob a \"!\" | recv b 1 oob | recv b 9 peek | fill a | read a 1 | drain a | drain b | shutdown a read | \
            shutdown a write | shutdown b both | close a | set a SNDBUF 100000 | set a SNDBUF 1 | mod e a IN OUT ET | \
            mod e b OUT",
        masks: SOCKET,
    },
    Alphabet { name: "dgram", begin: "a, b = pair dgram", watched: ["a", "b"], operations: MESSAGES, masks: SOCKET },
    Alphabet {
        name: "seqpacket",
        begin: "a, b = pair seqpacket",
        watched: ["a", "b"],
        operations: MESSAGES,
        masks: SOCKET,
    },
    Alphabet { name: "udp", begin: "a, b = pair udp", watched: ["a", "b"], operations: MESSAGES, masks: SOCKET },
    Alphabet {
        name: "udp full",
        begin: "a, b = pair udp\nset b RCVBUF 1",
        watched: ["a", "b"],
        operations: "write a 1 | write a 3000 | write b 9 | read b 1 | drain b | recv b 1 peek | close b | \
            shutdown b read | mod e a IN OUT ET | mod e b OUT",
        masks: SOCKET,
    },
    Alphabet {
        name: "unconnected unix",
        begin: "s = socket stream\nt = socket dgram",
        watched: ["s", "t"],
        operations: "write s 1 | write t 1 | read t 1 | shutdown s read | shutdown s write | shutdown t both | close s | \
            set s SNDBUF 1 | set t SNDBUF 100000 | mod e s IN OUT ET | mod e t OUT",
        masks: SOCKET,
    },
    Alphabet {
        name: "tcp",
        begin: "a, b = pair tcp",
        watched: ["a", "b"],
        operations: "write a 1 | write b 9 | oob b \"!\" | recv a 1 oob | recv a 9 peek | read a 1 | read a 4 | drain a | drain b | shutdown a read | \
            shutdown a write | shutdown b both | close a | close b | reset b | set a SNDBUF 1000000 | set b RCVLOWAT 5 | \
            set a RCVLOWAT 16000000 | set a RCVLOWAT 1 | mod e a IN OUT ET | mod e b OUT",
        masks: SOCKET,
    },
    Alphabet {
        name: "tcp full",
        begin: "a, b = pair tcp\nset a RCVBUF 300000\nset b SNDBUF 300000",
        watched: ["a", "b"],
        operations: "fill b | write b 9 | oob b \"!\" | read a 1 | read a 1000 | drain a | shutdown a read | \
            shutdown b write | close a | close b | reset b | set b SNDBUF 1000000 | set a RCVLOWAT 100000 | \
            set a RCVLOWAT 1 | mod e a IN OUT ET | mod e b OUT",
        masks: SOCKET,
    },
    Alphabet {
        name: "unconnected",
        begin: "s = socket\nt = socket",
        watched: ["s", "t"],
        operations: "write s 1 | read s 1 | shutdown s read | shutdown s write | shutdown t both | close s | \
            set s SNDBUF 1 | set t RCVLOWAT 5 | mod e s IN OUT ET | mod e t OUT",
        masks: SOCKET,
    },
    Alphabet {
        name: "connecting",
        begin: "l = listener\nm = socket\nbind m\ns = socket\nt = socket",
        watched: ["s", "t"],
        operations: "connect s l | connect s m | connect t l | connect t m | get s ERROR | get t ERROR | x = accept l | \
            write s 1 | read s 1 | shutdown s write | close l | close s | mod e s IN OUT ET | mod e t OUT",
        masks: SOCKET,
    },
    Alphabet {
        name: "listening",
        begin: "l = socket\nm = socket\nbind l\nbind m\ns = socket\nt = socket",
        watched: ["l", "m"],
        operations: "listen l | listen l 0 | listen m 0 | connect s l | connect t m | connect s m | x = accept l | \
            shutdown l read | close l | close s | mod e l IN OUT ET | mod e m IN",
        masks: SOCKET,
    },
    Alphabet {
        name: "connecting unix",
        begin: "l = socket stream\nbind l\nlisten l 1\ns = socket stream\nd = socket dgram\nbind d\nt = socket dgram",
        watched: ["s", "l"],
        operations: "connect s l | connect t d | x = accept l | write s 1 | read s 1 | write t 1 | read d 1 | shutdown s write | \
            close l | close s | close d | mod e s IN OUT ET | mod e l IN",
        masks: SOCKET,
    },
    Alphabet {
        name: "udp errors",
        begin: "a, b = pair udp\nc, d = pair udp\nset a RECVERR 1",
        watched: ["a", "c"],
        operations: "write a 1 | write c 1 | write b 1 | read a 9 | read c 9 | recv a 9 errqueue | get a ERROR | get c ERROR | \
            close b | close d | mod e a IN OUT ET | mod e c OUT",
        masks: SOCKET,
    },
    Alphabet {
        name: "urgent inline",
        begin: "a, b = pair tcp\nset a OOBINLINE 1",
        watched: ["a", "b"],
        operations: "write b 2 | oob b \"!\" | read a 1 | drain a | recv a 1 oob | recv a 9 peek | shutdown b write | close b | \
            set b NOTSENT_LOWAT 1 | mod e a IN OUT PRI ET | mod e b OUT",
        masks: SOCKET,
    },
    Alphabet {
        name: "listener",
        begin: "l = listener\nm = listener",
        watched: ["l", "m"],
        operations: "c = connect l | d = connect m | x = accept l | close l | shutdown m read | shutdown m write | \
            reset c | mod e l IN OUT ET | mod e m IN",
        masks: SOCKET,
    },
    Alphabet {
        name: "epoll",
        begin: "a = epoll\nb = epoll\nr, w = pipe\nn = eventfd\nadd a r IN ET\nadd b n IN\nadd b r IN",
        watched: ["a", "b"],
        operations: "write w 1 | drain r | write n 8 | read n 8 | wait a | wait b | wait b max 1 | mod a r IN | \
            del b n | close w | mod e a IN OUT ET | mod e b IN | close a",
        masks: PLAIN,
    },
];

//! For each kind of file: what the scripts begin with, the two registrations, and what can be done.

/// What the scripts of a kind are made of. A bar separates the choices.
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
        name: "eventfd",
        begin: "r = eventfd\nw = eventfd 1",
        watched: ["r", "w"],
        operations: "write r 8 | write w 8 | read r 8 | read w 8 | close r | mod e r IN OUT ET | mod e w OUT",
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
        operations: "write a 1 | write b 9 | oob a \"!\" | fill a | read a 1 | drain a | drain b | shutdown a read | \
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
        name: "tcp",
        begin: "a, b = pair tcp",
        watched: ["a", "b"],
        operations: "write a 1 | write b 9 | oob b \"!\" | read a 1 | read a 4 | drain a | drain b | shutdown a read | \
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

//! A server on a thread of its own, with a file table of its own, so that its fds have the numbers that they would have
//! in a program of its own.

use std::net::SocketAddr;
use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, TryRecvError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::{Buffers, Order, Orders, Server, ServerError};
use crate::probe::{Clock, Gate, Gated, Incoming, Mode, Null, Sampler, Sink, Tap, WhenFull, ring};
use crate::record::{Call, Policy, Tid};
use crate::sys::{self, Errno, Notifier, NotifyOnDrop, Wake};

/// How a server is to be started.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// Where it listens; port 0 is any free one.
    pub listen: SocketAddr,
    pub policy: Policy,
    /// How far it may go at first, beginning with epoll_create1. The listening socket is open before that.
    pub gate: Mode,
    /// Room in the ring, in records.
    pub capacity: usize,
    pub when_full: WhenFull,
}

/// A running server, seen from outside.
pub struct Running {
    addr: SocketAddr,
    orders: Arc<Orders>,
    gate: Option<Arc<Gate>>,
    wake: Wake,
    thread: JoinHandle<Result<(), ServerError>>,
    /// Closed when the thread ends.
    alive: mpsc::Receiver<Started>,
}

/// Where it listens and how it is woken, or why it did not come to that.
type Started = Result<(SocketAddr, Wake), ServerError>;

/// Starts a server whose records come through the ring that is returned; `notifier` says when there are some.
///
/// Where it is `undisturbed`, it takes turns with its clients, so that the same calls make the same records: its
/// connections have these buffers, and while it is held nothing disturbs it. It looks at all its fds once whenever its
/// gate is set, and not when something arrives.
pub fn spawn(
    setup: &Setup,
    undisturbed: Option<Buffers>,
    clock: Clock,
    notifier: &Arc<Notifier>,
) -> Result<(Running, Incoming), ServerError> {
    let gate = Arc::new(Gate::new(Mode::Free));
    let (mut ring, incoming) = ring(setup.capacity, setup.when_full, clock, notifier);
    let (at_gate, notifier) = (Arc::clone(&gate), Arc::clone(notifier));
    let running = start(setup, undisturbed, Some(gate), None, move |wake| {
        ring.adopt();
        let mut tap = Tap::new(ring);
        // Without a table of its own (ENOSYS) the fds have other numbers, and nothing else changes.
        let _ = tap.own_file_table(&*notifier);
        let sampler = Sampler::new(tap.into_sink());
        Ok(match undisturbed {
            None => Gated::new(sampler, at_gate, wake)?,
            Some(_) => Gated::new(sampler.of_all(), at_gate, wake)?.undisturbed(),
        })
    })?;
    Ok((running, incoming))
}

/// Starts a server that nobody watches: the null sink, no gate. `notifier` says when it has ended.
pub fn spawn_unwatched(setup: &Setup, notifier: &Arc<Notifier>) -> Result<Running, ServerError> {
    let (last, notifier) = (notifier.on_drop(), Arc::clone(notifier));
    start(setup, None, None, Some(last), move |_| {
        // The numbers are those of a watched one, and the kernel need not count who uses an fd.
        let _ = sys::own_file_table(notifier.as_fd());
        Ok(Null)
    })
}

fn start<S: Sink>(
    setup: &Setup,
    buffers: Option<Buffers>,
    gate: Option<Arc<Gate>>,
    last: Option<NotifyOnDrop>,
    make_sink: impl FnOnce(Wake) -> Result<S, Errno> + Send + 'static,
) -> Result<Running, ServerError> {
    let (tell, hear) = mpsc::channel::<Started>();
    let orders = Arc::new(Orders::default());
    let (setup, gate_inside, orders_inside) = (*setup, gate.clone(), Arc::clone(&orders));
    let open = move || {
        let no_start = |errno| ServerError::Start { errno };
        let wake = Wake::this_thread().map_err(no_start)?;
        let tap = Tap::new(make_sink(wake).map_err(no_start)?);
        let (mut server, addr) = Server::open(tap, setup.listen, setup.policy, orders_inside)?;
        if let Some(buffers) = buffers {
            server.bound_buffers(buffers)?;
        }
        if let Some(gate) = gate_inside {
            gate.set(setup.gate);
        }
        Ok((server, addr.socket_addr().unwrap_or(setup.listen), wake))
    };
    let serve = move || {
        // Before `last` notifies, so that whoever wakes finds that it is over.
        let (_last, tell) = (last, tell);
        // Nobody hears it where the starting side is gone, and then there is nobody to serve for either.
        match open() {
            Ok((server, addr, wake)) => tell.send(Ok((addr, wake))).map_or(Ok(()), |()| server.run()),
            Err(error) => tell.send(Err(error)).map_or(Ok(()), |()| Ok(())),
        }
    };
    let thread = std::thread::Builder::new()
        .name("server".into())
        .spawn(serve)
        .map_err(|error| ServerError::Start { errno: Errno::from_raw(error.raw_os_error().unwrap_or(libc::EAGAIN)) })?;
    let (addr, wake) = hear.recv().map_err(|_| ServerError::Panicked)??;
    Ok(Running { addr, orders, gate, wake, thread, alive: hear })
}

impl Running {
    /// How often a server in a call that may block is to be looked at, or [interrupted](Running::interrupt). The kernel
    /// notifies nobody when a thread falls asleep in a call; and a signal that comes right before that is lost, since recv
    /// and send, unlike epoll_pwait, can't let signals through in the same step in which they go to sleep.
    pub const AGAIN: Duration = Duration::from_millis(20);

    /// The address that it listens on, with the port that it really got.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    pub fn tid(&self) -> Tid {
        self.wake.tid()
    }

    /// The gate that holds it, unless nobody watches it.
    pub fn gate(&self) -> Option<&Gate> {
        self.gate.as_deref()
    }

    /// Gives an order. A server that stands before epoll_wait, or is blocked in it, obeys at once; another before its
    /// next epoll_wait.
    pub fn order(&self, order: Order) {
        self.orders.give(order);
        match &self.gate {
            Some(gate) => gate.announce_orders(),
            None => self.wake.wake(),
        }
    }

    pub fn has_orders(&self) -> bool {
        self.orders.are_given()
    }

    /// Interrupts the recv or send that a server sleeps in where orders wait for it, and says whether that was so. Then it
    /// is to be interrupted again after [`Running::AGAIN`], until it is out.
    pub fn interrupt(&self) -> bool {
        if !self.has_orders() {
            return false;
        }
        let Some(gate) = &self.gate else {
            self.wake.wake();
            return true;
        };
        gate.interrupt()
    }

    /// The recv or send that it sleeps in, with the number of the entry; see [`Gate::inside`].
    pub fn asleep(&self) -> Option<(u64, Call)> {
        let gate = self.gate()?;
        let inside = gate.inside()?;
        // Where it is in the same entry afterwards, it was in there when the kernel was asked.
        (sys::sleeps_in_transfer(self.tid()) && gate.inside() == Some(inside)).then_some(inside)
    }

    pub fn is_over(&self) -> bool {
        matches!(self.alive.try_recv(), Err(TryRecvError::Disconnected))
    }

    /// Waits until it has ended. Order it to stop first.
    ///
    /// # Errors
    /// What ended it, if it was not the order.
    pub fn join(self) -> Result<(), ServerError> {
        while let Err(RecvTimeoutError::Timeout) = self.alive.recv_timeout(Self::AGAIN) {
            self.interrupt();
        }
        self.thread.join().unwrap_or(Err(ServerError::Panicked))
    }
}

//! The terminal, given back when a signal ends or stops the program.

use std::ptr;
use std::sync::Once;
use std::sync::atomic::Ordering;

use super::how_given_back::{GiveBack, HOW};
use super::raw as sys;
pub(crate) use super::raw::give_back_on_stop;

/// The signals that end a program by default, except `SIGINT` and those of real time.
const DEADLY: [libc::c_int; 19] = [
    libc::SIGABRT,
    libc::SIGALRM,
    libc::SIGBUS,
    libc::SIGFPE,
    libc::SIGHUP,
    libc::SIGILL,
    libc::SIGIO,
    libc::SIGPROF,
    libc::SIGPWR,
    libc::SIGQUIT,
    libc::SIGSEGV,
    libc::SIGSYS,
    libc::SIGTERM,
    libc::SIGTRAP,
    libc::SIGUSR1,
    libc::SIGUSR2,
    libc::SIGVTALRM,
    libc::SIGXCPU,
    libc::SIGXFSZ,
];

/// From here on a signal that ends the program gives the terminal back first, a failed allocation's among them. `None`: it
/// is given back. Signals that are blocked, ignored or caught otherwise stay so.
pub(crate) fn give_back_on_death(how: Option<GiveBack>) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| DEADLY.into_iter().chain(libc::SIGRTMIN()..=libc::SIGRTMAX()).for_each(sys::give_back_on));
    // The one before is never freed: a handler in another thread may be reading it.
    HOW.store(how.map_or(ptr::null_mut(), |how| Box::into_raw(Box::new(how))), Ordering::SeqCst);
}

//! Orders to the server while it runs.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::record::Policy;

/// An order, obeyed before the next epoll_wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Follow(Policy),
    /// Get no fd number from this one on, as under an `RLIMIT_NOFILE` of its own; see [`sys::limit_own_table`].
    ///
    /// [`sys::limit_own_table`]: crate::sys::limit_own_table
    Limit(u32),
    /// Close everything and end: step 7.
    Stop,
}

/// The orders that have been given and not yet obeyed.
#[derive(Debug, Default)]
pub struct Orders {
    /// Whether `list` has any, to be asked without the lock.
    given: AtomicBool,
    list: Mutex<Vec<Order>>,
}

impl Orders {
    /// Gives an order. Whoever gives it also sees to it that a waiting server looks.
    pub fn give(&self, order: Order) {
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        list.push(order);
        // Under the lock: who takes the order leaves nothing that says that there is one.
        self.given.store(true, Ordering::Release);
    }

    pub fn are_given(&self) -> bool {
        self.given.load(Ordering::Acquire)
    }

    pub fn stop(&self) -> bool {
        self.are_given() && self.list.lock().unwrap_or_else(PoisonError::into_inner).contains(&Order::Stop)
    }

    pub fn take(&self) -> Vec<Order> {
        if !self.are_given() {
            return Vec::new();
        }
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        self.given.store(false, Ordering::Release);
        std::mem::take(&mut list)
    }
}

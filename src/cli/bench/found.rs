//! What was found, and what follows from it.

use crate::scaling::{Cost, Counted, Measured, Method, Reading, slope};
use crate::sys::Errno;

pub(super) struct Found {
    pub(super) kernel: String,
    pub(super) active: usize,
    pub(super) measured: Measured,
    pub(super) rows: Vec<Row>,
}

/// What one message took with one read size.
pub(super) struct Row {
    pub(super) read_size: u32,
    pub(super) counted: [Counted; Reading::ALL.len()],
}

/// How the cost of one way grows with the fds that are watched. Each is `None` where too little was measured.
pub(super) struct Growth {
    /// The power, over all sizes.
    pub(super) all: Option<f64>,
    /// Between the two largest sizes.
    pub(super) last: Option<f64>,
    /// Between these, of the wait alone.
    pub(super) wait: Option<f64>,
    /// What one idle fd adds, in nanoseconds, between the smallest and the largest size.
    pub(super) each: Option<f64>,
}

impl Found {
    pub(super) fn sizes(&self) -> impl Iterator<Item = usize> + '_ {
        self.costs(Method::Poll).map(|(idle, _)| idle)
    }

    /// The costs of one method, by the number of idle connections.
    pub(super) fn costs(&self, method: Method) -> impl Iterator<Item = (usize, Result<Cost, Errno>)> + '_ {
        self.measured.costs.iter().filter(move |found| found.method == method).map(|found| (found.idle, found.cost))
    }

    /// Where it was refused first, and why.
    pub(super) fn refused(&self, method: Method) -> Option<(usize, Errno)> {
        self.costs(method).find_map(|(idle, cost)| Some((idle, cost.err()?)))
    }

    pub(super) fn growth(&self, method: Method) -> Growth {
        let points: Vec<(usize, Cost)> =
            self.costs(method).filter_map(|(idle, cost)| Some((idle, cost.ok()?))).collect();
        let fds = |idle: usize| number(idle + self.active);
        let whole = |(idle, cost): &(usize, Cost)| (fds(*idle), cost.whole.as_secs_f64());
        let wait = |(idle, cost): &(usize, Cost)| (fds(*idle), cost.wait.as_secs_f64());
        let two = &points[points.len().saturating_sub(2)..];
        let each = match (points.first(), points.last()) {
            (Some((few, cheapest)), Some((many, dearest))) if many > few => {
                Some((dearest.whole.as_secs_f64() - cheapest.whole.as_secs_f64()) * 1e9 / number(many - few))
            }
            _ => None,
        };
        Growth {
            all: slope(points.iter().map(whole)),
            last: slope(two.iter().map(whole)),
            wait: slope(two.iter().map(wait)),
            each,
        }
    }
}

pub(super) fn number(n: usize) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "some thousand fds")]
    let number = n as f64;
    number
}

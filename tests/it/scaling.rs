//! What a wait costs: every way is measured, and the slope through the costs.

use std::time::Duration;

use epollscope::scaling::{Effort, Method, Reading, count, measure, slope};
use epollscope::sys::Errno;

use crate::support::loopback::whole_loopback;

fn near(points: &[(f64, f64)], expected: f64) {
    let slope = slope(points.iter().copied()).expect("a slope");
    assert!((slope - expected).abs() < 1e-9, "{slope}");
}

#[test]
fn the_slope_is_the_power() {
    near(&[(10.0, 7.0), (100.0, 7.0), (1_000.0, 7.0)], 0.0);
    near(&[(10.0, 3.0), (100.0, 30.0), (1_000.0, 300.0)], 1.0);
    near(&[(10.0, 1.0), (100.0, 100.0)], 2.0);
}

#[test]
fn without_two_sizes_there_is_no_slope() {
    assert_eq!(slope([]), None);
    assert_eq!(slope([(10.0, 1.0), (10.0, 2.0)]), None);
    assert_eq!(slope([(10.0, 1.0), (100.0, 0.0)]), None);
}

#[test]
fn level_is_reported_as_often_as_it_is_read_and_edge_once() {
    let counted = |reading, size| count(reading, size).expect("counted");
    assert_eq!(counted(Reading::Level, 1_024).reports, 3);
    assert_eq!(counted(Reading::OneShot, 1_024).reports, 3);
    assert_eq!(counted(Reading::Edge, 1_024).reports, 1);
    let once = counted(Reading::EdgeOnce, 1_024);
    assert_eq!((once.reports, once.stranded), (1, 1_976));
    assert!(counted(Reading::OneShot, 1_024).calls > counted(Reading::Level, 1_024).calls, "a MOD for each report");
}

const SHORT: Effort = Effort { turns: 6, at_most: Duration::from_secs(5) };

#[test]
fn every_way_is_measured_at_every_size() {
    let _loopback = whole_loopback();
    let mut last = 0.0;
    let measured = measure(&[3, 30], 10, SHORT, |part| last = part);
    assert_eq!((measured.cut, measured.rounds), (None, 16));
    let found = measured.costs.iter().map(|found| {
        let cost = found.cost.unwrap_or_else(|errno| panic!("{found:?}: {errno}"));
        assert!(!cost.wait.is_zero() && cost.wait <= cost.whole, "{found:?}");
        (found.idle, found.method)
    });
    let expected = [3, 30].into_iter().flat_map(|idle| Method::ALL.map(|method| (idle, method)));
    assert_eq!(found.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    assert!(last > 0.9, "{last}");
}

#[test]
fn select_is_refused_where_it_has_no_bit() {
    let _loopback = whole_loopback();
    let measured = measure(&[1_100], 10, SHORT, |_| ());
    let refused = measured.costs.iter().filter_map(|found| Some((found.method, found.cost.err()?)));
    assert_eq!(refused.collect::<Vec<_>>(), [(Method::Select, Errno::EINVAL)]);
}

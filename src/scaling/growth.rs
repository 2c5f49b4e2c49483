//! How a cost grows: the slope of its line where both axes are logarithmic.

/// The slope through `points` in log-log, by least squares: the power of the first number that the second grows with.
/// `None` for fewer than two different first numbers.
pub fn slope(points: impl IntoIterator<Item = (f64, f64)>) -> Option<f64> {
    let logs: Vec<(f64, f64)> =
        points.into_iter().filter(|(x, y)| *x > 0.0 && *y > 0.0).map(|(x, y)| (x.ln(), y.ln())).collect();
    #[allow(clippy::cast_precision_loss, reason = "a handful of points")]
    let n = logs.len() as f64;
    let (sum_x, sum_y) = logs.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0, y + point.1));
    let (mean_x, mean_y) = (sum_x / n, sum_y / n);
    let (mut over, mut under) = (0.0, 0.0);
    for (x, y) in logs {
        over += (x - mean_x) * (y - mean_y);
        under += (x - mean_x) * (x - mean_x);
    }
    (under > 0.0).then(|| over / under)
}

#[cfg(test)]
mod tests {
    use super::*;

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
}

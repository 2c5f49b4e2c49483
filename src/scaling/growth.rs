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

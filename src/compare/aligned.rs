//! The calls of a step, those of all variants side by side: calls that answer the same stand in one row.
//!
//! A level-triggered server waits before each read, one that drains does not. Row by row in the order of their calls, the
//! second read of one would stand beside the second wait of the other. So the same call for the same client is looked for in
//! the other variants, and where one of them makes a call that the others do not make, their cells of that row are empty.

use super::{MadeWhat, StepSummary};
use crate::trace::world::Who;

/// How far ahead the same call is looked for.
const AHEAD: usize = 24;

/// For each variant the call of this row, by its place in [`StepSummary::made`].
pub type AlignedRow = Vec<Option<usize>>;

/// The rows of a step, in order. Each call of each variant is in one of them.
pub fn aligned(of_each: &[&StepSummary]) -> Vec<AlignedRow> {
    let count = of_each.len();
    let mut rows: Vec<AlignedRow> = Vec::new();
    for (variant, seen) in of_each.iter().enumerate() {
        let is_like = |row: &AlignedRow, made: usize| {
            let other = row.iter().enumerate().find_map(|(i, place)| Some((i, (*place)?)));
            other.is_some_and(|(i, place)| is_like((of_each[i], place), (seen, made)))
        };
        let alone = |made: usize| (0..count).map(|i| (i == variant).then_some(made)).collect::<AlignedRow>();
        let (mut merged, mut next) = (Vec::with_capacity(rows.len()), 0);
        let mut before = rows.into_iter().peekable();
        let mut ahead: Vec<AlignedRow> = Vec::new();
        loop {
            while ahead.len() <= AHEAD && before.peek().is_some() {
                ahead.extend(before.next());
            }
            let left = seen.made.len() - next;
            if ahead.is_empty() || left == 0 {
                break;
            }
            // The pair that leaves the fewest calls alone; if there is none, one of each is left alone.
            let pairs = (0..ahead.len().min(AHEAD) + left.min(AHEAD)).find_map(|skipped| {
                let skips = (0..=skipped).map(|rows| (rows, skipped - rows));
                let mut near = skips.filter(|(rows, made)| *rows < ahead.len() && *made < left);
                near.find(|(rows, made)| is_like(&ahead[*rows], next + made))
            });
            let (rows_alone, made_alone) = pairs.unwrap_or((1, 1));
            merged.extend(ahead.drain(..rows_alone));
            merged.extend((next..next + made_alone).map(alone));
            next += made_alone;
            if pairs.is_some() {
                let mut row = ahead.remove(0);
                row[variant] = Some(next);
                merged.push(row);
                next += 1;
            }
        }
        merged.extend(ahead);
        merged.extend(before);
        merged.extend((next..seen.made.len()).map(alone));
        rows = merged;
    }
    rows
}

fn is_like((a, i): (&StepSummary, usize), (b, j): (&StepSummary, usize)) -> bool {
    let (Some(this), Some(that)) = (a.made.get(i), b.made.get(j)) else { return false };
    match (&this.what, &that.what) {
        (MadeWhat::Wait { entry: i, .. }, MadeWhat::Wait { entry: j, .. }) => reported(a, *i).eq(reported(b, *j)),
        (MadeWhat::Server(this), MadeWhat::Server(that)) | (MadeWhat::Client(this), MadeWhat::Client(that)) => {
            this.is_like(that)
        }
        (MadeWhat::SetsUp { of_server: this, .. }, MadeWhat::SetsUp { of_server: that, .. }) => this == that,
        _ => false,
    }
}

fn reported(seen: &StepSummary, entry: usize) -> impl Iterator<Item = Who> + '_ {
    let wait = seen.entries.get(entry).and_then(|entry| entry.wait.as_ref());
    wait.into_iter().flat_map(|wait| wait.reports.iter().map(|report| report.who))
}

#[cfg(test)]
mod tests {
    use super::super::Made;
    use super::*;

    fn step(calls: &[&'static str]) -> StepSummary {
        let calls = calls.iter().enumerate().map(|(i, name)| (i as u64, *name));
        let made =
            calls.map(|(from, name)| Made { from, what: MadeWhat::SetsUp { of_server: name == "s", calls: vec![] } });
        StepSummary { made: made.collect(), ..StepSummary::default() }
    }

    #[test]
    fn the_same_call_stands_in_one_row_and_every_call_in_one() {
        let (a, b) = (step(&["s", "c", "s"]), step(&["s", "s"]));
        let rows = aligned(&[&a, &b]);
        assert_eq!(rows, [vec![Some(0), Some(0)], vec![Some(1), None], vec![Some(2), Some(1)]]);
        let rows = aligned(&[&b, &a]);
        assert_eq!(rows, [vec![Some(0), Some(0)], vec![None, Some(1)], vec![Some(1), Some(2)]]);
        let rows = aligned(&[&a, &step(&[]), &b]);
        assert_eq!(rows.len(), 3);
        assert_eq!(rows[2], [Some(2), None, Some(1)]);
    }
}

//! What each case counts.

use std::collections::HashMap;
use std::path::Path;

use crate::error::Failure;
use crate::grade::{Case, Graded, Verdict};
use crate::i18n::{message, shown};

/// The points of each case that the file names; any other counts 1.
#[derive(Debug, Default)]
pub(super) struct Points(HashMap<&'static str, f64>);

impl Points {
    pub(super) fn read(file: &Path) -> Result<Self, Failure> {
        let name = shown(file);
        let text = std::fs::read_to_string(file)
            .map_err(|error| Failure::refused(message!("{name}: {error}", "{name}：{error}")))?;
        let table: HashMap<String, f64> = toml::from_str(&text).map_err(|error| {
            let (line, error) = (line_of(&text, error.span()), error.message().escape_debug().to_string());
            Failure::usage(message!("{name}:{line}: {error}", "{name}:{line}：{error}"))
        })?;
        let mut points = HashMap::new();
        for (id, worth) in table {
            let case = Case::by_id(&id).ok_or_else(|| super::unknown(&id))?;
            if !worth.is_finite() || worth < 0.0 {
                return Err(Failure::usage(message!(
                    "{name}: {} counts {worth}; it has to be 0 or more",
                    "{name}：{} 的分值是 {worth}，应当不小于 0",
                    case.id
                )));
            }
            points.insert(case.id, worth);
        }
        Ok(Self(points))
    }

    /// What was reached in a case, and what can be: half for right bytes with wrong manners, and nothing to reach where it
    /// does not apply.
    pub(super) fn of(&self, one: &Graded) -> (f64, f64) {
        let worth = self.0.get(one.case.id).copied().unwrap_or(1.0);
        match one.verdict {
            Verdict::Pass => (worth, worth),
            Verdict::Unclean(_) => (worth / 2.0, worth),
            Verdict::Fail(_) => (0.0, worth),
            Verdict::NotApplicable(_) => (0.0, 0.0),
        }
    }

    pub(super) fn sum(&self, graded: &[Graded]) -> (f64, f64) {
        graded.iter().map(|one| self.of(one)).fold((0.0, 0.0), |(got, all), (of, worth)| (got + of, all + worth))
    }
}

fn line_of(text: &str, span: Option<std::ops::Range<usize>>) -> usize {
    let before = span.and_then(|span| text.get(..span.start)).unwrap_or_default();
    before.matches('\n').count() + 1
}

//! What was probably meant by a word that is not known.

use strsim::levenshtein;

/// The candidate that is the least edits away from `word`, if it is near enough to have been meant.
pub(super) fn nearest<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let near = candidates.iter().map(|candidate| (levenshtein(word, candidate), *candidate)).min()?;
    (near.0 <= 2 && near.0 < word.chars().count()).then_some(near.1)
}

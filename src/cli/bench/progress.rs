//! How far it is, on standard error where that is a terminal.

use std::io::{self, IsTerminal as _, Write as _};

use crate::i18n::Lang;

/// Cells of the bar.
const WIDTH: usize = 40;

/// A bar. Dropped, it is gone.
pub(super) struct Progress {
    lang: Lang,
    /// What it shows, in hundredths; `None` where nobody looks.
    shown: Option<usize>,
}

impl Progress {
    pub(super) fn new(lang: Lang) -> Self {
        Self { lang, shown: io::stderr().is_terminal().then_some(usize::MAX) }
    }

    /// So much is done, of 1.
    pub(super) fn at(&mut self, part: f64) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 0 and 100")]
        let hundredths = (part.clamp(0.0, 1.0) * 100.0) as usize;
        if self.shown.is_none_or(|shown| shown == hundredths) {
            return;
        }
        self.shown = Some(hundredths);
        let full = hundredths * WIDTH / 100;
        let bar = format!("{}{}", "█".repeat(full), "░".repeat(WIDTH - full));
        // Where it cannot be shown, what is measured is not worse for it.
        let _ = write!(io::stderr(), "\r{} {bar} {hundredths:>3}%", self.lang.of("measuring", "测量中"));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown.is_some() {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

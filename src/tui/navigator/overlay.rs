//! What is open over a screen and gets its keys, and the message below it.

use ratatui::style::Style;
use tui_input::Input;

use crate::tui::theme::Theme;

/// What is open over a screen, with its selected row or the lines scrolled away.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// Nothing: the keys are the screen's.
    None,
    /// What the program is, and the ways on from there.
    Welcome,
    Help {
        scroll: u16,
    },
    Policy {
        row: usize,
    },
    Prompt(Prompt),
    Breakpoints {
        row: usize,
    },
    Inspect {
        scroll: u16,
    },
}

impl Overlay {
    /// The selected row of the list of breakpoints, if that is open; the last row while a breakpoint is typed.
    pub(crate) fn breakpoint_row(&self) -> Option<usize> {
        match self {
            Self::Breakpoints { row } => Some(*row),
            Self::Prompt(Prompt { question: Question::Breakpoint, .. }) => Some(usize::MAX),
            _ => None,
        }
    }
}

/// A message that stays until the next key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub text: String,
    /// It says that something did not work.
    pub alert: bool,
}

impl Notice {
    pub(crate) fn style(&self, theme: &Theme) -> Style {
        if self.alert { theme.alert } else { theme.notice }
    }
}

/// What a prompt asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    Amount,
    Text,
    /// A new value for the policy's choice in this row.
    Choice(usize),
    Call,
    Search,
    Breakpoint,
}

/// A prompt: a question, and the answer that is being typed.
#[derive(Clone, Debug)]
pub struct Prompt {
    pub question: Question,
    pub input: Input,
    /// The answer is a proposal, which the first typed letter replaces.
    pub proposed: bool,
    /// An answer was refused; the message says what is expected.
    pub refused: bool,
}

impl Question {
    pub(super) fn after(self) -> Overlay {
        match self {
            Self::Choice(row) => Overlay::Policy { row },
            Self::Breakpoint => Overlay::Breakpoints { row: usize::MAX },
            Self::Amount | Self::Text | Self::Call | Self::Search => Overlay::None,
        }
    }
}

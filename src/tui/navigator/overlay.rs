//! What is open over a screen and has its keys, and the word to the user below it.

use tui_input::Input;

/// What has the keys.
#[derive(Clone, Debug)]
pub enum Mode {
    /// The screen itself.
    Screen,
    /// The list of keys; scrolled down by so many lines.
    Help {
        /// Lines.
        scroll: u16,
    },
    /// The policy's choices, one of them selected.
    Policy {
        /// Its row.
        row: usize,
    },
    /// A question is being answered.
    Prompt(Prompt),
    /// Where the server is to stop; one row selected.
    Breakpoints {
        /// Its row.
        row: usize,
    },
    /// One fd, whole; scrolled down by so many lines.
    Inspect {
        /// Lines.
        scroll: u16,
    },
}

impl Mode {
    /// The row that is selected in the list of breakpoints, if that is open; the last one while another is typed.
    pub(crate) fn breakpoint_row(&self) -> Option<usize> {
        match self {
            Self::Breakpoints { row } => Some(*row),
            Self::Prompt(Prompt { question: Question::Breakpoint, .. }) => Some(usize::MAX),
            _ => None,
        }
    }
}

/// A word to the user that stays until the next key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The word.
    pub text: String,
    /// It says that something did not work.
    pub alert: bool,
}

/// What a prompt asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// How many bytes to send.
    Amount,
    /// A text to send.
    Text,
    /// A new value for the policy's choice in this row.
    Choice(usize),
    /// The number of a call to go to.
    Call,
    /// What to search the calls for.
    Search,
    /// Where the server is to stop.
    Breakpoint,
}

/// A question that is being answered.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// Which.
    pub question: Question,
    /// The answer so far.
    pub input: Input,
    /// The answer is a proposal: the first letter typed takes its place.
    pub proposed: bool,
    /// An answer was no answer: what was said to it tells what is expected.
    pub refused: bool,
}

impl Question {
    /// Where it leads back to once it is answered.
    pub(super) fn after(self) -> Mode {
        match self {
            Self::Choice(row) => Mode::Policy { row },
            Self::Breakpoint => Mode::Breakpoints { row: usize::MAX },
            Self::Amount | Self::Text | Self::Call | Self::Search => Mode::Screen,
        }
    }
}

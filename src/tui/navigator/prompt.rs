//! A question with the answer that is being typed.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use super::overlay::{Mode, Prompt, Question};
use super::state::Navigator;
use crate::trace::Timeline;

/// What a key was to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// Nothing: none is asked.
    Unasked,
    /// A part of its answer, or the end of asking.
    More,
    /// The last of this answer.
    Answer(Question, String),
}

impl Navigator {
    pub(crate) fn ask(&mut self, question: Question, proposal: String) {
        let input = Input::new(proposal);
        self.mode = Mode::Prompt(Prompt { question, input, proposed: true, refused: false });
    }

    /// The answer was no answer: the prompt stays as it is, and says what is expected.
    pub(crate) fn ask_again(&mut self, question: Question, answer: &str, expected: String) {
        let input = Input::new(answer.to_owned());
        self.mode = Mode::Prompt(Prompt { question, input, proposed: false, refused: true });
        self.warn(expected);
    }

    /// A key, which is a part of the answer where something is asked.
    pub(super) fn type_key(&mut self, key: &KeyEvent) -> Typed {
        let Mode::Prompt(prompt) = &mut self.mode else { return Typed::Unasked };
        let question = prompt.question;
        match key.code {
            KeyCode::Esc => self.mode = question.after(),
            KeyCode::Enter => {
                let answer = prompt.input.value().to_owned();
                self.mode = question.after();
                return Typed::Answer(question, answer);
            }
            _ => {
                let types = matches!(key.code, KeyCode::Char(_)) && !key.modifiers.contains(KeyModifiers::CONTROL);
                if std::mem::take(&mut prompt.proposed) && types {
                    prompt.input.reset();
                }
                prompt.input.handle_event(&Event::Key(*key));
            }
        }
        Typed::More
    }

    /// Something was pasted.
    pub(crate) fn paste(&mut self, text: &str) {
        if let Mode::Prompt(prompt) = &mut self.mode {
            let before = if std::mem::take(&mut prompt.proposed) { "" } else { prompt.input.value() };
            prompt.input = Input::new(format!("{before}{text}"));
        }
    }

    /// Does what was asked for, where that is about the past or about breakpoints; whether it was.
    pub(super) fn answer(&mut self, question: Question, answer: &str, timeline: &Timeline) -> bool {
        match question {
            Question::Call => self.answer_call(answer, timeline),
            Question::Search => self.answer_search(answer, timeline),
            Question::Breakpoint => self.answer_breakpoint(answer),
            Question::Amount | Question::Text | Question::Choice(_) => return false,
        }
        true
    }
}

//! Prompts: asking, typing, and answers about the past and breakpoints.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use super::overlay::{Overlay, Prompt, Question};
use super::{keys::Taken, state::Navigator};
use crate::trace::Timeline;

impl Navigator {
    pub(crate) fn ask(&mut self, question: Question, proposal: String) {
        let input = Input::new(proposal);
        self.overlay = Overlay::Prompt(Prompt { question, input, proposed: true, refused: false });
    }

    /// Refuses an answer: the prompt stays open, and the message says what is expected.
    pub(crate) fn ask_again(&mut self, question: Question, answer: &str, expected: String) {
        let input = Input::new(answer.to_owned());
        self.overlay = Overlay::Prompt(Prompt { question, input, proposed: false, refused: true });
        self.warn(expected);
    }

    pub(super) fn type_key(&mut self, key: &KeyEvent) -> Taken {
        let Overlay::Prompt(prompt) = &mut self.overlay else { return Taken::No };
        let question = prompt.question;
        match key.code {
            KeyCode::Esc => self.overlay = question.after(),
            KeyCode::Enter => {
                let answer = prompt.input.value().to_owned();
                self.overlay = question.after();
                return Taken::Answer(question, answer);
            }
            _ => {
                let types = matches!(key.code, KeyCode::Char(_)) && !key.modifiers.contains(KeyModifiers::CONTROL);
                if std::mem::take(&mut prompt.proposed) && types {
                    prompt.input.reset();
                }
                prompt.input.handle_event(&Event::Key(*key));
            }
        }
        Taken::Done
    }

    pub(crate) fn paste(&mut self, text: &str) {
        if let Overlay::Prompt(prompt) = &mut self.overlay {
            let before = if std::mem::take(&mut prompt.proposed) { "" } else { prompt.input.value() };
            prompt.input = Input::new(format!("{before}{text}"));
        }
    }

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

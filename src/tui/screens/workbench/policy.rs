//! The keys while the policy's choices are open.

use super::screen::WorkbenchScreen;
use crate::i18n::{grouped, words};
use crate::tui::choices::{CHOICES, Change};
use crate::tui::keymap::{Action, Move};
use crate::tui::navigator::{Overlay, Question};

impl WorkbenchScreen {
    pub(super) fn policy_key(&mut self, row: usize, action: Action) {
        let (last, lives) = (CHOICES.len() - 1, self.source.session().is_some());
        match action {
            Action::Up => self.navigator.overlay = Overlay::Policy { row: row.saturating_sub(1) },
            Action::Down => self.navigator.overlay = Overlay::Policy { row: (row + 1).min(last) },
            Action::Inspect | Action::Travel(Move::ForwardCall) | Action::Step if lives => self.change(row, true),
            Action::Travel(Move::BackCall) if lives => self.change(row, false),
            // The server and the clients can be driven meanwhile.
            _ => self.act(action),
        }
    }

    fn change(&mut self, row: usize, forward: bool) {
        match CHOICES[row].change {
            Change::Turn(turn) => self.switch(|policy| turn(policy, forward)),
            Change::Fault(fault, _) => self.switch(|policy| policy.faults.toggle(fault)),
            Change::Number { get, .. } => {
                let Some(session) = self.source.session() else { return };
                self.navigator.ask(Question::Choice(row), get(session.policy()).to_string());
            }
        }
    }

    pub(super) fn answer_choice(&mut self, row: usize, answer: &str) {
        let Change::Number { unit, least, most, set, .. } = CHOICES[row].change else { return };
        match answer.replace([',', '_', ' '], "").parse() {
            Ok(n) if (least..=most).contains(&n) => self.switch(|policy| set(policy, n)),
            _ => {
                let (most, unit) = (grouped(most.unsigned_abs()), self.lang.pick(unit));
                let expected = words!(
                    self.lang,
                    "\"{answer}\": expected {least} to {most} {unit}",
                    "“{answer}”应为 {least} 到 {most}（{unit}）"
                );
                self.navigator.ask_again(Question::Choice(row), answer, expected);
            }
        }
    }
}

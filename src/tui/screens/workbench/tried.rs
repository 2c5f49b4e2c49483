//! The task of a lesson, while it is tried in the workbench.

use super::focus::Focus;
use super::screen::WorkbenchScreen;
use crate::lesson::{Block, Standpoint, TaskRun};
use crate::script::Measured;
use crate::tui::Next;
use crate::tui::widgets::TaskView;

/// A task, what it asks for, and how each of its claims stands.
pub(super) struct Tried {
    run: TaskRun,
    text: Vec<Block>,
    stands: Vec<Standpoint>,
}

impl Tried {
    pub(super) fn view(&self) -> TaskView<'_> {
        TaskView { text: &self.text, stands: &self.stands, is_done: self.run.is_done() }
    }
}

impl WorkbenchScreen {
    /// Shows the task with its text, and says when it is done.
    pub fn take_task(&mut self, task: Option<TaskRun>, text: Vec<Block>) {
        self.task = task.map(|run| Tried { run, text, stands: Vec::new() });
        self.navigator.notice = None;
        // Most tasks are about client a.
        if let Some(first) = self.view().world.accepted_from_client(0).filter(|_| self.task.is_some()) {
            self.focus = Focus::File(first);
        }
        self.look_at_task();
    }

    pub(super) fn look_at_task(&mut self) {
        if let (Some(tried), Some(session)) = (&mut self.task, self.source.session()) {
            let measured = Measured::driven(session, tried.run.mark);
            tried.stands = tried.run.look(|measure| measured.measure(measure));
        }
    }

    /// Leaves the server to the lesson, which begins the task again.
    pub(super) fn begin_task_again(&mut self) {
        let Some(tried) = &self.task else {
            return self.navigator.say(
                self.lang.of(
                    "g begins the task of a lesson again; there is none here",
                    "g 重新开始课程的任务；这里没有任务",
                ),
            );
        };
        tried.run.ask_again();
        self.next = Next::Pop;
    }
}

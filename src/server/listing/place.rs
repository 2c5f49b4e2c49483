//! The places in the program where it makes its calls.

/// Where a line stands in the server's work, by the call that it makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    Create,
    Register,
    Wait,
    Accept,
    Add,
    Receive,
    ReceiveUrgent,
    /// The send of what was just received.
    Echo,
    /// The send of what was kept.
    Flush,
    Modify,
    /// One-shot, the listener is armed again after each report.
    ArmListener,
    Delete,
    Close,
    DestroyConnections,
    DestroyListener,
    DestroyEpoll,
}

impl Place {
    /// Its number among the seven steps. Repeating, the sixth, is the loop itself.
    pub fn step(self) -> u8 {
        match self {
            Self::Create => 1,
            Self::Register | Self::Add => 2,
            Self::Wait => 3,
            Self::Accept | Self::Receive | Self::ReceiveUrgent | Self::Echo | Self::Flush | Self::Close => 4,
            Self::Modify | Self::ArmListener | Self::Delete => 5,
            Self::DestroyConnections | Self::DestroyListener | Self::DestroyEpoll => 7,
        }
    }
}

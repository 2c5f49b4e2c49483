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
    /// No fd is free: the listener asks for nothing.
    Mute,
    Unmute,
    /// No fd is free: the listener leaves the list for some time.
    BackOff,
    ComeBack,
    /// A fd is kept, to be closed where no other is free.
    OpenSpare,
    FreeSpare,
    AcceptToClose,
    TurnAway,
    Delete,
    Close,
    DestroyConnections,
    DestroySpare,
    DestroyListener,
    DestroyEpoll,
}

impl Place {
    /// Its number among the seven steps. Repeating, the sixth, is the loop itself.
    pub fn step(self) -> u8 {
        match self {
            Self::Create => 1,
            Self::Register | Self::Add | Self::ComeBack | Self::OpenSpare => 2,
            Self::Wait => 3,
            Self::Accept
            | Self::Receive
            | Self::ReceiveUrgent
            | Self::Echo
            | Self::Flush
            | Self::Close
            | Self::FreeSpare
            | Self::AcceptToClose
            | Self::TurnAway => 4,
            Self::Modify | Self::ArmListener | Self::Delete | Self::Mute | Self::Unmute | Self::BackOff => 5,
            Self::DestroyConnections | Self::DestroySpare | Self::DestroyListener | Self::DestroyEpoll => 7,
        }
    }
}

//! What an open file description is known by.

/// An open file description. Its id holds the number of the record that first spoke of it, so that two users of one fd
/// number never share an id, and a place that no two open ones share, by which it is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(u64);

impl FileId {
    /// The bits of the place: there are never more places than fds that are told apart.
    const PLACE: u32 = 21;
    /// Below all others.
    pub(super) const FIRST: Self = Self(0);
    /// The file that stands for all beyond the most that are told apart; above all others.
    pub(super) const CROWD: Self = Self(u64::MAX);

    pub(super) fn new(seq: u64, place: u64) -> Self {
        Self(seq << Self::PLACE | place)
    }

    /// The number of the record that first spoke of it.
    #[inline]
    pub fn seq(self) -> u64 {
        self.0 >> Self::PLACE
    }

    #[inline]
    pub(super) fn place(self) -> u64 {
        self.0 & ((1 << Self::PLACE) - 1)
    }
}

//! The groups that the list of lessons is cut into.

use crate::i18n::Both;

/// Their names in `lesson.toml`, and their headings.
const GROUPS: [(&str, Both); 8] = [
    ("basics", ("The basics", "基础")),
    ("level-and-edge", ("Level and edge", "水平与边缘")),
    ("events-and-waits", ("Events and waits", "事件与等待")),
    ("fds", ("fds that come and go", "fd 的来去")),
    ("bytes-and-peers", ("Bytes and slow peers", "字节与慢的对端")),
    ("more-of-epoll", ("More of epoll", "epoll 的更多用法")),
    ("whole-server", ("A whole server", "一个完整的服务器")),
    ("traps", ("What people trip over", "常见的坑")),
];

/// The heading of the group of this name.
pub(super) fn heading(name: &str) -> Option<Both> {
    GROUPS.iter().find(|(known, _)| *known == name).map(|(_, heading)| *heading)
}

pub(super) fn names() -> String {
    GROUPS.map(|(name, _)| name).join(", ")
}

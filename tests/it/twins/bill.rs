//! The table under a comparison, against what the kernel said while the twins were played.

use std::collections::BTreeMap;

use epollscope::record::{Call, Fd};
use epollscope::teach::twins::{Twin, Twins};

use super::played;

/// Bytes that FIONREAD counted last in each connection before the server closed it.
fn unread_at_close(twins: &Twins, twin: usize) -> u64 {
    let twin: &Twin = &twins.twins()[twin];
    let mut unread: BTreeMap<Fd, u64> = BTreeMap::new();
    let mut closed = 0;
    for record in twin.timeline().range(0, twin.timeline().len()) {
        match record.call {
            Call::Sample { fd, unread: bytes, .. } => drop(unread.insert(fd, u64::from(bytes))),
            Call::Close { fd, .. } if twin.timeline().now().serves(record.tid) => {
                closed += unread.remove(&fd).unwrap_or(0)
            }
            _ => {}
        }
    }
    closed
}

#[test]
fn what_a_server_closes_unread_is_counted_as_the_kernel_counted_it() {
    let (twins, story) = played("reset", "level,edge,edge+drain");
    let discarded = [0, 1, 2].map(|twin| story.bill(&twins, twin).discarded);
    assert_eq!(discarded, [0, 952, 0]);
    assert_eq!(discarded, [0, 1, 2].map(|twin| unread_at_close(&twins, twin)));
}

/// What was stranded is discarded when the server ends, also what those had sent whom it never accepted.
#[test]
fn a_server_that_ends_discards_what_it_left_unread() {
    let path = std::env::temp_dir().join(format!("epollscope-twins-discard-{}.scene", std::process::id()));
    let scene = "server\na = connect\nrun\nsend a 3000\nb = connect\nc = connect\nrun\nsend c 77\nrun\ndestroy\nrun\n";
    std::fs::write(&path, scene).expect("written");
    let (twins, story) = played(path.to_str().expect("text"), "level,edge");
    std::fs::remove_file(&path).expect("removed");
    let [level, edge] = [0, 1].map(|twin| story.bill(&twins, twin));
    assert_eq!((level.discarded, level.stranded), (0, 0));
    assert_eq!((edge.discarded, edge.stranded), (unread_at_close(&twins, 1) + 77, 0));
    assert_eq!(unread_at_close(&twins, 1), 3000 - 1024);
}

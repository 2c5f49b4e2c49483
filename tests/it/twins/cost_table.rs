//! The table under a comparison, against what the kernel said while the twins were played.

use std::collections::BTreeMap;

use epollscope::analysis::Tally;
use epollscope::compare::table::table;
use epollscope::compare::text::Page;
use epollscope::compare::{Comparison, Variant};
use epollscope::i18n::Lang;
use epollscope::record::{Call, Fd};
use epollscope::sys::Errno;
use unicode_width::UnicodeWidthStr as _;

use super::{played, snapshot};

/// Bytes that FIONREAD counted last in each connection before the server closed it.
fn unread_at_close(twins: &Comparison, twin: usize) -> u64 {
    let twin: &Variant = &twins.twins()[twin];
    let mut unread: BTreeMap<Fd, u64> = BTreeMap::new();
    let mut closed = 0;
    for record in twin.timeline().range(0, twin.timeline().len()) {
        match record.call {
            Call::Sample { fd, unread: bytes, .. } => drop(unread.insert(fd, u64::from(bytes))),
            Call::Close { fd, .. } if twin.timeline().now().serves(record.tid) => {
                closed += unread.remove(&fd).unwrap_or(0);
            }
            _ => {}
        }
    }
    closed
}

#[test]
fn what_a_server_closes_unread_is_counted_as_the_kernel_counted_it() {
    let (twins, story) = played("reset", "level,edge,edge+drain");
    let discarded = [0, 1, 2].map(|twin| story.cost_table(twin, twins.played()).unread);
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
    let [level, edge] = [0, 1].map(|twin| story.cost_table(twin, twins.played()));
    assert_eq!((level.unread, level.stranded), (0, 0));
    assert_eq!((edge.unread, edge.stranded), (unread_at_close(&twins, 1) + 77, 0));
    assert_eq!(unread_at_close(&twins, 1), 3000 - 1024);
}

/// Bytes that the server had received and not sent in each connection that it closed.
fn unsent_at_close(twin: &Variant) -> u64 {
    let mut kept: BTreeMap<Fd, u64> = BTreeMap::new();
    let mut closed = 0;
    let server = twin.timeline().now();
    for record in twin.timeline().range(0, twin.timeline().len()).filter(|record| server.serves(record.tid)) {
        match record.call {
            Call::Recvfrom { fd, ret, .. } => *kept.entry(fd).or_default() += u64::from(ret.ok().unwrap_or(0)),
            Call::Sendto { fd, ret, .. } => *kept.entry(fd).or_default() -= u64::from(ret.ok().unwrap_or(0)),
            Call::Close { fd, .. } => closed += kept.remove(&fd).unwrap_or(0),
            _ => {}
        }
    }
    closed
}

/// A peer that is gone: what was read for it can't be sent. What waits for one that does not read is not discarded.
#[test]
fn what_was_read_and_not_sent_is_counted_when_it_is_closed() {
    let path = std::env::temp_dir().join(format!("epollscope-twins-unsent-{}.scene", std::process::id()));
    let scene = "server\na = connect\nb = connect\nrun\nstop b\nsend b 300000\nrun\nsend a 3000\nclose a\nrun\n";
    std::fs::write(&path, format!("{scene}reset b\nrun\n")).expect("written");
    let (twins, story) = played(path.to_str().expect("text"), "level,edge+drain");
    std::fs::remove_file(&path).expect("removed");
    for (i, twin) in twins.twins().iter().enumerate() {
        let unsent = [1, 2, 3, 4].map(|steps| story.cost_table(i, steps).unsent);
        assert_eq!(unsent[..2], [0, 0], "{}", twin.name());
        assert_eq!(unsent[3], unsent_at_close(twin), "{}", twin.name());
        assert!(unsent[2] > 0, "{unsent:?}");
    }
}

#[test]
fn the_counts_of_calls_are_those_of_the_records() {
    for scene in ["message", "flood", "reset"] {
        let (twins, story) = played(scene, "level,edge+drain,notes");
        for (i, twin) in twins.twins().iter().enumerate() {
            let (timeline, cost_table) = (twin.timeline(), story.cost_table(i, twins.played()));
            let mut records = timeline.range(0, timeline.len());
            let created = records.find(|record| matches!(record.call, Call::EpollCreate1 { .. })).expect("one");
            let tally = Tally::since(timeline, created.seq.0 - 1);
            let counted = (tally.calls(), tally.empty, tally.errors(Errno::EAGAIN as i32));
            assert_eq!((cost_table.calls, cost_table.empty, cost_table.eagain), counted, "{scene}, {}", twin.name());
            assert_eq!(
                cost_table.reports,
                records.filter(|record| matches!(record.call, Call::Event { .. })).count() as u64
            );
        }
    }
}

#[test]
fn the_table_keeps_to_its_page_and_loses_no_figure() {
    let (twins, story) =
        played("reset", "edge+read+drain+accept+drain,oneshot+edge+drain+budget+2048,notes,level+read-size+100000");
    let lines = |lang, width| table(&twins, &story, twins.played(), Page { lang, width });
    let figures = |lines: &[(String, String)]| -> Vec<String> {
        // Below the names of the twins.
        let below = lines.iter().skip_while(|(name, _)| name.trim().is_empty());
        below
            .flat_map(|(_, figures)| figures.split("   "))
            .map(|s| s.trim().to_owned())
            .filter(|s| !s.is_empty())
            .collect()
    };
    for lang in [Lang::En, Lang::Zh] {
        let roomy = lines(lang, None);
        assert_eq!(lines(lang, Some(1000)), roomy, "a column does not grow");
        for width in 60..roomy[0].0.width() + roomy[0].1.width() {
            let narrow = lines(lang, Some(width));
            assert!(
                narrow.iter().all(|(name, figures)| name.width() + figures.width() <= width),
                "{width}: {narrow:#?}"
            );
            assert_eq!(figures(&narrow), figures(&roomy), "{width}");
            assert_eq!(letters(&narrow), letters(&roomy), "{width}");
        }
    }
    let text = |width| {
        let lines = lines(Lang::En, Some(width)).into_iter();
        lines.map(|(name, figures)| format!("{name}{figures}").trim_end().to_owned() + "\n").collect::<String>()
    };
    snapshot("bill-narrow", &format!("{}\n{}", text(60), text(80)));
}

/// What is written there, in any order of the lines.
fn letters(lines: &[(String, String)]) -> BTreeMap<char, usize> {
    let mut letters = BTreeMap::new();
    for letter in lines.iter().flat_map(|(name, figures)| name.chars().chain(figures.chars())).filter(|c| *c != ' ') {
        *letters.entry(letter).or_default() += 1;
    }
    letters
}

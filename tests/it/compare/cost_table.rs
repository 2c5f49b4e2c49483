//! The table under a comparison, against what the kernel said while the variants were played.

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

use crate::support::loopback::loopback;

/// Bytes that FIONREAD counted last in each connection before the server closed it.
fn unread_at_close(comparison: &Comparison, variant: usize) -> u64 {
    let variant: &Variant = &comparison.variants()[variant];
    let mut unread: BTreeMap<Fd, u64> = BTreeMap::new();
    let mut closed = 0;
    for record in variant.timeline().range(0, variant.timeline().len()) {
        match record.call {
            Call::Sample { fd, unread: bytes, .. } => drop(unread.insert(fd, u64::from(bytes))),
            Call::Close { fd, .. } if variant.timeline().now().serves(record.tid) => {
                closed += unread.remove(&fd).unwrap_or(0);
            }
            _ => {}
        }
    }
    closed
}

#[test]
fn what_a_server_closes_unread_is_counted_as_the_kernel_counted_it() {
    let _loopback = loopback();
    let (comparison, report) = played("reset", "level,edge,edge+drain");
    let discarded = [0, 1, 2].map(|variant| report.cost_table(variant, comparison.played()).unread);
    assert_eq!(discarded, [0, 952, 0]);
    assert_eq!(discarded, [0, 1, 2].map(|variant| unread_at_close(&comparison, variant)));
}

/// What was stranded is discarded when the server ends, also what those had sent whom it never accepted.
#[test]
fn a_server_that_ends_discards_what_it_left_unread() {
    let _loopback = loopback();
    let path = std::env::temp_dir().join(format!("epollscope-variants-discard-{}.scene", std::process::id()));
    let scene = "server\na = connect\nrun\nsend a 3000\nb = connect\nc = connect\nrun\nsend c 77\nrun\ndestroy\nrun\n";
    std::fs::write(&path, scene).expect("written");
    let (comparison, report) = played(path.to_str().expect("text"), "level,edge");
    std::fs::remove_file(&path).expect("removed");
    let [level, edge] = [0, 1].map(|variant| report.cost_table(variant, comparison.played()));
    assert_eq!((level.unread, level.stranded), (0, 0));
    assert_eq!((edge.unread, edge.stranded), (unread_at_close(&comparison, 1) + 77, 0));
    assert_eq!(unread_at_close(&comparison, 1), 3000 - 1024);
}

/// Bytes that the server had received and not sent in each connection that it closed.
fn unsent_at_close(variant: &Variant) -> u64 {
    let mut kept: BTreeMap<Fd, u64> = BTreeMap::new();
    let mut closed = 0;
    let server = variant.timeline().now();
    for record in variant.timeline().range(0, variant.timeline().len()).filter(|record| server.serves(record.tid)) {
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
    let _loopback = loopback();
    let path = std::env::temp_dir().join(format!("epollscope-variants-unsent-{}.scene", std::process::id()));
    let scene = "server\na = connect\nb = connect\nrun\nstop b\nsend b 300000\nrun\nsend a 3000\nclose a\nrun\n";
    std::fs::write(&path, format!("{scene}reset b\nrun\n")).expect("written");
    let (comparison, report) = played(path.to_str().expect("text"), "level,edge+drain");
    std::fs::remove_file(&path).expect("removed");
    for (i, variant) in comparison.variants().iter().enumerate() {
        let unsent = [1, 2, 3, 4].map(|steps| report.cost_table(i, steps).unsent);
        assert_eq!(unsent[..2], [0, 0], "{}", variant.name());
        assert_eq!(unsent[3], unsent_at_close(variant), "{}", variant.name());
        assert!(unsent[2] > 0, "{unsent:?}");
    }
}

#[test]
fn the_counts_of_calls_are_those_of_the_records() {
    let _loopback = loopback();
    for scene in ["message", "flood", "reset"] {
        let (comparison, report) = played(scene, "level,edge+drain,tutorial");
        for (i, variant) in comparison.variants().iter().enumerate() {
            let (timeline, cost_table) = (variant.timeline(), report.cost_table(i, comparison.played()));
            let mut records = timeline.range(0, timeline.len());
            let created = records.find(|record| matches!(record.call, Call::EpollCreate1 { .. })).expect("one");
            let tally = Tally::since(timeline, created.seq.0 - 1);
            let counted = (tally.calls(), tally.empty, tally.errors(Errno::EAGAIN as i32));
            assert_eq!((cost_table.calls, cost_table.empty, cost_table.eagain), counted, "{scene}, {}", variant.name());
            assert_eq!(
                cost_table.reports,
                records.filter(|record| matches!(record.call, Call::Event { .. })).count() as u64
            );
        }
    }
}

#[test]
fn the_table_keeps_to_its_page_and_loses_no_figure() {
    let _loopback = loopback();
    let (comparison, report) =
        played("reset", "edge+read+drain+accept+drain,oneshot+edge+drain+budget+2048,tutorial,level+read-size+100000");
    let lines = |lang, width| table(&comparison, &report, comparison.played(), Page { lang, width });
    let figures = |lines: &[(String, String)]| -> Vec<String> {
        // Below the names of the variants.
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
    snapshot("compare-table-narrow", &format!("{}\n{}", text(60), text(80)));
}

/// What is written there, in any order of the lines.
fn letters(lines: &[(String, String)]) -> BTreeMap<char, usize> {
    let mut letters = BTreeMap::new();
    for letter in lines.iter().flat_map(|(name, figures)| name.chars().chain(figures.chars())).filter(|c| *c != ' ') {
        *letters.entry(letter).or_default() += 1;
    }
    letters
}

//! The table under a comparison, against what the kernel said while the twins were played.

use std::collections::BTreeMap;

use epollscope::record::{Call, Fd};
use epollscope::teach::twins::table::table;
use epollscope::teach::twins::text::Page;
use epollscope::teach::twins::{Twin, Twins};
use epollscope::trace::Lang;
use unicode_width::UnicodeWidthStr as _;

use super::{played, snapshot};

/// Bytes that FIONREAD counted last in each connection before the server closed it.
fn unread_at_close(twins: &Twins, twin: usize) -> u64 {
    let twin: &Twin = &twins.twins()[twin];
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

#[test]
fn the_table_keeps_to_its_page_and_loses_no_figure() {
    let (twins, story) =
        played("reset", "edge+read+drain+accept+drain,oneshot+edge+drain+budget+2048,notes,level+read-size+100000");
    let lines = |lang, width| table(&twins, &story, Page { lang, width });
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

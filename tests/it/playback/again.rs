//! A recording of which the records are not held in memory: they are read from the file again.

use std::fs::{self, File};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

use epollscope::record::Fd;
use epollscope::trace::{Playback, Timeline};

use super::{is_over, pump_until};

fn read(file: File, most: usize) -> (Playback, Timeline) {
    let mut opened = Playback::of_file("test", file, None, most).expect("a recording");
    pump_until(&mut opened, is_over);
    opened
}

/// A recording whose file was read from before, as a shell script may do with standard input.
fn behind(place: &Path) -> File {
    let mut file = File::open(place).expect("a file");
    file.seek(SeekFrom::Start(BEFORE.len() as u64)).expect("a file");
    file
}

const BEFORE: &str = "read before\n";

#[test]
fn what_is_not_held_is_read_again() {
    let place = std::env::temp_dir().join(format!("epollscope-again-{}", std::process::id()));
    let mut file = File::create(&place).expect("a file");
    let header = r#"{"format":"epollscope-trace","version":1,"kernel":"6.18","started":"now","source":"test"}"#;
    let mut text = format!("{BEFORE}{header}\n").into_bytes();
    for n in 1..20_000_u64 {
        let seq = 3 * n;
        let call = match n % 7 {
            0 => r#""call":"epoll_wait","epfd":4,"ret":1,"events":[{"fd":5,"events":["EPOLLIN"]}]}"#,
            1 => "wrong",
            2 => r#""call":"later"}"#,
            _ => r#""call":"recvfrom","fd":5,"len":9,"ret":4,"data":"abcd"}"#,
        };
        writeln!(text, r#"{{"seq":{seq},"t_ns":{n},"tid":1,{call}"#).expect("a vector");
    }
    file.write_all(&text).expect("a disk");
    let [(all, held), (_, again)] = [usize::MAX, 0].map(|most| read(behind(&place), most));
    assert!(held.len() > 30_000 && all.problems().missing > 0 && all.problems().unknown.is_some());
    assert!(held.range(0, held.len()).eq(again.range(0, again.len())));
    for k in (0..held.len()).step_by(997) {
        assert_eq!(held.at(k), again.at(k), "at {k}");
        assert_eq!(held.call_before(k), again.call_before(k), "at {k}");
    }
    // Now the file has other contents.
    fs::write(&place, format!("{BEFORE}{header}")).expect("a disk");
    assert_eq!(again.range(0, again.len()).count() as u64, again.len());
    assert!(again.at(9_000).counters().lost > 1_000, "what is gone counts as lost");
    fs::remove_file(&place).expect("a file");
}

#[test]
fn of_several_variants_the_same_one_is_read_again() {
    let place = std::env::temp_dir().join(format!("epollscope-variants-again-{}", std::process::id()));
    let header = r#"{"format":"epollscope-trace","version":1,"kernel":"6.18","started":"now","source":"test"}"#;
    let mut text = format!("{header}\n").into_bytes();
    // Between two stretches of `a` the file has a long one of `b`.
    for step in 0..10_u64 {
        for (variant, fd) in [("a", 5), ("b", 6)] {
            for seq in (1..=1500).map(|n| step * 1500 + n) {
                let call = format!(r#""seq":{seq},"t_ns":{seq},"tid":1,"call":"close","fd":{fd},"ret":0"#);
                writeln!(text, r#"{{"twin":"{variant}",{call}}}"#).expect("a vector");
            }
        }
    }
    fs::write(&place, text).expect("a disk");
    let [(_, held), (_, again)] = [usize::MAX, 0].map(|most| read(File::open(&place).expect("a file"), most));
    assert_eq!((held.len(), again.len()), (15_000, 15_000));
    assert!(again.range(0, again.len()).all(|record| record.call.fd() == Some(Fd(5))));
    assert!(held.range(0, held.len()).eq(again.range(0, again.len())));
    fs::remove_file(&place).expect("a file");
}

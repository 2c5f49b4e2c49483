//! Recordings that are looked at: from a file, from a stream, whole or not.

mod again;

use std::fs::{self, File};
use std::io::Write;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use epollscope::record::{Call, Fd, Nanos, Record, Ret, Seq, Tid};
use epollscope::trace::{Header, Playback, Timeline, TraceError, Writer};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::stat::Mode;

const HEADER: &str =
    r#"{"format":"epollscope-trace","version":1,"kernel":"6.18","started":"2026-03-01T09:30:00Z","source":"test"}"#;

/// A path of its own, which is gone when this is.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let place = std::env::temp_dir().join(format!("epollscope-playback-{}-{name}", std::process::id()));
        let _ = fs::remove_file(&place);
        Self(place)
    }

    fn holding(name: &str, text: &str) -> Self {
        let place = Self::new(name);
        fs::write(&place.0, text).expect("a file");
        place
    }

    fn fifo(name: &str) -> Self {
        let place = Self::new(name);
        nix::unistd::mkfifo(&place.0, Mode::S_IRWXU).expect("a fifo");
        place
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn close(seq: u64) -> String {
    format!(r#"{{"seq":{seq},"t_ns":{seq}0,"tid":7,"call":"close","fd":5,"errno":"EBADF"}}"#)
}

/// A recording of these lines, each with its newline.
fn recording(lines: &[String]) -> String {
    std::iter::once(HEADER).chain(lines.iter().map(String::as_str)).flat_map(|line| [line, "\n"]).collect()
}

/// What a recording is being read into.
type Opened = (Playback, Timeline);

/// Sleeps until something may be there, and takes it in, until `enough`.
fn pump_until((playback, timeline): &mut Opened, enough: impl Fn(&Playback, &Timeline) -> bool) {
    while !enough(playback, timeline) {
        let mut fds = [PollFd::new(playback.as_fd(), PollFlags::POLLIN)];
        assert_ne!(poll(&mut fds, PollTimeout::from(60_000_u16)).expect("poll"), 0, "nobody notifies");
        playback.pump(timeline, |_, _| ());
    }
}

fn is_over(playback: &Playback, _: &Timeline) -> bool {
    playback.is_over()
}

fn whole(path: &Path) -> Opened {
    let mut opened = Playback::open(path).expect("a recording");
    pump_until(&mut opened, is_over);
    opened
}

/// All calls, in order.
fn told(timeline: &Timeline) -> Vec<Call> {
    timeline.range(timeline.first(), timeline.len()).map(|record| record.call).collect()
}

#[test]
fn a_file_is_played_back_as_it_was_recorded() {
    let records = crate::support::random_run::records(3, 300);
    let mut writer = Writer::new(Vec::new(), &Header::now("test")).expect("a vector");
    for record in &records {
        writer.write(record).expect("a vector");
    }
    let place = Place::new("file");
    fs::write(&place.0, writer.finish().expect("a vector")).expect("a file");
    let (playback, timeline) = whole(&place.0);
    assert_eq!(timeline.len(), records.len() as u64);
    assert!(timeline.range(0, timeline.len()).map(|r| (r.tid, r.call)).eq(records.iter().map(|r| (r.tid, r.call))));
    assert_eq!((playback.begins_at(), playback.header().source.as_str()), (Some(Seq(1)), "test"));
    assert!(playback.problems().is_empty(), "{:?}", playback.problems());
    let half = records.len() as u64 / 2;
    let mut world = epollscope::trace::World::default();
    timeline.range(0, half).for_each(|record| world.apply(&record));
    assert_eq!(timeline.at(half), world);
}

#[test]
fn what_is_wrong_or_missing_costs_no_more_than_itself() {
    let lines =
        [close(11), "nonsense".to_owned(), close(13), close(20), close(12), close(21), r#"{"seq":22,"#.to_owned()];
    let place = Place::holding("wrong", recording(&lines).trim_end());
    let (playback, timeline) = whole(&place.0);
    let problems = playback.problems();
    assert_eq!(playback.begins_at(), Some(Seq(11)));
    let failed = Call::Close { fd: Fd(5), ret: Ret::error(nix::errno::Errno::EBADF) };
    let lost = |count| Call::Lost { count };
    assert_eq!(told(&timeline), [failed, lost(1), failed, lost(6), failed, failed]);
    assert_eq!((problems.count, problems.missing, problems.lines.len()), (2, 7, 2));
    assert!(problems.lines[0].to_string().contains("line 3, column 1"), "{}", problems.lines[0]);
    assert!(problems.lines[1].to_string().contains("line 6"), "{}", problems.lines[1]);
    assert!(matches!(problems.end, Some(TraceError::Cut { line: 8, .. })), "{:?}", problems.end);
}

#[test]
fn however_many_lines_are_wrong_the_first_are_kept_and_all_are_counted() {
    let lines: Vec<String> = (0..5_000).map(|n| format!("wrong {n}")).chain([close(1)]).collect();
    let place = Place::holding("many-wrong", &recording(&lines));
    let (playback, timeline) = whole(&place.0);
    assert_eq!(playback.problems().count, 5_000);
    assert_eq!(playback.problems().lines.len(), epollscope::trace::Problems::KEPT);
    assert_eq!(timeline.len(), 1);
}

#[test]
fn a_stream_is_shown_while_it_comes() {
    let place = Place::fifo("live");
    let path = place.0.clone();
    let writing = std::thread::spawn(move || {
        let mut fifo = File::create(path).expect("a fifo");
        fifo.write_all(recording(&[close(1)]).as_bytes()).expect("a reader");
        fifo
    });
    let mut opened = Playback::open(&place.0).expect("a header");
    let mut fifo = writing.join().expect("a fifo");
    pump_until(&mut opened, |_, timeline| timeline.len() == 1);
    assert!(!opened.0.is_over());
    // Half a line is not there yet, and does not keep the one before it.
    let (second, third) = (close(2), close(3));
    fifo.write_all(format!("{second}\n{}", &third[..20]).as_bytes()).expect("a reader");
    pump_until(&mut opened, |_, timeline| timeline.len() == 2);
    fifo.write_all(format!("{}\n", &third[20..]).as_bytes()).expect("a reader");
    pump_until(&mut opened, |_, timeline| timeline.len() == 3);
    drop(fifo);
    pump_until(&mut opened, is_over);
    let (mut playback, mut timeline) = opened;
    assert!(playback.problems().is_empty() && !playback.pump(&mut timeline, |_, _| ()));
}

#[test]
fn of_a_stream_without_end_the_last_records_are_kept_and_it_can_be_left() {
    let place = Place::fifo("endless");
    let path = place.0.clone();
    let writing = std::thread::spawn(move || {
        let mut writer = Writer::new(File::create(path).expect("a fifo"), &Header::now("test")).expect("a reader");
        let call = Call::Close { fd: Fd(5), ret: Ret::OK };
        (1..u64::MAX)
            .take_while(|&n| writer.write(&Record { seq: Seq(n), t: Nanos(n), tid: Tid(7), call }).is_ok())
            .count()
    });
    let mut opened = Playback::open(&place.0).expect("a header");
    pump_until(&mut opened, |_, timeline| timeline.len() > 40_000);
    assert!(!opened.0.is_over());
    drop(opened);
    assert!(writing.join().expect("no panic") > 40_000, "it was told that nobody reads any more");
}

#[test]
fn what_is_no_recording_is_refused() {
    let empty = Place::holding("empty", "");
    assert!(matches!(Playback::open(&empty.0), Err(TraceError::Empty { .. })));
    assert!(matches!(Playback::open(Path::new("/")), Err(TraceError::Directory { .. })));
    assert!(matches!(Playback::open(Path::new("/dev/zero")), Err(TraceError::NotATrace { .. })));
    assert!(matches!(Playback::open(&Place::new("none").0), Err(TraceError::Missing { .. })));
}

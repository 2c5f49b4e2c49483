//! How fast a recording is written and read. Nothing is asserted; to see it, in CPU time:
//! `cargo test --release --test it trace_file::speed -- --ignored --nocapture`.

use std::time::Duration;

use epollscope::record::{Call, Chunk, Dir, Fd, MsgFlags, Nanos, Ready, Record, Ret, Seq, Tid, Timeout};
use epollscope::trace::{Reader, Writer};
use nix::time::{ClockId, clock_gettime};

use super::record;
use crate::support::written::header;

const COUNT: u64 = 1_000_000;

/// What a server with 64 connections does, over and over.
fn busy(count: u64) -> Vec<Record> {
    let (epfd, ready) = (Fd(4), Ready::IN);
    (0..count)
        .map(|n| {
            let fd = Fd(5 + i32::try_from(n / 8 % 64).unwrap_or(0));
            let call = match n % 8 {
                0 => Call::EpollWaitEnter { epfd, max_events: 64, timeout: Timeout::NONE },
                1 => Call::EpollWait { epfd, ret: Ret::value(1) },
                2 => Call::Event { epfd, fd, ready },
                3 => Call::Sample { fd, unread: 64, unsent: 0, ready: ready | Ready::OUT },
                4 => Call::Recvfrom { fd, len: 1024, flags: MsgFlags::empty(), ret: Ret::value(20) },
                5 => Call::Data { fd, dir: Dir::In, chunk: Chunk::new(b"what a client sends\n") },
                6 => Call::Sendto { fd, len: 20, flags: MsgFlags::empty(), ret: Ret::value(20) },
                _ => Call::Data { fd, dir: Dir::Out, chunk: Chunk::new(b"what a client sends\n") },
            };
            Record { seq: Seq(n + 1), t: Nanos(1_000_000 + n * 700), tid: Tid(1234), call }
        })
        .collect()
}

fn timed<T>(what: &str, count: u64, work: impl FnOnce() -> T) -> T {
    let began = cpu();
    let made = work();
    let took = cpu().saturating_sub(began);
    println!("{what:<44} {took:>9.1?}  {:>6.2} million records a second", rate(count, took));
    made
}

/// What this thread has computed so far: on a busy machine the clock on the wall says less.
fn cpu() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).expect("Linux has it").into()
}

#[allow(clippy::cast_precision_loss, reason = "for people")]
fn rate(count: u64, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64() / 1e6
}

fn write(records: &[Record]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::with_capacity(160 << 20), &header()).expect("a vector takes all");
    for record in records {
        writer.write(record).expect("a vector takes all");
    }
    writer.finish().expect("a vector takes all")
}

fn read(file: &[u8]) -> u64 {
    let reader = Reader::new("F", file).expect("a header");
    reader.map(|next| next.map(|_| 1).expect("a record")).sum()
}

#[test]
#[ignore = "a measurement"]
fn a_million_records() {
    let records = busy(COUNT);
    let file = timed("written", COUNT, || write(&records));
    assert_eq!(timed("read", COUNT, || read(&file)), COUNT);
}

#[test]
fn what_a_busy_server_does_is_read_back() {
    let mut records = busy(800);
    records.push(record(801, Call::Close { fd: Fd(4), ret: Ret::OK }));
    let file = write(&records);
    let read: Vec<Record> =
        Reader::new("F", &file[..]).expect("a header").map(|next| next.expect("a record")).collect();
    assert!(read.iter().map(|record| record.call).eq(records.iter().map(|record| record.call)));
}

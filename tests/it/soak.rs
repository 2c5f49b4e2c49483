//! Ten seconds of the long load; `cargo run --release --example soak` goes on for longer.

use std::fs::File;
use std::io::BufReader;
use std::process::Command;
use std::time::{Duration, Instant};

use epollscope::trace::Reader;

use crate::load::Load;
use crate::support::loopback::whole_loopback;
use crate::support::serving::{EPOLLSCOPE, Serving};

#[test]
fn ten_seconds_of_all_peers_come_back_byte_for_byte() {
    let _loopback = whole_loopback();
    let path = std::env::temp_dir().join(format!("epollscope-soak-{}.jsonl", std::process::id()));
    let mut command = Command::new(EPOLLSCOPE);
    command.args(["serve", "--listen", "127.0.0.1:0", "--format", "none", "--record"]).arg(&path);
    let serve = Serving::start(command);
    let mut load = Load::new(serve.addr, 200, 5_000);
    load.run_until(Instant::now() + Duration::from_secs(10));
    assert_eq!(load.wrong, [""; 0]);
    assert!(load.connected >= 200 && load.bytes > 1_000_000, "{} connections, {} bytes", load.connected, load.bytes);
    drop(load);
    serve.stop_well();
    let file = BufReader::new(File::open(&path).expect("a recording"));
    let records = Reader::new("the recording", file).expect("a header").try_fold(0, |n, record| record.map(|_| n + 1));
    std::fs::remove_file(&path).expect("a recording");
    assert!(records.expect("every line can be read") > 10_000);
}

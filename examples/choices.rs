//! What real servers have chosen: the trigger and mask of their listeners, connections and wake-up files, as the kernel
//! shows them while one client is connected. `cargo run --release --example choices` starts those that are installed, and
//! prints the table of `docs/watch.md`.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use epollscope::record::{Addr, Interest, Tid};
use epollscope::watch::{PeekedItem, Peeker};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// A server that has not begun to watch its client by then is given up.
const PATIENCE: Duration = Duration::from_secs(15);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A name, a file that it needs, and its command. `PORT` and `FOLDER` are filled in, and `FILE` is the file's path.
const SERVERS: &[(&str, &str, &[&str])] = &[
    (
        "nginx, 2 workers",
        "daemon off; worker_processes 2; pid FOLDER/pid; error_log FOLDER/errors;
        events {} http { access_log off; server { listen 127.0.0.1:PORT; } }",
        &["nginx", "-p", "FOLDER", "-c", "FILE"],
    ),
    ("redis", "", &["redis-server", "--port", "PORT", "--save", ""]),
    ("memcached", "", &["memcached", "-u", "nobody", "-l", "127.0.0.1", "-p", "PORT"]),
    (
        "haproxy",
        "defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend f
  bind 127.0.0.1:PORT
  http-request return status 200
",
        &["haproxy", "-f", "FILE"],
    ),
    ("node", "require('net').createServer(c => c.pipe(c)).listen(PORT, '127.0.0.1')", &["node", "FILE"]),
    (
        "asyncio",
        "import asyncio
async def serve(reader, writer):
    await reader.read()
async def main():
    await (await asyncio.start_server(serve, '127.0.0.1', PORT)).serve_forever()
asyncio.run(main())
",
        &["python3", "FILE"],
    ),
    (
        "Go",
        "package main
import (\"io\"; \"net\")
func main() {
	l, _ := net.Listen(\"tcp\", \"127.0.0.1:PORT\")
	for { c, _ := l.Accept(); go io.Copy(c, c) }
}
",
        &["go", "run", "FILE"],
    ),
];

fn main() {
    let folder = std::env::temp_dir().join(format!("epollscope-choices-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    println!("| server | listener | connection | other files |\n|---|---|---|---|");
    for (name, file, command) in SERVERS {
        match choices(file, command, &folder) {
            Ok([listener, connection, other]) => println!("| {name} | {listener} | {connection} | {other} |"),
            Err(why) => println!("| {name} | {why} | | |"),
        }
    }
    fs::remove_dir_all(&folder).expect("removed");
}

/// A server, which ends with its whole group: `go run` starts what it has built.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let group = Pid::from_raw(-self.0.id().cast_signed());
        let _ = kill(group, Signal::SIGTERM);
        let _ = self.0.wait();
    }
}

fn choices(file: &str, command: &[&str], folder: &Path) -> Result<[String; 3], String> {
    use std::os::unix::process::CommandExt as _;
    // A port that was free a moment ago; another program may take it, and then the server says so.
    let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
    let path: PathBuf = folder.join("file.go");
    let with_names = |text: &str| {
        let (folder, file) = (folder.display().to_string(), path.display().to_string());
        text.replace("PORT", &port.to_string()).replace("FOLDER", &folder).replace("FILE", &file)
    };
    fs::write(&path, with_names(file)).expect("written");
    let mut server = Command::new(command[0]);
    server.args(command[1..].iter().map(|word| with_names(word))).current_dir(folder).process_group(0);
    let server = server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let server = Server(server.map_err(|_| "not installed".to_owned())?);
    let give_up = Instant::now() + PATIENCE;
    let mut client = loop {
        match TcpStream::connect(("127.0.0.1", port)) {
            Ok(client) => break client,
            Err(error) if Instant::now() > give_up => return Err(error.to_string()),
            Err(_) => sleep(LOOK_AGAIN),
        }
    };
    // Some register a connection only once something was read from it.
    client.write_all(b"GET").expect("sent");
    let own = Addr::from(client.local_addr().expect("an address"));
    let mut peeker = Peeker::new(Tid(server.0.id()));
    loop {
        let seen = peeker.look().map_err(|error| error.words(epollscope::i18n::Lang::En))?;
        let items: Vec<PeekedItem> =
            seen.into_iter().flat_map(|process| process.epolls).flat_map(|epoll| epoll.items).collect();
        if items.iter().any(|item| item.addr == own) {
            let of = |kind: fn(&PeekedItem, Addr) -> bool| {
                let masks: BTreeSet<String> = items.iter().filter(|item| kind(item, own)).map(mask).collect();
                masks.into_iter().collect::<Vec<_>>().join("; ")
            };
            let is_listener = |item: &PeekedItem, _| item.queue.is_some();
            return Ok([
                of(is_listener),
                of(|item, own| item.addr == own),
                of(|item, own| item.queue.is_none() && item.addr != own),
            ]);
        }
        if Instant::now() > give_up {
            return Err("it does not watch its client by epoll".to_owned());
        }
        sleep(LOOK_AGAIN);
    }
}

/// `level IN|RDHUP`; ERR and HUP are in every mask.
fn mask(item: &PeekedItem) -> String {
    let trigger = if item.interest.is_edge() { "edge" } else { "level" };
    let asked = (item.interest - Interest::ET).to_string().replace("EPOLL", "");
    format!("{trigger} {asked}")
}

//! The world after an attach, at many moments, beside what the kernel says in fdinfo.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use epollscope::record::{Fd, Interest, Record, Tid};
use epollscope::trace::World;
use epollscope::watch::{Going, HoldAt, Live, Start};

use crate::support::watched::Running;
use crate::watch::echo;

/// The processes: itself, and its children.
fn processes(pid: &str) -> Vec<String> {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).expect("it runs");
    [pid].into_iter().chain(children.split_whitespace()).map(str::to_owned).collect()
}

/// Whether every thread is held before a call, or asleep in one.
fn is_at_rest(pid: &str, live: &Live) -> bool {
    let held: Vec<Tid> = live.holds().held().iter().map(|held| held.tid).collect();
    let is_held = |tid: &std::ffi::OsStr| held.iter().any(|held| tid == &*held.to_string());
    let state = |path: std::path::PathBuf| {
        let stat = fs::read_to_string(path.join("stat")).unwrap_or_default();
        stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next())
    };
    processes(pid).iter().all(|process| {
        let mut tasks = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
        tasks.all(|task| match state(task.path()) {
            Some('S') => true,
            Some('t') => is_held(&task.file_name()),
            _ => false,
        })
    })
}

/// By fd the masks, of all epolls of all processes.
type Lists = BTreeMap<(String, Fd), Vec<(Fd, u32)>>;

fn of_kernel(pid: &str) -> Lists {
    let mut lists = Lists::new();
    for process in processes(pid) {
        for entry in fs::read_dir(format!("/proc/{process}/fd")).expect("it runs").flatten() {
            let is_epoll = fs::read_link(entry.path()).is_ok_and(|link| link.as_os_str() == "anon_inode:[eventpoll]");
            let Some(fd) = entry.file_name().to_str().filter(|_| is_epoll).map(str::to_owned) else { continue };
            let text = fs::read_to_string(format!("/proc/{process}/fdinfo/{fd}")).expect("an epoll");
            let item = |line: &str| {
                let mut words = line.strip_prefix("tfd:")?.split_whitespace();
                let fd = Fd(words.next()?.parse().ok()?);
                Some((fd, u32::from_str_radix(words.nth(1)?, 16).ok()?))
            };
            let mut items: Vec<_> = text.lines().filter_map(item).collect();
            items.sort_unstable();
            lists.insert((process.clone(), Fd(fd.parse().expect("a number"))), items);
        }
    }
    lists
}

fn of_world(world: &World, kernel: &Lists) -> Lists {
    let list = |(process, epfd): &(String, Fd)| {
        let epoll = world.epoll_at(Tid(process.parse().expect("a number")), *epfd);
        let mask = |interest: Interest, armed: bool| {
            let kept = Interest::ET | Interest::ONESHOT | Interest::EXCLUSIVE;
            // The kernel adds these two, and takes all but the kept ones from a one-shot that was reported.
            if armed { (interest | Interest::ERR | Interest::HUP).bits() } else { (interest & kept).bits() }
        };
        let items = epoll.into_iter().flat_map(epollscope::trace::world::Epoll::items);
        let mut items: Vec<_> = items.map(|item| (item.fd, mask(item.interest, item.armed))).collect();
        items.sort_unstable();
        ((process.clone(), *epfd), items)
    };
    kernel.keys().map(list).collect()
}

/// Dropped, it says so.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Attaches to a server under load, and compares at so many moments.
fn agrees(server: &Running, moments: u32) {
    let mut old: Vec<TcpStream> = (0..20).map(|_| server.connect()).collect();
    for client in &mut old {
        echo(client, 10, 10);
    }
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for bytes in [10, 3_000] {
            let over = &over;
            scope.spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    let mut client = server.connect();
                    (0..3).for_each(|_| echo(&mut client, bytes, bytes));
                }
            });
        }
        // Also where the comparison fails.
        let _over = Over(&over);
        compare(server, moments);
    });
    for client in &mut old {
        echo(client, 10, 10);
    }
}

fn compare(server: &Running, moments: u32) {
    let pid = server.pid();
    let start = Start::Attach(Tid(pid.parse().expect("a number")));
    let mut live = Live::start(start, false, HoldAt::No).expect("attached");
    let (mut world, mut records) = (World::default(), Vec::<Record>::new());
    let mut take = |live: &mut Live| {
        let mut any = false;
        while live.drain(&mut records) {
            any = true;
            records.drain(..).for_each(|record| world.apply(&record));
        }
        (any, world.clone())
    };
    let (mut done, mut seen, mut missed) = (0, 0, 0);
    while done < moments {
        assert!(missed < 1_000, "{done} of {moments} moments");
        live.holds().hold();
        let begun = Instant::now();
        // Where it sleeps in all threads, it may wake again at once: then it is no moment that can be compared.
        while begun.elapsed() < Duration::from_millis(50) && !is_at_rest(&pid, &live) {}
        take(&mut live);
        let kernel = of_kernel(&pid);
        let rested = is_at_rest(&pid, &live);
        let (moved, world) = take(&mut live);
        if rested && !moved {
            assert_eq!(of_world(&world, &kernel), kernel, "moment {done}");
            seen += kernel.values().map(Vec::len).sum::<usize>();
            (done, missed) = (done + 1, 0);
        } else {
            missed += 1;
        }
        live.go(Going::Free);
    }
    assert!(seen > moments as usize * 20, "only {seen} registrations were compared");
}

#[test]
#[ignore = "its tracer waits for all children of the process, those of other tests too: run it alone"]
fn the_world_after_an_attach_is_what_fdinfo_says() {
    for program in ["right/threads_count.c", "right/prefork.py"] {
        let Some(server) = Running::start(program) else { return };
        agrees(&server, 100);
    }
}

#[test]
#[ignore = "takes minutes: 10,000 moments"]
fn the_world_is_what_fdinfo_says_at_10_000_moments() {
    for program in ["right/threads_count.c", "right/asyncio_echo.py", "right/edge_drained.py", "right/prefork.py"] {
        let Some(server) = Running::start(program) else { return };
        agrees(&server, 2_500);
    }
}

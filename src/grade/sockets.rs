//! The sockets of a process, and where it listens. proc_pid_net(5)

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::record::Tid;

/// `TCP_LISTEN`, as the tables say it.
const LISTENS: &str = "0A";

/// The inode of each fd that is a socket.
pub(super) fn inodes(pid: Tid) -> Vec<u64> {
    let fds = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    let inode = |link: std::path::PathBuf| link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok();
    fds.filter_map(|fd| inode(fs::read_link(fd.path()).ok()?)).collect()
}

/// The addresses on which it listens, as a client of this machine connects to them.
pub(super) fn listening(pid: Tid) -> Vec<SocketAddr> {
    let own = inodes(pid);
    let tables = ["tcp", "tcp6"].map(|name| fs::read_to_string(format!("/proc/{pid}/net/{name}")).unwrap_or_default());
    let lines = tables.iter().flat_map(|table| table.lines());
    let found = lines.filter_map(listener).filter(|(_, inode)| own.contains(inode));
    let mut addrs: Vec<SocketAddr> = found.map(|(addr, _)| addr).collect();
    addrs.sort_unstable();
    addrs
}

/// `0: 0100007F:244C 00000000:0000 0A 00000000:00000000 00:00000000 00000000 1000 0 7021 …`
fn listener(line: &str) -> Option<(SocketAddr, u64)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (addr, port) = words.get(1)?.split_once(':')?;
    let inode = words.get(9)?.parse().ok()?;
    // Four bytes a word, as the processor stores it.
    let word = |at: usize| u32::from_str_radix(addr.get(at * 8..at * 8 + 8)?, 16).ok().map(u32::to_ne_bytes);
    let ip: IpAddr = if addr.len() == 8 {
        Ipv4Addr::from(word(0)?).into()
    } else {
        let words = [word(0)?, word(1)?, word(2)?, word(3)?];
        Ipv6Addr::from(<[u8; 16]>::try_from(words.concat()).ok()?).into()
    };
    let ip = if ip.is_unspecified() { Ipv4Addr::LOCALHOST.into() } else { ip };
    let addr = SocketAddr::new(ip, u16::from_str_radix(port, 16).ok()?);
    (words.get(3) == Some(&LISTENS)).then_some((addr, inode))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_table_is_a_listener_or_none() {
        let line =
            "   0: 0100007F:244C 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 7021 1 0";
        assert_eq!(listener(line), Some((([127, 0, 0, 1], 9292).into(), 7021)));
        assert_eq!(listener(&line.replace(" 0A ", " 01 ")), None);
        assert_eq!(listener("  sl  local_address rem_address   st tx_queue rx_queue tr"), None);
        let six = line.replace("0100007F:", "00000000000000000000000001000000:");
        assert_eq!(listener(&six), Some(((Ipv6Addr::LOCALHOST, 9292).into(), 7021)));
    }
}

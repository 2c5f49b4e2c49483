//! A socket address that fits into a record.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

/// An internet address with its port, a short abstract name of `AF_UNIX`, or none: 20 bytes, where [`SocketAddr`] takes 32.
///
/// An IPv6 flow label and scope are not kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Addr {
    octets: [u8; 16],
    port: u16,
    family: Family,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
enum Family {
    #[default]
    None,
    V4,
    V6,
    /// The port is the length of the name.
    Unix,
}

impl Addr {
    /// No address: the call failed, or the peer has none.
    pub const NONE: Self = Self { octets: [0; 16], port: 0, family: Family::None };

    pub fn socket_addr(self) -> Option<SocketAddr> {
        let ip = match self.family {
            Family::None | Family::Unix => return None,
            Family::V4 => {
                let [a, b, c, d, ..] = self.octets;
                IpAddr::V4(Ipv4Addr::new(a, b, c, d))
            }
            Family::V6 => IpAddr::V6(Ipv6Addr::from(self.octets)),
        };
        Some(SocketAddr::new(ip, self.port))
    }

    /// An abstract name, as the kernel gives them to sockets; of another kind of name no address. unix(7)
    pub fn of_name(name: &[u8]) -> Option<Self> {
        let mut octets = [0; 16];
        octets.get_mut(..name.len())?.copy_from_slice(name);
        if !name.iter().all(u8::is_ascii_alphanumeric) {
            return None;
        }
        Some(Self { octets, port: u16::try_from(name.len()).ok()?, family: Family::Unix })
    }

    /// The abstract name; empty where it has none.
    pub fn name(&self) -> &[u8] {
        if self.family == Family::Unix { &self.octets[..usize::from(self.port)] } else { &[] }
    }

    /// The port; 0 where there is none.
    pub fn port(self) -> u16 {
        if self.family == Family::Unix { 0 } else { self.port }
    }
}

impl From<SocketAddr> for Addr {
    fn from(addr: SocketAddr) -> Self {
        let mut octets = [0; 16];
        let family = match addr.ip() {
            IpAddr::V4(ip) => {
                octets[..4].copy_from_slice(&ip.octets());
                Family::V4
            }
            IpAddr::V6(ip) => {
                octets = ip.octets();
                Family::V6
            }
        };
        Self { octets, port: addr.port(), family }
    }
}

impl fmt::Display for Addr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.socket_addr() {
            Some(addr) => f.pad(&addr.to_string()),
            None if self.family == Family::Unix => f.pad(&format!("@{}", String::from_utf8_lossy(self.name()))),
            None => f.pad("?"),
        }
    }
}

impl fmt::Debug for Addr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl<'de> Deserialize<'de> for Addr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Addr;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an address such as \"127.0.0.1:9292\" or \"[::1]:9292\", \"@00001\", or null")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Addr, E> {
                if let Some(addr) = text.strip_prefix('@').and_then(|name| Addr::of_name(name.as_bytes())) {
                    return Ok(addr);
                }
                let addr: SocketAddr = text.parse().map_err(|_| E::invalid_value(Unexpected::Str(text), &self))?;
                Ok(addr.into())
            }

            fn visit_unit<E: Error>(self) -> Result<Addr, E> {
                Ok(Addr::NONE)
            }
        }
        deserializer.deserialize_any(Text)
    }
}

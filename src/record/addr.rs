//! A socket address that fits into a record.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

/// An internet address with its port, or none: 20 bytes, where [`SocketAddr`] takes 32.
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
}

impl Addr {
    /// No address: the call failed, or the peer has none.
    pub const NONE: Self = Self { octets: [0; 16], port: 0, family: Family::None };

    pub fn socket_addr(self) -> Option<SocketAddr> {
        let ip = match self.family {
            Family::None => return None,
            Family::V4 => {
                let [a, b, c, d, ..] = self.octets;
                IpAddr::V4(Ipv4Addr::new(a, b, c, d))
            }
            Family::V6 => IpAddr::V6(Ipv6Addr::from(self.octets)),
        };
        Some(SocketAddr::new(ip, self.port))
    }

    /// The port; 0 where there is no address.
    pub fn port(self) -> u16 {
        self.port
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
                f.write_str("an address such as \"127.0.0.1:9292\" or \"[::1]:9292\", or null")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Addr, E> {
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

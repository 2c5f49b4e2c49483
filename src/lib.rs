//! epollscope: the scope for epoll.
pub mod kernel;
pub mod probe;
pub mod record;
pub mod script;
pub mod server;
pub mod trace;

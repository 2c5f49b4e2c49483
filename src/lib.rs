//! epollscope: the scope for epoll.
pub mod kernel;
pub mod record;

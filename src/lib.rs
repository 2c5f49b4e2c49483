//! epollscope: the scope for epoll.
pub mod record;

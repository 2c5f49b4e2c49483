//! Tests of the whole against the real kernel, one binary: sockets on the loopback, both trigger modes, a real
//! pseudo-terminal.

mod cli;
mod inference;
mod lab;
mod pty;
mod server;
mod trace_file;
mod workbench;

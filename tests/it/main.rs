//! Tests of the whole against the real kernel, one binary: sockets on the loopback, both trigger modes, a real
//! pseudo-terminal.

mod cli;
mod echo;
mod faults;
mod inference;
mod lab;
mod laws;
mod mixed;
mod pty;
mod screens;
mod server;
mod serving;
mod trace_file;
mod waits;
mod workbench;

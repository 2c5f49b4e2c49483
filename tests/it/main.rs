//! Tests of the whole against the real kernel, one binary: sockets on the loopback, both trigger modes, a real
//! pseudo-terminal.

mod bare;
mod bench;
mod cli;
mod echo;
mod faults;
mod inference;
mod lab;
mod lab_random;
mod laws;
mod lessons;
mod mixed;
mod notes;
mod playback;
mod policies;
mod prompt;
mod pty;
mod ring;
mod screens;
mod server;
mod serving;
mod trace_file;
mod twins;
mod waits;
mod whys;
mod workbench;

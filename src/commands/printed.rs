//! `epollscope completions` and `epollscope man`: texts that are made from the definitions of the command line. The tests
//! make them, and fail where those in the folder beside are others; the program has them deflated.

use std::io::{self, Write as _};

use miniz_oxide::inflate::decompress_to_vec;

use super::quiet;
use crate::cli::Shell;
use crate::error::Failure;

macro_rules! deflated {
    ($name:literal) => {
        include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".deflate"))
    };
}

pub(super) fn completions(shell: Shell) -> Result<(), Failure> {
    print(match shell {
        Shell::Bash => deflated!("epollscope.bash"),
        Shell::Zsh => deflated!("_epollscope"),
        Shell::Fish => deflated!("epollscope.fish"),
    })
}

pub(super) fn man() -> Result<(), Failure> {
    print(deflated!("epollscope.1"))
}

fn print(deflated: &[u8]) -> Result<(), Failure> {
    let text = decompress_to_vec(deflated).unwrap_or_default();
    let mut out = io::stdout().lock();
    quiet(out.write_all(&text).and_then(|()| out.flush()))
}

//! `epollscope completions` and `epollscope man`: texts that are made from the definitions of the command line. The tests
//! make them, and fail where those in the folder beside are others; the program has them deflated.

use std::io::{self, Write as _};

use miniz_oxide::inflate::decompress_to_vec;

use super::messages::quiet;
use crate::cli::args::Shell;
use crate::error::Failure;

/// The texts, one after the other and deflated: bash, zsh, fish, man.
const TEXTS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/printed.deflate"));
/// How long each is.
const LENGTHS: [usize; 4] = include!(concat!(env!("OUT_DIR"), "/printed.rs"));

pub(super) fn completions(shell: Shell) -> Result<(), Failure> {
    print(match shell {
        Shell::Bash => 0,
        Shell::Zsh => 1,
        Shell::Fish => 2,
    })
}

pub(super) fn man() -> Result<(), Failure> {
    print(3)
}

fn print(which: usize) -> Result<(), Failure> {
    let texts = decompress_to_vec(TEXTS).unwrap_or_default();
    let begin = LENGTHS[..which].iter().sum();
    let text = texts.get(begin..begin + LENGTHS[which]).unwrap_or_default();
    let mut out = io::stdout().lock();
    quiet(out.write_all(text).and_then(|()| out.flush()))
}

//! Where in its source a compiled program makes a call: the innermost line of its own among the callers.
//!
//! The stack is unwound by the tables that compilers leave for exceptions (`.eh_frame`), or by frame pointers. The lines
//! are those of the debug information, DWARF, as a compiler's `-g` makes it.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::ops::Range;

use framehop::{CacheNative, MayAllocateDuringUnwind, Unwinder as _, UnwinderNative};

use super::memory::Memory;
use super::modules::{self, Code, Place};
use crate::record::Tid;
use crate::sys::ptrace::{self, Registers};

/// The most callers that are gone through: a program that is deep in a recursion must not be held for long.
const DEEPEST: usize = 64;

/// How much of a stack is read at once, in bytes: a page, and where a word goes over into the next one.
const PAGE: u64 = 4096;
const WINDOW: usize = 4096 + 8;

/// The code of all processes, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Stacks {
    of: HashMap<Tid, Process>,
    /// A line is known of a call, by the stack or by a marker.
    pub(super) has_found: bool,
}

struct Process {
    unwinder: UnwinderNative<Vec<u8>, MayAllocateDuringUnwind>,
    cache: CacheNative<MayAllocateDuringUnwind>,
    /// Each part of a file that is mapped, with what is added to its addresses.
    files: Vec<(Range<u64>, u64, Code)>,
    /// Addresses in no file: code that the program has made itself, or that has nothing to be unwound by.
    unknown: HashSet<u64>,
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process").field("files", &self.files).finish_non_exhaustive()
    }
}

impl Stacks {
    /// The line that makes the call that `tid`, a stopped thread of `process`, is about to enter.
    pub(super) fn line(&mut self, process: Tid, tid: Tid) -> Option<Place> {
        let code = self.of.entry(process).or_insert_with(|| Process::read(process));
        if !code.has_lines() {
            return None;
        }
        let registers = ptrace::registers(tid).ok()?;
        if code.is_new(registers.instruction) {
            *code = Process { unknown: code.unknown.clone(), ..Process::read(process) };
            if code.file(registers.instruction).is_none() {
                code.is_unknown(registers.instruction);
            }
        }
        code.line(&registers, Memory(tid))
    }

    /// A process has executed another program, or has ended.
    pub(super) fn forget(&mut self, process: Tid) {
        self.of.remove(&process);
    }
}

impl Process {
    /// The most addresses that are kept as unknown.
    const MOST_UNKNOWN: usize = 1 << 12;

    fn read(process: Tid) -> Self {
        let mut unwinder = UnwinderNative::new();
        let mut files = Vec::new();
        for mapped in modules::mapped(process) {
            if let Some(loaded) = modules::load(process, mapped) {
                unwinder.add_module(loaded.module);
                files.push((loaded.range, loaded.bias, loaded.code));
            }
        }
        Self { unwinder, cache: CacheNative::new(), files, unknown: HashSet::new() }
    }

    fn has_lines(&self) -> bool {
        self.files.iter().any(|(_, _, code)| code.has_lines)
    }

    fn file(&mut self, address: u64) -> Option<(u64, &mut Code)> {
        let file = self.files.iter_mut().find(|(range, ..)| range.contains(&address));
        file.map(|(_, bias, code)| (address.wrapping_sub(*bias), code))
    }

    /// Whether an address is in no file that was mapped when the process was looked at.
    fn is_new(&mut self, address: u64) -> bool {
        !self.unknown.contains(&address) && self.file(address).is_none()
    }

    fn is_unknown(&mut self, address: u64) {
        if self.unknown.len() < Self::MOST_UNKNOWN {
            self.unknown.insert(address);
        }
    }

    fn line(&mut self, registers: &Registers, memory: Memory) -> Option<Place> {
        let mut stack = Stack { memory, page: 0, bytes: Vec::new() };
        let mut read = |address| stack.word(address).ok_or(());
        let registers = (registers.instruction, unwind(registers));
        let mut frames = self.unwinder.iter_frames(registers.0, registers.1, &mut self.cache, &mut read);
        let mut addresses = Vec::new();
        while let Ok(Some(frame)) = frames.next() {
            addresses.push(frame.address_for_lookup());
            if addresses.len() == DEEPEST {
                break;
            }
        }
        addresses.into_iter().find_map(|address| self.file(address).and_then(|(address, code)| code.line(address)))
    }
}

#[cfg(target_arch = "x86_64")]
fn unwind(registers: &Registers) -> framehop::UnwindRegsNative {
    framehop::UnwindRegsNative::new(registers.instruction, registers.stack, registers.frame)
}

#[cfg(target_arch = "aarch64")]
fn unwind(registers: &Registers) -> framehop::UnwindRegsNative {
    framehop::UnwindRegsNative::new(registers.link, registers.stack, registers.frame)
}

/// A program's stack, read page by page.
struct Stack {
    memory: Memory,
    page: u64,
    bytes: Vec<u8>,
}

impl Stack {
    fn word(&mut self, address: u64) -> Option<u64> {
        let page = address & !(PAGE - 1);
        if self.bytes.is_empty() || page != self.page {
            (self.page, self.bytes) = (page, self.memory.bytes(page, WINDOW));
        }
        let at = usize::try_from(address - page).ok()?;
        self.bytes.get(at..at + 8)?.try_into().ok().map(u64::from_ne_bytes)
    }
}

//! The files that a process has mapped as code, and what their debug information says of an address.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::fmt;
use std::fs::{self, File};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use addr2line::Loader;
use framehop::{ExplicitModuleSectionInfo, Module};
use object::{Object as _, ObjectSection as _, ObjectSegment as _, ReadCache, SegmentFlags, elf};

use super::source::place;
use crate::record::{Chunk, Tid};

/// The most addresses of a file whose lines are kept.
const MOST_KNOWN: usize = 1 << 14;

/// Where the sources of libraries lie. What a program calls in there is called from a line of its own, which says more.
const LIBRARIES: &[&str] =
    &["/rust/deps/", "/rustc/", "/usr/include/", "/usr/lib", "/usr/local/go/", "/usr/local/lib", "/usr/share/"];

/// The same of folders that may lie anywhere.
const VENDORED: &[&str] = &["/.cargo/registry/", "/.cargo/git/", "/go/pkg/mod/", "/rustlib/src/"];

/// A part of a file that a process has mapped as code.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mapped {
    pub(super) range: Range<u64>,
    /// Where in the file it begins, in bytes.
    offset: u64,
    path: PathBuf,
}

/// What a process has mapped as code, from files. proc_pid_maps(5)
pub(super) fn mapped(process: Tid) -> Vec<Mapped> {
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).unwrap_or_default();
    maps.lines().filter_map(line).collect()
}

fn line(line: &str) -> Option<Mapped> {
    let (range, rest) = line.split_once(' ')?;
    let (rights, rest) = rest.split_once(' ')?;
    let (offset, rest) = rest.split_once(' ')?;
    let path = &rest[rest.find('/').filter(|_| rights.contains('x'))?..];
    let number = |text| u64::from_str_radix(text, 16).ok();
    let (start, end) = range.split_once('-')?;
    Some(Mapped { range: number(start)?..number(end)?, offset: number(offset)?, path: PathBuf::from(path) })
}

/// A file with code, and the lines that its debug information has for addresses.
pub(super) struct Code {
    /// Where it is read from, also where the process has another root.
    path: PathBuf,
    pub(super) has_lines: bool,
    loader: OnceCell<Option<Loader>>,
    known: HashMap<u64, Option<Place>>,
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Code").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Code {
    /// The line of the program's own, not of a library, that an address of the file belongs to.
    pub(super) fn line(&mut self, address: u64) -> Option<Place> {
        if !self.has_lines {
            return None;
        }
        if let Some(known) = self.known.get(&address) {
            return known.clone();
        }
        let loader = self.loader.get_or_init(|| Loader::new(&self.path).ok()).as_ref();
        let line = loader.and_then(|loader| own_line(loader, address));
        if self.known.len() < MOST_KNOWN {
            self.known.insert(address, line.clone());
        }
        line
    }
}

/// A line as it is recorded, and the file that it is in.
pub(super) type Place = (Chunk, Arc<Path>);

/// Of functions that are inlined into one another the innermost one of the program's own.
fn own_line(loader: &Loader, address: u64) -> Option<Place> {
    let mut frames = loader.find_frames(address).ok()?;
    while let Ok(Some(frame)) = frames.next() {
        if let Some((file, line)) = frame.location.and_then(|at| Some((at.file?, at.line?)))
            && line > 0
            && is_own(file)
        {
            let name = file.rsplit('/').next().unwrap_or(file);
            return Some((place(&format!("{name}:{line}")), Path::new(file).into()));
        }
    }
    None
}

/// What a compiler has made itself has a name in angle brackets.
fn is_own(file: &str) -> bool {
    !file.starts_with('<')
        && !LIBRARIES.iter().any(|folder| file.starts_with(folder))
        && !VENDORED.iter().any(|folder| file.contains(folder))
}

/// A module that can be unwound, and the file that it is a part of.
pub(super) struct Loaded {
    pub(super) module: Module<Vec<u8>>,
    pub(super) range: Range<u64>,
    /// What is added to an address of the file.
    pub(super) bias: u64,
    pub(super) code: Code,
}

/// Reads what is needed of a file that `process` has mapped; `None` where it is no ELF file that can be read.
pub(super) fn load(process: Tid, mapped: Mapped) -> Option<Loaded> {
    let path = PathBuf::from(format!("/proc/{process}/root{}", mapped.path.display()));
    let cache = ReadCache::new(File::open(&path).ok()?);
    let file = object::File::parse(&cache).ok()?;
    let segment = file.segments().find(|segment| {
        let (offset, size) = segment.file_range();
        let is_code = matches!(segment.flags(), SegmentFlags::Elf { p_flags, .. } if p_flags & elf::PF_X != 0);
        // A segment is mapped from the beginning of the page that it begins in.
        is_code && mapped.offset <= offset + size && mapped.offset + (mapped.range.end - mapped.range.start) > offset
    })?;
    let bias = mapped.range.start.checked_sub(mapped.offset)?;
    let bias = bias.checked_add(segment.file_range().0)?.wrapping_sub(segment.address());
    let base_svma = file.segments().map(|segment| segment.address()).min()?;
    let section = |name: &str| file.section_by_name(name);
    let data = |name: &str| section(name)?.uncompressed_data().ok().map(Cow::into_owned);
    let at = |name: &str| section(name).map(|section| section.address()..section.address() + section.size());
    let sections = ExplicitModuleSectionInfo {
        base_svma,
        text_svma: at(".text"),
        got_svma: at(".got"),
        eh_frame_svma: at(".eh_frame"),
        eh_frame: data(".eh_frame"),
        eh_frame_hdr_svma: at(".eh_frame_hdr"),
        eh_frame_hdr: data(".eh_frame_hdr"),
        debug_frame: data(".debug_frame"),
        ..ExplicitModuleSectionInfo::default()
    };
    let has_lines = section(".debug_line").is_some();
    let name = mapped.path.display().to_string();
    let module = Module::new(name, mapped.range.clone(), base_svma.wrapping_add(bias), sections);
    let code = Code { path, has_lines, loader: OnceCell::new(), known: HashMap::new() };
    Some(Loaded { module, range: mapped.range, bias, code })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_of_files_counts() {
        let code = "7f0e1000-7f0e3000 r-xp 00001000 08:01 42                         /opt/a server";
        let expected = Mapped { range: 0x7f0e_1000..0x7f0e_3000, offset: 0x1000, path: PathBuf::from("/opt/a server") };
        assert_eq!(line(code), Some(expected));
        for other in [
            "7f0e1000-7f0e3000 rw-p 00001000 08:01 42 /opt/server",
            "7ffd1000-7ffd3000 r-xp 00000000 00:00 0 [vdso]",
            "7f0e1000-7f0e3000 r-xp 00000000 00:00 0",
            "",
        ] {
            assert_eq!(line(other), None, "{other}");
        }
    }

    #[test]
    fn sources_of_libraries_are_told_from_those_of_the_program() {
        for own in ["/home/me/server.c", "server.go", "src/main.rs", "/work/usr/lib/a.c"] {
            assert!(is_own(own), "{own}");
        }
        for other in [
            "/rustc/59807616e/library/std/src/net/tcp.rs",
            "/usr/lib/go-1.19/src/net/fd_unix.go",
            "/home/me/.cargo/registry/src/index/mio-1.0.0/src/poll.rs",
            "/usr/include/c++/12/bits/stl_vector.h",
            "<autogenerated>",
        ] {
            assert!(!is_own(other), "{other}");
        }
    }
}

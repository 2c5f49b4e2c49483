//! What a table of calls makes of its rows. [`Call`](super::Call) shows such a table, and says how to add a row.

use std::fmt;

use super::field::{Each, Field, Source};
use super::json;
use super::ret::Ret;
use super::types::{Fd, Tid};
use crate::i18n::Lang;

/// A row with its values. The macro `calls!` makes this of a table; [`NewFd`](super::NewFd), whose name depends on what
/// it made, does it by hand.
pub(crate) trait Row: Copy {
    /// The name of every row, in its group; a name may be there twice.
    fn names() -> Vec<(&'static str, Group)>;

    fn name(&self) -> &'static str;

    fn group(&self) -> Group;

    /// What it returned, and what that means; `None` where it has not returned, or is no call.
    fn returned(&self) -> Option<(Returns, Ret)>;

    /// The fd that it is about: what was acted on, registered, reported or sampled, or what it brought into being.
    fn fd(&self) -> Option<Fd>;

    /// Adds its fields, the result last, to a line of a trace file.
    fn put(&self, line: &mut String);

    /// Reads the fields of a row of this name; `None` where there is none.
    fn take<S: Source>(name: &str, line: &mut S) -> Result<Option<Self>, S::Error>;

    /// Shows the arguments of a system call, with `bytes` before their number; all other rows in words.
    fn show(&self, f: &mut fmt::Formatter<'_>, bytes: &str, lang: Lang) -> fmt::Result;

    /// What came back through pointers, as far as it is known.
    fn came_back(&self) -> Vec<String>;

    fn visit(&mut self, each: &mut impl Each);
}

/// Where a row comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    /// A system call of the program under the scope, a line of its own in a list of calls.
    Syscall,
    /// A part of the call before it: an entry of an event list, bytes.
    Part,
    Asked,
    /// What the instrument has to say of the stream and of what it shows.
    Said,
    Annotation,
}

/// What the result of a call means, if it is no error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Returns {
    Ret,
    Fd,
    Tid,
    /// The number of [`Call::Event`](super::Call::Event)s that follow.
    Events,
    /// Bytes that were received; the first of them follow as [`Call::Data`](super::Call::Data).
    Received,
    /// Bytes that were sent; the first of them follow likewise.
    Sent,
}

impl Returns {
    pub(crate) fn fd(self, ret: Ret) -> Option<Fd> {
        ret.fd().filter(|_| self == Self::Fd)
    }

    pub(crate) fn visit(self, ret: &mut Ret, each: &mut impl Each) {
        match (self, ret.ok()) {
            (Self::Fd, Some(_)) => {
                let mut fd = Fd(ret.raw());
                each.new_fd(&mut fd);
                *ret = Ret::from_raw(fd.0);
            }
            (Self::Tid, Some(pid)) => {
                let mut tid = Tid(pid);
                each.tid(&mut tid);
                *ret = Ret::value(tid.0 as usize);
            }
            _ => {}
        }
    }
}

pub(crate) struct Arguments<'a, 'f> {
    f: &'a mut fmt::Formatter<'f>,
    /// The bytes that went through the call, with a comma behind them.
    bytes: &'a str,
    comma: &'static str,
}

impl<'a, 'f> Arguments<'a, 'f> {
    pub(crate) fn new(f: &'a mut fmt::Formatter<'f>, bytes: &'a str) -> Self {
        Self { f, bytes, comma: "" }
    }

    pub(crate) fn show(&mut self, name: &str, value: impl Field) -> fmt::Result {
        if !value.is_given() {
            return Ok(());
        }
        let bytes = if name == "len" { self.bytes } else { "" };
        write!(self.f, "{}{bytes}{value:#}", self.comma)?;
        self.comma = ", ";
        Ok(())
    }
}

/// The fd that a row with these fields is about: the one that is called so, else the first field, if it is one.
#[inline]
pub(crate) fn about(fields: &[(&str, Option<Fd>)]) -> Option<Fd> {
    let called_fd = fields.iter().find(|(name, _)| *name == "fd");
    called_fd.or(fields.first()).and_then(|(_, fd)| *fd)
}

/// `,"phase":"enter"`, for a row that is of the entry of a call.
pub(crate) fn put_phase(line: &mut String, row: &str) {
    if row == "enter" {
        json::key(line, "phase");
        json::word(line, row);
    }
}

/// Makes an enum of a table, and [`Row`] for it. The syntax is explained at [`Call`](super::Call).
macro_rules! calls {
    (
        $(#[$enum_attribute:meta])*
        pub enum $table:ident;

        $( $group:ident { $(
            $(#[$attribute:meta])*
            $row:ident $name:literal $( $enter:ident )? {
                $( $field:ident: $type:ident $( as $key:literal )? ),* $(,)?
            }
            $( -> $returns:ident $( [ $back:ident: $back_type:ident $( as $back_key:literal )? ] )? )?
            $( , $text:literal $( , $argument:expr )* $( => $zh:literal $( , $zh_argument:expr )* )? )?;
        )* } )*

        $( .. { $( $(#[$other_attribute:meta])* $other:ident ),* $(,)? } )?
    ) => {
        $(#[$enum_attribute])*
        pub enum $table {
            $( $(
                $(#[$attribute])*
                $row {
                    $( $field: $type, )*
                    $( $( $back: $back_type, )? ret: calls!(@second $returns $crate::record::ret::Ret), )?
                },
            )* )*
            $( $( $(#[$other_attribute])* $other($other), )* )?
        }

        const _: () = {
            use std::fmt;

            use $crate::i18n::Lang;
            use $crate::record::field::{Each, Field, Source};
            use $crate::record::table::{Group, Returns, Row};
            use $crate::record::ret::Ret;
            use $crate::record::types::Fd;

            #[allow(unused_variables, clippy::match_same_arms, reason = "each row is matched by itself, with all its fields")]
            impl Row for $table {
                fn names() -> Vec<(&'static str, Group)> {
                    #[allow(unused_mut, reason = "not every table has others in it")]
                    let mut names = vec![$( $( ($name, Group::$group), )* )*];
                    $( $( names.extend($other::names()); )* )?
                    names
                }

                #[inline]
                fn name(&self) -> &'static str {
                    match self {
                        $( $( Self::$row { .. } => $name, )* )*
                        $( $( Self::$other(row) => row.name(), )* )?
                    }
                }

                #[inline]
                fn group(&self) -> Group {
                    match self {
                        $( $( Self::$row { .. } => Group::$group, )* )*
                        $( $( Self::$other(row) => row.group(), )* )?
                    }
                }

                #[inline]
                fn returned(&self) -> Option<(Returns, Ret)> {
                    match *self {
                        $( $( Self::$row { $( ret: calls!(@second $returns ret), )? .. } => {
                            calls!(@returned $( $returns ret )?)
                        } )* )*
                        $( $( Self::$other(row) => row.returned(), )* )?
                    }
                }

                #[inline]
                fn fd(&self) -> Option<Fd> {
                    match *self {
                        $( $( Self::$row { $( $field, )* .. } => {
                            $crate::record::table::about(&[$( (stringify!($field), $field.fd()) ),*])
                        } )* )*
                        $( $( Self::$other(row) => row.fd(), )* )?
                    }
                    .or_else(|| self.returned().and_then(|(returns, ret)| returns.fd(ret)))
                }

                fn put(&self, line: &mut String) {
                    match *self {
                        $( $( Self::$row {
                            $( $field, )*
                            $( $( $back, )? ret: calls!(@second $returns ret), )?
                        } => {
                            $( $crate::record::table::put_phase(line, stringify!($enter)); )?
                            $( $field.put(calls!(@key $field $( $key )?), line); )*
                            $( $( $back.put(calls!(@key $back $( $back_key )?), line); )?
                            calls!(@second $returns ret.put(line)); )?
                        } )* )*
                        $( $( Self::$other(row) => row.put(line), )* )?
                    }
                }

                fn take<S: Source>(name: &str, line: &mut S) -> Result<Option<Self>, S::Error> {
                    $( $( if let Some(row) = $other::take(name, line)? {
                        return Ok(Some(Self::$other(row)));
                    } )* )?
                    Ok(Some(match name {
                        $( $( $name $( if line.$enter()? )? => Self::$row {
                            $( $field: Field::take(calls!(@key $field $( $key )?), line)?, )*
                            $( $( $back: Field::take(calls!(@key $back $( $back_key )?), line)?, )?
                            ret: calls!(@second $returns Ret::take(line)?), )?
                        }, )* )*
                        _ => return Ok(None),
                    }))
                }

                fn show(&self, f: &mut fmt::Formatter<'_>, bytes: &str, lang: Lang) -> fmt::Result {
                    match *self {
                        $( $( Self::$row { $( $field, )* .. } => {
                            calls!(@show f bytes lang [$( $field )*] $( $text $( , $argument )* $( => $zh $( , $zh_argument )* )? )?)
                        } )* )*
                        $( $( Self::$other(row) => row.show(f, bytes, lang), )* )?
                    }
                }

                fn came_back(&self) -> Vec<String> {
                    match *self {
                        $( $( Self::$row { $( $( $back, )? )? .. } => {
                            let back: &[Option<String>] = &[$( $( $back.is_known().then(|| $back.to_string()) )? )?];
                            back.iter().flatten().cloned().collect()
                        } )* )*
                        $( $( Self::$other(row) => row.came_back(), )* )?
                    }
                }

                #[inline]
                fn visit(&mut self, each: &mut impl Each) {
                    match self {
                        $( $( Self::$row {
                            $( $field, )*
                            $( $( $back, )? ret: calls!(@second $returns ret), )?
                        } => {
                            $( $field.visit(each); )*
                            $( $( $back.visit(each); )? Returns::$returns.visit(calls!(@second $returns ret), each); )?
                        } )* )*
                        $( $( Self::$other(row) => row.visit(each), )* )?
                    }
                }
            }
        };
    };

    // A row has a `ret` where it says what it returns; this drops the one to repeat the other.
    (@second $first:ident $($second:tt)*) => { $($second)* };

    (@returned) => { None };
    (@returned $returns:ident $ret:ident) => { Some((Returns::$returns, $ret)) };

    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:literal) => { $key };

    (@show $f:ident $bytes:ident $lang:ident [$($field:ident)*]) => {{
        #[allow(unused_mut, reason = "some calls have no arguments")]
        let mut arguments = $crate::record::table::Arguments::new($f, $bytes);
        $( arguments.show(stringify!($field), $field)?; )*
        Ok(())
    }};
    (@show $f:ident $bytes:ident $lang:ident [$($field:ident)*] $text:literal $(, $argument:expr)*) => {
        write!($f, $text $(, $argument)*)
    };
    (@show $f:ident $bytes:ident $lang:ident [$($field:ident)*]
        $text:literal $(, $argument:expr)* => $zh:literal $(, $zh_argument:expr)*
    ) => {
        match $lang {
            Lang::En => write!($f, $text $(, $argument)*),
            Lang::Zh => write!($f, $zh $(, $zh_argument)*),
        }
    };
}
pub(crate) use calls;

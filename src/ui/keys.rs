//! The key table. The help screen, the footer and the README's table are made from it, and nothing else knows a key.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the table below says in words what each of them does")]
pub enum Action {
    Step,
    NextWait,
    Run,
    Slower,
    Faster,
    Connect,
    Send,
    SendAmount,
    Type,
    Reading,
    End,
    Reset,
    Close,
    Trigger,
    OneShot,
    Policy,
    Up,
    Down,
    PageUp,
    PageDown,
    Inspect,
    BackCall,
    ForwardCall,
    BackWait,
    ForwardWait,
    Start,
    Now,
    Escape,
    Timebase,
    Help,
    Quit,
}

/// A group of keys under one heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Driving the server.
    Server,
    /// What the selected client does.
    Client,
    /// The policy.
    Policy,
    /// Looking.
    Look,
}

impl Group {
    /// All groups, in the order of the help screen.
    pub const ALL: [Self; 4] = [Self::Server, Self::Client, Self::Policy, Self::Look];

    /// Its heading.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Server => "Drive the server",
            Self::Client => "Act as a client",
            Self::Policy => "Switch the policy",
            Self::Look => "Look",
        }
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// The keys, the first of them shown.
    pub codes: &'static [KeyCode],
    /// How the keys are written.
    pub shown: &'static str,
    /// What they ask for.
    pub action: Action,
    /// The heading they stand under.
    pub group: Group,
    /// One or two words, for the footer; empty where the footer leaves it out.
    pub short: &'static str,
    /// A sentence, for the help screen and the README.
    pub long: &'static str,
}

const fn row(
    codes: &'static [KeyCode],
    shown: &'static str,
    action: Action,
    group: Group,
    short: &'static str,
    long: &'static str,
) -> Binding {
    Binding { codes, shown, action, group, short, long }
}

use Action as A;
use Group::{Client, Look, Policy, Server};
use KeyCode::{Char, Down, End, Enter, Home, Left, Right, Up};

/// The table. The footer takes its keys in this order, as many as fit.
pub const KEYS: &[Binding] = &[
    row(
        &[Char(' ')],
        "Space",
        A::Step,
        Server,
        "step",
        "make the next system call; pause a server that runs; in the past, one call later",
    ),
    row(&[Char('c')], "c", A::Connect, Client, "connect", "connect a new client, and select it"),
    row(&[Char('s')], "s", A::Send, Client, "send 3,000", "send so many bytes as last time, at first 3,000"),
    row(&[Char('m')], "m", A::Trigger, Policy, "edge", "switch between level and edge, by EPOLL_CTL_MOD on every fd"),
    row(
        &[Char('w')],
        "w",
        A::NextWait,
        Server,
        "wait",
        "run until the next epoll_wait has returned; in the past, look there",
    ),
    row(&[Char('r')], "r", A::Run, Server, "run", "run freely, or pause"),
    row(&[Char('?'), KeyCode::F(1)], "?", A::Help, Look, "help", "all keys"),
    row(&[Char('q')], "q", A::Quit, Look, "quit", "close everything (step 7) and quit; Ctrl-C too"),
    row(&[Char('p')], "p", A::Policy, Policy, "policy", "every choice of the policy, to look at and to change"),
    row(&[Enter], "Enter", A::Inspect, Look, "inspect", "see the selected fd whole: state, history, bytes"),
    row(&[Left], "←", A::BackCall, Look, "back", "look at the moment one call earlier"),
    row(&[Right], "→", A::ForwardCall, Look, "", "one call later"),
    row(&[Char('t')], "t", A::Type, Client, "type", "type a text and send it"),
    row(&[Char('S')], "S", A::SendAmount, Client, "", "choose how many bytes to send"),
    row(&[Char('f')], "f", A::Reading, Client, "", "freeze the client: it stops reading, or reads again"),
    row(&[Char('h')], "h", A::End, Client, "", "half-close: shut down its writing side"),
    row(&[Char('R')], "R", A::Reset, Client, "", "reset its connection (RST)"),
    row(&[Char('x')], "x", A::Close, Client, "", "close its connection"),
    row(&[Char('o')], "o", A::OneShot, Policy, "", "switch one-shot on or off, by EPOLL_CTL_MOD on every fd"),
    row(&[Char('-')], "-", A::Slower, Server, "", "run slower: so many calls a second"),
    row(&[Char('+'), Char('=')], "+", A::Faster, Server, "", "run faster"),
    row(&[Up, Char('k')], "↑", A::Up, Look, "", "select the fd above"),
    row(&[Down, Char('j')], "↓", A::Down, Look, "", "select the fd below"),
    row(&[KeyCode::PageUp], "PgUp", A::PageUp, Look, "", "ten fds, or lines, up"),
    row(&[KeyCode::PageDown], "PgDn", A::PageDown, Look, "", "ten fds, or lines, down"),
    row(&[Char('[')], "[", A::BackWait, Look, "", "look at the moment before the last return of epoll_wait"),
    row(&[Char(']')], "]", A::ForwardWait, Look, "", "after the next return of epoll_wait"),
    row(&[Home], "Home", A::Start, Look, "", "look at the beginning"),
    row(&[End], "End", A::Now, Look, "", "back to now"),
    row(&[KeyCode::Esc], "Esc", A::Escape, Look, "", "close what is open; with nothing open, back to now"),
    row(&[Char('b')], "b", A::Timebase, Look, "", "the scope's timebase: by calls, or by time"),
];

/// What `key` asks for.
pub fn action(key: &KeyEvent) -> Option<Action> {
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return (key.code == Char('c')).then_some(Action::Quit);
    }
    KEYS.iter().find(|binding| binding.codes.contains(&key.code)).map(|binding| binding.action)
}

/// The table for the README, in Markdown.
pub fn markdown() -> String {
    let mut lines = vec!["| key | what it does |".to_owned(), "|---|---|".to_owned()];
    for group in Group::ALL {
        lines.push(format!("| | **{}** |", group.heading()));
        let rows = KEYS.iter().filter(|binding| binding.group == group);
        lines.extend(rows.map(|binding| format!("| `{}` | {} |", binding.shown, binding.long)));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things() {
        for (i, a) in KEYS.iter().enumerate() {
            for b in &KEYS[i + 1..] {
                assert!(a.codes.iter().all(|code| !b.codes.contains(code)), "{} and {}", a.shown, b.shown);
                assert_ne!(a.action, b.action);
            }
        }
    }

    #[test]
    fn control_keys_are_not_letters() {
        assert_eq!(action(&KeyEvent::new(Char('m'), KeyModifiers::CONTROL)), None);
        assert_eq!(action(&KeyEvent::new(Char('c'), KeyModifiers::CONTROL)), Some(Action::Quit));
        assert_eq!(action(&KeyEvent::new(Char('c'), KeyModifiers::NONE)), Some(Action::Connect));
    }

    #[test]
    fn the_readme_has_this_table() {
        let readme = include_str!("../../README.md");
        assert!(readme.contains(&markdown()), "put this into README.md:\n{}", markdown());
    }
}

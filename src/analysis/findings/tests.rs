use super::fact::Fact;
use super::found::Found;
use super::{Finding, Findings, Lint};
use crate::i18n::Lang;
use crate::record::{Call, Fd, Nanos, Record, Ret, Seq, Tid};
use crate::sys::Errno;
use crate::trace::World;
use crate::trace::world::Who;

fn facts() -> Vec<Fact> {
    vec![
        Fact::Stranded { bytes: 0 },
        Fact::Stranded { bytes: 1 },
        Fact::Stranded { bytes: 1_976 },
        Fact::Unread,
        Fact::Waiting { clients: 0 },
        Fact::Waiting { clients: 1 },
        Fact::Waiting { clients: 1_976 },
        Fact::Spin { no_fd: false },
        Fact::Spin { no_fd: true },
        Fact::OutArmed,
        Fact::Empty { timeout: 500 },
        Fact::Interrupted { call: "epoll_wait" },
        Fact::Hung { call: "recvfrom" },
        Fact::Ghost,
        Fact::NoFd { raw: libc::EMFILE },
        Fact::DelAfterClose,
        Fact::Starved { busy: Fd(5), calls: 64 },
        Fact::Full { max_events: 64 },
        Fact::Short { sent: 1_976, len: 3_000 },
        Fact::Closed { call: "recvfrom" },
        Fact::Disarmed,
        Fact::Twice { other: Fd(14) },
        Fact::Leak { count: 1_976 },
        Fact::Herd,
        Fact::Lost { count: 1 },
        Fact::Lost { count: 1_976 },
    ]
}

fn finding(fact: Fact, fd: Option<Fd>) -> Finding {
    Finding { seq: 1, last: 1, count: 1, fd, who: Who::Listener, fact }
}

/// Numbers of two digits and more, and the kernel's names in capitals.
fn names(sentence: &str) -> Vec<&str> {
    let words = sentence.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | ',')));
    let words = words.map(|word| word.trim_matches(',')).filter(|word| word.len() > 1);
    let mut names: Vec<&str> = words.filter(|word| !word.contains(|c: char| c.is_ascii_lowercase())).collect();
    names.sort_unstable();
    names
}

#[test]
fn both_languages_say_the_same() {
    for fact in facts() {
        let [en, zh] = [Lang::En, Lang::Zh].map(|lang| finding(fact, Some(Fd(12))).sentence(lang));
        assert_eq!(names(&en), names(&zh), "{en}\n{zh}");
        for (word, term) in [("stranded", "滞留"), ("edge", "边缘触发"), ("level", "水平触发"), ("ghost", "幽灵")]
        {
            assert_eq!(en.contains(word), zh.contains(term), "{en}\n{zh}");
        }
        let half = [", ", "; ", ": ", "(", ")", "  "].into_iter().find(|mark| zh.contains(mark));
        assert_eq!(half, None, "{zh}");
    }
}

#[test]
fn each_lint_has_names_of_its_own() {
    for lang in [Lang::En, Lang::Zh] {
        let names: std::collections::BTreeSet<&str> = Lint::ALL.iter().map(|lint| lint.name(lang)).collect();
        assert_eq!(names.len(), Lint::ALL.len());
    }
    let found: std::collections::BTreeSet<Lint> = facts().into_iter().map(|fact| finding(fact, None).lint()).collect();
    assert!(found.iter().eq(Lint::ALL));
}

fn interrupted(n: u64, fd: i32) -> Record {
    let call = Call::Accept4 { fd: Fd(fd), peer: crate::record::Addr::NONE, ret: Ret::error(Errno::EINTR) };
    Record { seq: Seq(n), t: Nanos(n), tid: Tid(1), call }
}

#[test]
fn what_comes_again_is_one_finding_and_too_many_are_not_kept() {
    let (mut world, mut findings) = (World::default(), Findings::default());
    for n in 1..=100_000 {
        let record = interrupted(n, 3);
        world.apply(&record);
        findings.apply(&record, &world);
    }
    assert_eq!((findings.len(), findings.iter().next().map(|finding| finding.count)), (1, Some(100_000)));
    for n in 0..40_000_u64 {
        let record = interrupted(100_001 + n, 10 + i32::try_from(n).expect("small"));
        world.apply(&record);
        findings.apply(&record, &world);
    }
    assert_eq!((findings.len(), findings.dropped()), (Findings::KEPT, 40_001 - Findings::KEPT as u64));
    assert!(findings.found.open.len() <= Found::OPEN);
    assert_eq!(findings.before(u64::MAX).map(|finding| finding.seq), Some(140_000));
}

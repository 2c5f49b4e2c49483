//! The two languages: which one is spoken, where Chinese has spaces, and where lines of both end on a screen.

use epollscope::i18n::{Lang, joined, spaced};
use epollscope::tui::widgets::{padded, wrap};

fn detect(env: &[(&str, &str)]) -> Lang {
    Lang::detect(|name| env.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()))
}

#[test]
fn the_locale_decides() {
    assert_eq!(detect(&[]), Lang::En);
    for locale in ["zh", "zh_CN.UTF-8", "zh_TW", "zh-Hans"] {
        assert_eq!(detect(&[("LANG", locale)]), Lang::Zh, "{locale}");
    }
    for locale in ["C", "POSIX", "en_GB.UTF-8", "de_DE", "ZH"] {
        assert_eq!(detect(&[("LANG", locale)]), Lang::En, "{locale}");
    }
}

#[test]
fn the_first_that_is_set_counts() {
    let zh = "zh_CN.UTF-8";
    assert_eq!(detect(&[("LANG", zh), ("LC_MESSAGES", "C")]), Lang::En);
    assert_eq!(detect(&[("LANG", "C"), ("LC_MESSAGES", zh)]), Lang::Zh);
    assert_eq!(detect(&[("LC_ALL", "C"), ("LC_MESSAGES", zh), ("LANG", zh)]), Lang::En);
    assert_eq!(detect(&[("LC_ALL", ""), ("LC_MESSAGES", ""), ("LANG", zh)]), Lang::Zh, "empty is not set");
    assert_eq!(detect(&[("LC_CTYPE", zh), ("LANG", "C")]), Lang::En, "what letters are is not what is said");
}

#[test]
fn chinese_is_set_off_from_all_that_is_not() {
    assert_eq!([("仍有", "3 字节"), ("直到", "EAGAIN")].map(|(a, b)| joined(a, b)), ["仍有 3 字节", "直到 EAGAIN"]);
    assert_eq!(
        [("仍有", "连接"), ("等待，", "-1"), ("", "a")].map(|(a, b)| joined(a, b)),
        ["仍有连接", "等待，-1", "a"]
    );
    assert!(spaced('é', '的') && spaced('用', '-') && !spaced('a', 'b') && !spaced('“', 'a'));
}

#[test]
fn each_language_gets_its_own() {
    assert_eq!([Lang::En, Lang::Zh].map(|lang| lang.pick(("step", "单步"))), ["step", "单步"]);
}

#[test]
fn english_breaks_at_spaces_only() {
    assert_eq!(wrap("one-shot: a round-robin, EPOLLIN|EPOLLET", 12), ["one-shot: a", "round-robin,", "EPOLLIN|EPO…"]);
}

#[test]
fn chinese_breaks_between_characters() {
    assert_eq!(wrap("边缘触发：没有新数据，滞留", 10), ["边缘触发：", "没有新数", "据，滞留"]);
    assert_eq!(wrap("再无新数据，因此滞留", 18), ["再无新数据，因此", "滞留"], "a state's name stays whole");
    assert_eq!(wrap("就绪列表（推断）中", 14), ["就绪列表（推", "断）中"]);
    assert_eq!(wrap("等待 epoll_wait 返回", 12), ["等待", "epoll_wait", "返回"]);
}

#[test]
fn a_number_stays_with_what_it_counts() {
    assert_eq!(wrap("尽管仍有 1,976 字节未读", 15), ["尽管仍有", "1,976 字节未读"]);
}

#[test]
fn what_is_padded_takes_its_cells() {
    assert_eq!(padded("水平", 6), "水平  ");
    assert_eq!(padded("level", 3), "level");
}

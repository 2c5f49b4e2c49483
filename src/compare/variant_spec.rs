//! What is compared: the words of `--against` for each variant, and the policy that they stand for.

use crate::i18n::{Lang, Message, message, shown, words};
use crate::record::{Choice as _, Fairness, Faults, Policy};
use crate::script::{Diagnostic, Reader};

pub const MOST: usize = 4;

/// Short words for several words of the policy language, beside the names of the faults.
pub const PRESETS: &[(&str, &str)] = &[
    ("drain", "read drain accept drain"),
    ("short", "read drain-short accept drain"),
    ("always", "write always"),
    ("mute", "out-of-fds mute"),
    ("back-off", "out-of-fds back-off"),
    ("spare", "out-of-fds spare"),
    ("spin", "out-of-fds spin"),
    ("tutorial", "fault tutorial"),
];

/// Words of the policy language that take a value: the word after them is no preset.
const TAKES_A_VALUE: [&str; 11] = [
    "read",
    "read-size",
    "accept",
    "write",
    "budget",
    "max-events",
    "timeout",
    "out-of-fds",
    "half-close",
    "fault",
    "no-fault",
];

/// One variant as asked for: its name, and what it changes in the scene's policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariantSpec {
    /// As written; a second variant with the same words has `#2` appended.
    pub name: String,
    words: String,
}

impl VariantSpec {
    pub fn usual() -> Vec<Self> {
        Self::list("level,edge").unwrap_or_default()
    }

    /// Reads a list: commas separate variants, `+` or a space the words of one: `level,edge+drain`.
    pub fn list(text: &str) -> Result<Vec<Self>, Diagnostic> {
        let text = &*shown(text);
        let mut variants: Vec<Self> = Vec::new();
        let mut column = 0;
        for part in text.split(',') {
            let words = words(part);
            let name = part.split(['+', ' ']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join("+");
            let diagnostic = |at: usize, length: usize, what: Message| Diagnostic {
                file: "--against".to_owned(),
                line: 1,
                column: at + 1,
                length,
                text: text.to_owned(),
                what,
            };
            let length = part.chars().count();
            if name.is_empty() {
                let what = (
                    "expected a policy, such as level, edge+drain or tutorial",
                    "这里应为一种策略，如 level、edge+drain 或 tutorial",
                )
                    .into();
                return Err(diagnostic(column, length.max(1), what));
            }
            if let Err(wrong) = follow(Policy::default(), &words) {
                let is_unknown = wrong.what.words(Lang::En).starts_with("no policy");
                let what = Message::new(|lang| {
                    let short = if is_unknown { short_words(lang) } else { String::new() };
                    wrong.what.words(lang).to_owned() + &short
                });
                return Err(diagnostic(column, length, what));
            }
            let same = variants
                .iter()
                .filter(|variant| variant.words == words && variant.name.split('#').next() == Some(&name));
            let again = same.count() + 1;
            variants.push(Self { name: if again > 1 { format!("{name}#{again}") } else { name }, words });
            column += length + 1;
        }
        if !(2..=MOST).contains(&variants.len()) {
            let what = message!(
                "expected 2 to {MOST} policies, separated by commas; this is {}",
                "这里应为 2 到 {MOST} 个策略，用逗号分隔；现在是 {} 个",
                variants.len()
            );
            return Err(Diagnostic::of_line("--against", text, 1, what));
        }
        Ok(variants)
    }

    /// This variant's policy in a scene with the policy `scene`. Anything not given is taken from the scene.
    pub fn policy(&self, scene: Policy) -> Policy {
        // The words were read once before, and no word depends on the policy that it changes.
        follow(scene, &self.words).unwrap_or(scene)
    }
}

/// A policy in the words of the script language, which are the same in every language.
pub fn words_of(policy: &Policy) -> String {
    let mut words = vec![policy.trigger.name().to_owned()];
    words.extend(policy.oneshot.then(|| "oneshot".to_owned()));
    words.push(format!("read {}", policy.read.name()));
    words.push(format!("read-size {}", policy.read_size));
    words.push(format!("accept {}", policy.accept.name()));
    words.push(format!("write {}", policy.write.name()));
    words.push(match policy.fairness {
        Fairness::Greedy => "greedy".to_owned(),
        Fairness::RoundRobin(bytes) => format!("budget {bytes}"),
    });
    words.push(format!("max-events {}", policy.max_events));
    words.push(format!("timeout {}", policy.timeout));
    let usual = Policy::default();
    words.extend((policy.out_of_fds != usual.out_of_fds).then(|| format!("out-of-fds {}", policy.out_of_fds.name())));
    words.extend((policy.half_close != usual.half_close).then(|| format!("half-close {}", policy.half_close.name())));
    words.extend(policy.faults.names().map(|fault| format!("fault {fault}")));
    words.join(" ")
}

fn words(part: &str) -> String {
    let mut before = "";
    let mut words = Vec::new();
    for word in part.split(['+', ' ']).filter(|word| !word.is_empty()) {
        let preset = PRESETS.iter().find(|(name, _)| *name == word && !TAKES_A_VALUE.contains(&before));
        let is_fault = Faults::by_name(word).is_some() && !TAKES_A_VALUE.contains(&before);
        words.push(match preset {
            Some((_, words)) => (*words).to_owned(),
            None if is_fault => format!("fault {word}"),
            None => word.to_owned(),
        });
        before = word;
    }
    words.join(" ")
}

/// What the script language has no word for.
fn short_words(lang: Lang) -> String {
    let presets: Vec<&str> = PRESETS.iter().map(|(name, _)| *name).collect();
    let faults: Vec<&str> =
        Faults::CHOICES.iter().map(|(_, name, _)| *name).filter(|name| !presets.contains(name)).collect();
    let [presets, faults] = [presets, faults].map(|words| words.join(", "));
    words!(
        lang,
        "; short words here are {presets}, and the names of faults: {faults}",
        "；这里的简写有 {presets}，缺陷用它的名字：{faults}"
    )
}

fn follow(policy: Policy, words: &str) -> Result<Policy, Diagnostic> {
    Reader::new("--against", 1).policy(policy, words)
}

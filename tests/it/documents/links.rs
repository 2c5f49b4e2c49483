//! Relative links of the documents lead to a file, and to a heading in it.

use std::collections::HashMap;
use std::path::Path;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::{documents, text};

#[test]
fn every_relative_link_leads_to_a_file_and_a_heading() {
    let mut broken = Vec::new();
    for document in documents() {
        for link in links(&text(&document)) {
            if let Err(reason) = follow(&document, &link) {
                broken.push(format!("{}: {link}: {reason}", document.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

fn events(markdown: &str) -> Parser<'_> {
    Parser::new_ext(markdown, Options::ENABLE_TABLES)
}

/// Links that stay in the repository.
fn links(markdown: &str) -> Vec<String> {
    let target = |event| match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => Some(dest_url.into_string()),
        _ => None,
    };
    events(markdown).filter_map(target).filter(|url| !url.contains("://") && !url.starts_with("mailto:")).collect()
}

fn follow(document: &Path, link: &str) -> Result<(), String> {
    let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
    let target = if path.is_empty() { document.to_owned() } else { document.with_file_name("").join(path) };
    if !target.exists() {
        return Err("there is no such file".to_owned());
    }
    match anchor {
        Some(anchor) if !anchors(&target).contains(&anchor.to_owned()) => {
            Err(format!("there is no such heading; there are {}", anchors(&target).join(", ")))
        }
        _ => Ok(()),
    }
}

/// The anchors of a document's headings, as GitHub makes them: lower case, no punctuation, hyphens for spaces, and a
/// number behind one that was there before.
fn anchors(document: &Path) -> Vec<String> {
    let (mut anchors, mut seen) = (Vec::new(), HashMap::<String, u32>::new());
    let mut heading: Option<String> = None;
    for event in events(&text(document)) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(words) | Event::Code(words) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&words);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                let anchor = slug(&heading.take().unwrap_or_default());
                let times = seen.entry(anchor.clone()).or_default();
                anchors.push(if *times == 0 { anchor } else { format!("{anchor}-{times}") });
                *times += 1;
            }
            _ => {}
        }
    }
    anchors
}

fn slug(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(' ', "-");
    kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
}

#[test]
fn headings_have_the_anchors_that_github_makes() {
    assert_eq!(slug("What recv & send cost: a table"), "what-recv--send-cost-a-table");
    assert_eq!(slug("中文：术语、句子"), "中文术语句子");
    assert_eq!(slug("epollscope serve"), "epollscope-serve");
}

//! What every code means: the long text behind `explain` and `docs/diagnostics.md`.

use super::Severity;
use crate::freeze;
use crate::rules::{Case, RULES};
use crate::spec::codes;

/// The long text of a code.
#[derive(Debug, Clone, Copy)]
pub struct Explanation {
    /// The code.
    pub code: &'static str,
    /// Whether findings of this code forbid a build.
    pub severity: Severity,
    /// What is asked for, in one line; empty where `about` is one sentence.
    pub title: &'static str,
    /// Whose limit it is, and what happens without it.
    pub about: &'static str,
    /// Edits that make it fire.
    pub fires: &'static [Case],
    /// Edits that come close and are fine.
    pub near_misses: &'static [Case],
}

/// Every code in order: structure, rules, freezing.
pub fn explanations() -> Vec<Explanation> {
    let fixed = |code, title, about| Explanation {
        code,
        severity: Severity::Error,
        title,
        about,
        fires: &[],
        near_misses: &[],
    };
    let structure = codes::CODES.iter().map(|(code, title, about)| fixed(*code, *title, *about));
    let rules = RULES.iter().map(|rule| Explanation {
        code: rule.code,
        severity: rule.severity,
        title: rule.title,
        about: rule.about,
        fires: rule.fires,
        near_misses: rule.near_misses,
    });
    let freezing = freeze::CODES.iter().map(|(code, about)| fixed(*code, "", *about));
    structure.chain(rules).chain(freezing).collect()
}

/// The long text of a code, written in any case.
pub fn explanation(code: &str) -> Option<Explanation> {
    explanations().into_iter().find(|it| it.code.eq_ignore_ascii_case(code))
}

impl Explanation {
    /// The text that `explain` prints.
    pub fn text(&self) -> String {
        let mut text = format!("{} ({})", self.code, self.severity.word());
        if !self.title.is_empty() {
            text.push_str(": ");
            text.push_str(self.title);
        }
        text.push_str("\n\n");
        text.push_str(self.about);
        text.push('\n');
        section(&mut text, "Reported", self.fires);
        section(&mut text, "Fine", self.near_misses);
        text
    }
}

/// Edits of a topology, as lines before and after.
fn section(text: &mut String, title: &str, cases: &[Case]) {
    for case in cases {
        let when = if case.built.is_some() { ", after the first build" } else { "" };
        text.extend(["\n", title, when, ":\n"]);
        for (before, after) in case.edits {
            for (sign, lines) in [("-", before), ("+", after)] {
                for line in lines.lines().filter(|line| !line.trim().is_empty()) {
                    text.extend(["  ", sign, " ", line.trim_end(), "\n"]);
                }
            }
        }
    }
}

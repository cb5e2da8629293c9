//! Paths of the table of routes, and which requests they are meant for.
//!
//! `{repository}` stands for up to eight segments, `{view}` for one that begins with `~` or for none,
//! every other name in braces for one. A pattern has one `{repository}` at most, so that a path fits
//! in one way or not at all.

use chart_registry_store::RepositoryPath;

use super::Target;
use super::decode::Segments;

/// One piece of a pattern that takes exactly one segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    /// This word.
    Word(&'static str),
    /// Any segment that is not empty.
    Parameter,
}

/// The path of a row of the table of routes.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    before: Vec<Piece>,
    /// Whether a repository stands between `before` and `after`.
    repository: bool,
    view: bool,
    after: Vec<Piece>,
}

impl Pattern {
    /// Reads the path of a row.
    pub(crate) fn parse(path: &'static str) -> Self {
        let mut pattern =
            Self { before: Vec::new(), repository: false, view: false, after: Vec::new() };
        for text in path.strip_prefix('/').unwrap_or(path).split('/') {
            let piece = match text {
                "{repository}" => {
                    pattern.repository = true;
                    continue;
                }
                "{view}" => {
                    pattern.view = true;
                    continue;
                }
                _ if text.starts_with('{') => Piece::Parameter,
                _ => Piece::Word(text),
            };
            if pattern.repository { &mut pattern.after } else { &mut pattern.before }.push(piece);
        }
        pattern
    }

    /// What a path names when it is meant for this row.
    pub(crate) fn target(&self, segments: &Segments) -> Option<Target> {
        let segments = segments.as_slice();
        let behind = segments.len().checked_sub(self.after.len())?;
        let (front, end) = segments.split_at_checked(behind)?;
        let (start, mut middle) = front.split_at_checked(self.before.len())?;
        if !fits(&self.before, start) || !fits(&self.after, end) {
            return None;
        }
        let view = middle.last().filter(|last| self.view && last.starts_with('~')).cloned();
        if view.is_some() {
            middle = &middle[..middle.len() - 1];
        }
        if !self.repository && !middle.is_empty() {
            return None;
        }
        let repository = RepositoryPath::parse(&middle.join("/")).ok()?;
        // An empty segment among others would vanish in the text of the path.
        if middle.iter().any(String::is_empty) {
            return None;
        }
        let parameters = [parameters(&self.before, start), parameters(&self.after, end)].concat();
        Some(Target { repository, view, parameters })
    }
}

fn fits(pieces: &[Piece], segments: &[String]) -> bool {
    pieces.iter().zip(segments).all(|(piece, segment)| match piece {
        Piece::Word(word) => word == segment,
        Piece::Parameter => !segment.is_empty(),
    })
}

fn parameters(pieces: &[Piece], segments: &[String]) -> Vec<String> {
    let pairs = pieces.iter().zip(segments);
    pairs.filter(|(piece, _)| **piece == Piece::Parameter).map(|(_, text)| text.clone()).collect()
}

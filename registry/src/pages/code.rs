//! Text in numbered lines, with the parts of YAML told apart.

/// Most lines of a file that a page shows.
pub(crate) const MAX_LINES: usize = 10_000;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// Counted from 1.
    pub(crate) number: usize,
    /// Its parts, which together are the line.
    pub(crate) spans: Vec<Span>,
}

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    /// Class of its style; empty for plain text.
    pub(crate) class: &'static str,
    /// The text.
    pub(crate) text: String,
}

impl Span {
    fn new(class: &'static str, text: &str) -> Self {
        Self { class, text: text.to_owned() }
    }
}

/// The lines of a text, and whether there are more than are shown.
pub(crate) fn lines(text: &str, path: &str) -> (Vec<Line>, bool) {
    let is_yaml = [".yaml", ".yml", ".lock"].iter().any(|ending| path.ends_with(ending));
    let spans = |line: &str| if is_yaml { yaml(line) } else { vec![Span::new("", line)] };
    let mut all = text.lines();
    let shown = (1..).zip(all.by_ref().take(MAX_LINES));
    let shown = shown.map(|(number, line)| Line { number, spans: spans(line) }).collect();
    (shown, all.next().is_some())
}

/// The parts of one line: a line is judged alone, so that a text of several lines is plain.
fn yaml(line: &str) -> Vec<Span> {
    let body = line.trim_start_matches([' ', '-']);
    let indent = &line[..line.len() - body.len()];
    let mut spans = Vec::new();
    if !indent.is_empty() {
        spans.push(Span::new("", indent));
    }
    if body.starts_with('#') {
        spans.push(Span::new("y-comment", body));
        return spans;
    }
    let value = match key(body) {
        Some((key, value)) => {
            spans.push(Span::new("y-key", key));
            value
        }
        None => body,
    };
    // Quoted text may hold the sign of a comment.
    let quoted = value.trim_start_matches([':', ' ']).starts_with(['"', '\'']);
    let comment = value.find(" #").filter(|_| !quoted);
    let (value, comment) = value.split_at(comment.unwrap_or(value.len()));
    if !value.is_empty() {
        spans.push(Span::new(kind(value.trim_start_matches(':').trim()), value));
    }
    if !comment.is_empty() {
        spans.push(Span::new("y-comment", comment));
    }
    spans
}

/// A key at the beginning, and what follows from its colon on.
fn key(body: &str) -> Option<(&str, &str)> {
    let at = body.find(':')?;
    let (key, value) = body.split_at(at);
    let plain = |c: char| c.is_alphanumeric() || "_-./\"'$".contains(c);
    let ends = value.len() == 1 || value[1..].starts_with(' ');
    (!key.is_empty() && key.chars().all(plain) && ends).then_some((key, value))
}

fn kind(value: &str) -> &'static str {
    let number = value.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    if ["true", "false", "null", "~"].contains(&value) || (number && value.parse::<f64>().is_ok()) {
        return "y-number";
    }
    if value.starts_with(['"', '\'']) { "y-text" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_line_are_the_line() {
        let text =
            "# a\nreplicas: 3 # b\n  - name: \"x # y\"\n  image: a:b\nurl: http://a:8/b\n\n: :\n";
        let (lines, more) = lines(text, "values.yaml");
        assert!(!more);
        let joined: Vec<String> = lines
            .iter()
            .map(|line| line.spans.iter().map(|span| span.text.as_str()).collect())
            .collect();
        assert_eq!(joined, text.lines().collect::<Vec<_>>());
        let classes = |at: usize| lines[at].spans.iter().map(|it| it.class).collect::<Vec<_>>();
        assert_eq!(classes(0), ["y-comment"]);
        assert_eq!(classes(1), ["y-key", "y-number", "y-comment"]);
        assert_eq!(classes(2), ["", "y-key", "y-text"]);
        assert_eq!(classes(4), ["y-key", ""]);
    }

    #[test]
    fn a_long_text_is_cut() {
        let text = "a\n".repeat(MAX_LINES + 1);
        assert_eq!((lines(&text, "a").0.len(), lines(&text, "a").1), (MAX_LINES, true));
    }
}

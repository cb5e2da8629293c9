//! What would change in a lock, for people: the changed lines with `-` and `+`, and the sections that they stand in.

/// Cells of the comparison table above which everything between the first and last change is shown as changed.
const MAX_CELLS: usize = 16 << 20;

/// The changed lines, each with the headings that it is below; empty when the texts are equal.
pub fn diff(before: &str, after: &str) -> String {
    let (before, after): (Vec<&str>, Vec<&str>) =
        (before.lines().collect(), after.lines().collect());
    let prefix = before.iter().zip(&after).take_while(|(before, after)| before == after).count();
    let rest = |lines: &[&str]| lines.len() - prefix;
    let suffix = before
        .iter()
        .rev()
        .zip(after.iter().rev())
        .take(rest(&before).min(rest(&after)))
        .take_while(|(before, after)| before == after)
        .count();
    let old = before.get(prefix..before.len() - suffix).unwrap_or_default();
    let new = after.get(prefix..after.len() - suffix).unwrap_or_default();
    let mut writer = DiffWriter::default();
    for line in after.iter().take(prefix) {
        writer.same(line);
    }
    for change in changes(old, new) {
        match change {
            Change::Same(line) => writer.same(line),
            Change::Removed(line) => writer.changed('-', line),
            Change::Added(line) => writer.changed('+', line),
        }
    }
    writer.text
}

enum Change<'text> {
    Same(&'text str),
    Removed(&'text str),
    Added(&'text str),
}

/// The shortest list of removals and additions, by the longest common subsequence.
fn changes<'text>(old: &[&'text str], new: &[&'text str]) -> Vec<Change<'text>> {
    let width = new.len() + 1;
    if width.saturating_mul(old.len() + 1) > MAX_CELLS {
        let removed = old.iter().map(|line| Change::Removed(line));
        return removed.chain(new.iter().map(|line| Change::Added(line))).collect();
    }
    // lengths[row * width + column]: longest common subsequence of old[row..] and new[column..].
    let mut lengths = vec![0_u32; width * (old.len() + 1)];
    let at = |lengths: &[u32], row: usize, column: usize| {
        lengths.get(row * width + column).copied().unwrap_or(0)
    };
    for (row, old_line) in old.iter().enumerate().rev() {
        for (column, new_line) in new.iter().enumerate().rev() {
            let longest = if old_line == new_line {
                at(&lengths, row + 1, column + 1) + 1
            } else {
                at(&lengths, row + 1, column).max(at(&lengths, row, column + 1))
            };
            if let Some(cell) = lengths.get_mut(row * width + column) {
                *cell = longest;
            }
        }
    }
    let (mut row, mut column) = (0, 0);
    let mut changes = Vec::new();
    loop {
        match (old.get(row), new.get(column)) {
            (Some(old_line), Some(new_line)) if old_line == new_line => {
                changes.push(Change::Same(old_line));
                (row, column) = (row + 1, column + 1);
            }
            (Some(old_line), new_line)
                if new_line.is_none()
                    || at(&lengths, row + 1, column) >= at(&lengths, row, column + 1) =>
            {
                changes.push(Change::Removed(old_line));
                row += 1;
            }
            (_, Some(new_line)) => {
                changes.push(Change::Added(new_line));
                column += 1;
            }
            (_, None) => return changes,
        }
    }
}

/// Writes changed lines below the headings that lead to them.
#[derive(Default)]
struct DiffWriter<'text> {
    text: String,
    /// Unchanged lines that the next line is below, outermost first; `true` when already written.
    headings: Vec<(&'text str, bool)>,
}

impl<'text> DiffWriter<'text> {
    fn same(&mut self, line: &'text str) {
        self.close(line);
        self.headings.push((line, false));
    }

    fn changed(&mut self, sign: char, line: &'text str) {
        self.close(line);
        for (heading, written) in &mut self.headings {
            if !*written {
                *written = true;
                self.text.push_str("  ");
                self.text.push_str(heading);
                self.text.push('\n');
            }
        }
        self.text.push(sign);
        self.text.push(' ');
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Forgets headings that this line is not below.
    fn close(&mut self, line: &str) {
        while self.headings.last().is_some_and(|(heading, _)| indent(heading) >= indent(line)) {
            self.headings.pop();
        }
    }
}

/// Spaces before the text; the dash of a list item belongs to the text's depth.
fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

#[cfg(test)]
mod tests {
    use super::diff;

    const BEFORE: &str = "a:\n  one: 1\n  two: 2\nb:\n  three: 3\n";

    #[test]
    fn equal_texts_have_no_difference() {
        assert_eq!(diff(BEFORE, BEFORE), "");
    }

    #[test]
    fn changes_stand_below_their_headings() {
        let after = "a:\n  one: 1\n  two: 22\nb:\n  three: 3\n  four: 4\nc: 5\n";
        assert_eq!(
            diff(BEFORE, after),
            "  a:\n-   two: 2\n+   two: 22\n  b:\n+   four: 4\n+ c: 5\n"
        );
    }

    #[test]
    fn everything_is_new_against_nothing() {
        assert_eq!(diff("", "a: 1\n"), "+ a: 1\n");
    }
}

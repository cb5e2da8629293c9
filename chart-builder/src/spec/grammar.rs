//! Name grammars of Kubernetes and Fabric, and what a name could be instead.

/// Longest DNS label: namespaces and Services.
pub const LONGEST_LABEL: usize = 63;

/// A DNS-1123 label: lower-case letters, digits and dashes, none of them at an end, at most 63.
pub fn is_label(name: &str) -> bool {
    let inside = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !name.is_empty()
        && name.len() <= LONGEST_LABEL
        && name.chars().all(inside)
        && !name.starts_with('-')
        && !name.ends_with('-')
}

/// A DNS-1123 subdomain: labels with dots between, at most 253.
pub fn is_subdomain(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(is_label)
}

/// A name of letters, digits, dots and dashes, a letter or digit first, at most `longest`.
pub fn is_plain(name: &str, longest: usize) -> bool {
    name.len() <= longest
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
}

/// The nearest DNS-1123 label; `None` if nothing is left of the name.
pub fn label_of(name: &str) -> Option<String> {
    let lower = name.chars().flat_map(char::to_lowercase);
    let dashed = lower.map(|c| if c.is_ascii_alphanumeric() { c } else { '-' });
    let dashed: String = dashed.take(LONGEST_LABEL).collect();
    let label = dashed.trim_matches('-');
    is_label(label).then(|| label.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_those_of_kubernetes() {
        assert!(is_label("org1") && is_label("1org") && is_label(&"a".repeat(63)));
        for wrong in ["", "Org1", "org.1", "-org", "org-", "org_1", "örg"] {
            assert!(!is_label(wrong), "{wrong}");
        }
        assert!(!is_label(&"a".repeat(64)));
    }

    #[test]
    fn a_suggestion_is_a_label() {
        assert_eq!(label_of("Org2.Example").as_deref(), Some("org2-example"));
        assert_eq!(label_of("网络"), None);
    }
}

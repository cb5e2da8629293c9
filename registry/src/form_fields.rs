//! Names of the fields of a form that bring a package or its provenance file.
//!
//! As with `ChartMuseum`, a name of the operator's choice comes beside the usual one and not in its
//! place, so `helm cm-push` and `curl -F chart=@…` work in any case.

/// The field with a package.
const CHART: &str = "chart";

/// The field with a provenance file.
const PROV: &str = "prov";

/// Longest name of a field.
const MAX_NAME_BYTES: usize = 64;

/// The names that an operator has chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormFields {
    /// The field with a package, besides `chart`.
    pub chart: String,
    /// The field with a provenance file, besides `prov`.
    pub prov: String,
}

/// What a field brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Package,
    Provenance,
}

impl Default for FormFields {
    fn default() -> Self {
        Self { chart: CHART.to_owned(), prov: PROV.to_owned() }
    }
}

impl FormFields {
    /// What the field of a name brings, if it means anything.
    pub(crate) fn part(&self, name: &str) -> Option<Part> {
        if name == CHART || name == self.chart {
            return Some(Part::Package);
        }
        (name == PROV || name == self.prov).then_some(Part::Provenance)
    }

    /// The chosen name that could mean both, if there is one.
    pub(crate) fn ambiguous(&self) -> Option<&str> {
        let both = self.chart == self.prov || self.chart == PROV;
        let chart = both.then_some(self.chart.as_str());
        chart.or_else(|| (self.prov == CHART).then_some(self.prov.as_str()))
    }
}

/// Whether a text can name a field: what clients write between quotes as it is.
pub(crate) fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && !br#""\;"#.contains(&byte);
    (1..=MAX_NAME_BYTES).contains(&text.len()) && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(chart: &str, prov: &str) -> FormFields {
        FormFields { chart: chart.to_owned(), prov: prov.to_owned() }
    }

    #[test]
    fn a_chosen_name_comes_beside_the_usual_one() {
        let fields = chosen("package", "signature");
        for name in ["chart", "package"] {
            assert_eq!(fields.part(name), Some(Part::Package), "{name}");
        }
        for name in ["prov", "signature"] {
            assert_eq!(fields.part(name), Some(Part::Provenance), "{name}");
        }
        assert_eq!(fields.part("force"), None);
        assert_eq!(FormFields::default().part("package"), None);
    }

    #[test]
    fn a_name_that_could_mean_both_is_found() {
        assert_eq!(FormFields::default().ambiguous(), None);
        assert_eq!(chosen("package", "signature").ambiguous(), None);
        assert_eq!(chosen("prov", "signature").ambiguous(), Some("prov"));
        assert_eq!(chosen("package", "chart").ambiguous(), Some("chart"));
        assert_eq!(chosen("file", "file").ambiguous(), Some("file"));
    }

    #[test]
    fn names_are_what_stands_between_quotes_as_it_is() {
        for name in ["chart", "files[0]", "a/b", &"a".repeat(64)] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "a b", "a\"b", "a\\b", "a;b", "ü", "a\n", &"a".repeat(65)] {
            assert!(!is_name(name), "{name:?}");
        }
    }
}

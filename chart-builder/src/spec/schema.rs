//! The language of the topology as data: which fields there are, what they hold, what they default to.
//!
//! One table drives reading, the search for the nearest known field, and `docs/topology.md`. What the values mean
//! together is the business of [`crate::rules`].

/// What a value may be.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Any scalar, taken as it is written: `1.10` stays `1.10`.
    Text,
    /// One of a few words.
    Word(&'static [Word]),
    /// A whole number between two limits, both included.
    Number {
        /// Smallest.
        least: u64,
        /// Largest.
        most: u64,
    },
    /// A list of one kind.
    List(&'static Kind),
    /// A mapping with known fields.
    Mapping(&'static Table),
    /// A mapping whose keys are names that the user chooses.
    Named {
        /// What a key names, for example `a node`.
        key: &'static str,
        /// What every value is.
        value: &'static Kind,
    },
    /// A short form, or the long one: the shape of the value tells them apart.
    Either {
        /// The short form.
        short: &'static Kind,
        /// The long form.
        long: &'static Kind,
    },
    /// Planned, and not there yet; says what to do instead.
    NotBuilt(&'static str),
}

/// A word of a closed set.
#[derive(Debug, Clone, Copy)]
pub struct Word {
    /// The word.
    pub word: &'static str,
    /// What it means.
    pub about: &'static str,
    /// It is built; otherwise it is only known.
    pub built: bool,
}

/// A field of a mapping.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its key.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What it is when it is not written.
    pub default: Default,
    /// One sentence for the reference.
    pub about: &'static str,
}

/// What a field is when it is not written.
#[derive(Debug, Clone, Copy)]
pub enum Default {
    /// It has to be written.
    Required,
    /// It is absent, and that means something: the words say what.
    Is(&'static str),
}

/// A kind of mapping.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Heading in the reference.
    pub title: &'static str,
    /// A sentence or two for the reference.
    pub about: &'static str,
    /// Its fields in the order of the reference.
    pub fields: &'static [Field],
}

impl Table {
    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

impl Kind {
    /// What the value may be, in words, for messages and the reference.
    pub fn describe(&self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Word(words) => {
                let built = words.iter().filter(|word| word.built);
                let built: Vec<_> = built.map(|word| format!("`{}`", word.word)).collect();
                built.join(" or ")
            }
            Self::Number { least, most: u64::MAX } => format!("a number from {least} on"),
            Self::Number { least, most } => format!("a number from {least} to {most}"),
            Self::List(item) => format!("a list ({})", item.describe()),
            Self::Mapping(table) => format!("a mapping ({})", table.title),
            Self::Named { key, value } => format!("a mapping from {key} to {}", value.describe()),
            Self::Either { short, long } => format!("{} or {}", short.describe(), long.describe()),
            Self::NotBuilt(_) => "not built yet".to_owned(),
        }
    }
}

//! The document tree that the writers take.

/// One value of a document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Node {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number. Helm keeps numbers of values as 64-bit floats: exact up to 2^53.
    Int(i64),
    /// Text.
    Str(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping that keeps its order.
    Map(Map),
}

/// A mapping from text keys to values, in the order of insertion.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Map {
    entries: Vec<Entry>,
}

/// A key, its value, and what stands above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key, unique within its map.
    pub key: String,
    /// The value.
    pub value: Node,
    /// Written above the key, one `#` line for each line of text.
    pub comment: Option<String>,
}

/// A JSON number that a [`Node`] cannot hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("number `{number}` at `{path}` is not a whole number of 64 bits: write it as a string")]
pub struct UnsupportedNumber {
    /// The number as JSON writes it.
    pub number: String,
    /// Where it stands: keys and indexes joined by `/`.
    pub path: String,
}

impl Node {
    /// Converts JSON; maps keep the order that the JSON value has.
    pub fn from_json(value: &serde_json::Value) -> Result<Self, UnsupportedNumber> {
        from_json(value, &mut Vec::new())
    }

    /// The mapping, if this is one.
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Str(_) | Self::List(_) => None,
        }
    }

    /// The text, if this is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::List(_) | Self::Map(_) => None,
        }
    }
}

fn from_json(value: &serde_json::Value, path: &mut Vec<String>) -> Result<Node, UnsupportedNumber> {
    Ok(match value {
        serde_json::Value::Null => Node::Null,
        serde_json::Value::Bool(value) => Node::Bool(*value),
        serde_json::Value::Number(number) => Node::Int(number.as_i64().ok_or_else(|| {
            UnsupportedNumber { number: number.to_string(), path: path.join("/") }
        })?),
        serde_json::Value::String(text) => Node::Str(text.clone()),
        serde_json::Value::Array(items) => {
            let mut nodes = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                path.push(index.to_string());
                nodes.push(from_json(item, path)?);
                path.pop();
            }
            Node::List(nodes)
        }
        serde_json::Value::Object(fields) => {
            let mut map = Map { entries: Vec::with_capacity(fields.len()) };
            for (key, item) in fields {
                path.push(key.clone());
                let value = from_json(item, path)?;
                path.pop();
                map.entries.push(Entry { key: key.clone(), value, comment: None });
            }
            Node::Map(map)
        }
    })
}

impl Map {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `key`; an existing key keeps its place and comment, a new one goes to the end.
    ///
    /// Returns the value that was there before.
    pub fn insert(&mut self, key: impl Into<String>, value: impl Into<Node>) -> Option<Node> {
        let key = key.into();
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.key == key) {
            return Some(std::mem::replace(&mut entry.value, value.into()));
        }
        self.entries.push(Entry { key, value: value.into(), comment: None });
        None
    }

    /// Sets the comment above `key`; without effect when the key is absent.
    pub fn comment(&mut self, key: &str, comment: impl Into<String>) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.key == key) {
            entry.comment = Some(comment.into());
        }
    }

    /// This map with `key` set, for building a tree in one expression.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, value: impl Into<Node>) -> Self {
        self.insert(key, value);
        self
    }

    /// This map with `key` set and `comment` above it.
    #[must_use]
    pub fn with_comment(
        mut self,
        key: impl Into<String>,
        comment: impl Into<String>,
        value: impl Into<Node>,
    ) -> Self {
        let key = key.into();
        self.insert(key.clone(), value);
        self.comment(&key, comment);
        self
    }

    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The value of `key`, to change.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.entries.iter_mut().find(|entry| entry.key == key).map(|entry| &mut entry.value)
    }

    /// Takes `key` out and returns its value.
    pub fn remove(&mut self, key: &str) -> Option<Node> {
        let index = self.entries.iter().position(|entry| entry.key == key)?;
        Some(self.entries.remove(index).value)
    }

    /// The entries in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Entry> {
        self.entries.iter()
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<'a> IntoIterator for &'a Map {
    type Item = &'a Entry;
    type IntoIter = std::slice::Iter<'a, Entry>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Map {
    type Item = Entry;
    type IntoIter = std::vec::IntoIter<Entry>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<Key: Into<String>, Value: Into<Node>> FromIterator<(Key, Value)> for Map {
    fn from_iter<Pairs: IntoIterator<Item = (Key, Value)>>(pairs: Pairs) -> Self {
        let mut map = Self::new();
        for (key, value) in pairs {
            map.insert(key, value);
        }
        map
    }
}

impl From<Map> for Node {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}

impl From<bool> for Node {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<String> for Node {
    fn from(text: String) -> Self {
        Self::Str(text)
    }
}

impl From<&String> for Node {
    fn from(text: &String) -> Self {
        Self::Str(text.clone())
    }
}

impl From<&str> for Node {
    fn from(text: &str) -> Self {
        Self::Str(text.to_owned())
    }
}

impl<Item: Into<Node>> From<Vec<Item>> for Node {
    fn from(items: Vec<Item>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

impl<Item: Into<Node>> From<Option<Item>> for Node {
    fn from(item: Option<Item>) -> Self {
        item.map_or(Self::Null, Into::into)
    }
}

impl<Item: Into<Node>> FromIterator<Item> for Node {
    fn from_iter<Items: IntoIterator<Item = Item>>(items: Items) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

macro_rules! from_integer {
    ($($integer:ty),*) => {
        $(impl From<$integer> for Node {
            fn from(value: $integer) -> Self {
                Self::Int(i64::from(value))
            }
        })*
    };
}

from_integer!(i8, i16, i32, i64, u8, u16, u32);

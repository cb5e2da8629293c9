//! A node of the file as a source of serde types, with the place of what does not fit.
//!
//! Fields that a type does not have are reported and skipped, so that one run tells all of them; what
//! else does not fit ends the reading of its item. Text is taken as text whatever it looks like.

use std::cell::RefCell;
use std::fmt::Display;

use chart_format::nearest::nearest;
use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use serde::{Deserializer, forward_to_deserialize_any};

use super::document::{Entry, Misplaced, Node, Position, Value};
use super::fault::Wrong;

/// Reads one thing; `None` after a fault that leaves none.
pub(super) fn read<T: DeserializeOwned>(node: &Node, faults: &mut Vec<Misplaced>) -> Option<T> {
    let unknown = RefCell::new(Vec::new());
    let result = T::deserialize(Reader { node, unknown: &unknown });
    let complete = unknown.borrow().is_empty();
    faults.append(&mut unknown.into_inner());
    match result {
        Ok(value) => complete.then_some(value),
        Err(error) => {
            let fix = "see the reference of the configuration for what stands here";
            faults.push((error.position.unwrap_or(node.position), Wrong::new(error.what, fix)));
            None
        }
    }
}

/// What does not fit, and the place of the innermost value that it is about.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
struct Misfit {
    position: Option<Position>,
    what: String,
}

impl Misfit {
    fn or_at(mut self, node: &Node) -> Self {
        self.position.get_or_insert(node.position);
        self
    }
}

impl de::Error for Misfit {
    fn custom<T: Display>(message: T) -> Self {
        Self { position: None, what: message.to_string() }
    }
}

#[derive(Clone, Copy)]
struct Reader<'a> {
    node: &'a Node,
    unknown: &'a RefCell<Vec<Misplaced>>,
}

impl<'a> Reader<'a> {
    fn at(self, node: &'a Node) -> Self {
        Self { node, ..self }
    }

    /// Reads a value inside of this one.
    fn inner<'de, S: DeserializeSeed<'de>>(
        self,
        seed: S,
        node: &'a Node,
    ) -> Result<S::Value, Misfit> {
        seed.deserialize(self.at(node)).map_err(|error| error.or_at(node))
    }

    fn scalar(self) -> Option<&'a str> {
        match &self.node.value {
            Value::Scalar { text, .. } => Some(text),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match &self.node.value {
            Value::Null => visitor.visit_unit(),
            Value::Scalar { text, quoted: true } => visitor.visit_str(text),
            Value::Scalar { text, quoted: false } => match text.as_str() {
                "true" => visitor.visit_bool(true),
                "false" => visitor.visit_bool(false),
                text => match (text.parse::<u64>(), text.parse::<i64>(), text.parse::<f64>()) {
                    (Ok(number), _, _) => visitor.visit_u64(number),
                    (_, Ok(number), _) => visitor.visit_i64(number),
                    (_, _, Ok(number)) => visitor.visit_f64(number),
                    _ => visitor.visit_str(text),
                },
            },
            Value::List(items) => visitor.visit_seq(Items { reader: self, items: items.iter() }),
            Value::Map(entries) => {
                let rest = entries.iter().collect::<Vec<_>>().into_iter();
                visitor.visit_map(Entries { reader: self, rest, value: None })
            }
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.scalar() {
            Some(text) => visitor.visit_str(text),
            None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.node.value {
            Value::Null => visitor.visit_none(),
            Value::Scalar { .. } | Value::List(_) | Value::Map(_) => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let Value::Map(entries) = &self.node.value else { return self.deserialize_any(visitor) };
        let (known, others): (Vec<_>, Vec<_>) =
            entries.iter().partition(|entry| fields.contains(&entry.key.as_str()));
        let faults = others.into_iter().map(|entry| {
            let near = nearest(&entry.key, fields.iter().copied());
            let fix = match near {
                Some(near) => format!("write `{near}`, or remove it"),
                None => format!("remove it; known are {}", fields.join(", ")),
            };
            (entry.position, Wrong::new(format!("there is no such field `{}`", entry.key), fix))
        });
        self.unknown.borrow_mut().extend(faults);
        visitor.visit_map(Entries { reader: self, rest: known.into_iter(), value: None })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match &self.node.value {
            Value::Scalar { text, .. } => {
                let word: StrDeserializer<'_, Misfit> = text.as_str().into_deserializer();
                visitor.visit_enum(word)
            }
            Value::Map(entries) if entries.len() == 1 => {
                visitor.visit_enum(Variant { reader: self, entry: &entries[0] })
            }
            Value::Null | Value::List(_) | Value::Map(_) => {
                let known = variants.join(", ");
                Err(de::Error::custom(format!("here stands none of the choices {known}")))
            }
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct
        seq tuple tuple_struct map identifier ignored_any
    }
}

struct Items<'a> {
    reader: Reader<'a>,
    items: std::slice::Iter<'a, Node>,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Misfit> {
        self.items.next().map(|node| self.reader.inner(seed, node)).transpose()
    }
}

struct Entries<'a> {
    reader: Reader<'a>,
    rest: std::vec::IntoIter<&'a Entry>,
    value: Option<&'a Node>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Misfit> {
        let Some(entry) = self.rest.next() else { return Ok(None) };
        self.value = Some(&entry.node);
        let key: StrDeserializer<'_, Misfit> = entry.key.as_str().into_deserializer();
        let placed = |error: Misfit| Misfit { position: Some(entry.position), ..error };
        seed.deserialize(key).map(Some).map_err(placed)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Misfit> {
        match self.value.take() {
            Some(node) => self.reader.inner(seed, node),
            None => Err(de::Error::custom("a value stands without its key")),
        }
    }
}

/// A choice with something in it: `choice: ...`.
struct Variant<'a> {
    reader: Reader<'a>,
    entry: &'a Entry,
}

impl<'de, 'a> EnumAccess<'de> for Variant<'a> {
    type Error = Misfit;
    type Variant = Reader<'a>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Reader<'a>), Misfit> {
        let Self { reader, entry } = self;
        let key: StrDeserializer<'_, Misfit> = entry.key.as_str().into_deserializer();
        let placed = |error: Misfit| Misfit { position: Some(entry.position), ..error };
        Ok((seed.deserialize(key).map_err(placed)?, reader.at(&entry.node)))
    }
}

impl<'de> VariantAccess<'de> for Reader<'_> {
    type Error = Misfit;

    fn unit_variant(self) -> Result<(), Misfit> {
        match self.node.value {
            Value::Null => Ok(()),
            Value::Scalar { .. } | Value::List(_) | Value::Map(_) => Err(Misfit {
                position: Some(self.node.position),
                what: "nothing belongs here".into(),
            }),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Misfit> {
        self.inner(seed, self.node)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_any(visitor).map_err(|error| error.or_at(self.node))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.deserialize_struct("", fields, visitor).map_err(|error| error.or_at(self.node))
    }
}

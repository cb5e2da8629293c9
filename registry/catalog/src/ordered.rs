//! A sorted map that is copied on write: a change copies one path from the root, whatever the size.
//!
//! Left out: rebalancing. A node that gets empty goes; half-empty ones cost a little memory.

use std::cmp::Ordering;
use std::sync::Arc;

/// Most items of a node.
const NODE_ITEMS: usize = if cfg!(test) { 4 } else { 32 };

/// A sorted map; cloning it is cheap and gives another handle on the same nodes.
#[derive(Debug)]
pub(crate) struct Ordered<K, V> {
    root: Option<Arc<Node<K, V>>>,
    length: usize,
}

#[derive(Debug)]
enum Node<K, V> {
    Leaf(Vec<(K, V)>),
    /// Children with the first key of each.
    Inner(Vec<(K, Arc<Self>)>),
}

impl<K, V> Default for Ordered<K, V> {
    fn default() -> Self {
        Self { root: None, length: 0 }
    }
}

impl<K, V> Clone for Ordered<K, V> {
    fn clone(&self) -> Self {
        Self { root: self.root.clone(), length: self.length }
    }
}

impl<K: Ord + Clone, V: Clone> Ordered<K, V> {
    /// Number of items.
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// A map of items that are sorted and have different keys.
    pub(crate) fn from_sorted(items: Vec<(K, V)>) -> Self {
        let length = items.len();
        let mut nodes = in_nodes(items, Node::Leaf);
        while nodes.len() > 1 {
            nodes = in_nodes(nodes, Node::Inner);
        }
        Self { root: nodes.pop().map(|(_, root)| root), length }
    }

    /// The value of the key that `compare` calls equal; `compare` tells how a key stands to it.
    pub(crate) fn get(&self, compare: impl Fn(&K) -> Ordering) -> Option<&V> {
        let mut node = self.root.as_ref()?;
        loop {
            match &**node {
                Node::Leaf(items) => {
                    let at = items.binary_search_by(|(key, _)| compare(key)).ok()?;
                    return items.get(at).map(|(_, value)| value);
                }
                Node::Inner(children) => node = &children.get(child(children, &compare))?.1,
            }
        }
    }

    /// The map with one item added or replaced.
    #[must_use]
    pub(crate) fn with(&self, key: K, value: V) -> Self {
        let Some(root) = &self.root else { return Self::from_sorted(vec![(key, value)]) };
        let mut added = false;
        let mut nodes = root.with(key, value, &mut added);
        if nodes.len() > 1 {
            nodes = in_nodes(nodes, Node::Inner);
        }
        let length = self.length + usize::from(added);
        Self { root: nodes.pop().map(|(_, root)| root), length }
    }

    /// The map without the key that `compare` calls equal.
    #[must_use]
    pub(crate) fn without(&self, compare: impl Fn(&K) -> Ordering) -> Self {
        match self.root.as_ref().map_or(Rest::Same, |root| root.without(&compare)) {
            Rest::Same => self.clone(),
            Rest::Nothing => Self::default(),
            Rest::Node(root) => Self { root: Some(Arc::new(root)), length: self.length - 1 },
        }
    }

    /// The items from the first one on that `compare` does not call less.
    pub(crate) fn from(&self, compare: impl Fn(&K) -> Ordering) -> Items<'_, K, V> {
        let mut items = Items { inner: Vec::new(), leaf: [].iter() };
        let mut node = self.root.as_deref();
        while let Some(here) = node {
            match here {
                Node::Leaf(leaf) => {
                    let at = leaf.partition_point(|(key, _)| compare(key) == Ordering::Less);
                    items.leaf = leaf[at..].iter();
                    node = None;
                }
                Node::Inner(children) => {
                    let at = child(children, &compare);
                    node = children.get(at).map(|(_, child)| &**child);
                    items.inner.push(children.get(at + 1..).unwrap_or_default().iter());
                }
            }
        }
        items
    }

    /// All items in order.
    pub(crate) fn iter(&self) -> Items<'_, K, V> {
        self.from(|_| Ordering::Greater)
    }
}

/// The child that holds or would hold what `compare` looks for.
fn child<K, V>(children: &[(K, Arc<Node<K, V>>)], compare: impl Fn(&K) -> Ordering) -> usize {
    children.partition_point(|(first, _)| compare(first) != Ordering::Greater).saturating_sub(1)
}

type Keyed<K, V> = (K, Arc<Node<K, V>>);

/// Nodes of about equal size, each with its first key.
fn in_nodes<K: Clone, V, T>(
    items: Vec<(K, T)>,
    node: impl Fn(Vec<(K, T)>) -> Node<K, V>,
) -> Vec<Keyed<K, V>> {
    let count = items.len().div_ceil(NODE_ITEMS).max(1);
    let size = items.len().div_ceil(count);
    let mut items = items.into_iter();
    let nodes = std::iter::from_fn(|| {
        let part: Vec<_> = items.by_ref().take(size).collect();
        let first = part.first()?.0.clone();
        Some((first, Arc::new(node(part))))
    });
    nodes.collect()
}

impl<K: Ord + Clone, V: Clone> Node<K, V> {
    fn with(&self, key: K, value: V, added: &mut bool) -> Vec<Keyed<K, V>> {
        match self {
            Self::Leaf(items) => {
                let mut items = items.clone();
                match items.binary_search_by(|(known, _)| known.cmp(&key)) {
                    Ok(at) => drop(items.splice(at..=at, [(key, value)])),
                    Err(at) => {
                        *added = true;
                        items.insert(at, (key, value));
                    }
                }
                in_nodes(items, Self::Leaf)
            }
            Self::Inner(children) => {
                let at = child(children, |first| first.cmp(&key));
                let mut children = children.clone();
                let Some((_, changed)) = children.get(at).cloned() else { return Vec::new() };
                children.splice(at..=at, changed.with(key, value, added));
                in_nodes(children, Self::Inner)
            }
        }
    }

    fn without(&self, compare: &impl Fn(&K) -> Ordering) -> Rest<Self> {
        match self {
            Self::Leaf(items) => {
                let Ok(at) = items.binary_search_by(|(key, _)| compare(key)) else {
                    return Rest::Same;
                };
                let mut items = items.clone();
                items.remove(at);
                if items.is_empty() { Rest::Nothing } else { Rest::Node(Self::Leaf(items)) }
            }
            Self::Inner(children) => {
                let at = child(children, compare);
                let Some((first, node)) = children.get(at) else { return Rest::Same };
                let mut rest = children.clone();
                match node.without(compare) {
                    Rest::Same => return Rest::Same,
                    Rest::Nothing => drop(rest.remove(at)),
                    Rest::Node(node) => rest[at] = (first.clone(), Arc::new(node)),
                }
                if rest.is_empty() { Rest::Nothing } else { Rest::Node(Self::Inner(rest)) }
            }
        }
    }
}

/// What a removal leaves of a node.
enum Rest<N> {
    /// The key was not there.
    Same,
    /// It was the last one.
    Nothing,
    /// The others.
    Node(N),
}

/// Items of a map in order.
pub(crate) struct Items<'a, K, V> {
    inner: Vec<std::slice::Iter<'a, Keyed<K, V>>>,
    leaf: std::slice::Iter<'a, (K, V)>,
}

impl<'a, K, V> Iterator for Items<'a, K, V> {
    type Item = &'a (K, V);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(item) = self.leaf.next() {
                return Some(item);
            }
            let (_, node) = loop {
                match self.inner.last_mut()?.next() {
                    Some(child) => break child,
                    None => drop(self.inner.pop()),
                }
            };
            match &**node {
                Node::Leaf(items) => self.leaf = items.iter(),
                Node::Inner(children) => self.inner.push(children.iter()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_sorted_map_and_older_handles_stay(
            steps in prop::collection::vec((0..60_u32, prop::bool::weighted(0.6)), 0..200),
        ) {
            let mut model = BTreeMap::new();
            let mut map = Ordered::default();
            let mut kept = Vec::new();
            for (number, (key, insert)) in steps.into_iter().enumerate() {
                if insert {
                    model.insert(key, number);
                    map = map.with(key, number);
                } else {
                    model.remove(&key);
                    map = map.without(|known| known.cmp(&key));
                }
                kept.push((model.clone(), map.clone()));
            }
            for (model, map) in kept {
                let items: Vec<_> = model.iter().map(|(key, value)| (*key, *value)).collect();
                prop_assert_eq!(map.len(), items.len());
                prop_assert_eq!(map.iter().copied().collect::<Vec<_>>(), items.clone());
                for key in 0..61 {
                    prop_assert_eq!(map.get(|known| known.cmp(&key)), model.get(&key));
                    let rest = map.from(|known| known.cmp(&key)).next().map(|item| item.0);
                    prop_assert_eq!(rest, model.range(key..).next().map(|item| *item.0));
                }
                let rebuilt = Ordered::from_sorted(items.clone());
                prop_assert_eq!(rebuilt.iter().copied().collect::<Vec<_>>(), items);
            }
        }
    }
}

//! Chart.yaml of every version, as the journal recorded it, in little memory.
//!
//! The full text of a version begins with it, so it is kept apart only where the index shows a slim
//! text or none. Texts that lie apart are deflated together, a leaf's at once, when enough of them
//! have come: deflating at each publish would cost more than all the rest of it.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;

use super::deflated::Deflated;
use super::line::{Form, Line};

/// Texts of a leaf that wait before they are deflated.
const WAITING_TEXTS: usize = if cfg!(test) { 2 } else { 16 };

/// Where the recorded Chart.yaml of a version is.
#[derive(Debug, Clone)]
pub(crate) enum Recorded {
    /// Its full text in the index begins with it.
    Shown,
    /// Here.
    Plain(Arc<str>),
    /// Deflated with others.
    Packed {
        /// Those and it.
        pack: Arc<Deflated>,
        /// Where it begins in their text.
        start: u32,
        /// Its length.
        length: u32,
    },
}

impl Recorded {
    /// A text among others in a pack.
    pub(crate) fn packed(pack: &Arc<Deflated>, start: u64, length: usize) -> Option<Self> {
        let inside = start.checked_add(length as u64).is_some_and(|end| end <= pack.length);
        let (start, length) = (u32::try_from(start).ok()?, u32::try_from(length).ok()?);
        inside.then(|| Self::Packed { pack: Arc::clone(pack), start, length })
    }

    /// How much of it the index tells of a version that is in it.
    pub(crate) fn form(&self) -> Form {
        match self {
            Self::Shown => Form::Full,
            Self::Plain(_) | Self::Packed { .. } => Form::Slim,
        }
    }

    /// Length of the text, when it lies apart.
    pub(crate) fn length(&self) -> Option<usize> {
        match self {
            Self::Shown => None,
            Self::Plain(text) => Some(text.len()),
            Self::Packed { length, .. } => Some(*length as usize),
        }
    }
}

/// Reads texts that lie apart; keeps what it inflated last, because neighbours lie together.
#[derive(Debug, Default)]
pub(crate) struct Unpacker {
    last: Option<(Arc<Deflated>, Bytes)>,
}

impl Unpacker {
    /// The text; `None` where it does not lie apart, or when memory was damaged.
    pub(crate) fn read(&mut self, recorded: &Recorded) -> Option<Bytes> {
        match recorded {
            Recorded::Shown => None,
            Recorded::Plain(text) => Some(Bytes::copy_from_slice(text.as_bytes())),
            Recorded::Packed { pack, start, length } => {
                let (start, length) = (*start as usize, *length as usize);
                let text = self.inflated(pack)?;
                let end = start.checked_add(length).filter(|end| *end <= text.len())?;
                Some(text.slice(start..end))
            }
        }
    }

    fn inflated(&mut self, pack: &Arc<Deflated>) -> Option<&Bytes> {
        if !self.last.as_ref().is_some_and(|(last, _)| Arc::ptr_eq(last, pack)) {
            self.last = Some((Arc::clone(pack), pack.inflate()?));
        }
        self.last.as_ref().map(|(_, text)| text)
    }
}

/// Deflates the texts that lie apart, when enough of them wait.
pub(crate) fn pack_waiting(lines: &mut [Line<'_>]) {
    let waiting = lines.iter().filter(|line| matches!(*line.chart, Recorded::Plain(_))).count();
    if waiting > WAITING_TEXTS {
        // Damaged memory is told by whoever reads the text.
        if let Some(deflated) = deflated_apart(lines.iter().map(|line| &*line.chart)) {
            pack(lines, &deflated);
        }
    }
}

/// All texts that lie apart, one behind the other, deflated; `None` when memory was damaged.
pub(crate) fn deflated_apart<'a>(
    texts: impl Iterator<Item = &'a Recorded> + Clone,
) -> Option<Arc<Deflated>> {
    let apart = texts.filter(|text| text.length().is_some());
    if let Some(whole) = whole_pack(apart.clone()) {
        return Some(whole);
    }
    let (mut unpacker, mut all) = (Unpacker::default(), Vec::new());
    for text in apart {
        all.extend_from_slice(&unpacker.read(text)?);
    }
    Some(Arc::new(Deflated::of(&all)))
}

/// The pack that these texts are, when they are one from its beginning to its end.
fn whole_pack<'a>(mut texts: impl Iterator<Item = &'a Recorded>) -> Option<Arc<Deflated>> {
    let Some(Recorded::Packed { pack, start: 0, length }) = texts.next() else { return None };
    let end = texts.try_fold(*length, |end, text| match text {
        Recorded::Packed { pack: other, start, length }
            if Arc::ptr_eq(pack, other) && *start == end =>
        {
            end.checked_add(*length)
        }
        _ => None,
    })?;
    (u64::from(end) == pack.length).then(|| Arc::clone(pack))
}

/// Lets the texts that lie apart lie in `pack`, which is what [`deflated_apart`] gives.
fn pack(lines: &mut [Line<'_>], pack: &Arc<Deflated>) {
    let mut start = 0;
    for line in lines {
        let Some(length) = line.chart.length() else { continue };
        if let Some(packed) = Recorded::packed(pack, start, length) {
            line.chart = Cow::Owned(packed);
        }
        start += length as u64;
    }
}

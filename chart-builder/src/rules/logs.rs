//! Where the volume of an orderer's log is written. Serves the rules about logs.

use super::context::{Context, Organization};
use crate::diagnostic::KeyPath;
use crate::model::Log;
use crate::spec::{NodeOptions, Storage};

/// The nearest place that gives this orderer's log a volume of its own.
pub(super) fn log_path(
    context: &Context<'_>,
    organization: &Organization<'_>,
    (orderer, log): (&str, Log),
) -> KeyPath {
    let (path, said) = (organization.path.key("orderers"), &organization.said.orderers);
    let own = said.overrides.get(orderer).map(|own| (path.key("overrides").key(orderer), own));
    let defaults = KeyPath::root().key("defaults").key("orderer");
    let places = own
        .into_iter()
        .chain([(path.clone(), &said.options), (defaults, &context.spec.orderer_defaults)]);
    let mut there = places.filter(|(_, options)| said_of(options, log).is_some());
    there.next().map_or(path, |(place, _)| place.key(log.key()))
}

const fn said_of(options: &NodeOptions, log: Log) -> Option<&Storage> {
    match log {
        Log::Wal => options.wal.as_ref(),
        Log::Snapshots => options.snapshots.as_ref(),
    }
}

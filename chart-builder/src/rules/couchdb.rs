//! Where the state database of a peer is written. Serves the rules about state databases.

use super::context::{Context, Organization};
use crate::diagnostic::KeyPath;
use crate::spec::NodeOptions;

/// The nearest place that says what the state database of a peer is.
pub(super) fn database_path(
    context: &Context<'_>,
    organization: &Organization<'_>,
    peer: &str,
) -> KeyPath {
    let said =
        |options: &NodeOptions| options.state_database.is_some() || options.couchdb.is_some();
    let places = places(context, organization, peer);
    let nearest = places.into_iter().find(|(_, options)| said(options));
    nearest.map_or_else(
        || organization.path.key("peers"),
        |(path, options)| {
            let key = if options.couchdb.is_some() { "couchdb" } else { "stateDB" };
            path.key(key)
        },
    )
}

/// Where options of a peer are written, the nearest first.
fn places<'a>(
    context: &Context<'a>,
    organization: &Organization<'a>,
    peer: &str,
) -> Vec<(KeyPath, &'a NodeOptions)> {
    let (path, said) = (organization.path.key("peers"), &organization.said.peers);
    let own = said.overrides.get(peer).map(|own| (path.key("overrides").key(peer), own));
    let defaults = KeyPath::root().key("defaults").key("peer");
    own.into_iter()
        .chain([(path, &said.options), (defaults, &context.spec.peer_defaults)])
        .collect()
}

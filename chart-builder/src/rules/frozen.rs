//! What rules about frozen facts share: how a contradiction is put into words.

use super::Finding;
use super::context::{Channel, Context};
use crate::diagnostic::KeyPath;
use crate::lock::ChannelFacts;

/// Said of every edit that would need a configuration update of a running channel.
pub(super) const NO_CHANNEL_UPDATES: &str =
    "channel updates other than for new members are not built yet";

/// Said of every frozen fact: the lock may be the side that is wrong.
const RESTORE: &str = "; if network.lock was edited, restore it from version control";

/// A frozen fact that the topology contradicts, with both values.
pub(super) fn changed(
    path: KeyPath,
    fact: &str,
    (frozen, now): (&str, &str),
    why: &str,
) -> Finding {
    let message = format!("{fact} was built as `{frozen}` and is now `{now}`");
    let fix = format!("go back to `{frozen}`{RESTORE}");
    Finding::at(path, message, why, fix)
}

/// A frozen fact of a channel that the topology contradicts, with both values.
pub(super) fn channel_changed(
    channel: &Channel<'_>,
    path: KeyPath,
    fact: &str,
    values: (&str, &str),
) -> Finding {
    let fact = format!("{fact} of channel `{}`", channel.decided.name);
    let why = format!("the channel's configuration holds it, and {NO_CHANNEL_UPDATES}");
    let fix = format!("go back to `{}`, or add a new channel{RESTORE}", values.0);
    changed(path, &fact, values, &why).with_fix(fix)
}

/// Channels that have been built, with what they were made from.
pub(super) fn channels<'a>(context: &Context<'a>) -> Vec<(Channel<'a>, &'a ChannelFacts)> {
    let lock = context.lock;
    let built = context.channels().filter_map(|channel| {
        let locked = lock.channels.get(&channel.decided.name)?;
        Some((channel, &locked.made_from))
    });
    built.collect()
}

/// Names in a list, or `none`.
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.into_iter().collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

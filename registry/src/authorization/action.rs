//! What callers may be allowed to do, as types: a handler says by its type what it needs.

use crate::access::Permission;

/// Something that a caller may be allowed to do, as a type.
pub(crate) trait Action: Send + Sync + 'static {
    /// The permission that it takes.
    const PERMISSION: Permission;
}

/// Hearing who one is.
pub(crate) struct Enter;
/// Reading the index, packages and descriptions.
pub(crate) struct Read;
/// Adding a version.
pub(crate) struct Publish;
/// Taking a version away.
pub(crate) struct Delete;

impl Action for Enter {
    const PERMISSION: Permission = Permission::Enter;
}

impl Action for Read {
    const PERMISSION: Permission = Permission::Read;
}

impl Action for Publish {
    const PERMISSION: Permission = Permission::Publish;
}

impl Action for Delete {
    const PERMISSION: Permission = Permission::Delete;
}

/// Changing rules, holds and what is gone for ever.
pub(crate) struct Administer;

impl Action for Administer {
    const PERMISSION: Permission = Permission::Administer;
}

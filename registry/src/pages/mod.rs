//! The web pages: what they show, as values, and the templates that write them.
//!
//! Every text of a stranger goes through a template that escapes it; the one text that a template
//! takes as it is, a README, is made by [`markdown`]. Pages have no script, load nothing from
//! elsewhere, and work as plain documents.
//!
//! Left out: requests and permissions; see the routes.

pub(crate) mod assets;
pub(crate) mod code;
pub(crate) mod commands;
pub(crate) mod compare;
pub(crate) mod facts;
pub(crate) mod keys;
mod line_difference;
pub(crate) mod links;
pub(crate) mod markdown;
pub(crate) mod network;
pub(crate) mod picture;
pub(crate) mod templates;
pub(crate) mod words;
